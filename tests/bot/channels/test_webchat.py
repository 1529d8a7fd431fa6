"""What docs/web-chat.md promises about the WebSocket."""

import asyncio
import json
import socket
import time
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import ClientWebSocketResponse, WSServerHandshakeError, web
from aiohttp.test_utils import TestClient, TestServer
from hypothesis import given
from hypothesis import strategies as st
from webchat_fakes import House

from bot.channels.webchat import WebChat
from bot.channels.webchat_frames import MAX_TEXT, refusal
from bot.channels.webchat_settings import WebChatSettings
from bot.ports import Channel, Language, Notice, Open, Overloaded, Press, Wordless, Words
from dialogs.events import Unreadable

Client = TestClient[web.Request, web.Application]
Start = Callable[..., Awaitable[tuple[Client, WebChat]]]


@pytest.fixture
def house() -> House:
    return House()


@pytest.fixture
async def start(house: House) -> AsyncIterator[Start]:
    clients = []

    async def begin(**settings: object) -> tuple[Client, WebChat]:
        chat = WebChat(
            secret=b"a secret of the tests",
            transcript=house,
            feed=house,
            settings=WebChatSettings.model_validate(
                {"frames_per_second": 1000, "frames_burst": 1000} | settings
            ),
        )
        app = web.Application()
        app.add_routes(chat.routes())
        await chat.start(house)
        client = TestClient(TestServer(app))
        await client.start_server()
        clients.append((client, chat))
        return client, chat

    yield begin
    for client, chat in clients:
        await chat.stop()
        await client.close()


async def new_token(client: Client) -> str:
    response = await client.post("/chat/session")
    assert response.status == 200
    return str((await response.json())["token"])


class Talk:
    """A client of the protocol, as small as one can be."""

    def __init__(self, ws: ClientWebSocketResponse) -> None:
        self.ws = ws

    async def send(self, **frame: object) -> None:
        await self.ws.send_str(json.dumps(frame))

    async def next(self, kind: str | None = None) -> dict[str, object]:
        """The next frame, or the next of one type."""
        while True:
            async with asyncio.timeout(5):
                frame: dict[str, object] = json.loads(await self.ws.receive_str())
            if kind is None or frame["type"] == kind:
                return frame

    async def texts(self, count: int) -> list[object]:
        return [(await self.next("message"))["text"] for _ in range(count)]

    async def closed(self) -> int | None:
        async with asyncio.timeout(5):
            while not self.ws.closed:
                await self.ws.receive()
        return self.ws.close_code


async def connect(client: Client, token: str, after: int = 0, **hello: object) -> Talk:
    talk = Talk(await client.ws_connect("/chat/ws"))
    await talk.send(type="hello", token=token, after=after, **hello)
    return talk


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


# ---- what is wrong


async def test_a_forged_token_is_refused(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    talk = await connect(client, token[:-2] + ("AA" if token[-2:] != "AA" else "BB"))
    assert (await talk.next())["code"] == "bad_token"
    assert await talk.closed() == 1008


async def test_an_expired_token_is_refused(start: Start, monkeypatch: pytest.MonkeyPatch) -> None:
    client, _ = await start(session_days=1)
    token = await new_token(client)
    now = time.time()
    monkeypatch.setattr("itsdangerous.timed.time.time", lambda: now + 2 * 86400)
    talk = await connect(client, token)
    assert (await talk.next())["code"] == "bad_token"


@pytest.mark.parametrize("first", ['{"type":"ping"}', "no json", '{"type":"hello"}', "[]"])
async def test_what_does_not_say_hello_first_is_told_and_closed(start: Start, first: str) -> None:
    client, _ = await start()
    talk = Talk(await client.ws_connect("/chat/ws"))
    await talk.ws.send_str(first)
    assert (await talk.next())["code"] == "hello_expected"
    assert await talk.closed() == 1008


async def test_who_says_nothing_is_closed_after_a_while(start: Start) -> None:
    client, _ = await start(hello_seconds=0.05)
    talk = Talk(await client.ws_connect("/chat/ws"))
    assert (await talk.next())["code"] == "hello_expected"
    assert await talk.closed() == 1008


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("{", "bad_frame"),
        ("null", "bad_frame"),
        ('{"type":"message","id":"x"}', "bad_frame"),
        ('{"type":"message","id":"x\\n","text":"hi"}', "bad_frame"),
        ('{"type":"message","id":"x","text":"\\ud800"}', "bad_frame"),
        ('{"type":"press","id":"x","value":""}', "bad_frame"),
        ('{"type":"fetch","after":-1}', "bad_frame"),
        ('{"type":"hello","token":"again"}', "bad_frame"),
        ('{"type":"dance","id":"x"}', "unknown_type"),
        ("{}", "unknown_type"),
    ],
)
async def test_a_bad_frame_is_told_and_the_connection_stays(
    start: Start, house: House, frame: str, code: str
) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.next("ready")
    await talk.ws.send_str(frame)
    assert (await talk.next())["code"] == code
    await talk.ws.send_bytes(b"\xff")
    assert (await talk.next())["code"] == "bad_frame"
    await talk.send(type="message", id="good", text="still here")
    assert await talk.texts(2) == ["still here", "You said: still here"]
    assert len(house.seen) == 1


