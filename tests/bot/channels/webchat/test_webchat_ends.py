"""What docs/web-chat.md promises about who may connect, and how connections end."""

import asyncio
import json
import socket

import pytest
from aiohttp import WSServerHandshakeError
from webchat_client import Start, Talk, connect, new_token
from webchat_fakes import House


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
        while any(house.watchers.values()):  # noqa: ASYNC110 - the fake has no event for this
            await asyncio.sleep(0.01)


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
