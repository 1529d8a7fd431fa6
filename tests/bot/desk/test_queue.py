from datetime import timedelta

import pytest
from desk_makers import MINUTE, House
from hypothesis import given
from hypothesis import strategies as st

from bot.desk.errors import BadInput
from dialogs.conversation import Mode
from dialogs.effects import HandoffReason
from storage.desk_queue import cursor_of, place_of
from storage.desk_records import Filters, Priority, State


async def keys(house: House, filters: Filters | None = None) -> list[str]:
    page = await house.desk.queue.list(house.boss, filters or Filters())
    return [item.key for item in page.items]


async def test_the_queue_is_by_priority_and_then_by_waiting(house: House) -> None:
    for n in range(1, 5):
        await house.waits(f"web:{n}")
        house.clock.now += MINUTE
    await house.desk.chats.set_priority(house.boss, "web:3", Priority.URGENT)
    await house.desk.chats.set_priority(house.boss, "web:1", Priority.LOW)
    assert await keys(house) == ["web:3", "web:2", "web:4", "web:1"]


async def test_pages_join_without_gap_or_repetition_though_the_queue_moves(house: House) -> None:
    for n in range(25):
        await house.waits(f"web:{n:02}")
        if n % 3:
            house.clock.now += MINUTE  # some wait since the same moment
        if n % 5 == 0:
            await house.desk.chats.set_priority(house.boss, f"web:{n:02}", Priority.HIGH)
    whole = await keys(house)
    seen: list[str] = []
    cursor: str | None = None
    while True:
        page = await house.desk.queue.list(house.boss, Filters(), cursor=cursor, limit=4)
        seen += [item.key for item in page.items]
        if page.cursor is None:
            break
        cursor = page.cursor
        await house.desk.chats.give_back(house.boss, page.items[0].key, resume=False)  # it leaves meanwhile
    assert seen == whole
    assert len(whole) == 25


async def test_settled_ones_are_listed_newest_first_page_by_page(house: House) -> None:
    kim = await house.agent("Kim")
    for n in range(5):
        await house.waits(f"web:{n}")
        await house.desk.chats.claim(kim, f"web:{n}")
        await house.desk.chats.resolve(kim, f"web:{n}")
        house.clock.now += MINUTE
    resolved = Filters(state=State.RESOLVED)
    first = await house.desk.queue.list(kim, resolved, limit=3)
    rest = await house.desk.queue.list(kim, resolved, cursor=first.cursor, limit=3)
    assert [item.key for item in (*first.items, *rest.items)] == [f"web:{n}" for n in (4, 3, 2, 1, 0)]
    assert rest.cursor is None
    assert await keys(house) == []


async def test_every_filter_and_its_count(house: House) -> None:
    kim, lee = await house.agent("Kim"), await house.agent("Lee")
    await house.waits("web:1", reason=HandoffReason.RULE)
    await house.waits("telegram:2")
    await house.waits("web:3")
    await house.waits("webx:4")
    await house.waits("web:5", mode=Mode.BOT)
    await house.desk.chats.claim(kim, "web:1")
    await house.desk.chats.claim(lee, "telegram:2")
    await house.desk.chats.set_labels(kim, "web:3", ["vip"])
    await house.desk.chats.set_priority(kim, "web:3", Priority.HIGH)
    await house.desk.chats.snooze(kim, "webx:4", house.clock() + timedelta(hours=1))
    expected = {
        Filters(): {"web:1", "telegram:2", "web:3", "webx:4"},
        Filters(state=State.OPEN): {"web:3"},
        Filters(state=State.CLAIMED): {"web:1", "telegram:2"},
        Filters(state=State.SNOOZED): {"webx:4"},
        Filters(state=State.RESOLVED): set[str](),
        Filters(assignee="Kim"): {"web:1"},
        Filters(unassigned=True): {"web:3", "webx:4"},
        Filters(reason="rule"): {"web:1"},
        Filters(channel="web"): {"web:1", "web:3"},
        Filters(label="vip"): {"web:3"},
        Filters(priority=Priority.HIGH): {"web:3"},
        Filters(priority=Priority.HIGH, channel="telegram"): set(),
        Filters(reason="' OR 1=1 --"): set(),
        Filters(label="' OR 1=1 --"): set(),
        Filters(assignee="%"): set(),
    }
    for filters, wanted in expected.items():
        assert set(await keys(house, filters)) == wanted, filters
    counts = await house.desk.queue.counts(kim)
    assert counts.states == {State.OPEN: 1, State.CLAIMED: 2, State.SNOOZED: 1, State.RESOLVED: 0}
    assert (counts.mine, counts.unassigned) == (1, 2)
    assert counts.reasons == {"rule": 1, "customer_asked": 3}
    assert counts.channels == {"web": 2, "telegram": 1, "webx": 1}
    assert counts.labels == {"vip": 1}
    assert counts.priorities == {Priority.NORMAL: 3, Priority.HIGH: 1}
    assert counts.assignees == {"Kim": 1, "Lee": 1}


async def test_an_item_shows_who_what_and_the_last_word(house: House) -> None:
    key = await house.waits(
        said=["hi", "Where is  my\nparcel? " + "x" * 300], customer="<script>alert(1)</script>", number="1042"
    )
    item = (await house.desk.queue.list(house.boss, Filters())).items[0]
    assert (item.key, item.channel, item.order_number, item.last_seq) == (key, "web", "1042", 2)
    assert item.customer == "<script>alert(1)</script>"  # as it came: whoever shows it escapes it
    assert item.last_text.startswith("Where is my parcel? xxx")
    assert len(item.last_text) <= 160
    assert item.awaits_reply
    kim = await house.agent("Kim")
    await house.desk.chats.reply(kim, key, "On its way")
    assert not (await house.desk.queue.list(kim, Filters())).items[0].awaits_reply


@pytest.mark.parametrize("cursor", ["", "x", "1.2", "a.b.c", "1.x.web:1"])
async def test_a_cursor_that_no_page_gave_is_refused(house: House, cursor: str) -> None:
    with pytest.raises(BadInput):
        await house.desk.queue.list(house.boss, Filters(), cursor=cursor)


@given(st.integers(0, 3), st.integers(0, 2**60), st.text())
def test_a_cursor_is_read_as_it_was_written(rank: int, at: int, key: str) -> None:
    assert place_of(cursor_of((rank, at, key))) == (rank, at, key)


async def test_a_search_that_is_too_long_or_empty_asks_the_store_nothing(house: House) -> None:
    assert await house.desk.queue.search(house.boss, "  \n ") == ()
    with pytest.raises(BadInput):
        await house.desk.queue.search(house.boss, "x" * 201)
    assert await house.desk.queue.search(house.boss, "nul\0byte") == ()
