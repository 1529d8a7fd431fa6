"""A topic and the console are two doors of one desk; each shows what happens at the other."""

import asyncio
from pathlib import Path

import pytest
from agents_makers import GROUP, OTHER, Standby, World, product

from bot.desk_telegram.groups import Group
from storage.topic_store import TopicStore
from tests.telegram_server import TelegramServer


async def test_a_claim_in_the_console_shows_in_the_topic_and_holds_there(world: World) -> None:
    kim, _ = await world.agent("Kim", 501)
    _, lee = await world.agent("Lee", 502)
    customer, topic = await world.asks_for_a_person()
    await world.house.desk.chats.claim(kim, customer.key)
    told = "➤ Kim has this chat."
    await world.until(lambda: any(told in text for text in topic.texts[1:]))
    await world.until(lambda: told in topic.texts[0])  # in the summary, too
    lee.writes(world.forum, topic, "It was me, Lee")
    await world.shown("▸ Lee: Kim has this chat. Nothing was done.", topic=topic)
    assert "It was me, Lee" not in await world.transcript(customer.key)
    await world.house.desk.chats.reply(kim, customer.key, "Kim, from the console")
    await world.shown("🎧 Kim: Kim, from the console", topic=topic)


async def test_what_is_done_in_the_topic_shows_in_the_console(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    console = world.house.desk.feed.watch_all()
    kim.writes(world.forum, topic, "/claim")
    async with asyncio.timeout(5):
        while await world.holder(customer.key) != "Kim":
            assert any(change.key == customer.key for change in await anext(console))
    kim.writes(world.forum, topic, "/release")
    await world.shown("Kim had to leave", topic=topic)
    assert await world.holder(customer.key) is None
    await console.aclose()
    acts = [entry.act for entry in await world.house.store.desk.trail(customer.key)]
    assert acts == ["claim", "put back"]


async def test_a_topic_closes_with_its_case_and_opens_with_it_again(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "All is well now")
    kim.writes(world.forum, topic, "/resolve")
    await world.until(lambda: topic.closed)
    assert "➤ Settled by Kim." in topic.whole
    await world.hears(customer, "This request is closed")
    await world.settled()
    count = len(topic.messages)
    customer.say("hmm, the lid is cracked though")
    await world.until(lambda: not topic.closed and len(topic.messages) > count)
    assert list(world.forum.topics.values()) == [topic]  # no second one
    again = str(topic.messages[count]["text"])
    assert "wrote again about a case that was settled" in again
    await world.until(lambda: topic.pinned[-1:] == [topic.messages[count]["message_id"]])


async def test_the_bot_gets_the_chat_back_and_may_go_on(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer = world.server.customer(8)
    customer.say("cancel order 1005")
    await world.hears(customer, "e-mail address")
    _, topic = await world.asks_for_a_person(8)
    kim.writes(world.forum, topic, "/resume")
    await world.hears(customer, "The assistant is back with you")
    await world.until(lambda: topic.closed)
    kim.writes(world.forum, topic, "/resume")
    await world.shown("▸ Kim: The bot has this chat already. Nothing was done.", topic=topic)


async def test_a_deleted_topic_is_made_again_with_its_summary(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "// remember the invoice")
    await world.settled()
    world.forum.delete(topic)
    customer.say("are you there?")
    again = await world.shown("Case: ", "customer: are you there?", "remember the invoice")
    assert again.id != topic.id
    await world.until(lambda: again.pinned)
    kim.writes(world.forum, again, "Yes, I am")
    await world.hears(customer, "Yes, I am")


async def test_a_deleted_summary_is_sent_again(world: World) -> None:
    kim, _ = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    topic.messages.clear()
    await world.house.desk.chats.claim(kim, customer.key)
    await world.shown("Case: ", "➤ Kim has this chat.", topic=topic)
    await world.until(lambda: len(topic.pinned) == 2)


async def test_a_topic_that_somebody_closed_is_opened_when_something_happens(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    await world.settled()
    topic.closed = world.forum.strict = True
    customer.say("hello?")
    await world.until(lambda: not topic.closed)
    await world.shown("customer: hello?", topic=topic)


async def test_customers_of_the_web_chat_have_topics_too(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    key = await world.web_customer()
    topic = await world.shown("Wim", "asked for a person")
    kim.writes(world.forum, topic, "Hello on the web")
    await world.until(lambda: "➤ Kim has this chat." in topic.whole)
    assert "Hello on the web" in await world.transcript(key)


async def test_of_two_groups_each_has_its_channels_customers(tmp_path: Path, server: TelegramServer) -> None:
    webs = server.forums.add(OTHER)
    groups = (Group(GROUP, "telegram"), Group(OTHER, "web"))
    async with product(tmp_path, server, groups=groups) as world:
        _, topic = await world.asks_for_a_person()
        await world.web_customer()
        other = await world.shown("Wim", forum=webs)
        assert world.forum.only is topic
        assert webs.only is other


async def test_two_groups_share_the_customers_of_one_channel(tmp_path: Path, server: TelegramServer) -> None:
    second = server.forums.add(OTHER)
    async with product(tmp_path, server, groups=(Group(GROUP), Group(OTHER))) as world:
        for number in range(4):
            await world.web_customer(f"web:{number}")
        await world.until(lambda: len(world.forum.topics) + len(second.topics) == 4)
        assert len(world.forum.topics) == len(second.topics) == 2


async def test_a_restart_goes_on_where_it_was_and_doubles_nothing(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server) as world:
        _, kim = await world.agent("Kim", 501)
        customer, topic = await world.asks_for_a_person()
        kim.writes(world.forum, topic, "first")
        await world.hears(customer, "first")
        await world.settled()
        before = list(topic.texts)
        calls = len(world.forum.calls)
    async with product(tmp_path, server) as world:
        await world.settled()
        assert topic.texts == before
        assert len(world.forum.calls) == calls
        customer.say("second")
        await world.shown("👤 Ann: second", topic=topic)
        kim.writes(world.forum, topic, "third")
        await world.hears(customer, "third")
        assert list(world.forum.topics.values()) == [topic]


async def test_what_happened_while_nothing_ran_is_shown_after_the_start(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server) as world:
        customer, topic = await world.asks_for_a_person()
        await world.settled()
        await world.topics.stop()
        customer.say("anybody?")
        await world.hears(customer, "Noted.")
        assert "anybody?" not in topic.whole
    async with product(tmp_path, server) as world:
        await world.shown("👤 Ann: anybody?", topic=topic)
        await world.settled()
        assert topic.whole.count("anybody?") == 1


async def test_cut_off_between_sending_and_noting_only_that_message_stands_there_twice(
    tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with product(tmp_path, server) as world:
        customer, topic = await world.asks_for_a_person()
        customer.say("told and noted")
        await world.shown("👤 Ann: told and noted", topic=topic)
        await world.settled()
        cut = asyncio.Event()

        async def never(_: object, __: object, **_more: object) -> None:
            cut.set()
            await asyncio.Event().wait()

        with monkeypatch.context() as patched:
            patched.setattr(TopicStore, "shown", never)
            customer.say("told and not noted")
            await cut.wait()
            await world.topics.stop()
    async with product(tmp_path, server) as world:
        await world.until(lambda: topic.whole.count("told and not noted") == 2)
        await world.settled()
        customer.say("afterwards")
        await world.shown("afterwards", topic=topic)
        lines = [line for line in topic.whole.splitlines() if line.startswith("👤")]
        assert lines == [
            "👤 Ann: told and noted",
            "👤 Ann: told and not noted",
            "👤 Ann: told and not noted",
            "👤 Ann: afterwards",
        ]


async def test_an_agents_update_that_comes_again_is_said_and_noted_once(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    for text in ("said once", "// noted once"):
        update = kim.writes(world.forum, topic, text)
        posted = next(each for each in world.server.updates if each["update_id"] == update)
        await world.settled()
        world.server.happen("message", posted["message"], update_id=update + 50)  # type: ignore[arg-type]
    customer.say("and?")
    await world.shown("👤 Ann: and?", topic=topic)
    assert (await world.transcript(customer.key)).count("said once") == 1
    assert [note.text for note in await world.house.store.desk.notes(customer.key)] == ["noted once"]
    assert world.texts(customer).count("said once") == 1


async def test_what_a_process_that_does_not_lead_has_to_answer_is_told_by_the_one_that_does(
    tmp_path: Path, server: TelegramServer
) -> None:
    async with product(tmp_path, server) as world:
        _, kim = await world.agent("Kim", 501)
        customer, topic = await world.asks_for_a_person()
        await world.settled()
    async with product(tmp_path, server, leases=Standby()) as world:
        kim.writes(world.forum, topic, "/nonsense")
        kim.writes(world.forum, topic, "from the second process")
        await world.hears(customer, "from the second process")
        await world.settled()
        assert "➤ Kim has this chat." not in topic.whole  # one process alone keeps the group's pace
        assert "no command here" not in topic.whole
    async with product(tmp_path, server) as world:
        await world.shown("➤ Kim has this chat.", "/nonsense is no command here", topic=topic)
        assert topic.whole.count("from the second process") == 1
