"""Erasing: a customer asks for it, or the shop keeps nothing longer than it says.

What is left of a conversation is its key and its counters (`dialogs.conversation.erased`), the ids of its
last updates, by which repeats are known until they are forgotten anyway, and a tombstone in the audit log.
Its version moves on, so that no process goes on with what it remembers.
"""

from enum import StrEnum

from sqlalchemy import Connection, Table, and_, delete, exists, func, or_, select, update

from dialogs.conversation import Mode, erased
from storage import audit, schema, topics
from storage.audit import Record
from storage.codec import decode_conversation, encode
from storage.dialect import dialect
from storage.schema import (
    cases,
    conversations,
    decisions,
    desk,
    desk_labels,
    desk_replies,
    given_up,
    messages,
    notes,
    outbox,
    topic_answers,
    topic_behind,
    topic_losses,
    topic_messages,
    topic_sources,
)

WHOLE: tuple[Table, ...] = (
    messages,
    cases,
    decisions,
    notes,
    given_up,
    desk,
    desk_labels,
    desk_replies,
    schema.topics,
    topic_messages,
    topic_sources,
    topic_answers,
    topic_losses,
    topic_behind,
)
"""Tables that keep nothing of an erased conversation."""
_CHUNK = 5_000
"""Conversations looked at in one statement: what is written meanwhile waits no longer than for these."""
_c = conversations.c
KEPT = exists().where(messages.c.conversation == _c.key)
"""Something is kept of the conversation."""


class Erasure(StrEnum):
    """What came of wanting a conversation erased."""

    ERASED = "erased"
    NOTHING = "nothing"
    """Nothing is kept of it: there is no such conversation, or it was erased before."""
    NOT_QUIET = "not quiet"
    """Something was said since."""
    PERSON = "person"
    """A person is wanted, has it, or follows an intercept."""
    WORK = "work"
    """Something is still to be done or to be told."""


def erase(connection: Connection, *, record: Record, quiet_since: int | None) -> Erasure:
    """Erase the conversation that is `record.chain`, unless it is in somebody's hands or was said to since.

    `record` says who erased it and why. `quiet_since` is in microseconds; `None` where somebody asked for it,
    who is on record then though nothing else was.
    """
    key = record.chain
    dialect(connection).lock(connection, conversations, "key", [key])
    found = connection.execute(select(_c.state, _c.updated_at, KEPT).where(_c.key == key)).first()
    if found is None or not found[2]:
        return Erasure.NOTHING
    if quiet_since is not None and found.updated_at >= quiet_since:
        return Erasure.NOT_QUIET
    if (reason := held(connection, key)) is not None:
        return reason
    topics.leave_erased(connection, key)
    steps = select(desk.c.version).where(desk.c.conversation == key).scalar_subquery()
    connection.execute(
        update(conversations)
        .where(_c.key == key)
        .values(
            version=_c.version + 1 + func.coalesce(steps, 0),  # consoles add both: their sum never goes back
            added=0,
            state=encode(erased(decode_conversation(found.state))),
            **dict.fromkeys(("reason", "reference", "agent", "wake_at", "contact_name", "contact_address")),
            updated_at=record.at,
        )
    )
    for table in WHOLE:
        connection.execute(delete(table).where(table.c.conversation == key))
    audit.erase(connection, record, always=quiet_since is None)
    return Erasure.ERASED


def held(connection: Connection, key: str) -> Erasure | None:
    """Why a conversation cannot be erased now: `PERSON`, `WORK`, or nothing."""
    people = or_(_c.mode != Mode.BOT.value, desk.c.intercept_by.is_not(None))
    joined = conversations.outerjoin(desk, desk.c.conversation == _c.key)
    if connection.execute(select(_c.key).select_from(joined).where(_c.key == key, people)).first():
        return Erasure.PERSON
    if connection.execute(select(outbox.c.id).where(outbox.c.conversation == key)).first():
        return Erasure.WORK
    return None


def quiet(connection: Connection, *, before: int, after: str) -> tuple[tuple[str, ...], str | None]:
    """Those silent since, among the next keys after this one; and the last of these, if there are more."""
    rows = connection.execute(
        select(_c.key, and_(_c.updated_at < before, KEPT))
        .where(_c.key > after)
        .order_by(_c.key)
        .limit(_CHUNK)
    ).all()
    return tuple(key for key, old in rows if old), rows[-1][0] if len(rows) == _CHUNK else None
