"""What the store keeps of topics, on both engines."""

from datetime import UTC, datetime, timedelta

from storage_makers import turn

from storage.audit import Record
from storage.records import Deliver, Saved
from storage.store import Store
from storage.topic_records import Answer, Kind, Topic

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)
KEY = "telegram:7"


def topic(number: int) -> Topic:
    return Topic(KEY, -1001, number, "AAAA-BBBB", "AAAA-BBBB · asked for a person")


async def test_of_two_topics_made_for_a_conversation_the_first_is_kept(store: Store) -> None:
    assert await store.topics.begin(topic(5)) == topic(5)
    assert await store.topics.begin(topic(6)) == topic(5)
    for number in (5, 6, 6):
        assert await store.topics.note_made(topic(number), NOW + timedelta(number)) == topic(5)
    made = await store.topics.made(KEY)
    assert [(one.message, one.kind) for one in made] == [(5, Kind.MADE), (6, Kind.MADE)]
    await store.topics.end_made(made[1])
    await store.topics.note_made(topic(6), NOW)  # it comes again
    assert [one.kind for one in await store.topics.made(KEY)] == [Kind.MADE, Kind.ASIDE]
    await store.topics.forget_made(made[1])
    assert [one.message for one in await store.topics.made(KEY)] == [5]


async def test_a_topic_that_was_not_noted_is_taken_up_by_its_notice(store: Store) -> None:
    assert await store.topics.note_made(topic(5), NOW) == topic(5)
    assert await store.topics.at(-1001, 5) == topic(5)


async def test_answers_wait_once_for_each_update_and_the_oldest_of_many_are_dropped(store: Store) -> None:
    await store.topics.begin(topic(5))
    for number in (3, 1, 2, 2):
        await store.topics.answer(KEY, Answer(number, f"answer {number}"), NOW)
    assert [one.text for one in await store.topics.answers(KEY)] == ["answer 1", "answer 2", "answer 3"]
    before = await store.topics.pending()
    assert before.keys() == {KEY}
    assert before == await store.topics.pending()
    await store.topics.answer(KEY, Answer(4, "answer 4"), NOW)
    assert before != await store.topics.pending()
    for number in range(5, 40):
        await store.topics.answer(KEY, Answer(number, f"answer {number}"), NOW)
    assert [one.update_id for one in await store.topics.answers(KEY)] == list(range(20, 40))
    await store.topics.shown(topic(5), answered=38, losses=None)
    assert [one.update_id for one in await store.topics.answers(KEY)] == [39]
    await store.topics.forget(NOW + timedelta(1))
    assert await store.topics.pending() == {}


async def test_losses_wait_until_the_topic_tells_of_them_and_again_when_they_change(store: Store) -> None:
    saved = await store.save(turn(KEY, work=(Deliver(1), Deliver(2))))
    assert isinstance(saved, Saved)
    await store.give_up(saved.work_ids[0], KEY, "the chat is gone")
    assert await store.topics.pending() == {}  # it has no topic that could tell
    await store.topics.begin(topic(5))
    waits = await store.topics.pending()
    assert waits[KEY].losses == {1}
    await store.topics.shown(topic(5), answered=0, losses={1})
    assert await store.topics.losses(KEY) == {1}
    assert await store.topics.pending() == {}
    await store.give_up(saved.work_ids[1], KEY, "the chat is gone")
    assert (await store.topics.pending())[KEY].losses == {1, 2}
    await store.topics.shown(topic(5), answered=0, losses={1, 2})
    record = Record(KEY, 1, "kim", "Kim", "retry", {})
    assert await store.desk.retry(KEY, 2, at=NOW, record=record)
    assert (await store.topics.pending())[KEY].losses == {1}
    await store.topics.shown(topic(5), answered=0, losses=None)
    assert await store.topics.losses(KEY) == {1, 2}  # nothing is said of them then
