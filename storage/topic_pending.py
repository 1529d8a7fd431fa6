"""Statements about what waits to be told in topics: answers to agents, and messages that were given up."""

from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select, text

from storage import outbox
from storage.schema import topic_answers, topic_behind, topic_losses, topics
from storage.topic_records import Answer, Pending

_MOST = 20
"""Answers that wait in one topic; the oldest are dropped beyond."""


def answer(connection: Connection, *, key: str, to: Answer, now: int) -> None:
    """Let this be told, once for one update."""
    once = text(
        "INSERT INTO topic_answers (conversation, update_id, text, at) VALUES (:key, :id, :text, :at) "
        "ON CONFLICT DO NOTHING"
    )
    connection.execute(once, {"key": key, "id": to.update_id, "text": to.text, "at": now})
    c = topic_answers.c
    mine = select(c.update_id).where(c.conversation == key).order_by(c.update_id.desc())
    if (last := connection.execute(mine.offset(_MOST).limit(1)).scalar()) is not None:
        answered(connection, key=key, up_to=last)


def answers(connection: Connection, key: str) -> tuple[Answer, ...]:
    """What waits to be told in a conversation's topic, in the order in which it was asked for."""
    c = topic_answers.c
    rows = connection.execute(select(c.update_id, c.text).where(c.conversation == key).order_by(c.update_id))
    return tuple(Answer(row.update_id, row.text) for row in rows)


def answered(connection: Connection, *, key: str, up_to: int) -> None:
    """These were told, or need not be."""
    c = topic_answers.c
    connection.execute(delete(topic_answers).where(c.conversation == key, c.update_id <= up_to))


def losses(connection: Connection, key: str) -> frozenset[int]:
    """The messages of a conversation that were given up, as its topic tells."""
    found = connection.execute(select(topic_losses.c.seq).where(topic_losses.c.conversation == key))
    return frozenset(found.scalars())


def keep_losses(connection: Connection, key: str, seqs: Collection[int]) -> None:
    """The topic tells of these and no others."""
    connection.execute(delete(topic_losses).where(topic_losses.c.conversation == key))
    if seqs:
        connection.execute(insert(topic_losses), [{"conversation": key, "seq": seq} for seq in seqs])


def note_behind(connection: Connection, key: str) -> None:
    """Note whether a conversation's topic tells of other messages than those that were given up.

    It belongs into every transaction that changes either, or begins or drops a topic.
    """
    mine = select(topics.c.conversation).where(topics.c.conversation == key)
    # Locked before anything is compared: whoever comes second sees what the first has written.
    has_topic = connection.execute(mine.with_for_update()).first() is not None
    if has_topic and _lost(connection, key) != losses(connection, key):
        once = text("INSERT INTO topic_behind (conversation) VALUES (:key) ON CONFLICT DO NOTHING")
        connection.execute(once, {"key": key})
    else:
        connection.execute(delete(topic_behind).where(topic_behind.c.conversation == key))


def pending(connection: Connection) -> dict[str, Pending]:
    """Every conversation in whose topic something waits to be told.

    It is asked for every second: nothing is read but what waits.
    """
    c = topic_answers.c
    last = select(c.conversation, func.max(c.update_id)).group_by(c.conversation)
    waiting = {key: update_id for key, update_id in connection.execute(last)}  # noqa: C416  rows are no pairs to mypy
    lost = {key: _lost(connection, key) for key in connection.execute(select(topic_behind)).scalars()}
    if not (waiting or lost):
        return {}
    keys = [*waiting, *lost]
    groups = select(topics.c.conversation, topics.c.grp).where(topics.c.conversation.in_(keys))
    return {
        key: Pending(group, waiting.get(key, 0), lost.get(key, frozenset()))
        for key, group in connection.execute(groups)
    }


def _lost(connection: Connection, key: str) -> frozenset[int]:
    """The messages of a conversation that were given up."""
    _, lost = outbox.deliveries(connection, key)
    return frozenset(lost)
