"""The topics' part of the store."""

from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from storage import audit, desk, sessions, topic_pending, topics
from storage.audit import Record
from storage.database import Database
from storage.desk_records import Agent
from storage.times import micros
from storage.topic_records import Answer, Kind, Pending, Source, Topic, TopicMessage


class TopicStore:
    """Reached as `Store.topics`. Every method may raise `StoreUnreachable`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def keep(self, topic: Topic) -> None:
        """Keep what is shown of a conversation."""
        await self._database.write(partial(topics.keep, topic=topic))

    async def begin(self, topic: Topic) -> Topic:
        """Keep a new topic, unless the conversation has one: the one that it has."""

        def write(connection: Connection) -> Topic:
            topics.begin(connection, topic)
            topic_pending.note_behind(connection, topic.key)
            return topics.of(connection, topic.key) or topic

        return await self._database.write(write)

    async def drop(self, key: str) -> None:
        """The conversation has no topic any more."""

        def write(connection: Connection) -> None:
            topics.drop(connection, key)
            topic_pending.note_behind(connection, key)

        await self._database.write(write)

    async def of(self, key: str) -> Topic | None:
        """The conversation's topic."""
        return await self._database.read(partial(topics.of, key=key))

    async def at(self, group: int, topic: int) -> Topic | None:
        """The topic at this place."""
        return await self._database.read(partial(topics.at, group=group, topic=topic))

    async def opened(self) -> tuple[Topic, ...]:
        """Every topic that is not closed."""
        return await self._database.read(topics.opened)

    async def crowds(self) -> Mapping[int, int]:
        """How many open topics each group has."""
        return await self._database.read(topics.crowds)

    async def note_message(self, message: TopicMessage, now: datetime) -> None:
        """Note what a message was."""
        await self._database.write(partial(topics.note_message, message=message, now=micros(now)))

    async def message(self, group: int, message_id: int) -> TopicMessage | None:
        """What this message was, if it was anything."""
        return await self._database.read(partial(topics.message, group=group, message_id=message_id))

    async def note_made(self, topic: Topic, now: datetime) -> Topic:
        """Note that we made this topic, and keep it unless the conversation has one: the one that it has."""

        def write(connection: Connection) -> Topic:
            if topics.message(connection, group=topic.group, message_id=topic.topic) is None:
                made = TopicMessage(topic.group, topic.topic, topic.key, Kind.MADE)
                topics.note_message(connection, made, micros(now))
            if topics.at(connection, group=topic.group, topic=topic.topic) is None:
                topics.begin(connection, topic)
                topic_pending.note_behind(connection, topic.key)
                desk.change(connection, topic.key, {})  # so that other processes see that something is new
            return topics.of(connection, topic.key) or topic

        return await self._database.write(write)

    async def made(self, key: str) -> tuple[TopicMessage, ...]:
        """The topics that were made for a conversation and are not known to be gone, oldest first."""
        return await self._database.read(partial(topics.made, key=key))

    async def end_made(self, made: TopicMessage) -> None:
        """This topic says that its conversation goes on elsewhere."""
        said = TopicMessage(made.group, made.message, made.key, Kind.ASIDE)
        await self._database.write(partial(topics.mark_message, message=said))

    async def forget_made(self, made: TopicMessage) -> None:
        """This topic is done with."""
        await self._database.write(partial(topics.forget_message, group=made.group, message=made.message))

    async def erased(self, limit: int = 100) -> tuple[tuple[int, int], ...]:
        """Group and number of topics whose conversations were erased, and that are still there."""
        return await self._database.read(partial(topics.erased, limit=limit))

    async def forget_erased(self, group: int, topic: int) -> None:
        """This topic is there no more."""
        await self._database.write(partial(topics.forget_erased, group=group, topic=topic))

    async def said_here(self, key: str, after: int) -> frozenset[int]:
        """Numbers after `after` of the transcript's messages that agents wrote in a topic."""
        return await self._database.read(partial(topics.said_here, key=key, after=after))

    async def noted_here(self, key: str, after: int) -> frozenset[int]:
        """Ids after `after` of the private notes that agents wrote in a topic."""
        return await self._database.read(partial(topics.noted_here, key=key, after=after))

    async def note_source(self, source: Source, now: datetime) -> None:
        """Remember a customer's update, once."""
        await self._database.write(partial(topics.note_source, source=source, now=micros(now)))

    async def sources(self, key: str, after: int, limit: int = 100) -> tuple[Source, ...]:
        """A conversation's remembered updates after that one, in order."""
        return await self._database.read(partial(topics.sources, key=key, after=after, limit=limit))

    async def edits(self, key: str, updates: Iterable[int]) -> frozenset[int]:
        """Which of these updates were edits."""
        return await self._database.read(partial(topics.edits, key=key, updates=tuple(updates)))

    async def forget(self, before: datetime) -> None:
        """Forget messages and updates of earlier times."""
        await self._database.write(partial(topics.forget, before=micros(before)))

    # ---- what waits to be told

    async def answer(self, key: str, to: Answer, now: datetime) -> None:
        """Let this be told in the conversation's topic, once for one update; the last twenty are kept."""
        await self._database.write(partial(topic_pending.answer, key=key, to=to, now=micros(now)))

    async def answers(self, key: str) -> tuple[Answer, ...]:
        """What waits to be told there, in order."""
        return await self._database.read(partial(topic_pending.answers, key=key))

    async def losses(self, key: str) -> frozenset[int]:
        """The messages to the customer that were given up, as the topic tells."""
        return await self._database.read(partial(topic_pending.losses, key=key))

    async def pending(self) -> Mapping[str, Pending]:
        """Every conversation in whose topic something waits to be told."""
        return await self._database.read(topic_pending.pending)

    async def shown(self, topic: Topic, *, answered: int, losses: Collection[int] | None) -> None:
        """Keep what is shown now: with it answers up to that one and, where given, what was given up."""

        def write(connection: Connection) -> None:
            topics.keep(connection, topic)
            if answered:
                topic_pending.answered(connection, key=topic.key, up_to=answered)
            if losses is not None:
                topic_pending.keep_losses(connection, topic.key, losses)
                topic_pending.note_behind(connection, topic.key)

        await self._database.write(write)

    # ---- what was heard

    async def was_done(self, place: str, update_id: int) -> bool:
        """Whether what this update of a place asks for was done."""
        return await self._database.read(partial(desk.began, key=place, id_=_update(update_id)))

    async def note_done(self, place: str, update_id: int, now: datetime) -> None:
        """What this update asks for was done. It is kept as long as the ids of replies."""
        once = partial(desk.begin_reply, key=place, id_=_update(update_id), seq=0, at=micros(now))
        await self._database.write(once)

    # ---- people

    async def link(
        self, person: int, *, digest: str, purpose: str, now: datetime, record_of: Callable[[str], Record]
    ) -> str | None:
        """Use up a code: this person is the agent it is for (its id); `None` where the code does not work.

        `record_of` makes the entry for the audit log from the agent's id.
        """

        def write(connection: Connection) -> str | None:
            agent = sessions.use(connection, digest=digest, purpose=purpose, now=micros(now))
            if agent is None:
                return None
            topics.link(connection, person=person, agent=agent, now=micros(now))
            audit.append(connection, record_of(agent))
            return agent

        return await self._database.write(write)

    async def unlink(self, agent: str, record: Record) -> bool:
        """Nobody is this agent any more; whether somebody was."""

        def write(connection: Connection) -> bool:
            if not topics.unlink(connection, agent):
                return False
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    async def who(self, person: int) -> Agent | None:
        """Which agent this person is."""
        return await self._database.read(partial(topics.who, person=person))

    async def first_seen(self, person: int, now: datetime) -> bool:
        """Note somebody who is no agent; whether they were unknown."""
        return await self._database.write(partial(topics.first_seen, person=person, now=micros(now)))


def _update(update_id: int) -> str:
    return f"update {update_id}"
