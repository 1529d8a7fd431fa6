"""What did not reach the customer is told to whoever would believe that it did."""

import asyncio
from pathlib import Path

import pytest
from agents_makers import World, product

from bot.desk.feed import ChangeKind, Subscription
from bot.desk_telegram import words
from storage.records import Author, Entry
from tests.telegram_customer import Customer
from tests.telegram_groups import Topic
from tests.telegram_server import TelegramServer

LOST = "❌ Not delivered: "


def told(topic: Topic) -> list[str]:
    return [line for line in topic.whole.splitlines() if line.startswith(LOST)]


async def told_to(console: Subscription, key: str) -> None:
    """Once an open console was told that something was lost."""
    async with asyncio.timeout(10):
        kinds: set[ChangeKind] = set()
        while ChangeKind.DELIVERY not in kinds:
            kinds = {kind for change in await anext(console) if change.key == key for kind in change.kinds}
    await console.aclose()


async def given_up(world: World, customer: Customer, count: int) -> None:
    async with asyncio.timeout(10):
        while len((await world.house.store.desk.deliveries(customer.key))[1]) < count:  # noqa: ASYNC110  the store says
            await asyncio.sleep(0.02)


async def test_an_answer_that_did_not_arrive_is_told_in_the_topic_once(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server) as world:
        _, kim = await world.agent("Kim", 501)
        customer, topic = await world.asks_for_a_person()
        kim.writes(world.forum, topic, "This arrives")
        await world.hears(customer, "This arrives")
        server.blocked_by.add(customer.id)
        console = world.house.desk.feed.watch_all()
        kim.writes(world.forum, topic, "It was sent on Monday, /see <b>there</b>")
        await world.shown(LOST, topic=topic)
        await told_to(console, customer.key)
        (line,) = told(topic)
        assert line == (
            f"{LOST}“It was sent on Monday, /\u2060see <b>there</\u2060b>” did not reach the customer: "
            "they blocked the bot, or their chat is gone. Reach them in another way."
        )
        await world.settled()
    async with product(tmp_path, server) as world:
        kim.writes(world.forum, topic, "// a note, for something to show")
        await world.house.desk.chats.note(world.boss, customer.key, "afterwards")
        await world.shown("afterwards", topic=topic)
        await world.settled()
        assert len(told(topic)) == 1


async def test_many_that_did_not_arrive_are_told_in_one_line(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "/claim")
    await world.shown("➤ Kim has this chat.", topic=topic)
    await world.settled()
    gate, (worker,) = asyncio.Event(), world.topics._workers.values()
    real = worker.calls.pace.pause

    async def held(seconds: float) -> None:
        await gate.wait()
        await real(seconds)

    worker.calls.pace.pause = held
    worker.calls.pace.hold(1)
    world.server.blocked_by.add(customer.id)
    calls = world.forum.calls.count("sendMessage")
    for number in range(5):
        kim.writes(world.forum, topic, f"answer {number}")
    await given_up(world, customer, 5)
    gate.set()
    await world.shown(LOST, topic=topic)
    await world.settled()
    (line,) = told(topic)
    assert line.startswith(f"{LOST}5 messages did not reach the customer: ")
    assert line.endswith("The last: “answer 4”")
    assert world.forum.calls.count("sendMessage") == calls + 1


async def test_one_that_is_lost_after_the_case_was_settled_is_told_all_the_same(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "/claim")
    await world.shown("➤ Kim has this chat.", topic=topic)
    world.server.slow_chat(customer.id, 3.0)
    world.server.blocked_by.add(customer.id)
    kim.writes(world.forum, topic, "Your money is on its way")
    kim.writes(world.forum, topic, "/resolve")
    await world.until(lambda: topic.closed)
    assert not told(topic)
    await world.shown(LOST, topic=topic)
    assert "Your money is on its way" in told(topic)[0]
    async with asyncio.timeout(20):
        desk, topics = world.house.store.desk, world.house.store.topics
        while (await desk.deliveries(customer.key))[0] or await topics.pending():  # noqa: ASYNC110  as above
            await asyncio.sleep(0.05)
    await world.settled()
    assert len(told(topic)) == 1  # the bot's farewell to somebody who is gone is nobody's worry
    assert topic.closed


async def test_what_was_lost_again_after_another_try_is_told_again(world: World) -> None:
    kim, member = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    world.server.blocked_by.add(customer.id)
    member.writes(world.forum, topic, "still there?")
    await world.shown("still there?", LOST, topic=topic)
    await world.settled()
    before = len(told(topic))
    (seq,) = [e.seq for e in await world.house.store.entries(customer.key) if e.author is Author.AGENT]
    world.server.slow_chat(customer.id, 2.5)  # so that it is seen to be on its way
    await world.house.desk.chats.retry(kim, customer.key, seq)
    await world.until(lambda: len(told(topic)) == before + 1)
    assert "still there?" in told(topic)[-1]


@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("it could not be delivered", "The console can send it once more."),
        (
            "no process had such a channel for a day",
            "did not reach the customer: no process had such a channel",
        ),
    ],
)
def test_why_it_was_given_up_is_told_in_plain_words(why: str, said: str) -> None:
    entry = Entry(3, None, Author.AGENT, "x" * 200)  # type: ignore[arg-type]  # when it was does not matter
    line = words.lost([entry], why)
    assert said in line
    assert f"“{'x' * 79}…”" in line
