"""What is kept for a while only is forgotten in time, and nothing else."""

import asyncio
from datetime import datetime, timedelta
from itertools import count
from pathlib import Path

import pytest
from shell_makers import NOW, Clock
from structlog.testing import capture_logs

from bot import housekeeping
from bot.assembly import utc_now
from bot.guard import Guard, Pace
from bot.housekeeping import SEEN_FOR, Housekeeping, Retention
from dialogs.conversation import Conversation, Handoff, Mode
from dialogs.effects import HandoffReason
from storage.audit import Record
from storage.records import Author, Contact, Entry, Turn
from storage.store import Store
from storage.times import micros
from tests.program import PATIENCE, serving

YEAR = timedelta(days=365)
SECOND = timedelta(seconds=1)


async def said(store: Store, key: str, at: datetime, mode: Mode = Mode.BOT) -> None:
    """Something was said in this conversation, and never since."""
    handoff = None if mode is Mode.BOT else Handoff(HandoffReason.CUSTOMER_ASKED, at)
    talk = Conversation(key, turn=1, case=1, mode=mode, email="ann@shop.test", handoff=handoff)
    entry = Entry(1, at, Author.CUSTOMER, "cancel 1042")
    await store.save(Turn(key, 0, 1, at, talk, Contact("Ann"), update_id="u", entries=(entry,)))


async def kept(store: Store, *keys: str) -> list[str]:
    return [key for key in keys if await store.entries(key)]


def rounds(store: Store, keep: timedelta | None) -> Housekeeping:
    return Housekeeping(store, Guard(store, Clock(), str, Pace()), Retention(store, keep))


async def test_what_was_silent_for_too_long_is_erased_and_nothing_else(store: Store) -> None:
    await said(store, "web:old", NOW - YEAR - SECOND)
    await said(store, "web:young", NOW - YEAR)
    await said(store, "web:waiting", NOW - 2 * YEAR, Mode.WAITING)
    with capture_logs() as logs:
        await rounds(store, YEAR).tidy(NOW)
    assert await kept(store, "web:old", "web:young", "web:waiting") == ["web:young", "web:waiting"]
    assert [(log["event"], log["count"]) for log in logs] == [("conversations erased", 1)]


async def test_without_a_limit_everything_is_kept(store: Store) -> None:
    await said(store, "web:old", NOW - 100 * YEAR)
    await rounds(store, None).tidy(NOW)
    assert await kept(store, "web:old") == ["web:old"]


async def test_many_are_erased_some_at_a_time_and_all_in_the_end(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(housekeeping, "_AT_ONCE", 2)
    keys = [f"web:{n}" for n in range(5)]
    for key in keys:
        await said(store, key, NOW - YEAR - SECOND)
    house = rounds(store, YEAR)
    left = []
    for n in count():
        await house.tidy(NOW + n * SECOND)
        left.append(len(await kept(store, *keys)))
        if not left[-1]:
            break
    assert left == [3, 1, 0]


async def test_after_one_look_the_next_comes_an_hour_later(store: Store) -> None:
    house = rounds(store, YEAR)
    await house.tidy(NOW)
    await said(store, "web:old", NOW - YEAR - SECOND)
    await house.tidy(NOW + timedelta(minutes=59))
    assert await kept(store, "web:old") == ["web:old"]
    await house.tidy(NOW + timedelta(minutes=60))
    assert await kept(store, "web:old") == []


async def test_what_was_said_to_meanwhile_is_kept(store: Store, monkeypatch: pytest.MonkeyPatch) -> None:
    async def looked_a_moment_ago(*_: object) -> tuple[tuple[str, ...], None]:
        return ("web:back",), None

    monkeypatch.setattr(store.erasures, "quiet", looked_a_moment_ago)
    await said(store, "web:back", NOW)
    await rounds(store, YEAR).tidy(NOW)
    assert await kept(store, "web:back") == ["web:back"]


async def test_the_log_says_that_it_was_time(store: Store) -> None:
    await said(store, "web:old", NOW - YEAR - SECOND)
    await store.desk.record(Record("web:old", micros(NOW - YEAR), "a1", "Kim", "labelled"))
    await rounds(store, YEAR).tidy(NOW)
    (stone,) = await store.desk.trail("web:old")
    assert (stone.act, stone.name, stone.details["days"]) == ("erased", "retention", "365")
    assert (await store.desk.verify()).broken == ()


async def test_ids_of_updates_are_known_for_a_week(store: Store) -> None:
    await said(store, "web:1", NOW - SEEN_FOR)
    await said(store, "web:2", NOW - SEEN_FOR - SECOND)
    await rounds(store, None).tidy(NOW)
    assert [await store.knows(key, "u") for key in ("web:1", "web:2")] == [True, False]


async def test_the_server_erases_what_the_setting_says(tmp_path: Path, sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    now = utc_now()
    await said(store, "web:old", now - timedelta(days=31))
    await said(store, "web:young", now - timedelta(days=29))
    await store.close()
    async with serving(tmp_path, DATABASE_URL=sqlite_url, ERASE_AFTER_DAYS="30") as served:
        assert served.process.stderr is not None
        async with asyncio.timeout(PATIENCE):
            while b"conversations erased" not in (line := await served.process.stderr.readline()):
                assert line, "it ended"
        await served.stop()
    store = await Store.open(sqlite_url)
    assert await kept(store, "web:old", "web:young") == ["web:young"]
    await store.close()
