"""What was said in a conversation."""

from typing import Any

from sqlalchemy import Connection, Row, select

from storage.codec import decode_choices
from storage.records import Author, Entry
from storage.schema import messages
from storage.times import moment


def entries(connection: Connection, *, key: str, after: int, limit: int) -> tuple[Entry, ...]:
    """Messages with a greater number than `after`, in order."""
    rows = connection.execute(
        select(messages)
        .where(messages.c.conversation == key, messages.c.seq > after)
        .order_by(messages.c.seq)
        .limit(limit)
    )
    return tuple(_entry(row) for row in rows)


def last_said(connection: Connection, key: str) -> Entry | None:
    """The last message to the customer, from the bot or an agent."""
    row = connection.execute(
        select(messages)
        .where(messages.c.conversation == key, messages.c.author != Author.CUSTOMER.value)
        .order_by(messages.c.seq.desc())
        .limit(1)
    ).first()
    return None if row is None else _entry(row)


def _entry(row: Row[Any]) -> Entry:
    return Entry(
        seq=row.seq,
        at=moment(row.at),
        author=Author(row.author),
        text=row.text,
        choices=decode_choices(row.choices) if row.choices else (),
        agent=row.agent,
        update_id=row.update_id,
    )
