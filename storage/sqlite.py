"""SQLite, embedded: one writing thread, a few reading ones, every commit synced to the disk."""

import asyncio
import os
import sqlite3
from collections.abc import Callable, Generator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.exc import DatabaseError, InterfaceError, OperationalError
from sqlalchemy.pool import QueuePool

from storage.database import Database
from storage.errors import StoreError, StoreUnreachable

T = TypeVar("T")

_READERS = 2
_PATIENCE = 5.0
"""Seconds to wait for another process that is writing."""
_CHECKPOINT = 4_000
"""Pages (16 MB) the log may grow to before it is worked into the file: a busy page is then copied once."""


_MAGIC = b"SQLite format 3\0"
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})


class SqliteDatabase(Database):
    """A SQLite file, which `create` may make. Raises `StoreError` if it cannot be opened, or is none."""

    def __init__(self, path: Path, *, create: bool, read_only: bool = False) -> None:
        if create:
            create_file(path)
        elif not path.is_file():
            raise StoreError(f"There is no database at {path}; start `rescind serve` once to create it")
        super().__init__(read_only=read_only)
        self._path = path.absolute()
        self._mode = "ro" if read_only else "rw"
        self._writer = ThreadPoolExecutor(1, "store-write")
        self._readers = ThreadPoolExecutor(_READERS, "store-read")
        self._writing = self._engine(1)
        event.listen(self._writing, "begin", _begin_immediate)
        self._reading = self._engine(_READERS)
        self._connection: Connection | None = None

    def _engine(self, size: int) -> Engine:
        return create_engine(
            "sqlite://", creator=self._connect, poolclass=QueuePool, pool_size=size, max_overflow=0
        )

    def _connect(self) -> sqlite3.Connection:
        connection = sqlite3.connect(
            f"file:{quote(str(self._path))}?mode={self._mode}",
            uri=True,
            timeout=_PATIENCE,
            isolation_level=None,  # transactions begin where `_begin_immediate` says so
            check_same_thread=False,  # closed by another thread than used it
            cached_statements=512,
        )
        if self._mode == "rw":
            connection.execute("PRAGMA journal_mode=WAL")
            connection.execute(f"PRAGMA wal_autocheckpoint={_CHECKPOINT}")
            connection.execute("PRAGMA secure_delete=ON")  # what is deleted is overwritten, in every build
        connection.execute("PRAGMA synchronous=FULL")
        return connection

    async def _commit(self, work: Callable[[Connection], T]) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._writer, self._write, work)

    def _write(self, work: Callable[[Connection], T]) -> T:
        with self._telling():
            if self._connection is None:
                self._connection = self._writing.connect()
            with self._connection.begin():
                return work(self._connection)

    async def scrub(self) -> None:
        """See `Database.scrub`: the log holds pages as they were, until it is worked in and emptied."""
        await asyncio.get_running_loop().run_in_executor(self._writer, self._empty_log)

    def _empty_log(self) -> None:
        with self._telling():
            if self._connection is None:
                self._connection = self._writing.connect()
            driver = self._connection.connection.driver_connection
            assert driver is not None  # noqa: S101  it is connected
            driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").close()

    async def read(self, work: Callable[[Connection], T]) -> T:
        """See `Database.read`."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, self._read, work)

    def _read(self, work: Callable[[Connection], T]) -> T:
        with self._telling(), self._reading.connect() as connection:
            return work(connection)

    @contextmanager
    def _telling(self) -> Generator[None]:
        """What the driver raises of a database that is away or damaged is a `StoreUnreachable`."""
        try:
            yield
        except (DatabaseError, InterfaceError, sqlite3.DatabaseError) as error:
            if (told := self._told(error)) is None:
                raise
            raise told from error

    def _told(self, error: Exception) -> StoreUnreachable | None:
        """What is wrong with the database; `None` where it is the statement that is wrong."""
        arose = getattr(error, "orig", error)
        # An extended code has the plain one in its lowest byte.
        if getattr(arose, "sqlite_errorcode", 0) & 0xFF in _DAMAGED:
            return _damaged(self._path)
        if isinstance(error, OperationalError | InterfaceError | sqlite3.OperationalError):
            return StoreUnreachable(f"SQLite at {self._path}: {arose}")
        return None

    async def close(self) -> None:
        """See `Database.close`."""
        loop = asyncio.get_running_loop()
        await loop.run_in_executor(self._readers, self._reading.dispose)
        await loop.run_in_executor(self._writer, self._close_writer)
        self._readers.shutdown()
        self._writer.shutdown()

    def _close_writer(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
        self._writing.dispose()


def _begin_immediate(connection: Connection) -> None:
    # A transaction that reads first and writes then could find itself overtaken; this one cannot.
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def _damaged(path: Path) -> StoreUnreachable:
    return StoreUnreachable(
        f"The database at {path} is damaged, or is no SQLite database; "
        "restore a copy: docs/operations.md#back-up-and-restore"
    )


def create_file(path: Path) -> None:
    """An empty file for its owner alone (it will hold what customers wrote), unless one is there.

    A file of another kind is refused here, before a lock is left beside it.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
        start = os.read(file, len(_MAGIC))
        os.close(file)
    except OSError as error:
        raise StoreError(f"The database at {path} cannot be opened: {error.strerror}") from error
    if start not in (b"", _MAGIC):
        raise _damaged(path)
