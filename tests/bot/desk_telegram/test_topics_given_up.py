"""A topic that Telegram will not have is left alone for a while, and the log says so."""

import pytest
from agents_makers import World
from structlog.testing import capture_logs


async def test_a_topic_that_is_refused_again_and_again_is_left_until_it_changes(world: World) -> None:
    world.server.fail("createForumTopic", 400, "Bad Request: not enough rights", times=4)
    customer = world.server.customer(7)
    with capture_logs() as log:
        customer.say("/human")
        await world.hears(customer, "referen")
        await world.until(lambda: any(each["event"] == "telegram_desk_topic_given_up" for each in log))
    events = [each["event"] for each in log if each["event"].startswith("telegram_desk")]
    assert events == [*["telegram_desk_call_refused"] * 4, "telegram_desk_topic_given_up"]
    assert log[-1]["conversation"] == "telegram:7"
    assert not world.forum.topics
    customer.say("is anybody there?")
    await world.shown("is anybody there?")


async def test_what_cannot_be_said_beside_the_topics_is_not_tried_for_ever(world: World) -> None:
    world.server.fail("sendMessage", 400, "Bad Request: not enough rights", times=5)
    with capture_logs() as log:
        world.server.member(9).writes(world.forum, None, "/help")
        await world.until(lambda: any(each["event"] == "telegram_desk_topic_given_up" for each in log))
        await world.settled()
    assert [each["event"] for each in log].count("telegram_desk_call_refused") == 4


async def test_a_mistake_while_changes_are_followed_is_logged_and_overcome(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.desk_telegram.door._STORE_DOWN", 0.05)
    pending, failures = world.house.store.topics.pending, [ValueError("a mistake")]

    async def once_wrong() -> object:
        if failures:
            raise failures.pop()
        return await pending()

    monkeypatch.setattr(world.house.store.topics, "pending", once_wrong)
    with capture_logs() as log:
        await world.until(lambda: any(each["event"] == "telegram_desk_crashed" for each in log))
    assert [each["error"] for each in log if each["event"] == "telegram_desk_crashed"] == ["ValueError"]
    await world.asks_for_a_person()
