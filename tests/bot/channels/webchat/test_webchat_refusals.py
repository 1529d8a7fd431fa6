"""What docs/web-chat.md promises about frames that cannot be taken, or not now."""

import asyncio
import json
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from webchat_client import Start, Talk, connect, new_token
from webchat_fakes import House

from bot.channels.webchat_frames import MAX_TEXT, refusal
from bot.ports import Notice, Overloaded, Wordless, Words
from dialogs.events import Unreadable
from storage.errors import StoreUnreachable


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
    assert await talk.closed() == 1008


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
    client, _ = await start(frames_per_second=1, frames_burst=3)
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.next("ready")
    for n in range(4):
        await talk.send(type="message", id=f"m{n}", text=str(n))
    slow = await talk.next("error")
    assert (slow["code"], slow["id"]) == ("slow_down", "m3")
    retry_after = slow["retry_after"]
    assert isinstance(retry_after, float)
    assert 0 < retry_after <= 1.01
    other_tab = await connect(client, token)
    await other_tab.send(type="ping")
    assert (await other_tab.next("error"))["code"] == "slow_down"
    await asyncio.sleep(1.5)
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


async def test_while_messages_cannot_be_read_clients_are_sent_away_to_come_back(
    start: Start, house: House, capsys: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    client, _ = await start()
    token = await new_token(client)
    key = f"web:{token.split('.')[0]}"
    told, asks, misses = [await connect(client, token) for _ in range(3)]
    for talk in (told, asks, misses):
        await talk.next("ready")
    house.away = StoreUnreachable("secret://words")
    entries = house.entries[key]
    house.deaf = True
    house.person_says(key, "one")
    house.deaf = False
    await asks.send(type="ping")
    assert await asks.closed() == 1013
    house.publish(key, Notice((house.person_says(key, "two"),)))  # behind one they have not seen
    assert [await talk.closed() for talk in (told, misses)] == [1013, 1013]
    assert await (await connect(client, token)).closed() == 1013
    headers = {"Authorization": f"Bearer {token}"}
    answer = await client.get("/chat/messages?after=0", headers=headers)
    assert (answer.status, (await answer.json())["code"]) == (503, "unavailable")
    assert int(answer.headers["Retry-After"]) > 0
    logged = "".join(capsys.readouterr()) + caplog.text
    assert logged.count("web chat: messages not read") == 5
    assert not any(word in logged for word in ("Traceback", "secret://", "127.0.0.1", "Error handling"))
    house.away = None
    assert await (await connect(client, token)).texts(2) == [entry.text for entry in entries]
