"""The demo shop's file: SQLite in WAL mode, shared by processes. Synchronous; `demo.py` is its adapter.

Every method raises `ShopUnreachable` where the file is missing, locked for too long, corrupt or not ours.
"""

import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from msgspec import MsgspecError, Struct, json

from bot.orders.demo_record import StoredOrder, advanced, cancelled, judged, order_at, stage_at
from bot.orders.demo_schema import Access, open_file
from bot.ports import CancelReport, ShopUnreachable
from dialogs.orders import Order, Stage

_ONE = "SELECT record, changes FROM orders WHERE key = ?"
_decode = json.Decoder(StoredOrder).decode


class Attempt(Struct, frozen=True):
    """One attempt to cancel, as logged; `found` is `None` where there was no such order.

    `repeated`: the request had been answered before, and this answer changed nothing.
    """

    number: str
    request_id: str
    expected: Stage
    found: Stage | None
    report: CancelReport
    repeated: bool
    at: datetime


class NoSuchOrder(Exception):
    """The shop has no order of that number."""


def key_of(number: str) -> str:
    """The form under which a number is filed: equal for two numbers that `same_number` takes for one."""
    return "".join(number.split()).lstrip("#").casefold()


class ShopFile:
    """One connection to the file, opened at first use; for one thread at a time.

    It is opened again after an error, and where another file has taken the place of the opened one.
    `patience` is how many seconds a call waits for a lock of another process.
    """

    def __init__(
        self, path: Path, *, now: Callable[[], datetime], access: Access, patience: float = 5.0
    ) -> None:
        self._path = path
        self._now = now
        self._access = access
        self._patience = patience
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    @property
    def now(self) -> Callable[[], datetime]:
        """The clock that the stages follow."""
        return self._now

    def find(self, number: str) -> Order | None:
        """The order as the record shows it now."""
        key = key_of(number)
        if not key.isprintable():  # no order has such a number, and SQLite does not take every one
            return None
        with self._connected() as db:
            row = db.execute(_ONE, (key,)).fetchone()
            return order_at(_decode(row[0]), self._now(), row[1]) if row else None

    def orders(self, *, seeded: bool | None = None) -> Iterator[Order]:
        """All orders as they are now, by number; only (or none of) the seeded ones where that is said."""
        with self._connected() as db:
            query = "SELECT record, changes, seeded FROM orders ORDER BY length(key), key"
            for record, changes, mark in db.execute(query):
                if seeded is None or seeded == bool(mark):
                    yield order_at(_decode(record), self._now(), changes)

    def attempts(self, number: str) -> list[Attempt]:
        """Every attempt to cancel an order, oldest first."""
        query = "SELECT * FROM attempts WHERE key = ? ORDER BY id"
        with self._connected() as db:
            rows = db.execute(query, (key_of(number),)).fetchall()
        return [
            Attempt(
                number=key,
                request_id=request_id,
                expected=Stage(expected),
                found=Stage(found) if found else None,
                report=CancelReport(report),
                repeated=bool(repeated),
                at=datetime.fromisoformat(at),
            )
            for _, key, request_id, expected, found, report, repeated, at in rows
        ]

    def cancel(self, number: str, expected: Stage, request_id: str, version: str = "") -> CancelReport:
        """Cancel if the order still is in the expected stage; everything in one write transaction.

        Of the expected version too, where one is given.
        """
        key = key_of(number)
        with self._writing() as db:
            now = self._now()
            row = db.execute(_ONE, (key,)).fetchone()
            record = _decode(row[0]) if row else None
            before = _answered(db, key, request_id)
            shown = order_at(record, now, row[1]).version if record else ""
            moved = record is not None and version not in ("", shown)
            report = before or (CancelReport.STAGE_MOVED if moved else _judged(record, expected, now))
            if record and not before and report is CancelReport.ACCEPTED:
                _write(db, key, cancelled(record, now))
            found = stage_at(record, now).value if record else None
            db.execute(
                "INSERT INTO attempts VALUES (NULL, ?, ?, ?, ?, ?, ?, ?)",
                (key, request_id, expected.value, found, report.value, before is not None, now.isoformat()),
            )
            return report

    def advance(self, number: str, to: Stage | None = None) -> Order:
        """Move an order on, and show it. Raises `NoSuchOrder` and `CannotMove`."""
        key = key_of(number)
        with self._writing() as db:
            row = db.execute(_ONE, (key,)).fetchone()
            if row is None:
                raise NoSuchOrder(number)
            now = self._now()
            record = advanced(_decode(row[0]), to, now)
            _write(db, key, record)
            return order_at(record, now, row[1] + 1)

    def put(self, records: Iterable[StoredOrder]) -> list[bool]:
        """Keep all of these in one transaction; for each, whether it replaced an order of its number."""
        with self._writing() as db:
            return [_put(db, record) for record in records]

    def plant(self, grow: Callable[[list[Order], int], Iterable[StoredOrder]]) -> int:
        """Add seeded orders; those whose number is taken are left out. How many were added.

        `grow` is given the seeded orders as they are and the highest plain number in use, under the lock.
        """
        with self._writing() as db:
            seeded = list(self.orders(seeded=True))
            rows = [(key_of(r.number), json.encode(r)) for r in grow(seeded, _highest(db))]
            before = db.total_changes
            db.executemany("INSERT OR IGNORE INTO orders VALUES (?, ?, 1, 1)", rows)
            return db.total_changes - before

    def ping(self) -> None:
        """Show that the file is there and readable."""
        with self._connected() as db:
            db.execute("SELECT 1 FROM orders LIMIT 1").fetchone()

    def close(self) -> None:
        """Let go of the file; the next call opens it again."""
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.close()

    @contextmanager
    def _connected(self) -> Iterator[sqlite3.Connection]:
        try:
            if self._connection is not None and self._path.stat().st_ino != self._inode:
                self.close()
            if self._connection is None:
                self._connection = self._open()
            yield self._connection
        except (sqlite3.Error, OSError, MsgspecError) as error:
            self.close()
            raise ShopUnreachable(
                f"the demo shop's file {self._path.name} cannot be used: {error}"
            ) from error

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._connected() as db:
            db.execute("BEGIN IMMEDIATE")
            try:
                yield db
            except BaseException:
                db.rollback()
                raise
            db.execute("COMMIT")

    def _open(self) -> sqlite3.Connection:
        db = open_file(self._path, self._access, self._patience)
        if self._access is Access.CREATE:
            self._access = Access.CHANGE  # a file that goes away later is missing, not an empty shop
        self._inode = self._path.stat().st_ino
        return db


