"""PostgreSQL over asyncpg: a small pool, READ COMMITTED, functions run by `run_sync`."""

import socket
import ssl
from collections.abc import Awaitable, Callable
from typing import TypeVar

import asyncpg  # type: ignore[import-untyped]  # it publishes no types
from sqlalchemy import URL, Connection
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.ext.asyncio import create_async_engine

from storage.database import Database
from storage.errors import StoreUnreachable

T = TypeVar("T")

_CONNECTIONS = 5
_GONE = (OperationalError, InterfaceError, OSError, TimeoutError, asyncpg.PostgresError)
"""asyncpg's own errors, and the system's, may come through bare while connecting."""
_AWAY = frozenset({"08", "28", "3D", "53", "57", "58"})
"""Classes of SQLSTATE that say nothing of the statement: no connection, not let in, no such database, out of
room or of connections, starting or stopping, the system's own errors."""
_REMEDIES = {
    "28": "look at user and password in DATABASE_URL, and at the server's pg_hba.conf",
    "3D": "there is no such database; create it, or mend its name in DATABASE_URL",
    "53": "it is out of room, memory or connections; look at its disk, its max_connections and its log",
    "57": "it is starting or stopping; try again in a moment, or look at its log",
}
"""By class of SQLSTATE."""


class PostgresDatabase(Database):
    """A PostgreSQL database; connections are made when they are first needed."""

    def __init__(self, url: URL, *, read_only: bool = False) -> None:
        super().__init__(read_only=read_only)
        settings = {"application_name": "rescind", "jit": "off"}
        if read_only:
            settings["default_transaction_read_only"] = "on"
        self._engine = create_async_engine(
            url,
            pool_size=_CONNECTIONS,
            max_overflow=0,
            isolation_level="READ COMMITTED",
            connect_args={"server_settings": settings, "timeout": 10},
        )
        # Reading needs no BEGIN and no ROLLBACK: two round trips less.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self._name = _place(url)

    async def _commit(self, work: Callable[[Connection], T]) -> T:
        return await self._twice(lambda: self._write(work))

    async def _write(self, work: Callable[[Connection], T]) -> T:
        async with self._engine.begin() as connection:
            return await connection.run_sync(work)

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `Database.read`."""
        return await self._twice(lambda: self._read(work))

    async def _read(self, work: Callable[[Connection], T]) -> T:
        async with self._reading.connect() as connection:
            return await connection.run_sync(work)

    async def _twice(self, attempt: Callable[[], Awaitable[T]]) -> T:
        """Once more where a pooled connection turned out to be dead, as after the server's restart.

        Should the lost attempt have been committed after all, the second finds its own versions and
        locks taken: nothing happens twice.
        """
        try:
            try:
                return await attempt()
            except DBAPIError as error:
                if not error.connection_invalidated:
                    raise
                return await attempt()
        except (*_GONE, DBAPIError) as error:
            if not (isinstance(error, _GONE) or _state(error)[:2] in _AWAY):
                raise
            raise StoreUnreachable(f"PostgreSQL at {self._name} cannot be used: {_told(error)}") from error

    async def scrub(self) -> None:
        """See `Database.scrub`: the files are the server's, and deleted rows go with its next vacuum."""

    async def close(self) -> None:
        """See `Database.close`."""
        await self._engine.dispose()


def _place(url: URL) -> str:
    """Host, port and database: nothing else of a URL is fit to be shown."""
    hosts = url.query.get("host") or url.host or "its usual place"
    host = hosts if isinstance(hosts, str) else ",".join(hosts)
    port = f":{url.port}" if url.port and "host" not in url.query else ""
    return f"{f'[{host}]' if host.startswith(':') else host}{port}/{url.database or ''}"


def _state(error: BaseException) -> str:
    """The server's own code for what is wrong, if it said one."""
    return getattr(getattr(error, "orig", error), "sqlstate", None) or ""


def _told(error: Exception) -> str:
    """What to do, and what it is called where it arose: SQLAlchemy has fewer names for it than PostgreSQL."""
    arose = getattr(getattr(error, "orig", None), "__cause__", None) or error
    return f"{_remedy(arose, _state(error))} ({type(arose).__name__})"


def _remedy(arose: BaseException, state: str) -> str:
    if state:
        return _REMEDIES.get(state[:2], "look at its log")
    if isinstance(arose, asyncpg.ClientConfigurationError):
        return f"mend DATABASE_URL, or the variables whose names begin with PG: {arose}"
    if isinstance(arose, socket.gaierror):
        return "its host has no address here; mend the host in DATABASE_URL, or look at the name server"
    if isinstance(arose, ssl.SSLError) or type(arose) is ConnectionError:  # so asyncpg tells a refusal of TLS
        return "look at sslmode in DATABASE_URL, and at the server's certificate"
    return "look whether it runs, and at host and port in DATABASE_URL"
