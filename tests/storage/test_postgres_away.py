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
    ("code", "kind", "remedy"),
    [
        ("57P03", "CannotConnectNowError", "try again in a moment"),  # it is starting up, as after a crash
        ("57P01", "AdminShutdownError", "try again in a moment"),
        ("53300", "TooManyConnectionsError", "max_connections"),
        ("28P01", "InvalidPasswordError", "user and password in DATABASE_URL"),
        ("3D000", "InvalidCatalogNameError", "create it, or mend its name"),
        ("58000", "PostgresSystemError", "look at its log"),
    ],
)
async def test_a_server_that_lets_nobody_in_is_away_and_the_store_says_why_and_what_to_do(
    code: str, kind: str, remedy: str
) -> None:
    async with refusing(code) as url:
        with pytest.raises(
            StoreUnreachable, match=rf"PostgreSQL at 127.0.0.1:\d+/x cannot .* \({kind}\)$"
        ) as told:
            await Store.open(url)
    assert remedy in str(told.value)
    assert "pa55" not in str(told.value)
    assert "ann@shop.test" not in str(told.value)


@pytest.mark.parametrize(
    ("place", "remedy"),
    [
        ("127.0.0.1:1/x", "look whether it runs, and at host and port in DATABASE_URL"),
        ("no-such-host.invalid/x", "its host has no address here; mend the host in DATABASE_URL"),
        ("127.0.0.1:1/x?gsslib=none", "mend DATABASE_URL, or the variables whose names begin with PG"),
    ],
)
async def test_a_server_that_is_not_there_is_told_with_what_to_look_at(place: str, remedy: str) -> None:
    with pytest.raises(StoreUnreachable) as told:
        await Store.open(f"postgresql://bot:pa55@{place}")
    assert str(told.value).startswith(f"PostgreSQL at {place.partition('?')[0]} cannot be used: {remedy}")
    assert "pa55" not in str(told.value)


async def test_a_server_without_encryption_is_told_with_the_parameter_that_asks_for_it() -> None:
    async def refuse(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readexactly(8)
        writer.write(b"N")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(refuse, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        with pytest.raises(StoreUnreachable, match="look at sslmode in DATABASE_URL"):
            await Store.open(f"postgresql://127.0.0.1:{port}/x?sslmode=require")


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
