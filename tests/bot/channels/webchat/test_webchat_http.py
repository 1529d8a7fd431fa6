"""What docs/web-chat.md promises about plain HTTP."""

import asyncio
import json
import time

import pytest
from webchat_client import Client, Start, connect, new_token
from webchat_fakes import House

from bot.ports import Overloaded
from storage.records import Author


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


async def say(client: Client, token: str, text: str, update_id: str = "m") -> dict[str, object]:
    frame = {"type": "message", "id": update_id, "text": text}
    response = await client.post("/chat/messages", json=frame, headers=bearer(token))
    assert response.status == 200
    answer: dict[str, object] = await response.json()
    return answer


async def test_every_session_is_another_chat(start: Start) -> None:
    client, _ = await start()
    tokens = {(await new_token(client)).split(".")[0] for _ in range(20)}
    assert len(tokens) == 20
    assert all(len(chat) == 22 for chat in tokens)  # 128 bits in base64


async def test_a_session_is_resumed_by_its_token_and_a_forged_one_is_not(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    resumed = await (await client.post("/chat/session", headers=bearer(token))).json()
    assert resumed["resumed"] is True
    assert resumed["token"].split(".")[0] == token.split(".")[0]
    fresh = await (await client.post("/chat/session", headers=bearer(token + "x"))).json()
    assert fresh["resumed"] is False
    assert fresh["token"].split(".")[0] != token.split(".")[0]


async def test_new_sessions_are_limited_by_address_and_resuming_is_not(start: Start) -> None:
    client, _ = await start(sessions_burst=2, sessions_per_minute=1)
    token = await new_token(client)
    await new_token(client)
    refused = await client.post("/chat/session")
    assert refused.status == 429
    assert (await refused.json())["code"] == "slow_down"
    assert int(refused.headers["Retry-After"]) <= 61
    assert (await client.post("/chat/session", headers=bearer(token))).status == 200


async def test_behind_a_trusted_proxy_its_own_entry_is_the_address(start: Start) -> None:
    client, _ = await start(sessions_burst=1, sessions_per_minute=1, trust_proxy=True)

    async def arrive(forwarded: str) -> int:
        return (await client.post("/chat/session", headers={"X-Forwarded-For": forwarded})).status

    assert [await arrive("6.6.6.6, 192.0.2.1"), await arrive("7.7.7.7, 192.0.2.1")] == [200, 429]
    assert await arrive("192.0.2.2") == 200
    assert [await arrive("2001:db8::1"), await arrive("2001:db8::2")] == [200, 429]


async def test_without_a_trusted_proxy_nobody_chooses_an_address(start: Start) -> None:
    client, _ = await start(sessions_burst=1, sessions_per_minute=1)
    statuses = [
        (await client.post("/chat/session", headers={"X-Forwarded-For": address})).status
        for address in ("192.0.2.1", "192.0.2.2")
    ]
    assert statuses == [200, 429]


async def test_a_script_posts_and_gets_the_messages_of_the_turn(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    answer = await say(client, token, "hi")
    assert (answer["type"], answer["id"], answer["duplicate"]) == ("accepted", "m", False)
    assert [message["text"] for message in answer["messages"]] == ["hi", "You said: hi"]  # type: ignore[attr-defined]
    again = await say(client, token, "hi")
    assert (again["duplicate"], again["messages"]) == (True, [])


async def test_messages_are_read_after_a_number(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    await say(client, token, "hi")
    page = await (await client.get("/chat/messages?after=1", headers=bearer(token))).json()
    assert page["type"] == "messages"
    assert [message["seq"] for message in page["messages"]] == [2]


async def test_both_ways_are_one_chat(start: Start) -> None:
    client, _ = await start()
    token = await new_token(client)
    talk = await connect(client, token)
    await talk.next("ready")
    await say(client, token, "by http")
    assert await talk.texts(2) == ["by http", "You said: by http"]


async def test_a_long_poll_ends_with_the_first_message(start: Start, house: House) -> None:
    client, _ = await start()
    token = await new_token(client)
    await say(client, token, "hi")
    poll = asyncio.create_task(client.get("/chat/messages?after=2&wait=20", headers=bearer(token)))
    (key,) = house.entries
    async with asyncio.timeout(5):
        while not house.watchers[key]:  # noqa: ASYNC110 - the fake has no event for this
            await asyncio.sleep(0.01)
    house.person_says(key, "Here I am.")
    page = await (await poll).json()
    assert [(message["author"], message["text"]) for message in page["messages"]] == [
        (Author.AGENT, "Here I am.")
    ]


async def test_a_long_poll_without_news_ends_empty_in_time(start: Start, house: House) -> None:
    client, _ = await start()
    token = await new_token(client)
    page = await (await client.get("/chat/messages?wait=1", headers=bearer(token))).json()
    assert page["messages"] == []
    assert not any(house.watchers.values())


async def test_a_stopping_server_answers_long_polls_at_once(start: Start) -> None:
    client, chat = await start()
    token = await new_token(client)
    poll = asyncio.create_task(client.get("/chat/messages?wait=20", headers=bearer(token)))
    await asyncio.sleep(0.05)
    began = time.monotonic()
    await chat.stop()
    assert (await (await poll).json())["messages"] == []
    assert time.monotonic() - began < 5
    assert (await client.post("/chat/session")).status == 503


@pytest.mark.parametrize("headers", [{}, bearer("forged.abc.def"), {"Authorization": "Basic x"}])
async def test_without_a_good_token_nothing_is_taken_or_shown(
    start: Start, house: House, headers: dict[str, str]
) -> None:
    client, _ = await start()
    for response in (
        await client.post("/chat/messages", json={}, headers=headers),
        await client.get("/chat/messages", headers=headers),
    ):
        assert response.status == 401
        assert (await response.json())["code"] == "bad_token"
    assert not house.seen


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        ("{", 400, "bad_frame"),
        ('{"type":"ping"}', 400, "bad_frame"),
        ('{"type":"dance"}', 400, "unknown_type"),
        (json.dumps({"type": "message", "id": "m", "text": "x" * 70_000}), 413, "too_big"),
    ],
)
async def test_a_bad_body_is_refused_with_a_code(start: Start, body: str, status: int, code: str) -> None:
    client, _ = await start()
    response = await client.post("/chat/messages", data=body, headers=bearer(await new_token(client)))
    assert (response.status, (await response.json())["code"]) == (status, code)


async def test_a_body_of_unknown_length_is_bounded_too(start: Start) -> None:
    client, _ = await start()

    async def endless() -> object:
        for _ in range(20):
            yield b" " * 10_000

    response = await client.post("/chat/messages", data=endless(), headers=bearer(await new_token(client)))
    assert response.status == 413


async def test_a_body_that_is_not_packed_as_it_says_is_refused(start: Start, house: House) -> None:
    client, _ = await start()
    headers = {"Content-Encoding": "gzip", **bearer(await new_token(client))}
    response = await client.post("/chat/messages", data=b"no gzip at all", headers=headers)
    assert (response.status, (await response.json())["code"]) == (400, "bad_frame")
    assert not house.seen


@pytest.mark.parametrize(
    "query",
    ["after=x", "wait=soon", "wait=0.5", "after=", "after=-1", "wait=-1"]
    + [f"{name}={number}" for name in ("after", "wait") for number in (str(2**53 + 1), "9" * 23, "9" * 5000)],
)
async def test_a_bad_question_is_refused(start: Start, query: str) -> None:
    client, _ = await start()
    response = await client.get(f"/chat/messages?{query}", headers=bearer(await new_token(client)))
    assert response.status == 400


async def test_a_flood_over_http_is_slowed(start: Start) -> None:
    client, _ = await start(frames_per_second=0.1, frames_burst=1)
    token = await new_token(client)
    await say(client, token, "hi")
    refused = await client.get("/chat/messages", headers=bearer(token))
    assert refused.status == 429
    assert 0 < int(refused.headers["Retry-After"]) <= 11


async def test_a_busy_house_asks_for_another_try(start: Start, house: House) -> None:
    client, _ = await start()
    house.failure = Overloaded()
    frame = {"type": "message", "id": "m", "text": "hi"}
    refused = await client.post("/chat/messages", json=frame, headers=bearer(await new_token(client)))
    assert refused.status == 503
    assert (await refused.json())["id"] == "m"
    assert "Retry-After" in refused.headers


# ---- origins


@pytest.mark.parametrize("path", ["/chat/session", "/chat/messages"])
async def test_a_foreign_page_cannot_post_and_gets_no_cors_headers(start: Start, path: str) -> None:
    client, _ = await start(allowed_origins=("https://shop.test",))
    headers = {"Origin": "https://evil.test", **bearer(await new_token(client))}
    refused = await client.post(path, json={}, headers=headers)
    assert refused.status == 403
    preflight = await client.options(path, headers=headers)
    for response in (refused, preflight):
        assert "Access-Control-Allow-Origin" not in response.headers


@pytest.mark.parametrize("path", ["/chat/session", "/chat/messages"])
async def test_an_allowed_page_gets_the_cors_headers_it_needs(start: Start, path: str) -> None:
    client, _ = await start(allowed_origins=("https://shop.test",))
    headers = {"Origin": "https://shop.test", **bearer(await new_token(client))}
    preflight = await client.options(path, headers=headers)
    assert preflight.status == 204
    assert preflight.headers["Access-Control-Allow-Headers"] == "Authorization, Content-Type"
    frame = {"type": "message", "id": "m", "text": "hi"}
    answer = await client.post(path, json=frame, headers=headers)
    assert answer.status == 200
    for response in (preflight, answer):
        assert response.headers["Access-Control-Allow-Origin"] == "https://shop.test"
        assert "Origin" in response.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in response.headers


async def test_answers_are_neither_cached_nor_sniffed(start: Start) -> None:
    client, _ = await start()
    headers = (await client.post("/chat/session")).headers
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("no-store", "nosniff")


ODD_ORIGINS = ("http://[", "http://[::1", "https://]", "http://\u2100.test", "null", "http://", "://", "[")
"""What no browser writes; some of it is no address at all."""


@pytest.mark.parametrize("origin", ODD_ORIGINS)
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/chat/session"), ("POST", "/chat/messages"), ("GET", "/chat/ws")]
)
async def test_an_origin_that_is_no_address_is_a_foreign_one(
    start: Start, method: str, path: str, origin: str
) -> None:
    client, _ = await start()
    refused = await client.request(method, path, headers={"Origin": origin})
    assert (refused.status, (await refused.json())["code"]) == (403, "foreign_origin")