async def test_a_bad_frame_with_an_id_is_answered_with_that_id(start: Start) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="message", id="m-7")
    assert (await talk.next("error"))["id"] == "m-7"


@given(st.binary(max_size=200))
def test_whatever_bytes_come_the_refusal_has_a_code(data: bytes) -> None:
    code, _ = refusal(data)
    assert code in {"bad_frame", "unknown_type"}


async def test_an_oversized_frame_closes_the_connection_with_1009(start: Start) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="message", id="m", text="x" * 70_000)
    assert await talk.closed() == 1009


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("", Wordless(Unreadable.EMPTY)),
        (" \n\0", Wordless(Unreadable.EMPTY)),
        ("x" * (MAX_TEXT + 1), Wordless(Unreadable.TOO_LONG)),
        ("\U0001f600" * MAX_TEXT, Words("\U0001f600" * MAX_TEXT)),
        ("a\0b", Words("ab")),
    ],
)
async def test_empty_and_far_too_long_texts_are_told_to_the_bot(
    start: Start, house: House, text: str, what: object
) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.send(type="message", id="m", text=text)
    await talk.texts(2)
    assert [update.what for update in house.seen.values()] == [what]


async def test_markup_in_a_text_comes_back_as_it_went(start: Start) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    text = '<img src=x onerror="alert(1)">\u2028&amp;'
    await talk.send(type="message", id="m", text=text)
    assert (await talk.next("message"))["text"] == text


async def test_a_flood_is_slowed_and_what_is_sent_later_is_taken(start: Start, house: House) -> None:
    client, _ = await start(frames_per_second=20, frames_burst=3)
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.next("ready")
    for n in range(4):
        await talk.send(type="message", id=f"m{n}", text=str(n))
    slow = await talk.next("error")
    assert (slow["code"], slow["id"]) == ("slow_down", "m3")
    retry_after = slow["retry_after"]
    assert isinstance(retry_after, float)
    assert 0 < retry_after <= 0.06
    other_tab = await connect(client, token)
    await other_tab.send(type="ping")
    assert (await other_tab.next("error"))["code"] == "slow_down"
    await asyncio.sleep(0.15)
    await talk.send(type="message", id="m3", text="3")
    assert (await talk.next("accepted"))["id"] == "m3"
    assert len(house.seen) == 4


async def test_a_client_that_never_slows_down_is_closed(start: Start) -> None:
    client, _ = await start(frames_per_second=0.01, frames_burst=1)
    talk = await connect(client, await new_token(client))
    for _ in range(60):
        await talk.ws.send_str('{"type":"ping"}')
    assert await talk.closed() == 1008


@pytest.mark.parametrize(
    ("failure", "code"), [(Overloaded(), "overloaded"), (ValueError("ann@shop.test"), "unavailable")]
)
async def test_what_could_not_be_taken_in_is_asked_for_again(
    start: Start, house: House, failure: Exception, code: str, capsys: pytest.CaptureFixture[str]
) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    house.failure = failure
    await talk.send(type="message", id="m", text="hi")
    told = await talk.next("error")
    assert (told["code"], told["id"]) == (code, "m")
    assert told["retry_after"]
    assert "ann@shop.test" not in json.dumps(told) + "".join(capsys.readouterr())
    house.failure = None
    await talk.send(type="message", id="m", text="hi")
    assert await talk.texts(2) == ["hi", "You said: hi"]


