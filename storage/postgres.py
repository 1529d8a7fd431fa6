"""PostgreSQL over asyncpg: a small pool, READ COMMITTED, functions run by `run_sync`."""

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
        self._name = url.render_as_string(hide_password=True)

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
            raise StoreUnreachable(f"PostgreSQL at {self._name}: {_kind(error)}") from error

    async def scrub(self) -> None:
        """See `Database.scrub`: the files are the server's, and deleted rows go with its next vacuum."""

    async def close(self) -> None:
        """See `Database.close`."""
        await self._engine.dispose()


def _state(error: Exception) -> str:
    """The server's own code for what is wrong, if it said one."""
    return getattr(getattr(error, "orig", None), "sqlstate", None) or ""


def _kind(error: Exception) -> str:
    """What it is called where it arose: SQLAlchemy has fewer names for it than PostgreSQL."""
    arose = getattr(getattr(error, "orig", None), "__cause__", None)
    return type(arose or error).__name__
