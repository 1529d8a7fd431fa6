import asyncio
from datetime import timedelta

import pytest
from desk_makers import LEASE, MINUTE, House, house_over
from shell_makers import Clock

from bot.desk.errors import BotHasIt, HeldBy
from bot.desk.feed import ChangeKind
from storage.desk_records import Filters, Role, State
from storage.records import Author
from storage.store import Store


async def test_of_twenty_who_claim_at_once_one_wins_and_the_others_hear_who(house: House) -> None:
    key = await house.waits()
    agents = [await house.agent(f"Agent-{n}") for n in range(20)]
    ended = await asyncio.gather(
        *(house.desk.chats.claim(agent, key) for agent in agents), return_exceptions=True
    )
    winners = [agent.name for agent, end in zip(agents, ended, strict=True) if end is None]
    assert len(winners) == 1
    assert await house.holder(key) == winners[0]
    losers = [end for end in ended if end is not None]
    assert all(isinstance(end, HeldBy) and end.name == winners[0] for end in losers)
    assert await house.acts(key) == ["claim"]


async def test_two_processes_that_claim_at_once_agree_on_who_won(database_url: str) -> None:
    here = await Store.open(database_url)
    there = await Store.open(database_url, perform=False)
    try:
        one, other = house_over(here), house_over(there)
        key = await one.waits()
        ann, bob = await one.agent("Ann"), await one.agent("Bob")
        await there.load(key)  # it remembers the chat as free
        ended = await asyncio.gather(
            one.desk.chats.claim(ann, key), other.desk.chats.claim(bob, key), return_exceptions=True
        )
        assert sorted(type(end).__name__ for end in ended) == ["HeldBy", "NoneType"]
        winner = ann.name if ended[0] is None else bob.name
        assert await one.holder(key) == winner == await other.holder(key)
    finally:
        await there.close()
        await here.close()


