"""The desk's part of the store: rows, queue, search, notes, answers, and the audit log beside each change."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from storage import audit, canned, desk, desk_queue, notes, outbox, search, topic_pending
from storage.audit import Record
from storage.database import Database
from storage.desk import Changes, Marks, Watched
from storage.desk_queue import Sight, cursor_of, place_of
from storage.desk_records import (
    AuditEntry,
    Canned,
    Counts,
    DeskRow,
    Filters,
    Found,
    Note,
    Page,
    QueueItem,
    Verified,
)
from storage.records import Deliver
from storage.rows import storable
from storage.times import micros


class DeskStore:
    """Reached as `Store.desk`. A change and its audit entry are one transaction.

    Every method may raise `StoreUnreachable`.
    """

    def __init__(self, database: Database, next_id: Callable[[int], int]) -> None:
        self._database = database
        self._next_id = next_id

    # ---- finding

    async def page(
        self, sight: Sight, filters: Filters, *, now: datetime, cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Part of the queue. Raises `ValueError` for a cursor that no page gave."""
        ask = partial(
            desk_queue.page,
            sight=sight,
            filters=filters,
            now=micros(now),
            after=place_of(cursor),
            limit=limit,
        )
        items, place = await self._database.read(ask)
        return Page(items, cursor_of(place))

    async def counts(self, sight: Sight, *, now: datetime) -> Counts:
        """How many conversations there are of each kind."""
        return await self._database.read(partial(desk_queue.counts, sight=sight, now=micros(now)))

    async def item(self, key: str, *, now: datetime) -> QueueItem | None:
        """One conversation as the queue lists it, in whatever state."""
        return await self._database.read(partial(desk_queue.item, key=key, now=micros(now)))

    async def glance(self, keys: Sequence[str], *, now: datetime) -> Mapping[str, QueueItem]:
        """These conversations as the queue lists them, in whatever state."""
        return await self._database.read(partial(desk_queue.glance, keys=tuple(keys), now=micros(now)))

    async def search(self, sight: Sight, words: str, limit: int) -> tuple[Found, ...]:
        """What matches these words."""
        look = partial(search.search, sight=sight, words=storable(words), limit=limit)
        return await self._database.read(look)

    # ---- rows

    async def row(self, key: str) -> DeskRow:
        """What the desk knows of a conversation."""
        found = await self._database.read(partial(desk.rows, keys=(key,)))
        return found.get(key, DeskRow(key))

    async def change(
        self,
        key: str,
        changes: Changes,
        record: Record | None = None,
        *,
        version: int | None = None,
        labels: Sequence[str] | None = None,
        note: str = "",
    ) -> bool:
        """Change a row and put it on record, with a note of the bot's; nothing if `version` is another."""

        def write(connection: Connection) -> bool:
            if not desk.change(connection, key, changes, version=version):
                return False
            if labels is not None:
                desk.set_labels(connection, key, labels)
            if record is not None:
                audit.append(connection, record)
                if note:
                    id_ = self._next_id(record.at)
                    notes.add(connection, key=key, note_id=id_, at=record.at, author=None, words=note)
            return True

        return await self._database.write(write)

    async def begin_reply(self, key: str, id_: str, *, seq: int, at: datetime, record: Record) -> int | None:
        """Put a reply on record before it is said; if that was done before, the transcript's length then."""

        def write(connection: Connection) -> int | None:
            if id_:
                before = desk.begin_reply(connection, key=key, id_=id_, seq=seq, at=micros(at))
                if before is not None:
                    return before
            audit.append(connection, record)
            return None

        return await self._database.write(write)

    async def watched(self) -> tuple[Watched, ...]:
        """What the rounds look at."""
        return await self._database.read(desk.watched)

    async def marks(self) -> Mapping[str, Marks]:
        """What every conversation of the queue is at, to see what others changed."""
        return await self._database.read(desk.marks)

    async def renew(self, key: str, holder: str, until: datetime) -> None:
        """Let the lease of this holder last until then."""
        await self._database.write(partial(desk.renew, key=key, holder=holder, until=micros(until)))

    async def lapse(self, key: str, holder: str, now: datetime, record: Record) -> bool:
        """End the lease of this holder, on record, if it ran out; whether it did."""

        def write(connection: Connection) -> bool:
            if not desk.lapse(connection, key=key, holder=holder, now=micros(now)):
                return False
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    async def end_leases(self, holder: str, now: datetime) -> None:
        """Let all leases of this holder run out now."""
        await self._database.write(partial(desk.end_leases, holder=holder, now=micros(now)))

    async def take_lease(self, name: str, owner: str, *, now: datetime, until: datetime) -> bool:
        """Whether this owner has the lease of that name until then."""
        take = partial(desk.take_lease, name=name, owner=owner, now=micros(now), until=micros(until))
        return await self._database.write(take)

    async def forget_replies(self, before: datetime) -> None:
        """Forget the ids of older replies."""
        await self._database.write(partial(desk.forget_replies, before=micros(before)))

    # ---- notes and answers

    async def note(
        self,
        key: str,
        *,
        author: str | None,
        words: str,
        at: datetime,
        record: Record | None = None,
        id_: str = "",
    ) -> Note:
        """Keep a private note; the same `id_` again gives the note that was kept before."""
        at_ = micros(at)

        def write(connection: Connection) -> Note:
            new = self._next_id(at_)
            if id_:
                once = desk.begin_reply(connection, key=key, id_=f"note {id_}", seq=new, at=at_)
                if once is not None and (before := notes.one(connection, key, once)) is not None:
                    return before
            if record is not None:
                audit.append(connection, record)
            desk.change(connection, key, {})  # so that other processes see that something is new
            return notes.add(connection, key=key, note_id=new, at=at_, author=author, words=words)

        return await self._database.write(write)

    async def notes(self, key: str) -> tuple[Note, ...]:
        """A conversation's private notes, in order."""
        return await self._database.read(partial(notes.of, key=key))

    async def canned(self) -> tuple[Canned, ...]:
        """Every canned answer, by shortcut."""
        return await self._database.read(canned.every)

    async def save_canned(self, one: Canned, record: Record) -> None:
        """Add one, or put it in the place of the one with its shortcut."""

        def write(connection: Connection) -> None:
            canned.save(connection, one)
            audit.append(connection, record)

        await self._database.write(write)

    async def remove_canned(self, shortcut: str, record: Record) -> bool:
        """Remove one; whether there was one."""

        def write(connection: Connection) -> bool:
            if not canned.remove(connection, shortcut):
                return False
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    async def seed_canned(self, ours: Iterable[Canned]) -> None:
        """Add the product's own, once for ever."""
        await self._database.write(partial(canned.seed, ours=tuple(ours)))

    # ---- deliveries

    async def deliveries(self, key: str) -> tuple[frozenset[int], Mapping[int, str]]:
        """Numbers of messages on their way, and of those given up with the reason."""
        return await self._database.read(partial(outbox.deliveries, key=key))

    async def retry(self, key: str, seq: int, *, at: datetime, record: Record) -> bool:
        """Send a message again that was given up; whether it was."""

        def write(connection: Connection) -> bool:
            if not outbox.take_back(connection, key=key, wanted=Deliver(seq), due_at=micros(at)):
                return False
            topic_pending.note_behind(connection, key)
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    # ---- the audit log

    async def record(self, record: Record) -> None:
        """Put an act on record."""
        await self._database.write(partial(audit.append, record=record))

    async def trail(self, chain: str) -> tuple[AuditEntry, ...]:
        """What is on record in a chain, in order."""
        return await self._database.read(partial(audit.entries, chain=chain))

    async def verify(self, chain: str | None = None) -> Verified:
        """Check one chain of the audit log, or all."""
        return await self._database.read(partial(audit.verify, chain=chain))

    async def erase_trail(self, record: Record) -> int:
        """Drop a chain's entries, leaving a tombstone; how many there were."""
        return await self._database.write(partial(audit.erase, record=record))
