"""A conversation that waits for a person has a topic, and what an agent writes there reaches the customer."""

from agents_makers import World


async def test_a_handover_makes_a_topic_with_its_summary_pinned(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    await world.until(lambda: topic.pinned)
    reference = next(text for text in world.texts(customer) if "Your reference" in text)
    assert topic.name.partition(" · ")[0] in reference
    assert topic.name.endswith("asked for a person")
    first = topic.messages[0]
    assert topic.pinned == [first["message_id"]]
    for fact in ("Case: ", "Order: none named", "Reason: asked for a person", "Nobody has this chat yet"):
        assert fact in str(first["text"])
    assert "│ customer: /human" not in str(first["text"])  # a command in it could be pressed by an agent
    await world.settled()
    assert len(topic.messages) == 1  # what the summary tells is not told again


async def test_an_agents_message_in_the_topic_reaches_the_customer_and_claims_the_chat(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "Hello, <b>Kim</b> here & _glad_ to help")
    await world.hears(customer, "Hello, <b>Kim</b> here & _glad_ to help")
    assert await world.holder(customer.key) == "Kim"
    await world.shown("➤ Kim has this chat.", topic=topic)
    await world.settled()
    assert sum("glad" in text for text in topic.texts) == 1  # Kim's own message is not repeated
    customer.say("thank you, what about order 1005?")
    await world.shown("👤 Ann: thank you, what about order 1005?", topic=topic)


async def test_private_notes_never_reach_the_customer(world: World) -> None:
    agent, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "// careful, secret-one")
    kim.writes(world.forum, topic, "/note secret-two")
    kim.writes(world.forum, topic, "/note@RescindTestBot secret-three")
    await world.house.desk.chats.note(agent, customer.key, "secret-four, of the console")
    await world.shown("🔒 Private note, Kim: secret-four", topic=topic)
    kim.writes(world.forum, topic, "now aloud")
    await world.hears(customer, "now aloud")
    notes = [note.text for note in await world.house.store.desk.notes(customer.key)]
    mine = {"careful, secret-one", "secret-two", "secret-three", "secret-four, of the console"}
    assert {text for text in notes if "secret" in text} == mine
    assert not any("secret" in text for text in world.texts(customer))
    assert not any("secret" in text for text in await world.transcript(customer.key))
    await world.settled()
    assert topic.whole.count("secret-one") == 1
