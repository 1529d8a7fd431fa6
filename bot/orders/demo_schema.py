"""The tables of the demo shop's file, and how the file is opened and made."""

import os
import sqlite3
from enum import StrEnum
from pathlib import Path

_APPLICATION_ID = 0x5D5D0001
"""Marks the file as a demo shop's (SQLite's `application_id`), so that no other database is written to."""

_SCHEMA = f"""
CREATE TABLE orders (
    key TEXT PRIMARY KEY, record BLOB NOT NULL, changes INTEGER NOT NULL, seeded INTEGER NOT NULL
) WITHOUT ROWID;
CREATE TABLE attempts (
    id INTEGER PRIMARY KEY, key TEXT NOT NULL, request_id TEXT NOT NULL, expected TEXT NOT NULL,
    found TEXT, report TEXT NOT NULL, repeated INTEGER NOT NULL, at TEXT NOT NULL
);
CREATE INDEX attempts_by_request ON attempts (key, request_id);
PRAGMA application_id = {_APPLICATION_ID};
"""


class Access(StrEnum):
    """How a file is opened, in SQLite's own words; each allows more than the one before."""

    LOOK = "ro"
    CHANGE = "rw"
    CREATE = "rwc"


def open_file(path: Path, access: Access, patience: float) -> sqlite3.Connection:
    """A connection in autocommit mode that waits `patience` seconds for locks.

    Raises `sqlite3.Error`, also where the file is another program's, and `OSError`.
    """
    if access is Access.CREATE:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():  # for its owner alone: it may come to hold customers' addresses
            os.close(os.open(path, os.O_RDWR | os.O_CREAT, 0o600))
    address = f"{path.absolute().as_uri()}?mode={access.value}"
    db = sqlite3.connect(address, uri=True, timeout=patience, isolation_level=None)
    try:
        _prepare(db, make=access is Access.CREATE)
    except BaseException:
        db.close()
        raise
    return db


def _prepare(db: sqlite3.Connection, *, make: bool) -> None:
    if make:
        _make(db)
    if not _is_ours(db):
        raise sqlite3.DatabaseError("it is not the file of a demo shop; name another in DEMO_SHOP_PATH")
    db.execute("PRAGMA synchronous = FULL")


def _make(db: sqlite3.Connection) -> None:
    """Make the tables in an empty file; a process that comes second waits, and finds them."""
    if not _is_ours(db):
        db.execute("BEGIN IMMEDIATE")
        if db.execute("SELECT count(*) FROM sqlite_master").fetchone()[0] == 0:
            for statement in _SCHEMA.strip().rstrip(";").split(";\n"):
                db.execute(statement)
        db.execute("COMMIT")
    if _is_ours(db):
        db.execute("PRAGMA journal_mode = WAL")


def _is_ours(db: sqlite3.Connection) -> bool:
    return bool(db.execute("PRAGMA application_id").fetchone()[0] == _APPLICATION_ID)
