"""The store: everything kept, behind one door. See `storage.records` for what goes in and comes out."""

import os
import secrets
import socket
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Self

from sqlalchemy import Connection, text

from storage import (
    api_tokens,
    cases,
    gathering,
    guesses,
    inbox,
    locks,
    migrate,
    outbox,
    timers,
    topic_pending,
    transcript,
    under_way,
    unmapped,
    updates,
)
from storage.account_store import AccountStore
from storage.api_tokens import ApiToken
from storage.database import Database, parse
from storage.desk_store import DeskStore
from storage.erasure_store import ErasureStore
from storage.gathering import Gathered, Recent
from storage.guesses import Counted, Subject
from storage.ids import Ids
from storage.performing import Performing
from storage.postgres import PostgresDatabase
from storage.records import (
    Case,
    Claimed,
    Decided,
    Entry,
    Result,
    Saved,
    Stored,
    Turn,
    UnderWay,
    Waiting,
    Work,
)
from storage.rows import Lease, prepare
from storage.sqlite import SqliteDatabase
from storage.times import length, micros
from storage.topic_store import TopicStore
from storage.unmapped import UnmappedStatus
from storage.work import Committer


@dataclass(frozen=True, slots=True)
class Limits:
    """What a store does at most."""

    lease: timedelta = timedelta(seconds=60)
    """How long the work of a turn is left to the process that saved it."""
    waiting: int = 1024
    """Turns that may wait to be written."""
    remembered: int = 2048
    """Conversations kept in memory."""


