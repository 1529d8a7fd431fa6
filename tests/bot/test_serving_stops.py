"""How serving ends: told at once to whoever asks, and held up by nobody."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot import serving as end
from bot.assembly import House
from tests.player import settings_for


@asynccontextmanager
async def served(folder: Path) -> AsyncIterator[tuple[House, int]]:
    settings = settings_for(folder, f"sqlite:///{folder}/store.sqlite3", http_port=0)
    async with end.serving(settings) as (house, port):
        yield house, port


async def test_a_request_that_never_ends_does_not_hold_up_the_stop(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(end, "_LAST_REQUESTS", 0.1)
    async with asyncio.timeout(40), served(tmp_path) as (_, port):  # left alone, the server waits a minute
        async with (
            ClientSession(f"http://127.0.0.1:{port}") as client,
            client.post("/chat/session") as answer,
        ):
            token = (await answer.json())["token"]
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        head = f"POST /chat/messages HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        writer.write(f"{head}Expect: 100-continue\r\nContent-Length: 100\r\n\r\n".encode())
        assert b"100 Continue" in await reader.readline()  # its body is waited for
    writer.close()


async def test_from_the_first_moment_of_the_stop_it_is_not_ready_and_lives(tmp_path: Path) -> None:
    async with served(tmp_path) as (house, port), ClientSession(f"http://127.0.0.1:{port}") as client:
        async with client.get("/readyz") as answer:
            assert (answer.status, (await answer.json())["checks"]["reception"]) == (200, "ok")
        house.reception.close()  # as the stop does, before what is inside is finished
        async with client.get("/readyz") as answer:
            checks = {"database": "ok", "shop": "ok", "reception": "Closed", "web": "ok"}
            assert (answer.status, await answer.json()) == (503, {"status": "not ready", "checks": checks})
        async with client.get("/healthz") as answer:
            assert answer.status == 200
