"""The topic of an erased conversation is deleted in its group; nothing of it is shown or heard again."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest
from agents_makers import GROUP, OTHER, Standby, World, product
from structlog.testing import capture_logs

from bot.assembly import utc_now
from bot.desk_telegram.groups import Group
from bot.desk_telegram.pace import MOST, WINDOW
from storage.audit import Record
from storage.erasing import Erasure
from storage.times import micros
from tests.telegram_customer import Customer
from tests.telegram_groups import Member, Topic
from tests.telegram_server import TelegramServer

RIGHTS = ("can_manage_topics", "can_pin_messages", "can_delete_messages")
SOON = 0.05
"""Seconds between looks, so that a test need not wait."""
HOUR = 3600
NOT_ERASED = "telegram_desk_topic_not_erased"


@pytest.fixture
def server(server: TelegramServer) -> TelegramServer:
    """The bot may delete messages."""
    server.forums.by_id[GROUP].rights = RIGHTS
    return server


@dataclass
class Settled:
    """A case that an agent settled, and its topic, which is closed."""

    customer: Customer
    topic: Topic
    member: Member


async def settled(world: World, chat: int = 7, person: int = 501) -> Settled:
    _, kim = await world.agent(f"Kim{chat}", person)
    customer, topic = await world.asks_for_a_person(chat)
    kim.writes(world.forum, topic, "My name is Kim, and all is well")
    kim.writes(world.forum, topic, "/resolve")
    await world.until(lambda: topic.closed)
    await nothing_left(world, customer.key)
    return Settled(customer, topic, kim)


async def nothing_left(world: World, key: str) -> None:
    """Once the customer has got all, and the group, too."""
    async with asyncio.timeout(10):
        while (await world.house.store.desk.deliveries(key))[0]:  # noqa: ASYNC110  the store says
            await asyncio.sleep(0.02)
    await world.settled()


async def erase(world: World, key: str) -> None:
    record = Record(key, micros(utc_now()), "cli:root", "root", "", {"because": "the customer asked"})
    assert await world.house.store.erasures.erase(record) is Erasure.ERASED


async def left(world: World, *places: tuple[int, int]) -> None:
    """Once only these places are still to be deleted."""
    async with asyncio.timeout(10):
        while await world.house.store.topics.erased() != places:  # noqa: ASYNC110  as above
            await asyncio.sleep(0.02)


def tries(world: World) -> int:
    return len(world.server.called("deleteForumTopic"))


async def several_looks(world: World) -> None:
    """Once it was looked several times more, and done what came of it."""
    await looked(world)
    await world.topics.idle()


async def looked(world: World) -> None:
    """Once it was looked several times more for what is to be deleted."""
    erased, looks = world.house.store.topics.erased, 0
    enough = asyncio.Event()

    async def counted(limit: int) -> tuple[tuple[int, int], ...]:
        nonlocal looks
        looks += 1
        if looks > 4:
            enough.set()
        return await erased(limit)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(world.house.store.topics, "erased", counted)
        async with asyncio.timeout(10):
            await enough.wait()


@contextmanager
def held(world: World) -> Iterator[asyncio.Event]:
    """The group's pace lets nothing through until the event is set."""
    gate, (worker,) = asyncio.Event(), world.topics._workers.values()
    real = worker.calls.pace.pause

    async def pause(seconds: float) -> None:
        await gate.wait()
        await real(seconds)

    worker.calls.pace.pause = pause
    worker.calls.pace.hold(1)
    yield gate
    worker.calls.pace.pause = real


