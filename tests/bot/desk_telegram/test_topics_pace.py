"""A group's 20 messages a minute: what is new goes together, and no customer waits for it."""

import asyncio
from bisect import bisect_left
from pathlib import Path

from agents_makers import Time, World, product
from hypothesis import given
from hypothesis import strategies as st

from bot.desk_telegram.pace import MOST, WINDOW, GroupPace
from tests.telegram_server import TelegramServer


def fullest_minute(times: list[float]) -> int:
    """The most calls within any 60 seconds."""
    return max((bisect_left(times, at + WINDOW) - number for number, at in enumerate(times)), default=0)


@given(st.lists(st.floats(0, 40), max_size=120))
def test_no_minute_ever_has_more_than_twenty_calls(waits: list[float]) -> None:
    clock, made = Time(), []
    pace = GroupPace(clock, clock.pause)

    async def run() -> None:
        for wait in waits:
            clock.now += wait
            await pace.turn()
            pace.took()
            made.append(clock.now)

    asyncio.run(run())
    assert fullest_minute(made) <= MOST < 20


async def test_a_group_that_is_to_be_left_alone_is_left_alone() -> None:
    clock = Time()
    pace = GroupPace(clock, clock.pause)
    pace.hold(37)
    await pace.turn()
    assert clock.now == 1_037


class Calls:
    """When each call of the group was made, by the group's own clock."""

    def __init__(self, world: World) -> None:
        self.times: list[float] = []
        called = world.server.forums.called

        def noting(chat: object, method: str) -> None:
            if str(chat) == str(world.forum.id) and not method.startswith("get"):
                self.times.append(world.time.now)
            called(chat, method)

        world.server.forums.called = noting  # type: ignore[method-assign]


async def test_forty_messages_in_a_burst_stay_under_twenty_a_minute_and_all_arrive(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    calls = Calls(world)
    for number in range(40):
        customer.say(f"message number {number}.")
    await world.shown("message number 39.", topic=topic)
    await world.settled()
    shown = [line for line in topic.whole.splitlines() if "message number" in line and line.startswith("👤")]
    assert shown == [f"👤 Ann: message number {number}." for number in range(40)]
    assert fullest_minute(calls.times) < 20
    assert len(calls.times) < 40  # together, not one by one


async def test_forty_customers_at_once_stay_under_twenty_a_minute_and_all_get_topics(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server) as world:
        await world.topics.stop()
        for number in range(40):
            await world.web_customer(f"web:{number}")
    async with product(tmp_path, server) as world:
        calls = Calls(world)
        topics = world.forum.topics
        await server.until(lambda: len(topics) == 40 and all(t.pinned for t in topics.values()), 60)
        assert fullest_minute(calls.times) < 20
        first_pin = world.forum.calls.index("pinChatMessage")
        before = world.forum.calls[:first_pin]
        assert before.count("createForumTopic") == before.count("sendMessage") == 40  # what can wait waits


async def test_while_the_group_is_too_fast_for_telegram_customers_are_answered(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    real, gate = world.time.pause, asyncio.Event()

    async def held(seconds: float) -> None:
        await gate.wait()
        await real(seconds)

    for worker in world.topics._workers.values():
        worker.calls.pace.pause = held
    world.server.fail("sendMessage", 429, "Too Many Requests: retry after 50", retry_after=50)
    await world.house.desk.chats.note(world.boss, customer.key, "a note that is to be shown")
    await world.until(lambda: not world.server._faults["sendMessage"])
    before = len(world.forum.calls)
    kim.writes(world.forum, topic, "the customer gets this at once")
    await world.hears(customer, "the customer gets this at once")
    assert len(world.forum.calls) == before  # and the group is left alone
    gate.set()
    await world.shown("🔒 Private note, Boss: a note that is to be shown", topic=topic)
    assert world.time.now >= 1_050


async def test_an_outage_of_telegram_loses_nothing_of_what_is_to_be_shown(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    world.server.fail("sendMessage", 502, "Bad Gateway", times=3)
    await world.house.desk.chats.note(world.boss, customer.key, "shown in the end")
    await world.shown("🔒 Private note, Boss: shown in the end", topic=topic)
    assert topic.whole.count("shown in the end") == 1
