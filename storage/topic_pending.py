"""Statements about what waits to be told in topics: answers to agents, and messages that were given up."""

from collections import defaultdict
from collections.abc import Collection

from sqlalchemy import Connection, delete, func, insert, select, text

from storage.codec import decode_work
from storage.records import Deliver
from storage.schema import given_up, topic_answers, topic_losses, topics
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


def pending(connection: Connection) -> dict[str, Pending]:
    """Every conversation in whose topic something waits to be told."""
    c = topic_answers.c
    last = select(c.conversation, func.max(c.update_id)).group_by(c.conversation)
    waiting = {key: update_id for key, update_id in connection.execute(last)}  # noqa: C416  rows are no pairs to mypy
    lost, told = _lost(connection), _told(connection)
    differ = {key for key in lost.keys() | told.keys() if lost.get(key) != told.get(key)}
    keys = waiting.keys() | differ
    if not keys:
        return {}
    groups = select(topics.c.conversation, topics.c.grp).where(topics.c.conversation.in_(keys))
    return {
        key: Pending(group, waiting.get(key, 0), lost.get(key, frozenset()))
        for key, group in connection.execute(groups)
    }


def _lost(connection: Connection) -> dict[str, frozenset[int]]:
    """The messages that were given up, of conversations that have topics."""
    g, found = given_up.c, defaultdict[str, set[int]](set)
    with_topics = select(g.conversation, g.payload).join(topics, topics.c.conversation == g.conversation)
    for key, payload in connection.execute(with_topics.where(g.kind == Deliver.__name__)):
        work = decode_work(Deliver.__name__, payload)
        if isinstance(work, Deliver):
            found[key].add(work.seq)
    return {key: frozenset(seqs) for key, seqs in found.items()}


def _told(connection: Connection) -> dict[str, frozenset[int]]:
    """Those of which topics tell."""
    found = defaultdict[str, set[int]](set)
    for key, seq in connection.execute(select(topic_losses.c.conversation, topic_losses.c.seq)):
        found[key].add(seq)
    return {key: frozenset(seqs) for key, seqs in found.items()}