async def test_ones_own_chat_may_be_claimed_again_and_is_introduced_once(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    said = await house.transcript(key)
    await house.desk.chats.claim(kim, key)
    assert await house.transcript(key) == said


async def test_of_two_who_reply_at_once_only_one_speaks(house: House) -> None:
    key = await house.waits()
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    await asyncio.gather(
        house.desk.chats.reply(kim, key, "Hello from Kim"),
        house.desk.chats.reply(lee, key, "Hello from Lee"),
        return_exceptions=True,
    )
    spoke = {e.agent for e in await house.store.entries(key) if e.author is Author.AGENT}
    assert spoke == {await house.holder(key)}


async def test_a_chat_whose_agent_goes_quiet_returns_to_the_queue(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    house.clock.now += LEASE - MINUTE
    await house.desk.rounds.go_round()
    assert await house.holder(key) == "Kim"
    house.clock.now += MINUTE
    await house.desk.rounds.go_round()
    assert await house.holder(key) is None
    page = await house.desk.queue.list(kim, Filters(state=State.OPEN))
    assert [item.key for item in page.items] == [key]
    assert (await house.acts(key))[-1] == "lease over"
    item = page.items[0]
    assert (item.row.holder, item.row.lease_until) == (None, None)


@pytest.mark.parametrize("sign", ["seen", "typing", "reply"])
async def test_a_sign_of_life_renews_the_lease(house: House, sign: str) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    for _ in range(4):
        house.clock.now += LEASE - MINUTE
        if sign == "reply":
            await house.desk.chats.reply(kim, key, f"Still here at {house.clock.now}")
        else:
            await house.desk.chats.seen(kim, key, typing=sign == "typing")
        await house.desk.rounds.go_round()
        assert await house.holder(key) == "Kim"


async def test_looking_at_anothers_chat_does_not_renew_their_lease(house: House) -> None:
    key = await house.waits()
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    await house.desk.chats.claim(kim, key)
    house.clock.now += LEASE - MINUTE
    await house.desk.chats.seen(lee, key, typing=True)
    house.clock.now += MINUTE
    await house.desk.rounds.go_round()
    assert await house.holder(key) is None


async def test_a_heartbeat_soon_after_another_writes_nothing(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    house.clock.now += timedelta(seconds=20)
    before = house.store.database.transactions
    await house.desk.chats.seen(kim, key)
    assert house.store.database.transactions == before


async def test_the_lease_rests_while_the_chat_is_snoozed(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    await house.desk.chats.snooze(kim, key, house.clock() + timedelta(hours=8))
    house.clock.now += timedelta(hours=7)
    await house.desk.rounds.go_round()
    assert await house.holder(key) == "Kim"
    house.clock.now += timedelta(hours=1)
    await house.desk.rounds.go_round()
    assert await house.holder(key) == "Kim"
    house.clock.now += LEASE
    await house.desk.rounds.go_round()
    assert await house.holder(key) is None


async def test_a_claim_made_through_another_door_gets_a_lease_too(house: House) -> None:
    from dialogs.events import PersonTookOver  # noqa: PLC0415

    key = await house.waits()
    await house.reception.happen(key, PersonTookOver(house.clock(), "Stranger"))
    await house.desk.rounds.go_round()
    assert (await house.store.desk.row(key)).holder == "Stranger"
    house.clock.now += LEASE
    await house.desk.rounds.go_round()
    assert await house.holder(key) is None


async def test_only_one_process_goes_round_at_a_time(store: Store) -> None:
    clock = Clock()
    house, other = house_over(store, clock=clock), house_over(store, clock=clock)
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    assert await store.desk.take_lease("round", "elsewhere", now=clock(), until=clock() + LEASE + MINUTE)
    clock.now += LEASE
    await other.desk.rounds.go_round()
    assert await house.holder(key) == "Kim"
    clock.now += MINUTE
    await other.desk.rounds.go_round()
    assert await house.holder(key) is None


async def test_passing_on_putting_back_giving_back_and_resolving(house: House) -> None:
    key = await house.waits()
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    chats = house.desk.chats
    await chats.claim(kim, key)
    await chats.pass_on(kim, key, lee.id)
    assert await house.holder(key) == "Lee"
    await chats.put_back(lee, key)
    assert await house.holder(key) is None
    await chats.claim(kim, key)
    await chats.give_back(kim, key, resume=True)
    item = await house.store.desk.item(key, now=house.clock())
    assert item is not None
    assert item.state is State.BOT
    with pytest.raises(BotHasIt):
        await chats.give_back(kim, key, resume=True)
    other = await house.waits("web:2")
    await chats.claim(kim, other)
    await chats.resolve(kim, other)
    settled = await house.desk.queue.list(kim, Filters(state=State.RESOLVED))
    assert [(item.key, item.row.resolved_by) for item in settled.items] == [(other, "Kim")]
    with pytest.raises(BotHasIt):
        await chats.resolve(kim, other)
    assert await house.acts(key) == ["claim", "pass on", "put back", "claim", "give back"]
    assert await house.acts(other) == ["claim", "resolve"]


async def test_a_chat_that_is_wanted_again_after_it_was_resolved_is_open_again(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    await house.desk.chats.reply(kim, key, "Done.")
    await house.desk.chats.resolve(kim, key)
    await _wanted_again(house, key)
    page = await house.desk.queue.list(kim, Filters(state=State.OPEN))
    assert [item.key for item in page.items] == [key]
    await house.desk.rounds.go_round()
    row = await house.store.desk.row(key)
    assert (row.resolved_at, row.first_reply_at) == (None, None)
    assert (await house.acts(key))[-1] == "reopened"


async def _wanted_again(house: House, key: str) -> None:
    """The dialogue calls a person once more."""
    from dataclasses import replace  # noqa: PLC0415

    from dialogs.conversation import Handoff, Mode  # noqa: PLC0415
    from dialogs.effects import HandoffReason  # noqa: PLC0415

    stored = await house.store.load(key, fresh=True)
    assert stored is not None
    c = replace(
        stored.conversation,
        mode=Mode.WAITING,
        handoff=Handoff(HandoffReason.CUSTOMER_ASKED, house.clock()),
    )
    await house._saved(key, stored.version, stored.last_seq, c, ("I am back",), "Ann")


async def test_a_snoozed_chat_returns_in_time_or_when_the_customer_writes(house: House) -> None:
    first, second = await house.waits("web:1"), await house.waits("web:2")
    kim = await house.agent("Kim")
    until = house.clock() + timedelta(hours=2)
    for key in (first, second):
        await house.desk.chats.snooze(kim, key, until)
    assert (await house.desk.queue.counts(kim)).states[State.SNOOZED] == 2
    await house.writes(second, "Hello?")
    assert (await _states(house))[second] is State.OPEN  # at once, without a round
    await house.desk.rounds.go_round()
    assert await _states(house) == {first: State.SNOOZED, second: State.OPEN}
    house.clock.now = until
    await house.desk.rounds.go_round()
    assert await _states(house) == {first: State.OPEN, second: State.OPEN}
    assert (await house.store.desk.row(first)).snoozed_until is None


async def _states(house: House) -> dict[str, State]:
    page = await house.desk.queue.list(house.boss, Filters())
    return {item.key: item.state for item in page.items}


async def test_a_chat_of_an_agent_who_is_disabled_returns_to_the_queue(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim", Role.AGENT)
    await house.desk.chats.claim(kim, key)
    await house.desk.accounts.disable(house.boss, kim.id)
    await house.desk.rounds.go_round()
    assert await house.holder(key) is None


async def test_every_act_is_told_to_every_console(house: House) -> None:
    key = await house.waits()
    kim = await house.agent("Kim")
    console = house.desk.feed.watch_all()
    await house.desk.chats.claim(kim, key)
    await house.desk.chats.note(kim, key, "Careful")
    changes = await anext(console)
    assert [change.key for change in changes] == [key]
    assert {ChangeKind.STATE, ChangeKind.NOTE, ChangeKind.MESSAGE} <= changes[0].kinds
    await console.aclose()
