"""Answers kept for use again."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, insert, select, text

from storage.desk_records import Canned
from storage.rows import storable
from storage.schema import canned
from storage.times import micros, moment

_SEEDED = "seeded:canned"


def every(connection: Connection) -> tuple[Canned, ...]:
    """All of them, by shortcut."""
    rows = connection.execute(select(canned).order_by(canned.c.shortcut))
    return tuple(Canned(r.shortcut, r.title, r.text, moment(r.updated_at), r.updated_by) for r in rows)


def save(connection: Connection, one: Canned) -> None:
    """Add it, or put it in the place of the one with its shortcut."""
    connection.execute(delete(canned).where(canned.c.shortcut == one.shortcut))
    connection.execute(
        insert(canned).values(
            shortcut=one.shortcut,
            title=storable(one.title),
            text=storable(one.text),
            updated_at=micros(one.updated_at),
            updated_by=one.updated_by,
        )
    )


def remove(connection: Connection, shortcut: str) -> bool:
    """Remove one; whether there was one."""
    return connection.execute(delete(canned).where(canned.c.shortcut == shortcut)).rowcount > 0


def seed(connection: Connection, ours: Iterable[Canned]) -> None:
    """Add the product's own, once for ever: what was removed or changed stays so."""
    mark = text("INSERT INTO desk_leases (name, owner, until) VALUES (:name, '', 0) ON CONFLICT DO NOTHING")
    if connection.execute(mark, {"name": _SEEDED}).rowcount:
        for one in ours:
            save(connection, one)
