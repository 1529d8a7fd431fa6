import asyncio

from desk_makers import House, house_over

from bot.desk.feed import ChangeKind, DeskFeed
from bot.ports import Notice
from storage.records import Author, Entry
from storage.store import Store
from tests.storage.storage_makers import NOW


def notice(seq: int) -> Notice:
    return Notice((Entry(seq, NOW, Author.CUSTOMER, f"line {seq}"),))


async def test_what_waits_for_a_slow_console_is_bounded_by_conversations() -> None:
    feed = DeskFeed()
    slow = feed.watch_all()
    for seq in range(1, 1001):
        feed.publish(f"web:{seq % 7}", notice(seq))
    changes = await anext(slow)
    assert len(changes) == 7
    assert all(len(change.entries) == 50 for change in changes)
    assert changes[0].entries[-1].seq >= 994


async def test_every_console_hears_of_every_conversation_in_order() -> None:
    feed = DeskFeed()
    consoles = [feed.watch_all() for _ in range(20)]
    feed.publish("web:1", notice(1))
    feed.changed("web:2", ChangeKind.STATE)
    feed.publish("web:1", notice(2))
    for console in consoles:
        first, second = await anext(console)
        assert (first.key, [entry.seq for entry in first.entries]) == ("web:1", [1, 2])
        assert (second.key, second.kinds) == ("web:2", {ChangeKind.STATE})


async def test_a_console_that_waits_is_woken_and_one_that_left_is_told_nothing() -> None:
    feed = DeskFeed()
    console, gone = feed.watch_all(), feed.watch_all()
    await gone.aclose()
    waiting = asyncio.create_task(anext(console))
    await asyncio.sleep(0)
    feed.publish("web:1", notice(1))
    assert [change.key for change in await waiting] == ["web:1"]
    assert [change async for change in gone] == []
    left = asyncio.create_task(anext(console, None))
    await asyncio.sleep(0)
    await console.aclose()
    assert await left is None
    assert not feed.listened_to


async def test_the_customers_own_watchers_hear_as_before() -> None:
    feed = DeskFeed()
    watch = feed.watch("web:1")
    feed.publish("web:1", notice(1))
    feed.changed("web:1", ChangeKind.NOTE)  # nothing of the desk's reaches a channel's watcher
    assert (await anext(watch)).entries[0].seq == 1
    assert watch._notices.empty()


async def test_what_another_process_did_is_seen_within_a_look(database_url: str) -> None:
    here, there = await Store.open(database_url), await Store.open(database_url, perform=False)
    try:
        house, other = house_over(here), house_over(there)
        key = await house.waits()
        kim = await house.agent("Kim")
        console = house.desk.feed.watch_all()
        await house.desk.rounds.look()
        await other.desk.chats.claim(kim, key)
        await house.desk.rounds.look()
        (change,) = await anext(console)
        assert change.key == key
        assert {ChangeKind.STATE, ChangeKind.MESSAGE} <= change.kinds
        await other.desk.chats.note(kim, key, "From elsewhere")
        await house.desk.rounds.look()
        assert ChangeKind.NOTE in (await anext(console))[0].kinds
        await other.desk.chats.resolve(kim, key)  # it leaves the queue
        await house.desk.rounds.look()
        assert (await anext(console))[0].key == key
    finally:
        await there.close()
        await here.close()


async def test_what_consoles_were_told_already_is_not_told_again(house: House) -> None:
    key = await house.waits()
    console = house.desk.feed.watch_all()
    await house.desk.rounds.look()
    kim = await house.agent("Kim")
    await house.desk.chats.claim(kim, key)
    await house.desk.chats.reply(kim, key, "Hello")
    await house.desk.rounds.look()
    await anext(console)
    await house.desk.rounds.look()
    await house.desk.rounds.look()
    assert console._waiting == {}
    stored = await house.store.load(key, fresh=True)
    assert stored is not None
    await house.writes(key, "through a path that publishes")
    house.desk.feed.publish(key, notice(stored.last_seq + 1))
    assert len(await anext(console)) == 1
    await house.desk.rounds.look()
    assert console._waiting == {}


async def test_who_went_without_a_word_is_told_by_the_round(house: House) -> None:
    from bot.desk.presence import TYPING, VIEWING  # noqa: PLC0415

    console = house.desk.feed.watch_all()
    house.desk.presence.seen("web:1", "Kim", typing=True)
    assert [change.kinds for change in await anext(console)] == [{ChangeKind.PRESENCE}]
    house.clock.now += TYPING
    await house.desk.rounds.go_round()
    assert [change.kinds for change in await anext(console)] == [{ChangeKind.PRESENCE}]
    house.clock.now += VIEWING
    await house.desk.rounds.go_round()
    assert [change.kinds for change in await anext(console)] == [{ChangeKind.PRESENCE}]
    await house.desk.rounds.go_round()
    assert console._waiting == {}
    assert house.desk.presence._seen == {}


async def test_the_rounds_go_on_though_one_conversation_cannot_be_followed(
    house: House, monkeypatch: object
) -> None:
    from bot.desk.rounds import Rounds  # noqa: PLC0415
    from storage.desk import Watched  # noqa: PLC0415

    kim = await house.agent("Kim")
    for key in ("web:1", "web:2"):
        await house.waits(key)
        await house.desk.chats.claim(kim, key)
    whole = Rounds._follow

    async def sometimes(self: Rounds, it: Watched, now: object) -> None:
        if it.key == "web:1":
            raise ZeroDivisionError
        await whole(self, it, now)  # type: ignore[arg-type]

    monkeypatch.setattr(Rounds, "_follow", sometimes)  # type: ignore[attr-defined]
    house.clock.now += house.ground.lease
    await house.desk.rounds.go_round()
    assert (await house.holder("web:1"), await house.holder("web:2")) == ("Kim", None)
