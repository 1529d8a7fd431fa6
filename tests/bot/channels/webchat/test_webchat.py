"""What docs/web-chat.md promises about the WebSocket while all is well."""

import pytest
from webchat_client import Start, connect, new_token
from webchat_fakes import House

from bot.ports import Channel, Language, Open, Press


async def test_the_web_chat_is_a_channel_whose_clients_fetch(start: Start) -> None:
    _, chat = await start()
    channel: Channel = chat
    assert (channel.name, channel.fetches) == ("web", True)
    await channel.check()


async def test_a_channel_that_is_not_started_says_so(start: Start) -> None:
    _, chat = await start()
    await chat.stop()
    with pytest.raises(RuntimeError, match="not started"):
        await chat.check()


async def test_a_message_is_accepted_shown_with_its_id_and_answered(start: Start) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    assert await talk.next() == {"type": "ready", "last": 0}
    await talk.send(type="message", id="m-1", text="where is 1042?")
    frames = [await talk.next() for _ in range(3)]
    accepted = [frame for frame in frames if frame["type"] == "accepted"]
    own, reply = (frame for frame in frames if frame["type"] == "message")
    assert accepted == [{"type": "accepted", "id": "m-1", "duplicate": False}]
    assert (own["seq"], own["author"], own["id"], own["text"]) == (1, "customer", "m-1", "where is 1042?")
    assert (reply["seq"], reply["author"], reply["text"]) == (2, "bot", "You said: where is 1042?")
    assert reply["at"] == "2026-11-23T09:30:02Z"


async def test_choices_come_with_the_message_and_a_press_brings_its_value_back(
    start: Start, house: House
) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="open", id="open")
    greeting = await talk.next("message")
    assert greeting["choices"] == [
        {"label": "Cancel an order", "value": "topic:cancel"},
        {"label": "Where is my order?", "value": "topic:status"},
    ]
    await talk.send(type="press", id="p-1", value="topic:cancel", label="Cancel an order")
    own = await talk.next("message")
    assert (own["text"], own["id"]) == ("Cancel an order", "p-1")
    assert [update.what for update in house.seen.values()] == [
        Open(None),
        Press("topic:cancel", "Cancel an order"),
    ]


async def test_every_update_carries_the_chat_the_locale_and_the_address(start: Start, house: House) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client), locale="es-MX")
    await talk.send(type="open", id="o", number=" 1042 ")
    await talk.send(type="language", id="l", locale="es")
    await talk.next("message")
    await talk.next("message")
    opened, chosen = house.seen.values()
    assert (opened.what, chosen.what) == (Open("1042"), Language("es"))
    assert opened.key.startswith("web:")
    assert opened.key == chosen.key
    assert (opened.locale, opened.address) == ("es-MX", "127.0.0.1")


@pytest.mark.parametrize("locale", ["C", "en_US.UTF-8", "x" * 64, "\0"])
async def test_an_odd_locale_of_a_browser_is_passed_over(start: Start, house: House, locale: str) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client), locale=locale)
    await talk.send(type="open", id="o")
    await talk.next("message")
    assert [update.locale for update in house.seen.values()] == [None]


async def test_a_frame_sent_again_is_accepted_as_duplicate_and_nothing_is_doubled(
    start: Start, house: House
) -> None:
    client, _ = await start()
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.send(type="message", id="same", text="hi")
    assert await talk.texts(2) == ["hi", "You said: hi"]
    again = await connect(client, token, after=2)
    await again.send(type="message", id="same", text="hi")
    assert await again.next("accepted") == {"type": "accepted", "id": "same", "duplicate": True}
    await again.send(type="ping")
    assert await again.next() == {"type": "pong"}
    assert [len(entries) for entries in house.entries.values()] == [2]


async def test_who_comes_back_gets_what_was_missed_and_nothing_else(start: Start, house: House) -> None:
    client, _ = await start()
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.send(type="message", id="1", text="one")
    await talk.texts(2)
    await talk.ws.close()
    (key,) = house.entries
    house.person_says(key, "I am looking into it.")
    back = await connect(client, token, after=2)
    assert await back.next() == {"type": "ready", "last": 3}
    missed = await back.next()
    assert (missed["seq"], missed["author"], missed["agent"]) == (3, "agent", "Maria")


async def test_a_reload_gets_a_long_chat_whole_and_in_order(start: Start, house: House) -> None:
    client, _ = await start(send_buffer=16 * 1024)
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.send(type="open", id="o")
    await talk.next("message")
    (key,) = house.entries
    for n in range(700):
        house.person_says(key, f"{n} " + "x" * 500)
    again = await connect(client, token)
    assert await again.next() == {"type": "ready", "last": 701}
    assert [(await again.next())["seq"] for _ in range(701)] == list(range(1, 702))


async def test_a_client_that_knows_more_than_the_transcript_begins_anew(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.send(type="message", id="1", text="one")
    await talk.texts(2)
    ahead = await connect(client, token, after=99)
    assert await ahead.next() == {"type": "ready", "last": 2}
    assert [(await ahead.next())["seq"] for _ in range(2)] == [1, 2]


async def test_a_gap_is_fetched(start: Start) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="message", id="1", text="one")
    await talk.texts(2)
    await talk.send(type="fetch", after=1)
    assert (await talk.next("message"))["seq"] == 2
    await talk.send(type="fetch", after=0)
    assert await talk.texts(2) == ["one", "You said: one"]


async def test_a_notice_that_skips_messages_is_filled_from_the_transcript(start: Start, house: House) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="open", id="o")
    await talk.next("message")
    (key,) = house.entries
    house.deaf = True
    house.person_says(key, "lost notice")
    house.deaf = False
    house.person_says(key, "heard notice")
    assert await talk.texts(2) == ["lost notice", "heard notice"]


async def test_a_lost_notice_is_made_good_at_the_next_ping(start: Start, house: House) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="open", id="o")
    await talk.next("message")
    house.deaf = True
    house.person_says(next(iter(house.entries)), "lost notice")
    await talk.send(type="ping")
    assert await talk.texts(1) == ["lost notice"]


async def test_every_tab_of_a_chat_sees_what_is_said_in_one_and_only_that_chat(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    one, two = await connect(client, token), await connect(client, token)
    stranger = await connect(client, await new_token(client))
    for talk in (one, two, stranger):
        await talk.next("ready")
    await one.send(type="message", id="1", text="hi")
    assert await one.texts(2) == await two.texts(2) == ["hi", "You said: hi"]
    await stranger.send(type="ping")
    assert await stranger.next() == {"type": "pong"}


async def test_the_typing_sign_is_passed_on(start: Start, house: House) -> None:
    client, chat = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="open", id="o")
    await talk.next("message")
    await chat.typing(next(iter(house.entries)))
    assert await talk.next() == {"type": "typing"}


async def test_a_message_delivered_to_the_channel_reaches_watchers_once(start: Start, house: House) -> None:
    client, chat = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="open", id="o")
    await talk.next("message")
    (key,) = house.entries
    entry = house.person_says(key, "once")
    await chat.deliver(key, entry)
    await talk.send(type="ping")
    assert [(await talk.next())["type"] for _ in range(2)] == ["message", "pong"]
