"""Edits, pictures, the order and its cancellation, and buttons."""

from agents_makers import World

from bot.ports import Incoming, Words
from storage.desk_records import Role


async def test_an_agents_edit_reaches_the_customer_as_a_correction_once(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person(language="es")
    kim.writes(world.forum, topic, "It arrives on Mondag")
    await world.hears(customer, "Mondag")
    kim.edits("It arrives on Mondag")  # a link's preview, as Telegram tells of it
    kim.edits("It arrives on Monday")
    await world.hears(customer, "Corrección: It arrives on Monday")
    kim.edits("// It arrives on Monday")
    await world.shown("has reached the customer: an edit cannot make it private", topic=topic)
    await world.settled()
    assert sum("Monda" in text for text in world.texts(customer)) == 2


async def test_an_edited_note_stays_private_and_an_edited_command_does_nothing(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "// secret")
    kim.edits("secret without its bars")
    await world.shown("🔒 Private note, Kim: Correction: secret without its bars", topic=topic)
    kim.writes(world.forum, topic, "/order")
    await world.shown("The customer has named no order yet.", topic=topic)
    kim.edits("secret command")
    await world.shown("An edit of that message does nothing", topic=topic)
    assert not any("secret" in text for text in world.texts(customer))


async def test_what_looks_like_a_slip_of_a_command_is_not_sent(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.writes(world.forum, topic, "good morning")
    await world.hears(customer, "good morning")
    kim.edits("/note secret, by an edit")
    await world.shown("an edit cannot make it private", topic=topic)
    kim.edits("/resolve secret")
    await world.shown("“/resolve secret” is no command", topic=topic)
    kim.writes(world.forum, topic, "/ note secret, with a blank")
    await world.shown("“/ note secret, with ” is no command", topic=topic)
    assert not any("secret" in text for text in world.texts(customer))


async def test_a_customers_edit_is_shown_as_one(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    customer.say("order 1005")
    await world.shown("👤 Ann: order 1005", topic=topic)
    customer.edit("order 1006")
    await world.shown("👤 Ann (changed a message): order 1006", topic=topic)


async def test_a_customers_pictures_are_copied_into_the_topic(world: World) -> None:
    customer, topic = await world.asks_for_a_person()
    customer.photo(album="a")
    customer.photo(album="a")
    customer.voice()
    customer.sticker()
    await world.until(lambda: sum("copied" in message for message in topic.messages) == 4)
    copied = [message["copied"] for message in topic.messages if "copied" in message]
    assert copied == sorted(copied)
    calls = world.server.called("copyMessages")
    assert {(int(call.from_chat_id), call.message_thread_id) for call in calls} == {(customer.id, topic.id)}
    await world.settled()
    assert sum("copied" in message for message in topic.messages) == 4
    await world.shown("👤 Ann: [photo]", "[voice]", topic=topic)


async def test_an_agents_picture_reaches_a_customer_in_telegram_and_its_caption_as_text(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    kim.sends_photo(world.forum, topic, "This is the label")
    await world.hears(customer, "This is the label")
    (copy,) = world.server.forums.copies[customer.id]
    (call,) = world.server.called("copyMessage")
    assert (int(call.chat_id), int(call.from_chat_id)) == (customer.id, world.forum.id)
    assert call.caption == "\u2060"  # not once more with the picture
    assert copy["copied"] == call.message_id
    await world.shown("🔒 Private note, Kim: Sent the customer a photo", topic=topic)
    assert await world.holder(customer.key) == "Kim"


async def test_a_picture_for_the_web_chat_is_refused_kindly(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    key = await world.web_customer()
    topic = await world.shown("Wim")
    kim.sends_photo(world.forum, topic, "look")
    await world.shown("▸ Kim: The web chat shows words only: this photo was not sent.", topic=topic)
    assert "look" not in await world.transcript(key)
    assert world.server.called("copyMessage") == []


async def test_a_picture_by_who_does_not_have_the_chat_is_not_sent(world: World) -> None:
    kim, _ = await world.agent("Kim", 501)
    _, lee = await world.agent("Lee", 502)
    customer, topic = await world.asks_for_a_person()
    await world.house.desk.chats.claim(kim, customer.key)
    lee.sends_photo(world.forum, topic)
    await world.shown("▸ Lee: Kim has this chat.", topic=topic)
    assert world.server.called("copyMessage") == []


async def test_an_order_is_cancelled_after_the_second_yes_of_the_same_agent(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    _, lee = await world.agent("Lee", 502)
    customer, topic = await world.matched()
    assert "Order: 1005: paid" in topic.texts[0]
    assert "Verdict: " in topic.texts[0]
    kim.presses(world.forum, topic, "Cancel order")
    await world.shown("⚠️ Kim: cancel it?", topic=topic)
    lee.presses(world.forum, topic, "Yes, cancel order 1005")
    await world.until(lambda: any("Only the agent" in (c.text or "") for c in answers(world)))
    kim.presses(world.forum, topic, "Yes, cancel order 1005")
    await world.shown("➤ Kim confirmed: order 1005 is being cancelled.", topic=topic)
    await world.shown("its record shows it cancelled", topic=topic)
    assert await world.holder(customer.key) == "Kim"
    kim.presses(world.forum, topic, "Yes, cancel order 1005")
    await world.until(lambda: any("This question is over" in (c.text or "") for c in answers(world)))
    order = await world.house.backend.find("1005")
    assert order is not None
    assert order.stage.value == "cancelled"


def answers(world: World) -> list:  # type: ignore[type-arg]  # of the library's models
    return world.server.called("answerCallbackQuery")


async def test_a_no_cancels_nothing(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    _, topic = await world.matched()
    kim.writes(world.forum, topic, "/cancel")
    await world.shown("⚠️ Kim: cancel it?", topic=topic)
    kim.presses(world.forum, topic, "No")
    await world.shown("➤ Kim said no", topic=topic)
    order = await world.house.backend.find("1005")
    assert order is not None
    assert order.stage.value == "paid"


async def test_an_override_asks_for_a_reason_that_the_customer_never_sees(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    _, sam = await world.agent("Sam", 503, Role.SUPERVISOR)
    key = await world.web_customer(words="cancel order 1005")
    await world.house.reception.receive(Incoming(key, "2", Words("I want to talk to a person")))
    topic = await world.shown("Wim", "Order: 1005 (not read, or not matched)")
    kim.writes(world.forum, topic, "/cancel")
    await world.shown("A supervisor may do it.", topic=topic)
    sam.writes(world.forum, topic, "/cancel")
    await world.shown("⚠️ Sam: to cancel order 1005 would be an override", topic=topic)
    question = next(each for each in topic.messages if "to cancel order 1005 would" in str(each["text"]))
    refusal = next(each for each in topic.messages if "A supervisor may do it." in str(each["text"]))
    sam.answers(world.forum, topic, refusal, "goodwill, said to the wrong message")
    await world.shown("Sam: You answered a message of mine, not the customer.", topic=topic)
    sam.answers(world.forum, topic, question, "ok")
    await world.shown("An override needs a reason of 3 to 500 characters.", topic=topic)
    sam.answers(world.forum, topic, question, "goodwill, agreed by phone")
    await world.shown("AGAINST THE POLICY", topic=topic)
    assert not any("goodwill" in text for text in await world.transcript(key))
    sam.presses(world.forum, topic, "Yes, cancel order 1005")
    await world.shown("➤ Sam confirmed", topic=topic)
    trail = await world.house.store.desk.trail(key)
    (override,) = [entry for entry in trail if entry.act == "override"]
    assert override.details["reason"] == "goodwill, agreed by phone"


async def test_a_button_of_an_earlier_case_does_nothing(world: World) -> None:
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    old = topic.messages[0]
    kim.writes(world.forum, topic, "/resolve")
    await world.until(lambda: topic.closed)
    customer.say("/cancel")
    await world.hears(customer, "order number")
    customer.say("/human")
    await world.until(lambda: not topic.closed)
    await world.settled()
    assert topic.messages[-1]["message_id"] == topic.pinned[-1]
    assert topic.name.partition(" ")[0] in str(topic.messages[-1]["text"])
    assert topic.name.partition(" ")[0] not in str(old["text"])
    newest, topic.messages = topic.messages, [old]
    kim.presses(world.forum, topic, "Resolve")
    topic.messages = newest
    await world.until(lambda: any("earlier case" in (c.text or "") for c in answers(world)))
    assert not topic.closed
