"""What one transaction of turns does, set by set: judge all of them, then write those that may."""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

from sqlalchemy import Connection

from storage import schema
from storage.dialect import Dialect, Values, dialect
from storage.errors import StoreError
from storage.records import Duplicate, Result, Saved, Stale
from storage.rows import Prepared

Outcome: TypeAlias = Result | StoreError

_OUTBOX_KEY = ("conversation", "id")
_PLACE = ("key", "version", "last_seq")
_SEEN_KEY = ("conversation", "update_id")
# The condition decides between two stores that both start the same conversation.
_UPSERT = (
    "ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in schema.conversations.columns.keys()[1:])
    + " WHERE conversations.version = excluded.version - 1"
)
_REOPEN = "ON CONFLICT DO NOTHING"
_CLOSE = (
    "ON CONFLICT (conversation, reference) DO UPDATE "
    "SET closed_at = excluded.closed_at, result = excluded.result"
)


def write_turns(connection: Connection, turns: Sequence[Prepared], marks: Sequence[Values]) -> list[Outcome]:
    """Save what may be saved of `turns`; an outcome for each, in order.

    They are of different conversations and sorted by key. `marks` are the outbox keys of work that is done.
    """
    say = dialect(connection)
    say.lock(connection, schema.conversations, "key", [turn.key for turn in turns])
    outcomes = _judge(connection, say, turns)
    winners = [turn for turn in turns if turn.key not in outcomes]
    rows = [turn.conversation for turn in winners]
    kept = say.insert_won(connection, schema.conversations, rows, _UPSERT)
    winners = [turn for turn in winners if turn.key in kept]
    _write(connection, say, winners, marks)
    outcomes |= {turn.key: Saved(turn.work_ids) for turn in winners}
    return [outcomes.get(turn.key, Stale()) for turn in turns]


def _judge(connection: Connection, say: Dialect, turns: Sequence[Prepared]) -> dict[str, Outcome]:
    """The outcomes of those that may not be written, by key."""
    outcomes = _overtaken(connection, say, turns)
    seen = [row[:2] for row in _all(turns, attrgetter("seen"))]
    again = say.present(connection, schema.seen, _SEEN_KEY, seen)
    again |= say.absent(connection, schema.outbox, _OUTBOX_KEY, _all(turns, attrgetter("settles")))
    return outcomes | {str(key): Duplicate() for key, _ in again}


def _overtaken(connection: Connection, say: Dialect, turns: Sequence[Prepared]) -> dict[str, Outcome]:
    wanted = [(turn.key, turn.base, turn.last_seq) for turn in turns]
    bases = {turn.key: turn.base for turn in turns}
    gap = StoreError("the transcript's numbers do not go on from what is stored")
    return {
        key: gap if version == bases[key] else Stale()
        for key, version, _ in say.differing(connection, schema.conversations, _PLACE, wanted)
    }


def _write(connection: Connection, say: Dialect, turns: Sequence[Prepared], marks: Sequence[Values]) -> None:
    settled = {*marks, *_all(turns, attrgetter("settles"))}
    say.delete(connection, schema.outbox, _OUTBOX_KEY, sorted(settled, key=str))
    say.insert(connection, schema.seen, _all(turns, attrgetter("seen")))
    say.insert(connection, schema.messages, _all(turns, attrgetter("messages")))
    say.insert(connection, schema.outbox, _all(turns, attrgetter("outbox")))
    say.insert(connection, schema.cases, _all(turns, attrgetter("opened")), _REOPEN)
    say.insert(connection, schema.cases, _all(turns, attrgetter("closed")), _CLOSE)
    say.insert(connection, schema.decisions, _all(turns, attrgetter("decisions")))


def _all(turns: Iterable[Prepared], rows: Callable[[Prepared], tuple[Values, ...]]) -> list[Values]:
    return list(chain.from_iterable(map(rows, turns)))
