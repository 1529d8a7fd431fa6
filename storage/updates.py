"""Updates seen before, and when they may be forgotten."""

from sqlalchemy import Connection, select, tuple_

from storage.dialect import Values, dialect
from storage.schema import seen

CHUNK = 5_000
"""Rows looked at in one statement: what is written meanwhile waits no longer than for these."""


def older(connection: Connection, *, before: int, after: Values) -> tuple[list[Values], Values | None]:
    """Of the next rows after this key: the keys of the old ones, and the last key, unless it was the end."""
    key = (seen.c.conversation, seen.c.update_id)
    rows = connection.execute(
        select(*key, seen.c.at).where(tuple_(*key) > tuple_(*after)).order_by(*key).limit(CHUNK)
    ).all()
    old: list[Values] = [(conversation, update_id) for conversation, update_id, at in rows if at < before]
    return old, (rows[-1][0], rows[-1][1]) if len(rows) == CHUNK else None


def forget(connection: Connection, keys: list[Values]) -> None:
    """Forget these updates."""
    dialect(connection).delete(connection, seen, ("conversation", "update_id"), keys)
