"""Statuses of a shop that no row of its mapping fits: each once, with the time it was first met."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, delete, select

from storage.dialect import dialect
from storage.rows import storable
from storage.schema import unmapped_statuses
from storage.times import micros, moment


@dataclass(frozen=True, slots=True)
class UnmappedStatus:
    """A shop's own word, and when it was first met."""

    status: str
    first_at: datetime


def note(connection: Connection, *, shop: str, statuses: Mapping[str, datetime]) -> None:
    """Keep those that are not kept yet."""
    first: dict[str, int] = {}
    for status, at in statuses.items():
        first.setdefault(storable(status), micros(at))
    rows = [(storable(shop), status, at) for status, at in sorted(first.items())]
    dialect(connection).insert(connection, unmapped_statuses, rows, "ON CONFLICT DO NOTHING")


def listed(connection: Connection, *, shop: str) -> tuple[UnmappedStatus, ...]:
    """What was kept of this shop, earliest first."""
    kept = unmapped_statuses.c
    rows = connection.execute(
        select(kept.status, kept.first_at).where(kept.shop == shop).order_by(kept.first_at, kept.status)
    )
    return tuple(UnmappedStatus(status, moment(first_at)) for status, first_at in rows)


def forget(connection: Connection, *, shop: str) -> int:
    """Drop what was kept of this shop; how many."""
    return connection.execute(delete(unmapped_statuses).where(unmapped_statuses.c.shop == shop)).rowcount
