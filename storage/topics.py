"""Statements about topics, their messages, and the people who write there."""

from collections.abc import Iterable
from typing import Any

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from storage.agents import agent_of
from storage.desk_records import Agent
from storage.dialect import Values, dialect
from storage.schema import (
    agents,
    topic_answers,
    topic_erasures,
    topic_messages,
    topic_people,
    topic_sources,
    topics,
)
from storage.topic_records import Kind, Source, SourceKind, Topic, TopicMessage

_MADE = (Kind.MADE.value, Kind.ASIDE.value)


def keep(connection: Connection, topic: Topic) -> None:
    """Keep what is shown of a conversation, in the place of what was known; not if it was erased."""
    values = _values(topic)
    mine = update(topics).where(topics.c.conversation == topic.key)
    if not connection.execute(mine.values(**values)).rowcount and not _erased(connection, topic):
        connection.execute(insert(topics).values(conversation=topic.key, **values))


def _erased(connection: Connection, topic: Topic) -> bool:
    """Whether the conversation was erased while something was shown in this topic of it."""
    c = topic_erasures.c
    place = select(c.grp).where(c.grp == topic.group, c.topic == topic.topic)
    return connection.execute(place).first() is not None


def begin(connection: Connection, topic: Topic) -> None:
    """Keep a new topic, unless the conversation has one: another process may have been faster."""
    values = {"conversation": topic.key, **_values(topic)}
    names, places = ", ".join(values), ", ".join(f":{name}" for name in values)
    once = text(f"INSERT INTO topics ({names}) VALUES ({places}) ON CONFLICT DO NOTHING")  # noqa: S608  columns
    connection.execute(once, values)


def drop(connection: Connection, key: str) -> None:
    """The conversation has no topic any more, and nothing that was written there is seen any more."""
    connection.execute(delete(topics).where(topics.c.conversation == key))
    connection.execute(delete(topic_messages).where(topic_messages.c.conversation == key))


def of(connection: Connection, key: str) -> Topic | None:
    """The conversation's topic."""
    row = connection.execute(select(topics).where(topics.c.conversation == key)).first()
    return None if row is None else _topic(row)


def at(connection: Connection, *, group: int, topic: int) -> Topic | None:
    """The topic at this place."""
    row = connection.execute(select(topics).where(topics.c.grp == group, topics.c.topic == topic)).first()
    return None if row is None else _topic(row)


def opened(connection: Connection) -> tuple[Topic, ...]:
    """Every topic that is not closed."""
    rows = connection.execute(
        select(topics).where(topics.c.closed == 0).order_by(topics.c.grp, topics.c.topic)
    )
    return tuple(_topic(row) for row in rows)


def crowds(connection: Connection) -> dict[int, int]:
    """How many open topics each group has."""
    counted = select(topics.c.grp, func.count()).where(topics.c.closed == 0).group_by(topics.c.grp)
    return {group: number for group, number in connection.execute(counted)}  # noqa: C416  rows are no pairs to mypy


def _values(topic: Topic) -> dict[str, str | int | None]:
    return {
        "grp": topic.group,
        "topic": topic.topic,
        "reference": topic.reference,
        "name": topic.name,
        "closed": int(topic.closed),
        "summary": topic.summary,
        "pinned": int(topic.pinned),
        "head": topic.head,
        "head_seq": topic.head_seq,
        "seq": topic.seq,
        "note": topic.note,
        "source": topic.source,
        "told": topic.told,
    }


def _topic(row: Row[Any]) -> Topic:
    return Topic(
        key=row.conversation,
        group=row.grp,
        topic=row.topic,
        reference=row.reference,
        name=row.name,
        closed=bool(row.closed),
        summary=row.summary,
        pinned=bool(row.pinned),
        head=row.head,
        head_seq=row.head_seq,
        seq=row.seq,
        note=row.note,
        source=row.source,
        told=row.told,
    )


# ---- messages of agents


def note_message(connection: Connection, message: TopicMessage, now: int) -> None:
    """Note what a message was; noted again, it is what it is noted as then."""
    mine = (topic_messages.c.grp == message.group, topic_messages.c.message == message.message)
    connection.execute(delete(topic_messages).where(*mine))
    connection.execute(
        insert(topic_messages).values(
            grp=message.group,
            message=message.message,
            conversation=message.key,
            kind=message.kind.value,
            seq=message.seq,
            at=now,
        )
    )


def message(connection: Connection, *, group: int, message_id: int) -> TopicMessage | None:
    """What this message was, if it was anything."""
    asked = select(topic_messages).where(
        topic_messages.c.grp == group, topic_messages.c.message == message_id
    )
    row = connection.execute(asked).first()
    if row is None:
        return None
    return TopicMessage(row.grp, row.message, row.conversation, Kind(row.kind), row.seq)


def made(connection: Connection, *, key: str) -> tuple[TopicMessage, ...]:
    """The topics that were made for a conversation and are not known to be gone, oldest first."""
    c = topic_messages.c
    rows = connection.execute(
        select(topic_messages).where(c.conversation == key, c.kind.in_(_MADE)).order_by(c.at, c.message)
    )
    return tuple(TopicMessage(row.grp, row.message, row.conversation, Kind(row.kind)) for row in rows)


