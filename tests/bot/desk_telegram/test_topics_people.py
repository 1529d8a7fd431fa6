"""Who may act in a group, and whose words can be taken for whose."""

import pytest
from agents_makers import World

from bot.desk.errors import BadInput
from bot.desk.links import Links
from bot.desk.service import operator
from storage.desk_records import Role


async def test_an_unlinked_member_is_told_once_and_nothing_of_theirs_is_done(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    mallory = world.server.member(666, "Mallory")
    mallory.writes(world.forum, topic, "I am an agent")
    await world.shown("▸ Mallory: you are not linked", topic=topic)
    for text in ("I am an agent, too", "// note", "/resolve", "/cancel", "@all"):
        mallory.writes(world.forum, topic, text)
    mallory.presses(world.forum, topic, "Claim")
    await world.until(lambda: len(world.server.called("answerCallbackQuery")) == 1)
    await world.settled()
    assert topic.whole.count("not linked") == 1
    (answer,) = world.server.called("answerCallbackQuery")
    assert "You are not linked" in answer.text
    assert len(await world.transcript(customer.key)) == 2  # their wish and the bot's answer
    assert await world.holder(customer.key) is None
    assert await world.house.store.desk.trail(customer.key) == ()
    assert await world.house.store.desk.notes(customer.key) == ()


async def test_a_code_links_once_and_only_one_person(world: World) -> None:
    agent, kim = await world.agent("Kim", 501)
    links = Links(world.house.desk.chats.ground)
    code = await links.code(world.boss, agent)
    thief = world.server.member(666, "Mallory")
    thief.in_private("/link " + code[:-1])
    await world.until(lambda: world.private(666))
    assert "This code does not work" in world.private(666)[0]
    second = world.server.member(502, "Kim's new phone")
    second.in_private(f"/link {code}")
    await world.until(lambda: world.private(502))
    thief.in_private(f"/link {code}")
    await world.until(lambda: len(world.private(666)) == 2)
    assert "This code does not work" in world.private(666)[1]
    assert await links.who(666) is None
    assert await links.who(501) is None  # one agent is one person
    found = await links.who(502)
    assert found is not None
    assert found.id == agent.id
    second.in_private("/unlink")
    await world.until(lambda: len(world.private(502)) == 2)
    assert await links.who(502) is None
    acts = [entry.act for entry in await world.house.store.desk.trail(f"account:{agent.id}")]
    assert acts == ["add", "link code", "linked", "link code", "linked", "unlinked"]
    _, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "still me?")
    await world.shown("▸ Kim: you are not linked", topic=topic)


async def test_an_agent_makes_codes_for_nobody(world: World) -> None:
    kim, _ = await world.agent("Kim", 501)
    lee, _ = await world.agent("Lee", 502)
    links = Links(world.house.desk.chats.ground)
    with pytest.raises(Exception, match="may not do this"):
        await links.code(kim, lee)
    with pytest.raises(Exception, match="may not do this"):
        await links.unlink(kim, lee)
    await world.house.desk.accounts.disable(world.boss, lee.id)
    disabled = await world.house.store.accounts.find(lee.id)
    assert disabled is not None
    with pytest.raises(BadInput, match="is disabled"):
        await links.code(operator("root", world.house.desk.chats.ground.clock()), disabled)


async def test_a_disabled_agent_may_nothing_at_once(world: World) -> None:
    agent, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    await world.house.desk.accounts.disable(world.boss, agent.id)
    kim.writes(world.forum, topic, "let me in")
    await world.shown("▸ Kim: Kim may not do this", topic=topic)
    assert "let me in" not in await world.transcript(customer.key)


async def test_who_writes_as_the_group_is_nobody_and_cannot_be_linked(world: World) -> None:
    agent, _ = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    code = await Links(world.house.desk.chats.ground).code(world.boss, agent)
    ghost = world.server.member(1087968824, "Group")
    ghost.person["is_bot"] = True
    as_group = {"sender_chat": {"id": world.forum.id, "type": "supergroup", "title": "Agents"}}
    ghost.writes(world.forum, topic, f"/link {code}", **as_group)
    await world.shown("Somebody writes as the group itself", topic=topic)
    ghost.writes(world.forum, topic, "hello from nobody", **as_group)
    await world.settled()
    assert "hello from nobody" not in await world.transcript(customer.key)
    assert await Links(world.house.desk.chats.ground).who(1087968824) is None


async def test_a_customer_cannot_write_as_the_bot_or_give_agents_something_to_press(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    evil = "<b>X</b>\n🤖 Bot: trust me\u202e"
    customer, topic = await world.asks_for_a_person(first_name=evil)
    kim.writes(world.forum, topic, "/claim")
    await world.shown("➤ Kim has this chat.", topic=topic)
    customer.say(
        "/resolve @kim\n🤖 Bot: the order is cancelled\n➤ Kim has this chat.\nann@shop.test https://a.test/b"
    )
    await world.shown("https://a.test/b", "ann@shop.test", topic=topic)
    await world.settled()
    lines = topic.whole.splitlines()
    assert not any(line.startswith(("🤖 Bot: trust", "🤖 Bot: the order", "/resolve")) for line in lines)
    assert "│ 🤖 Bot: the order is cancelled" in lines
    assert lines.count("➤ Kim has this chat.") == 2  # the summary's and ours
    said = next(line for line in lines if line.startswith("👤"))
    assert said == "👤 <b>X</\u2060b> 🤖 Bot: trust me: /\u2060resolve @\u2060kim"
    assert "\u202e" not in topic.whole
    for call in world.server.called("sendMessage"):
        assert call.entities is None
        assert not isinstance(call.parse_mode, str)


async def test_agents_have_the_rights_of_the_desk(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    _, lee = await world.agent("Lee", 502)
    _, sam = await world.agent("Sam", 503, Role.SUPERVISOR)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "/claim")
    await world.shown("➤ Kim has this chat.", topic=topic)
    lee.writes(world.forum, topic, "/release")
    await world.shown("▸ Lee: Kim has this chat.", topic=topic)
    assert await world.holder(customer.key) == "Kim"
    sam.writes(world.forum, topic, "/release")
    await world.shown("Kim had to leave", topic=topic)


async def test_what_agents_say_beside_the_topics_is_their_own_affair(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, None, "lunch?")
    kim.writes(world.forum, None, "/resolve")
    kim.writes(world.forum, topic, "/resolve@AnotherBot")
    kim.writes(world.forum, topic, "/hello")
    kim.writes(world.forum, None, "/help")
    await world.until(lambda: world.forum.beside)
    assert world.forum.beside[0].startswith("▸ What you write here goes to the customer.")
    await world.shown("/hello is no command here", topic=topic)
    assert len(await world.transcript(customer.key)) == 2
