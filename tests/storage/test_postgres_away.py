"""A PostgreSQL that answers, but not with what was asked: the store says that it is away, and why."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from storage.errors import StoreUnreachable
from storage.store import Store


@asynccontextmanager
async def refusing(code: str) -> AsyncIterator[str]:
    """A server that refuses every connection by this SQLSTATE; its URL."""

    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        (length,) = struct.unpack("!I", await reader.readexactly(4))
        await reader.readexactly(length - 4)
        body = b"".join((b"SFATAL\0VFATAL\0C", code.encode(), b"\0Mof ann@shop.test\0\0"))
        writer.write(b"E" + struct.pack("!I", len(body) + 4) + body)
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        yield f"postgresql://bot:pa55@127.0.0.1:{port}/x?sslmode=disable"


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        ("57P03", "CannotConnectNowError"),  # it is starting up, as after a crash
        ("57P01", "AdminShutdownError"),
        ("53300", "TooManyConnectionsError"),
        ("28P01", "InvalidPasswordError"),
        ("3D000", "InvalidCatalogNameError"),
    ],
)
async def test_a_server_that_lets_nobody_in_is_away_and_the_store_says_why(code: str, kind: str) -> None:
    async with refusing(code) as url:
        with pytest.raises(StoreUnreachable, match=f": {kind}$") as told:
            await Store.open(url)
    assert "pa55" not in str(told.value)
    assert "ann@shop.test" not in str(told.value)


async def test_a_mistake_in_a_statement_is_not_taken_for_a_server_that_is_away(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    try:
        with pytest.raises(DBAPIError):
            await store.database.read(lambda connection: connection.execute(text("SELECT nothing")))
        with pytest.raises(DBAPIError, match="zero"):
            await store.database.read(lambda connection: connection.execute(text("SELECT 1/0")))
        await store.ping()
    finally:
        await store.close()