async def test_the_topic_of_an_erased_conversation_is_deleted_and_its_place_forgotten(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        waiting, other = await world.asks_for_a_person(8)
        await erase(world, case.customer.key)
        await left(world)
        assert list(world.forum.topics.values()) == [other]
        assert world.topics._places.known(waiting.key) == GROUP
        assert tries(world) == 1


async def test_after_a_start_topics_that_wait_are_deleted_at_once(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=1_000) as world:
        case = await settled(world)
        await erase(world, case.customer.key)
        await world.settled()
        assert tries(world) == 0
    async with product(tmp_path, server, erasing=1_000) as world:
        await left(world)
        assert not world.forum.topics


async def test_a_process_that_does_not_lead_deletes_nothing(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=1_000) as world:
        case = await settled(world)
        await erase(world, case.customer.key)
    async with product(tmp_path, server, erasing=SOON, leases=Standby()) as world:
        (worker,) = world.topics._workers.values()
        worker.erase(case.topic.id)  # it led a moment ago
        await world.settled()
        assert tries(world) == 0
        assert await world.house.store.topics.erased() == ((GROUP, case.topic.id),)


async def test_a_topic_that_was_deleted_by_hand_is_done_with(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        world.forum.delete(case.topic)
        with capture_logs() as log:
            await erase(world, case.customer.key)
            await left(world)
        assert not [each for each in log if each["log_level"] in ("warning", "error")]


async def test_topics_that_were_made_twice_are_both_deleted(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        known = await world.house.store.topics.of(case.customer.key)
        assert known is not None
        stray = world.forum.topics[9_999] = Topic(9_999, known.name)
        noted = type(known)(known.key, GROUP, stray.id, known.reference, known.name)
        await world.house.store.topics.note_made(noted, utc_now())
        await erase(world, case.customer.key)
        await left(world)
        assert not world.forum.topics


async def test_topics_of_groups_that_are_not_set_wait_until_they_are_set_again(
    tmp_path: Path, server: TelegramServer
) -> None:
    server.forums.add(OTHER, rights=RIGHTS)
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
    async with product(tmp_path, server, groups=(Group(OTHER),), erasing=SOON) as world:
        with capture_logs() as log:
            await erase(world, case.customer.key)
            await several_looks(world)
        assert not [each for each in log if each["log_level"] in ("warning", "error")]
        assert tries(world) == 0
        assert await world.house.store.topics.erased() == ((GROUP, case.topic.id),)
    async with product(tmp_path, server, groups=(Group(OTHER), Group(GROUP)), erasing=SOON) as world:
        await left(world)
        assert not server.forums.by_id[GROUP].topics


async def test_without_the_right_it_is_told_once_with_the_remedy_and_tried_again_after_an_hour(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        world.forum.rights = RIGHTS[:2]
        with capture_logs() as log:
            await erase(world, case.customer.key)
            await world.until(lambda: tries(world) == 1)
            await several_looks(world)
            world.time.now += HOUR - 60
            await several_looks(world)
            assert tries(world) == 1
            world.time.now += 61
            await world.until(lambda: tries(world) == 2)
            await several_looks(world)
            assert tries(world) == 2
        (told,) = [each for each in log if each["event"].startswith("telegram_desk")]
        assert (told["event"], told["log_level"]) == (NOT_ERASED, "warning")
        assert (told["group"], told["topic"]) == (GROUP, case.topic.id)
        assert "give the bot the right “Delete messages”" in told["remedy"]
        assert told["detail"] == "Bad Request: not enough rights"
        assert told.keys() == {"event", "log_level", "group", "topic", "remedy", "detail"}
        await world.topics.check()  # agents can work all the same
        world.forum.rights = RIGHTS
        world.time.now += HOUR
        await left(world)
        assert not world.forum.topics


async def test_a_topic_that_is_refused_keeps_no_other_from_being_deleted(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        first, second = await settled(world), await settled(world, 8, 502)
        server.fail("deleteForumTopic", 400, "Bad Request: CHAT_ADMIN_REQUIRED")
        await erase(world, first.customer.key)
        await world.until(lambda: tries(world) == 1)
        await erase(world, second.customer.key)
        await left(world, (GROUP, first.topic.id))
        assert list(world.forum.topics.values()) == [first.topic]


async def test_what_was_never_tried_comes_before_what_was_refused(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=1_000) as world:
        first, second = await settled(world), await settled(world, 8, 502)
        for case in (first, second):
            await erase(world, case.customer.key)
        world.forum.rights = RIGHTS[:2]
        erasing = world.topics._erasing
        assert await erasing.next() == {GROUP: first.topic.id}
        assert not await erasing.delete(GROUP, first.topic.id)
        assert await erasing.next() == {GROUP: second.topic.id}
        world.time.now += HOUR
        assert await erasing.next() == {GROUP: second.topic.id}
        assert not await erasing.delete(GROUP, second.topic.id)
        assert await erasing.next() == {GROUP: first.topic.id}
        assert not await erasing.delete(GROUP, first.topic.id)
        assert await erasing.next() == {}


async def test_a_group_that_is_to_be_left_alone_is_left_alone_and_the_topic_deleted_later(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        server.fail("deleteForumTopic", 429, "Too Many Requests: retry after 50", retry_after=50)
        before = world.time.now
        with capture_logs() as log:
            await erase(world, case.customer.key)
            await left(world)
        assert world.time.now >= before + 50
        assert tries(world) == 2
        assert not [each for each in log if each["event"] == NOT_ERASED]


async def test_an_outage_of_telegram_puts_it_off_only(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        server.fail("deleteForumTopic", 502, "Bad Gateway")
        with capture_logs() as log:
            await erase(world, case.customer.key)
            await left(world)
        events = {each["event"] for each in log if each["event"].startswith("telegram_desk")}
        assert events == {"telegram_desk_waits"}


async def test_whatever_somebody_waits_for_comes_first(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        with held(world) as gate:
            await erase(world, case.customer.key)
            await looked(world)
            await world.web_customer()
            await asyncio.sleep(0.3)  # changes gather for a fifth of a second
            since = len(world.forum.calls)
            gate.set()
            await left(world)
        calls = world.forum.calls[since:]
        assert calls == ["createForumTopic", "sendMessage", "pinChatMessage", "deleteForumTopic"]


async def test_it_counts_among_the_groups_calls(tmp_path: Path, server: TelegramServer) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        (worker,) = world.topics._workers.values()
        world.time.now += WINDOW
        await erase(world, case.customer.key)
        await left(world)
        assert worker.calls.pace.room() == MOST - 1


async def test_one_topic_is_deleted_in_a_group_between_two_looks(
    tmp_path: Path, server: TelegramServer
) -> None:
    """However many are erased, who is handed over meanwhile finds calls that may leave at once."""
    async with product(tmp_path, server, erasing=1_000) as world:
        cases = [await settled(world, 10 + number, 510 + number) for number in range(3)]
        for case in cases:
            await erase(world, case.customer.key)
    async with product(tmp_path, server, erasing=1_000) as world:
        await world.until(lambda: tries(world) == 1)
        await world.settled()
        assert tries(world) == 1
        assert len(world.forum.topics) == 2


async def test_who_comes_back_has_a_new_topic_with_a_summary_of_its_own(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=SOON) as world:
        case = await settled(world)
        case.member.writes(world.forum, case.topic, "// written after it was settled")
        await world.settled()
        await erase(world, case.customer.key)
        await left(world)
        assert world.topics._places.known(case.customer.key) is None
        case.customer.say("/human")
        again = await world.shown("Case: ", "asked for a person")
        await world.until(lambda: again.pinned)
        assert again.id != case.topic.id
        assert "all is well" not in again.whole
        assert "written after" not in again.whole
        case.member.writes(world.forum, again, "Hello again")
        await world.hears(case.customer, "Hello again")


async def test_who_comes_back_before_the_old_topic_is_deleted_has_a_new_one_which_stays(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=1_000) as world:
        case = await settled(world)
        await erase(world, case.customer.key)
        old = list(case.topic.texts)
        case.customer.say("/human")
        await world.until(lambda: len(world.forum.topics) == 2)
        await world.settled()
        again = next(topic for id_, topic in world.forum.topics.items() if id_ != case.topic.id)
        assert case.topic.texts == old
    async with product(tmp_path, server, erasing=SOON) as world:
        await left(world)
        assert world.forum.topics == {again.id: again}
        case.customer.say("are you there?")
        await world.shown("are you there?", topic=again)


async def test_what_is_written_and_pressed_in_an_erased_topic_reaches_nobody(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server, erasing=1_000) as world:
        case = await settled(world)
        await erase(world, case.customer.key)
        before = list(world.texts(case.customer))
        calls = len(world.forum.calls)
        with capture_logs() as log:
            case.member.writes(world.forum, case.topic, "It was Ann, of Main Street")
            case.member.edits("It was Ann, of Side Street")
            case.member.writes(world.forum, case.topic, "// a note")
            case.member.writes(world.forum, case.topic, "/claim")
            case.member.sends_photo(world.forum, case.topic, "Ann")
            case.member.answers(world.forum, case.topic, case.topic.messages[0], "a reason")
            case.member.presses(world.forum, case.topic, "Claim")
            await world.until(lambda: world.server.called("answerCallbackQuery"))
            await world.until(lambda: not world.server.updates)
            await world.settled()
        assert not [each for each in log if each["log_level"] in ("warning", "error")]
        assert world.texts(case.customer) == before
        assert await world.transcript(case.customer.key) == []
        assert await world.house.store.desk.notes(case.customer.key) == ()
        assert await world.house.store.topics.of(case.customer.key) is None
        (pressed,) = world.server.called("answerCallbackQuery")
        assert "shown elsewhere now" in str(pressed.text)  # type: ignore[attr-defined]
        assert len(world.forum.calls) == calls
