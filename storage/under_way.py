"""Conversations that are not over: a question is open, or a person is wanted or has them."""

from sqlalchemy import Connection, or_, select

from storage.records import UnderWay
from storage.schema import conversations, seen
from storage.times import moment


def of_channel(connection: Connection, *, channel: str) -> tuple[UnderWay, ...]:
    """One channel's conversations under way. One that waits for the shop alone is not among them."""
    table = conversations.c
    rows = connection.execute(
        select(table.key, table.mode, table.updated_at)
        .where(
            table.key > f"{channel}:",
            table.key < f"{channel};",
            or_(table.wake_at.is_not(None), table.waiting_since.is_not(None)),
        )
        .order_by(table.key)
    )
    return tuple(UnderWay(key, mode, moment(at)) for key, mode, at in rows)


def knows(connection: Connection, *, key: str, update_id: str) -> bool:
    """Whether an update was taken in before."""
    found = select(seen.c.update_id).where(seen.c.conversation == key, seen.c.update_id == update_id)
    return connection.execute(found).first() is not None