class Store:
    """An open store; make one with `Store.open`. Times are aware and given by the caller.

    Every method may raise `StoreUnreachable`.
    """

    def __init__(self, database: Database, owner: str, limits: Limits, performing: Performing | None) -> None:
        self.database = database
        self.owner = owner
        self._performing = performing
        self._committer = Committer(database, limit=limits.waiting)
        self._loads = Gathered(self._load_all)
        self._locks = Gathered(self._change_locks)
        self._guesses = Gathered(self._count_guesses)
        self._postponed = Gathered(self._postpone_all)
        self._recent = Recent(limits.remembered)
        self._ids = Ids()
        self._lease = Lease(owner, length(limits.lease))
        self.desk = DeskStore(database, self._ids.next)
        self.accounts = AccountStore(database)
        self.topics = TopicStore(database)
        self.erasures = ErasureStore(database, self._recent.forget)

    @classmethod
    async def open(
        cls,
        url: str,
        *,
        owner: str | None = None,
        read_only: bool = False,
        perform: bool = True,
        limits: Limits | None = None,
    ) -> Self:
        """Open the store at a database URL, and bring its schema up to date if this process performs.

        `owner` names this process in leases; by default it is made up. A store that is `read_only`, or that
        writes but does not `perform` the work it holds, never changes the schema. Raises `StoreError` saying
        what to do: wrong URL, a schema too old or too new, another process that performs.
        """
        performs = perform and not read_only
        database, performing = _connect(url, read_only=read_only, performs=performs)
        store = cls(database, owner or _made_up_owner(), limits or Limits(), performing)
        if not performs:
            store._lease = Lease(None, 0)
        try:
            await store._begin(performs=performs)
        except BaseException:
            await store.close()
            raise
        return store

    async def _begin(self, *, performs: bool) -> None:
        if not performs:
            await self.database.read(migrate.check)
            return
        await self.database.write(migrate.migrate)
        if self._performing is not None:
            await self.database.write(outbox.release)
            await self.database.write(locks.release)

    async def close(self) -> None:
        """Write what waits to be written, then let everything go."""
        await self._committer.close()
        await self.database.close()
        if self._performing is not None:
            self._performing.release()

    async def ping(self) -> None:
        """Ask the database something trivial."""
        await self.database.read(lambda connection: connection.execute(text("SELECT 1")).scalar())

    # ---- turns

    async def load(self, key: str, *, fresh: bool = False) -> Stored | None:
        """The conversation, or `None` if there is none.

        It may be what this process saved last, though another process has saved since: saving a turn from
        it then gives `Stale`. `fresh` asks the database in any case.
        """
        if not fresh and (stored := self._recent.get(key)) is not None:
            return stored
        return await self._loads.ask(key)

    async def _load_all(self, keys: Sequence[str]) -> list[Stored | None]:
        return await self.database.read(partial(gathering.load, keys=keys))

    async def save(self, turn: Turn) -> Result:
        """Save all of a turn, or nothing of it.

        Raises `StoreBusy` when too many wait, and `ValueError` or what the database objects to where the
        turn itself cannot be stored.
        """
        prepared = prepare(turn, self._lease, self._ids.next)
        result = await self._committer.save(prepared)
        if isinstance(result, Saved):
            self._recent.keep(Stored(turn.key, turn.base + 1, turn.last_seq, turn.conversation, turn.contact))
        else:
            self._recent.forget(turn.key)
        return result

    async def entries(self, key: str, after: int = 0, limit: int = 200) -> tuple[Entry, ...]:
        """Messages of the transcript with a greater number than `after`, in order."""
        return await self.database.read(partial(transcript.entries, key=key, after=after, limit=limit))

    async def last_said(self, key: str) -> Entry | None:
        """The last message to the customer, from the bot or an agent."""
        return await self.database.read(partial(transcript.last_said, key=key))

    async def knows(self, key: str, update_id: str) -> bool:
        """Whether this update of the conversation was taken in before."""
        return await self.database.read(partial(under_way.knows, key=key, update_id=update_id))

    async def under_way(self, channel: str) -> tuple[UnderWay, ...]:
        """A channel's conversations that are not over; one that only waits for the shop is not among them."""
        return await self.database.read(partial(under_way.of_channel, channel=channel))

    async def due(self, now: datetime, limit: int, lease: timedelta) -> tuple[str, ...]:
        """Keys of conversations to wake, earliest first; no other process gets them before the lease ends."""
        now_, until = micros(now), micros(now + lease)
        return await self.database.write(partial(timers.due, now=now_, until=until, limit=limit))

    async def forget_seen(self, before: datetime) -> int:
        """Forget the ids of updates seen earlier (keep more than a day of them); how many."""
        forgotten = 0
        after: tuple[str | int | None, ...] | None = ("", "")
        while after is not None:
            old, after = await self.database.read(partial(updates.older, before=micros(before), after=after))
            if old:
                await self.database.write(partial(updates.forget, keys=old))
            forgotten += len(old)
        return forgotten

    # ---- work

    async def settle(self, work_id: int, key: str) -> None:
        """Note that this work is done. Returns at once; the outbox shows it within moments."""
        self._committer.settle((key, work_id))

    async def postpone(self, work_id: int, key: str, until: datetime) -> None:
        """Give leased work back, to be taken up by whoever is free then."""
        await self._postponed.ask(outbox.Postponed(key, work_id, micros(until)))

    async def _postpone_all(self, pieces: Sequence[outbox.Postponed]) -> Sequence[None]:
        await self._committer.along(partial(outbox.postpone, owner=self.owner, pieces=pieces))
        return [None] * len(pieces)

    async def give_up(self, work_id: int, key: str, why: str) -> None:
        """Take work out of the outbox for good; it is kept aside with the reason."""

        def write(connection: Connection) -> None:
            outbox.give_up(connection, key=key, work_id=work_id, why=why)
            topic_pending.note_behind(connection, key)

        await self.database.write(write)

    async def given_up(self, key: str) -> tuple[tuple[int, Work, str], ...]:
        """What was given up in a conversation: id, work and reason, oldest first."""
        return await self.database.read(partial(outbox.abandoned, key=key))

    async def claim(self, now: datetime, limit: int, lease: timedelta) -> tuple[Claimed, ...]:
        """Take up work whose lease ran out or that was postponed until now, oldest first."""
        now_, until = micros(now), micros(now + lease)
        return await self.database.write(
            partial(outbox.claim, owner=self.owner, now=now_, until=until, limit=limit)
        )

    async def extend(self, work_ids: Sequence[int], until: datetime) -> None:
        """Renew the leases of work in progress that this process still has."""
        if work_ids:
            until_ = micros(until)
            await self.database.write(
                partial(outbox.extend, owner=self.owner, ids=tuple(work_ids), until=until_)
            )

    async def lock_order(self, number: str, until: datetime, now: datetime) -> bool:
        """Whether the order is now this process's alone, until then; never twice at once."""
        return await self._locks.ask(locks.Take(number, self.owner, micros(until), micros(now)))

    async def extend_locks(self, numbers: Iterable[str], until: datetime) -> None:
        """Keep those of these orders that are this process's for so long."""
        until_, numbers_ = micros(until), tuple(numbers)
        await self.database.write(partial(locks.extend, numbers=numbers_, owner=self.owner, until=until_))

    async def unlock_order(self, number: str) -> None:
        """Let others have the order, if this process had it."""
        await self._locks.ask(locks.Leave(number, self.owner))

    async def _change_locks(self, requests: Sequence[locks.Take | locks.Leave]) -> list[bool]:
        return await self._committer.along(partial(locks.change, requests=requests))

    # ---- guesses

    async def note_guess(self, subjects: Iterable[Subject], at: datetime) -> None:
        """Count a wrong guess for each of these subjects (kind, digest)."""
        await self.database.write(partial(guesses.note, subjects=tuple(subjects), at=micros(at)))

    async def guesses(
        self, subjects: Iterable[Subject], since: datetime
    ) -> dict[Subject, tuple[int, datetime]]:
        """How many wrong guesses and when the last, of those subjects whose last was `since` or later."""
        counted = await self._guesses.ask(tuple(subjects))
        return {subject: (count, last) for subject, (count, last) in counted.items() if last >= since}

    async def _count_guesses(self, asked: Sequence[Sequence[Subject]]) -> list[Counted]:
        return await self.database.read(partial(guesses.counted, asked=asked))

    async def forget_guesses(self, before: datetime) -> int:
        """Forget the counts whose last guess is older; how many."""
        return await self.database.write(partial(guesses.forget, before=micros(before)))

    # ---- cases and people

    async def keep_policy(self, hash_: str, toml: str, words: str) -> None:
        """Keep a policy file and its text under its hash, once."""
        await self.database.write(partial(cases.keep_policy, hash_=hash_, toml=toml, words=words))

    async def decisions(self, reference: str) -> tuple[Decided, ...]:
        """What was decided in a case, in order."""
        return await self.database.read(partial(cases.decided, reference=reference))

    async def case(self, reference: str) -> Case | None:
        """The case a customer quotes."""
        return await self.database.read(partial(cases.case, reference=reference))

    async def find_by_reference(self, reference: str) -> str | None:
        """The key of the conversation a case belongs to."""
        found = await self.case(reference)
        return None if found is None else found.key

    async def note_unmapped(self, shop: str, statuses: Mapping[str, datetime]) -> None:
        """Keep a shop's statuses that nothing maps, with the time each was first met; once each."""
        await self.database.write(partial(unmapped.note, shop=shop, statuses=statuses))

    async def unmapped(self, shop: str) -> tuple[UnmappedStatus, ...]:
        """A shop's statuses that nothing mapped, earliest first."""
        return await self.database.read(partial(unmapped.listed, shop=shop))

    async def forget_unmapped(self, shop: str) -> int:
        """Forget a shop's statuses that nothing mapped; how many."""
        return await self.database.write(partial(unmapped.forget, shop=shop))

    async def inbox(self, modes: Iterable[str]) -> tuple[Waiting, ...]:
        """Conversations in these modes (`waiting`, `person`), who waits longest first."""
        return await self.database.read(partial(inbox.waiting, modes=tuple(modes)))

    # ---- tokens of the API

    async def add_api_token(self, token: ApiToken) -> None:
        """Keep a new token."""
        await self.database.write(partial(api_tokens.add, token=token))

    async def api_token(self, token_id: str) -> ApiToken | None:
        """The token of this id as it is now, whether or not it still works."""
        return await self.database.read(partial(api_tokens.find, token_id=token_id))

    async def api_tokens(self) -> tuple[ApiToken, ...]:
        """All tokens there ever were, oldest first."""
        return await self.database.read(api_tokens.every)

    async def revoke_api_token(self, token_id: str, at: datetime) -> ApiToken | None:
        """Let a token open nothing more, at once and in every process; `None` if there is none."""
        return await self.database.write(partial(api_tokens.revoke, token_id=token_id, at=micros(at)))

    async def note_api_token_used(self, token_id: str, at: datetime, every: timedelta) -> bool:
        """Note when a token was used, at most once in so long; whether it was noted."""
        since = micros(at - every)
        return await self.database.write(
            partial(api_tokens.note_use, token_id=token_id, at=micros(at), unless_since=since + 1)
        )


def _connect(url: str, *, read_only: bool, performs: bool) -> tuple[Database, Performing | None]:
    parsed = parse(url)
    if parsed.get_backend_name() != "sqlite":
        return PostgresDatabase(parsed, read_only=read_only), None
    path = Path(parsed.database or "")
    database = SqliteDatabase(path, create=performs, read_only=read_only)
    return database, Performing(path) if performs else None


def _made_up_owner() -> str:
    return f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
