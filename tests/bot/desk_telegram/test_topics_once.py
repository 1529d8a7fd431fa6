"""What comes again is done once, and a conversation has one topic, whatever was cut off and when."""

import asyncio
from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from agents_makers import GROUP, World, product

from storage.topic_store import TopicStore
from tests.telegram_groups import Topic
from tests.telegram_server import TelegramServer


async def test_what_comes_again_after_later_acts_is_not_done_again(world: World) -> None:
    """Telegram repeats what it was not told of in time: a settled case must not be taken up by that."""
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    done = [
        kim.writes(world.forum, topic, "/claim"),
        kim.writes(world.forum, topic, "It is on its way"),
        kim.presses(world.forum, topic, "Resolve"),
    ]
    updates = [dict(each) for each in world.server.updates if each["update_id"] in done]
    await world.hears(customer, "This request is closed")
    await world.until(lambda: topic.closed)
    before = list(world.texts(customer))
    presses = len(world.server.called("answerCallbackQuery"))
    for update in updates:
        id_ = int(str(update.pop("update_id")))
        ((kind, what),) = update.items()
        world.server.happen(kind, what, update_id=id_)  # type: ignore[arg-type]
    await world.until(lambda: not world.server.updates)
    await world.until(lambda: len(world.server.called("answerCallbackQuery")) > presses)
    await world.settled()
    assert world.texts(customer) == before
    acts = [entry.act for entry in await world.house.store.desk.trail(customer.key)]
    assert acts == ["claim", "reply", "resolve"]
    assert topic.closed


async def test_an_answer_to_an_agent_outlives_the_process(tmp_path: Path, server: TelegramServer) -> None:
    """Who was refused and is not told believes that the customer was answered."""
    async with product(tmp_path, server) as world:
        _, kim = await world.agent("Kim", 501)
        _, lee = await world.agent("Lee", 502)
        customer, topic = await world.asks_for_a_person()
        kim.writes(world.forum, topic, "/claim")
        await world.shown("➤ Kim has this chat.", topic=topic)
        await world.settled()
        for worker in world.topics._workers.values():
            worker.calls.pace.hold(1_000)
            worker.calls.pace.pause = never
        lee.writes(world.forum, topic, "Lee here")
        await world.until(lambda: not world.server.updates)
    async with product(tmp_path, server) as world:
        await world.shown("▸ Lee: Kim has this chat. Nothing was done.", topic=topic)
        await world.settled()
        assert topic.whole.count("▸ Lee") == 1
        assert "Lee here" not in await world.transcript(customer.key)


async def never(seconds: float) -> None:
    del seconds
    await asyncio.Event().wait()


async def cut_off_in_making(tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch) -> Topic:
    """A topic that was made by a process that died then; the group knows it, the store does not."""
    async with product(tmp_path, server) as world:
        cut = {"begin": asyncio.Event(), "note_made": asyncio.Event()}

        def dying(event: asyncio.Event) -> Callable[..., Awaitable[None]]:
            async def dies(*_: object) -> None:
                event.set()
                await asyncio.Event().wait()

            return dies

        with monkeypatch.context() as patched:
            for name, event in cut.items():
                patched.setattr(TopicStore, name, dying(event))
            server.customer(7).say("/human")
            async with asyncio.timeout(10):
                for event in cut.values():
                    await event.wait()
            await world.topics.stop()
            (made,) = [each for each in server.updates if "forum_topic_created" in str(each)]
    server.updates = [made]
    return server.forums.by_id[GROUP].only


async def test_a_topic_that_was_made_and_not_noted_is_taken_up(
    tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    topic = await cut_off_in_making(tmp_path, server, monkeypatch)
    async with product(tmp_path, server, patience=0.5) as world:
        await world.shown("Case: ", topic=topic)
        await world.until(lambda: topic.pinned)
        _, kim = await world.agent("Kim", 501)
        kim.writes(world.forum, topic, "Here I am")
        await world.hears(server.customer(7), "Here I am")
        await world.settled()
        assert world.forum.only is topic


async def test_what_was_written_in_it_meanwhile_reaches_the_customer(
    tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with product(tmp_path, server) as world:
        _, kim = await world.agent("Kim", 501)
    topic = await cut_off_in_making(tmp_path, server, monkeypatch)
    kim.writes(server.forums.by_id[GROUP], topic, "Written while nothing ran")
    async with product(tmp_path, server, patience=0.5) as world:
        await world.hears(server.customer(7), "Written while nothing ran")
        await world.shown("Case: ", topic=topic)
        assert world.forum.only is topic


async def test_a_second_topic_says_where_the_first_is_and_closes(
    tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    stray = await cut_off_in_making(tmp_path, server, monkeypatch)
    made = server.updates.pop()
    async with product(tmp_path, server) as world:  # it hears of the first one too late
        await world.until(lambda: len(world.forum.topics) == 2)
        (topic,) = [each for each in world.forum.topics.values() if each is not stray]
        await world.until(lambda: topic.pinned)
        await world.settled()
        late = server.happen("message", made["message"])  # type: ignore[arg-type]
        await world.until(lambda: stray.closed)
        assert len(stray.messages) == 1
        assert f"goes on in https://t.me/c/1111111111/{topic.id}" in stray.whole
        assert "reached nobody" in stray.whole
        await world.settled()
        calls = len(world.forum.calls)
        server.happen("message", made["message"], update_id=late)  # type: ignore[arg-type]  # and once more
        server.customer(7).say("hello?")
        await world.shown("hello?", topic=topic)
        await world.settled()
        assert not topic.closed
        assert world.forum.calls[calls:] == ["sendMessage"]
        assert len(stray.messages) == 1