def mark_message(connection: Connection, message: TopicMessage) -> None:
    """A message is of another kind from now on."""
    mine = (topic_messages.c.grp == message.group, topic_messages.c.message == message.message)
    connection.execute(update(topic_messages).where(*mine).values(kind=message.kind.value))


def forget_message(connection: Connection, *, group: int, message: int) -> None:
    """Forget what a message was."""
    mine = (topic_messages.c.grp == group, topic_messages.c.message == message)
    connection.execute(delete(topic_messages).where(*mine))


def said_here(connection: Connection, *, key: str, after: int) -> frozenset[int]:
    """Numbers after `after` of the transcript's messages that agents wrote in a topic."""
    c = topic_messages.c
    asked = select(c.seq).where(c.conversation == key, c.kind == Kind.REPLY.value, c.seq > after)
    return frozenset(connection.execute(asked).scalars())


def noted_here(connection: Connection, *, key: str, after: int) -> frozenset[int]:
    """Ids after `after` of the private notes that agents wrote in a topic."""
    c = topic_messages.c
    asked = select(c.seq).where(c.conversation == key, c.kind == Kind.NOTE.value, c.seq > after)
    return frozenset(connection.execute(asked).scalars())


# ---- what customers sent besides words


def note_source(connection: Connection, source: Source, now: int) -> None:
    """Remember a customer's update, once."""
    once = text(
        "INSERT INTO topic_sources (conversation, update_id, message, kind, at) "
        "VALUES (:key, :id, :message, :kind, :at) ON CONFLICT DO NOTHING"
    )
    values = {"key": source.key, "id": source.update_id, "message": source.message}
    connection.execute(once, values | {"kind": source.kind.value, "at": now})


def sources(connection: Connection, *, key: str, after: int, limit: int) -> tuple[Source, ...]:
    """A conversation's updates with a greater number than `after`, in order."""
    c = topic_sources.c
    asked = select(topic_sources).where(c.conversation == key, c.update_id > after)
    rows = connection.execute(asked.order_by(c.update_id).limit(limit))
    return tuple(Source(row.conversation, row.update_id, row.message, SourceKind(row.kind)) for row in rows)


def edits(connection: Connection, *, key: str, updates: Iterable[int]) -> frozenset[int]:
    """Which of these updates were edits."""
    c = topic_sources.c
    asked = select(c.update_id).where(
        c.conversation == key, c.update_id.in_(list(updates)), c.kind == SourceKind.EDIT.value
    )
    return frozenset(connection.execute(asked).scalars())


def forget(connection: Connection, before: int) -> None:
    """Forget messages and updates of earlier times."""
    connection.execute(delete(topic_messages).where(topic_messages.c.at < before))
    connection.execute(delete(topic_sources).where(topic_sources.c.at < before))
    connection.execute(delete(topic_answers).where(topic_answers.c.at < before))


# ---- topics of erased conversations


def leave_erased(connection: Connection, key: str) -> None:
    """A conversation's topics are to be deleted in their groups: that of now, and any that was made twice."""
    places: set[Values] = {(one.group, one.message) for one in made(connection, key=key)}
    if (topic := of(connection, key)) is not None:
        places.add((topic.group, topic.topic))
    dialect(connection).insert(connection, topic_erasures, sorted(places), "ON CONFLICT DO NOTHING")


def erased(connection: Connection, limit: int) -> tuple[tuple[int, int], ...]:
    """Group and topic of erased conversations that are still there."""
    rows = connection.execute(select(topic_erasures).order_by(*topic_erasures.c).limit(limit))
    return tuple((row.grp, row.topic) for row in rows)


def forget_erased(connection: Connection, *, group: int, topic: int) -> None:
    """This topic is there no more."""
    place = (topic_erasures.c.grp == group, topic_erasures.c.topic == topic)
    connection.execute(delete(topic_erasures).where(*place))


# ---- people


def link(connection: Connection, *, person: int, agent: str, now: int) -> None:
    """This person is that agent, and nobody else is."""
    connection.execute(
        delete(topic_people).where((topic_people.c.person == person) | (topic_people.c.agent == agent))
    )
    connection.execute(insert(topic_people).values(person=person, agent=agent, at=now))


def unlink(connection: Connection, agent: str) -> bool:
    """Nobody is this agent any more; whether somebody was."""
    return connection.execute(delete(topic_people).where(topic_people.c.agent == agent)).rowcount > 0


def who(connection: Connection, person: int) -> Agent | None:
    """Which agent this person is."""
    joined = select(agents).join(topic_people, topic_people.c.agent == agents.c.id)
    row = connection.execute(joined.where(topic_people.c.person == person)).first()
    return None if row is None else agent_of(row)


def first_seen(connection: Connection, *, person: int, now: int) -> bool:
    """Note somebody who is no agent; whether they were unknown."""
    once = text(
        "INSERT INTO topic_people (person, agent, at) VALUES (:person, NULL, :at) ON CONFLICT DO NOTHING"
    )
    return connection.execute(once, {"person": person, "at": now}).rowcount > 0
