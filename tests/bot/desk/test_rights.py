from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from desk_makers import House, house_over
from shell_makers import order

from bot.desk.errors import HeldBy, NotAllowed
from bot.desk.rights import TABLE, Right, Rights
from storage.desk_records import Agent, Filters, Priority, Role, State
from storage.store import Store

Act = Callable[[House, Agent, str], Awaitable[object]]

READS: dict[str, Act] = {
    "show": lambda h, a, key: h.desk.chats.show(a, key),
    "lines": lambda h, a, key: h.desk.chats.lines(a, key, after=0),
    "older": lambda h, a, key: h.desk.chats.older(a, key, before=2),
    "summary": lambda h, a, key: h.desk.chats.summary(a, key),
    "seen": lambda h, a, key: h.desk.chats.seen(a, key),
    "panel": lambda h, a, key: h.desk.orders.panel(a, key),
    "note": lambda h, a, key: h.desk.chats.note(a, key, "note"),
    "render": lambda h, a, key: h.desk.canned.render(a, key, "hello"),
}
ACTS: dict[str, Act] = {
    "claim": lambda h, a, key: h.desk.chats.claim(a, key),
    "reply": lambda h, a, key: h.desk.chats.reply(a, key, "Hello"),
    "snooze": lambda h, a, key: h.desk.chats.snooze(a, key, h.clock() + timedelta(hours=1)),
    "wake": lambda h, a, key: h.desk.chats.wake(a, key),
    "priority": lambda h, a, key: h.desk.chats.set_priority(a, key, Priority.HIGH),
    "labels": lambda h, a, key: h.desk.chats.set_labels(a, key, ["x"]),
    "pass on": lambda h, a, key: h.desk.chats.pass_on(a, key, a.id),
    "put back": lambda h, a, key: h.desk.chats.put_back(a, key),
    "give back": lambda h, a, key: h.desk.chats.give_back(a, key, resume=True),
    "resolve": lambda h, a, key: h.desk.chats.resolve(a, key),
    "retry": lambda h, a, key: h.desk.chats.retry(a, key, 1),
    "cancel": lambda h, a, key: h.desk.orders.cancel(a, key),
    "intercept": lambda h, a, key: h.desk.orders.ask_to_intercept(
        a, key, number="1042", by=h.clock() + timedelta(hours=1)
    ),
    "intercept over": lambda h, a, key: h.desk.orders.intercept_over(a, key, stopped=True),
}
ONLY_THE_HOLDER = {"claim", "reply", "cancel"}
MANAGING: dict[str, Act] = {
    "add": lambda h, a, _: h.desk.accounts.add(a, login="x", name="X", role=Role.ADMIN, password=None),
    "disable": lambda h, a, _: h.desk.accounts.disable(a, "someone"),
    "enable": lambda h, a, _: h.desk.accounts.enable(a, "someone"),
    "role": lambda h, a, _: h.desk.accounts.set_role(a, "someone", Role.ADMIN),
    "password": lambda h, a, _: h.desk.accounts.set_password(a, "someone", "long enough it is"),
    "link": lambda h, a, _: h.desk.accounts.sign_in_token(a, "someone"),
    "trail of an account": lambda h, a, _: h.desk.trail.of_agent(a, "someone"),
}


async def held_by_kim(house: House) -> str:
    key = await house.waits(matched=order())
    await house.desk.canned.seed()
    await house.desk.chats.claim(await house.agent("Kim"), key)
    return key


@pytest.mark.parametrize("act", ACTS)
async def test_an_agent_does_nothing_to_a_chat_that_another_has(house: House, act: str) -> None:
    key = await held_by_kim(house)
    lee = await house.agent("Lee")
    before = await house.acts(key)
    with pytest.raises(HeldBy, match="Kim"):
        await ACTS[act](house, lee, key)
    assert await house.acts(key) == before
    assert await house.holder(key) == "Kim"


@pytest.mark.parametrize("act", [*READS, *ACTS])
async def test_where_agents_see_only_their_own_anothers_chat_stays_closed(store: Store, act: str) -> None:
    house = house_over(store, rights=Rights(see_all=False))
    key = await held_by_kim(house)
    lee = await house.agent("Lee")
    before = await house.transcript(key)
    with pytest.raises(NotAllowed):
        await (READS | ACTS)[act](house, lee, key)
    assert await house.transcript(key) == before
    assert await store.desk.notes(key) == ()
    assert house.desk.presence.who(key) == ()