async def test_a_client_that_does_not_read_is_cut_off_and_its_watch_ends(start: Start, house: House) -> None:
    client, _ = await start(send_buffer=16 * 1024)
    token = await new_token(client)
    url = client.make_url("/chat/ws")
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    small.setblocking(False)  # noqa: FBT003 - the standard library's own signature
    await asyncio.get_running_loop().sock_connect(small, (url.host, url.port))
    reader, writer = await asyncio.open_connection(sock=small, limit=1024)
    writer.write(_handshake(str(url.host)) + _masked(json.dumps({"type": "hello", "token": token})))
    await reader.readuntil(b'"ready"')
    writer.transport.pause_reading()  # type: ignore[attr-defined]
    (key,) = [key for key, watchers in house.watchers.items() if watchers]
    async with asyncio.timeout(20):
        while house.watchers[key]:
            house.person_says(key, "x" * 50_000)
            await asyncio.sleep(0)
    writer.transport.abort()
    back = await connect(client, token, after=len(house.entries[key]) - 1)
    assert (await back.next("message"))["seq"] == len(house.entries[key])


def _handshake(host: str) -> bytes:
    key = "dGhlIHNhbXBsZSBub25jZQ=="
    return (
        f"GET /chat/ws HTTP/1.1\r\nHost: {host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n\r\n"
    ).encode()


def _masked(text: str) -> bytes:
    """A text frame under a mask of zeros."""
    data = text.encode()
    return b"\x81" + bytes([0x80 | 126]) + len(data).to_bytes(2) + bytes(4) + data


# ---- where it comes from, and when it ends


@pytest.mark.parametrize(
    "origin", ["https://evil.test", "null", "https://shop.test.evil.test", "ftp://{host}"]
)
async def test_a_foreign_page_cannot_open_the_socket(start: Start, origin: str) -> None:
    client, _ = await start(allowed_origins=("https://shop.test",))
    origin = origin.format(host=client.make_url("/").authority)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/chat/ws", headers={"Origin": origin})
    assert refused.value.status == 403


@pytest.mark.parametrize(
    "origin", ["https://shop.test", "HTTPS://SHOP.TEST", "http://{host}", "https://{host}"]
)
async def test_an_allowed_page_and_the_own_page_can(start: Start, origin: str) -> None:
    client, _ = await start(allowed_origins=("https://shop.test/",))
    origin = origin.format(host=client.make_url("/").authority)
    token = await new_token(client)
    talk = Talk(await client.ws_connect("/chat/ws", headers={"Origin": origin}))
    await talk.send(type="hello", token=token)
    assert await talk.next() == {"type": "ready", "last": 0}


async def test_when_the_server_stops_clients_are_sent_away_with_1001(start: Start) -> None:
    client, chat = await start()
    talk = await connect(client, await new_token(client))
    await talk.next("ready")
    stopping = asyncio.create_task(chat.stop())
    assert await talk.closed() == 1001
    await stopping
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/chat/ws")
    assert refused.value.status == 503


async def test_what_was_taken_in_is_finished_before_the_server_stops(start: Start, house: House) -> None:
    client, chat = await start()
    house.delay = 0.2
    talk = await connect(client, await new_token(client))
    await talk.send(type="message", id="m", text="last words")
    assert (await talk.next("typing"))["type"] == "typing"
    await asyncio.gather(chat.stop(), talk.closed())
    assert [entry.text for entries in house.entries.values() for entry in entries] == [
        "last words",
        "You said: last words",
    ]


async def test_one_tab_too_many_closes_the_oldest(start: Start) -> None:
    client, _ = await start(connections_per_chat=2)
    token = await new_token(client)
    tabs = []
    for _ in range(3):
        tabs.append(await connect(client, token))
        await tabs[-1].next("ready")
    assert await tabs[0].closed() == 1013
    await tabs[1].send(type="ping")
    assert await tabs[1].next() == {"type": "pong"}


async def test_a_full_house_says_so(start: Start) -> None:
    client, _ = await start(connections=1)
    talk = await connect(client, await new_token(client))
    await talk.next("ready")
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect("/chat/ws")
    assert refused.value.status == 503


async def test_a_closed_connection_leaves_no_watch_behind(start: Start, house: House) -> None:
    client, _ = await start()
    talk = await connect(client, await new_token(client))
    await talk.next("ready")
    await talk.ws.close()
    async with asyncio.timeout(5):
        while any(house.watchers.values()):
            await asyncio.sleep(0.01)
    house.publish("web:nobody", Notice(typing=True))
