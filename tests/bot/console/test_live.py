"""The live connection: small changes, in order, once each; catching up; presence; its end."""

import asyncio
from datetime import timedelta

import pytest
from console_makers import At, Json
from desk_makers import House, performing

from bot.console import socket
from bot.desk.feed import ChangeKind
from bot.ports import ChatGone, Door, Notice
from storage.desk_records import Role
from storage.records import Deliver, Entry


async def says(house: House, key: str, *words: str) -> None:
    """The customer writes, as reception would have published it."""
    before = (await house.ground.seen(house.boss, key)).last_seq
    await house.writes(key, *words)
    house.desk.feed.publish(key, Notice(tuple(await house.store.entries(key, before))))


async def test_only_the_row_that_changed_is_sent(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    keys = [await house.waits(f"web:{n}") for n in range(5)]
    async with kim.live() as live:
        await live.send("list", view=7)
        page = await live.until("page")
        assert {row["key"] for row in page["rows"]} == set(keys)
        before = {row["key"]: row["stamp"] for row in page["rows"]}
        await says(house, keys[3], "Are you there?")
        rows = await live.until("rows")
    assert rows["view"] == 7
    assert [(row["key"], row["last"], row["awaits"]) for row in rows["rows"]] == [
        (keys[3], "Are you there?", True)
    ]
    assert rows["gone"] == []
    assert rows["rows"][0]["stamp"] > before[keys[3]]  # so that the page knows which is newer


async def test_many_changes_at_once_are_one_row(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key, last = await house.waits(), await house.waits("web:last")
    async with kim.live() as live:
        await live.send("list", view=1)
        await live.until("page")
        for _ in range(30):  # in one breath: nothing can be sent between them
            house.desk.feed.changed(key, ChangeKind.STATE)
        await live.until("rows")
        house.desk.feed.changed(last, ChangeKind.STATE)
        rows = await live.until("rows")
    assert [row["key"] for row in rows["rows"]] == [last]
    assert sum(frame["type"] == "rows" for frame in live.frames) == 2


async def test_a_list_is_read_part_by_part_without_gap_or_double(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    keys = {await house.waits(f"web:{n}") for n in range(23)}
    found: list[str] = []
    async with kim.live() as live:
        cursor = None
        while True:
            await live.send("list", view=1, cursor=cursor, limit=5)
            page = await live.until("page")
            found += [row["key"] for row in page["rows"]]
            cursor = page["cursor"]
            if cursor is None:
                break
    assert len(found) == len(set(found)) == 23
    assert set(found) == keys


async def test_a_row_leaves_a_list_that_it_no_longer_fits(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    key = await house.waits()
    async with kim.live() as live:
        await live.send("list", view=1, sieve={"unassigned": True})
        before = (await live.until("page"))["rows"][0]["stamp"]
        await lee.act(key, "claim")
        rows = await live.until("rows", rows=[])
    assert [gone["key"] for gone in rows["gone"]] == [key]
    assert rows["gone"][0]["stamp"] > before


async def test_the_open_chat_comes_whole_and_then_what_is_new(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits(said=["one", "two"])
    async with kim.live() as live:
        await live.send("open", key=key)
        chat = await live.until("chat")
        assert chat["whole"]
        assert [line["text"] for line in chat["lines"]] == ["one", "two"]
        await says(house, key, "three")
        chat = await live.until("chat", whole=False)
        assert [line["text"] for line in chat["lines"]] == ["three"]
        await house.desk.chats.note(kim.agent, key, "careful")
        while not (chat := await live.until("chat"))["notes"]:
            pass
    assert [note["text"] for note in chat["notes"]] == ["careful"]


async def test_who_comes_back_gets_what_was_missed_and_nothing_twice(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits(said=["one", "two"])
    async with kim.live() as live:
        await live.send("open", key=key)
        await live.until("chat")
    await says(house, key, "three", "four")
    async with kim.live() as live:
        await live.send("open", key=key, after=2)
        chat = await live.until("chat")
    assert not chat["whole"]
    assert [line["seq"] for line in chat["lines"]] == [3, 4]


async def test_who_was_away_too_long_begins_anew(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits(said=["one"])
    await says(house, key, *(f"message {n}" for n in range(250)))
    async with kim.live() as live:
        await live.send("open", key=key, after=1)
        chat = await live.until("chat")
    assert chat["whole"]
    assert [line["seq"] for line in chat["lines"]] == list(range(52, 252))


async def test_everybody_sees_who_looks_and_who_writes(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    key = await house.waits()
    async with kim.live() as hers, lee.live() as his:
        await hers.send("open", key=key)
        await hers.until("chat")
        await his.send("open", key=key)
        assert (await his.until("chat"))["head"]["watchers"] == [{"agent": "Kim", "typing": False}]
        await hers.until("watching", watchers=[{"agent": "Lee", "typing": False}])
        await his.send("alive", looking=True, typing=True)
        await hers.until("watching", watchers=[{"agent": "Lee", "typing": True}])
        await his.send("close")
        await hers.until("watching", watchers=[])


async def test_news_of_ones_own_chats_comes_whatever_the_list_shows(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    key = await house.waits()
    await kim.act(key, "claim")
    async with kim.live() as hers, lee.live() as his:
        await hers.send("list", view=1, sieve={"state": "resolved"})
        await hers.until("page")
        await his.send("list", view=1)
        await his.until("page")
        await says(house, key, "Hello?")
        news = await hers.until("news")
        assert (news["key"], news["mine"], news["fresh"]) == (key, True, True)
        await his.until("rows")
    assert not any(frame["type"] == "news" for frame in his.frames)
    async with kim.live() as hers:
        assert (await hers.until("ready"))["unread"] == [key]


class Telegram:
    """A channel that pushes, to customers who are gone; each message waits for `go`."""

    name = "telegram"
    fetches = False

    def __init__(self) -> None:
        self.go = asyncio.Event()

    async def deliver(self, key: str, entry: Entry) -> None:
        await self.go.wait()
        raise ChatGone(f"{key}: {entry.seq}")

    async def typing(self, key: str) -> None: ...
    async def start(self, door: Door) -> None: ...
    async def stop(self) -> None: ...
    async def check(self) -> None: ...


def became(chat: Json) -> list[tuple[str, str, str]]:
    assert not chat["whole"]
    return [(line["text"], line["delivery"], line["why"]) for line in chat["lines"]]


async def test_a_message_that_did_not_arrive_says_so_at_once_wherever_its_chat_is_open(
    at: At, house: House
) -> None:
    kim, lee = await at.agent("Kim"), await at.agent("Lee")
    telegram, key = Telegram(), await house.waits("telegram:7", said=["one", "two"])
    async with performing(house, {"telegram": telegram}), kim.live() as hers, lee.live() as his:
        for live in (hers, his):
            await live.send("open", key=key)
            await live.until("chat", whole=True)
        await kim.act(key, "reply", text="Hello?", id="1")
        for live in (hers, his):
            while ("Hello?", "sending", "") not in became(await live.until("chat")):
                pass
        telegram.go.set()
        for live in (hers, his):  # neither asks again
            while ("Hello?", "failed", "the chat is gone") not in became(await live.until("chat")):
                pass
        again = [one for frame in hers.frames if frame.get("whole") is False for one in frame["lines"]]
        assert not {"one", "two"} & {line["text"] for line in again}  # what arrived is not sent twice
        telegram.go.clear()
        seq = (await house.store.entries(key))[-1].seq
        assert (await kim.act(key, "retry", seq=seq))[0] == 200
        for live in (hers, his):
            while ("Hello?", "sending", "") not in became(await live.until("chat")):
                pass


async def test_what_another_process_gave_up_shows_within_a_second(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits("telegram:7")
    said = await house.desk.chats.reply(kim.agent, key, "Hello?")
    async with kim.live() as live:
        await live.send("open", key=key)
        await live.until("chat", whole=True)
        await house.desk.rounds.look()  # which it does every second
        works = await house.store.claim(house.clock() + timedelta(hours=1), 10, timedelta(minutes=1))
        (lost,) = [one.id for one in works if one.work == Deliver(said.seq)]
        await house.store.give_up(lost, key, "the chat is gone")
        await house.desk.rounds.look()
        while ("Hello?", "failed", "the chat is gone") not in became(await live.until("chat")):
            pass


async def test_numbers_follow(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    key = await house.waits()
    async with kim.live() as live:
        counts = (await live.until("counts"))["counts"]
        assert (counts["unassigned"], counts["mine"]) == (1, 0)
        await kim.act(key, "claim")
        house.clock.now += timedelta(seconds=2)
        house.desk.feed.changed(key, ChangeKind.STATE)
        counts = (await live.until("counts"))["counts"]
        assert (counts["unassigned"], counts["mine"]) == (0, 1)


async def test_what_cannot_be_read_changes_nothing_and_patience_ends(at: At) -> None:
    kim = await at.agent("Kim")
    async with kim.live() as live:
        await live.until("ready")
        for bad in (
            "{",
            '{"type":"nothing"}',
            '{"type":"open","key":7}',
            '{"type":"list","view":1,"limit":900}',
        ):
            await live.socket.send_str(bad)
        await live.send("alive")
        await live.until("pong")
        for _ in range(30):
            await live.socket.send_str("{")
        assert await live.closed() == 1008


async def test_a_bad_cursor_and_an_unknown_chat_are_refused_in_words(at: At) -> None:
    kim = await at.agent("Kim")
    async with kim.live() as live:
        await live.send("list", view=1, cursor="1.2")
        assert (await live.until("refused", about="list"))["problem"]["code"] == "bad_input"
        await live.send("open", key="web:none")
        assert (await live.until("refused", about="open"))["problem"]["code"] == "not_found"


async def test_a_stopping_server_sends_pages_away_to_come_back(at: At) -> None:
    kim = await at.agent("Kim")
    async with kim.live() as live:
        await live.until("ready")
        closing = asyncio.create_task(at.console.stop())
        assert await live.closed() == 1001
        await closing


async def test_who_is_disabled_is_cut_off(at: At, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "_RECHECK", 0.05)
    kim = await at.agent("Kim")
    await at.agent("Ada", Role.ADMIN)
    async with kim.live() as live:
        await live.until("ready")
        await house.desk.accounts.disable(house.boss, kim.agent.id)
        assert await live.closed() == 4401


async def test_no_console_open_nobody_listens(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    async with kim.live() as live:
        await live.until("ready")
        assert house.desk.feed.listened_to
    await at.console.stop()
    assert not house.desk.feed.listened_to