@pytest.mark.parametrize("act", READS)
async def test_otherwise_every_agent_may_look_and_note(house: House, act: str) -> None:
    key = await held_by_kim(house)
    await READS[act](house, await house.agent("Lee"), key)


@pytest.mark.parametrize("act", [*READS, *ACTS])
async def test_a_disabled_agent_does_and_sees_nothing(house: House, act: str) -> None:
    key = await house.waits()
    lee = await house.agent("Lee")
    await house.desk.accounts.disable(house.boss, lee.id)
    gone = await house.store.accounts.find(lee.id)
    assert gone is not None
    with pytest.raises(NotAllowed):
        await (READS | ACTS)[act](house, gone, key)
    with pytest.raises(NotAllowed):
        await house.desk.queue.list(gone, Filters())


@pytest.mark.parametrize("act", sorted(ACTS.keys() - {"wake", "retry", "intercept over"}))
async def test_a_supervisor_may_act_on_anothers_chat_but_never_speaks_into_it(house: House, act: str) -> None:
    key = await held_by_kim(house)
    sue = await house.agent("Sue", Role.SUPERVISOR)
    if act in ONLY_THE_HOLDER:
        with pytest.raises(HeldBy):
            await ACTS[act](house, sue, key)
        return
    await ACTS[act](house, sue, key)
    expected = {"pass on": "Sue", "put back": None, "give back": None, "resolve": None}
    assert await house.holder(key) == expected.get(act, "Kim")


@pytest.mark.parametrize("act", MANAGING)
@pytest.mark.parametrize("role", [Role.AGENT, Role.SUPERVISOR])
async def test_only_an_admin_manages_accounts(house: House, act: str, role: Role) -> None:
    with pytest.raises(NotAllowed):
        await MANAGING[act](house, await house.agent("Lee", role), "")
    assert len(await house.store.accounts.all()) == 1


async def test_the_audit_log_is_for_supervisors(house: House) -> None:
    key = await held_by_kim(house)
    with pytest.raises(NotAllowed):
        await house.desk.trail.of_conversation(await house.agent("Lee"), key)
    with pytest.raises(NotAllowed):
        await house.desk.trail.verify(await house.agent("Max"))
    sue = await house.agent("Sue", Role.SUPERVISOR)
    assert [entry.act for entry in await house.desk.trail.of_conversation(sue, key)] == ["claim"]
    assert (await house.desk.trail.verify(sue)).broken == ()


async def test_lists_counts_and_search_show_only_what_the_agent_may_see(store: Store) -> None:
    house = house_over(store, rights=Rights(see_all=False))
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    sue = await house.agent("Sue", Role.SUPERVISOR)
    for n, name in enumerate(("Kim", "Lee", None, "Kim"), 1):
        key = await house.waits(f"web:{n}", said=["zebra"])
        if name:
            await house.desk.chats.claim(kim if name == "Kim" else lee, key)
    await house.desk.chats.resolve(kim, "web:4")
    queue = house.desk.queue
    assert {item.key for item in (await queue.list(lee, Filters())).items} == {"web:2", "web:3"}
    assert {item.key for item in (await queue.list(sue, Filters())).items} == {"web:1", "web:2", "web:3"}
    counts = await queue.counts(lee)
    assert (counts.mine, counts.unassigned, counts.states[State.CLAIMED]) == (1, 1, 1)
    assert counts.states[State.RESOLVED] == 0
    assert (await queue.counts(kim)).states[State.RESOLVED] == 1
    assert {found.key for found in await queue.search(lee, "zebra")} == {"web:2", "web:3"}
    assert {found.key for found in await queue.search(sue, "zebra")} == {"web:1", "web:2", "web:3", "web:4"}
    assert {found.key for found in await queue.search(kim, "zebra")} == {"web:1", "web:3", "web:4"}
    stranger = await store.desk.item("web:1", now=house.clock())
    assert stranger is not None
    assert await queue.search(lee, stranger.reference) == ()
    with pytest.raises(NotAllowed):
        await queue.key(lee, stranger.reference)
    with pytest.raises(NotAllowed):
        await house.desk.chats.show(lee, "web:4")  # settled by Kim


def test_every_right_belongs_to_an_admin_and_each_role_may_what_the_one_before_may() -> None:
    assert TABLE[Role.ADMIN] == frozenset(Right)
    assert TABLE[Role.AGENT] < TABLE[Role.SUPERVISOR] < TABLE[Role.ADMIN]
