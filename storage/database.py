"""One way to run a function of statements in the database, on either engine.

What the store does is written once, as plain functions over a SQLAlchemy `Connection`; a `Database` runs
them: on SQLite in its writing thread or a reading thread, on PostgreSQL over asyncpg.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import TypeVar

from sqlalchemy import URL, Connection, make_url
from sqlalchemy.exc import ArgumentError

from storage import postgres_url
from storage.errors import StoreError

T = TypeVar("T")

_FORMS = "sqlite:///relative/path, sqlite:////absolute/path or postgresql://user:password@host/name"


class Database(ABC):
    """An open database. `transactions` counts the writing transactions committed by this process."""

    def __init__(self, *, read_only: bool) -> None:
        self.transactions = 0
        self._read_only = read_only

    async def write(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in one durable transaction: all of it or, if it raises, nothing.

        Raises `StoreUnreachable` where the database fails, and whatever `work` raises otherwise.
        """
        if self._read_only:
            raise StoreError("the store was opened read-only")
        result = await self._commit(work)
        self.transactions += 1
        return result

    @abstractmethod
    async def _commit(self, work: Callable[[Connection], T]) -> T:
        """As `write`, in the engine's way."""

    @abstractmethod
    async def read(self, work: Callable[[Connection], T]) -> T:
        """Run `work`, which only reads; each statement sees what is committed then. Raises as `write`."""

    @abstractmethod
    async def scrub(self) -> None:
        """Leave nothing of deleted rows in the files, as far as that is ours to do. Raises as `write`."""

    @abstractmethod
    async def close(self) -> None:
        """Let the connections go, once what was begun has ended."""


def parse(url: str) -> URL:
    """The database's URL, its driver filled in. Raises `StoreError`, never naming the password."""
    if url.startswith("postgres"):
        postgres_url.must_be_clear(url)
    try:
        parsed = make_url(url)
    except ArgumentError:
        raise StoreError(f"DATABASE_URL is not a database URL; write it as {_FORMS}") from None
    except ValueError:
        raise postgres_url.no_port() from None
    match parsed.get_backend_name():
        case "sqlite" if parsed.database and parsed.database != ":memory:":
            return parsed.set(drivername="sqlite")
        case "sqlite":
            raise StoreError(
                "DATABASE_URL names no file: the store needs one, as in sqlite:///data/rescind.db"
            )
        case "postgresql" | "postgres":
            return postgres_url.for_asyncpg(parsed.set(drivername="postgresql+asyncpg"))
        case other:
            raise StoreError(
                f"DATABASE_URL names {other!r}, which the store does not know; write it as {_FORMS}"
            )