def _write(db: sqlite3.Connection, key: str, record: StoredOrder) -> None:
    db.execute(
        "UPDATE orders SET record = ?, changes = changes + 1 WHERE key = ?", (json.encode(record), key)
    )


def _put(db: sqlite3.Connection, record: StoredOrder) -> bool:
    key = key_of(record.number)
    added = db.execute("INSERT OR IGNORE INTO orders VALUES (?, x'', 0, 0)", (key,)).rowcount
    db.execute("UPDATE orders SET seeded = 0 WHERE key = ?", (key,))
    _write(db, key, record)
    return added == 0


def _answered(db: sqlite3.Connection, key: str, request_id: str) -> CancelReport | None:
    query = "SELECT report FROM attempts WHERE key = ? AND request_id = ? ORDER BY id LIMIT 1"
    row = db.execute(query, (key, request_id)).fetchone()
    return CancelReport(row[0]) if row else None


def _highest(db: sqlite3.Connection) -> int:
    query = (
        "SELECT max(CAST(key AS INTEGER)) FROM orders"
        " WHERE length(key) < 10 AND key NOT GLOB '*[^0-9]*' AND key <> ''"
    )
    return int(db.execute(query).fetchone()[0] or 0)


def _judged(record: StoredOrder | None, expected: Stage, now: datetime) -> CancelReport:
    return CancelReport.REFUSED if record is None else judged(record, expected, now)
