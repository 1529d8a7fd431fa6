"""What one transaction of turns does, set by set.

`write_turns` writes them all and looks at the numbers of rows: nearly always every turn may be saved, and no
question need be asked first. Where some may not it raises `Contested`, everything is rolled back, and
`judge_turns` asks who they are and writes the others.
"""

from collections.abc import Callable, Iterable, Sequence
from itertools import chain
from operator import attrgetter
from typing import TypeAlias

from sqlalchemy import Connection

from storage import schema
from storage.dialect import Values, dialect
from storage.errors import StoreError
from storage.records import Duplicate, Result, Saved, Stale
from storage.rows import Prepared

Outcome: TypeAlias = Result | StoreError

_PLACE = ("key", "version", "last_seq")
_SEEN_KEY = ("conversation", "update_id")
_OUTBOX_KEY = ("conversation", "id")
# A conversation nobody has stored yet is new; one that is stored must be as the turn found it.
_UPSERT = (
    "ON CONFLICT (key) DO UPDATE SET "
    + ", ".join(f"{name} = excluded.{name}" for name in schema.conversations.columns.keys()[1:])
    + " WHERE conversations.version = excluded.version - 1"
    + " AND conversations.last_seq = excluded.last_seq - excluded.added"
)
_ONCE = "ON CONFLICT DO NOTHING"
_OPEN_AGAIN = "ON CONFLICT (conversation, reference) DO UPDATE SET closed_at = NULL, result = NULL"
_CLOSE = (
    "ON CONFLICT (conversation, reference) DO UPDATE "
    "SET closed_at = excluded.closed_at, result = excluded.result"
)

_SEEN = attrgetter("seen")
_SETTLES = attrgetter("settles")
_MESSAGES = attrgetter("messages")
_OUTBOX = attrgetter("outbox")
_OPENED = attrgetter("opened")
_CLOSED = attrgetter("closed")
_DECISIONS = attrgetter("decisions")
_NOTES = attrgetter("notes")


class Contested(Exception):
    """Not every turn of the batch may be saved; nothing was written."""


def write_turns(connection: Connection, turns: Sequence[Prepared], marks: Sequence[Values]) -> list[Outcome]:
    """Save all of `turns`; an outcome for each, in order. Raises `Contested` if one may not be saved.

    They are of different conversations and sorted by key. `marks` are the outbox keys of work that is done.
    """
    say = dialect(connection)
    seen, settles = _all(turns, _SEEN), _all(turns, _SETTLES)
    if (
        say.insert(connection, schema.conversations, [turn.conversation for turn in turns], _UPSERT)
        < len(turns)
        or say.insert(connection, schema.seen, seen, _ONCE) < len(seen)
        or say.delete(connection, schema.outbox, _OUTBOX_KEY, settles) < len(settles)
    ):
        raise Contested
    say.delete(connection, schema.outbox, _OUTBOX_KEY, marks)
    say.insert(connection, schema.messages, _all(turns, _MESSAGES))
    say.insert(connection, schema.outbox, _all(turns, _OUTBOX))
    say.insert(connection, schema.cases, _all(turns, _OPENED), _OPEN_AGAIN)
    say.insert(connection, schema.cases, _all(turns, _CLOSED), _CLOSE)
    say.insert(connection, schema.decisions, _all(turns, _DECISIONS))
    say.insert(connection, schema.notes, _all(turns, _NOTES))
    return [Saved(turn.work_ids) for turn in turns]


def judge_turns(connection: Connection, turns: Sequence[Prepared], marks: Sequence[Values]) -> list[Outcome]:
    """As `write_turns`, but what may not be saved is left out and told why.

    Raises `Contested` still where another process began a conversation just now.
    """
    dialect(connection).lock(connection, schema.conversations, "key", [turn.key for turn in turns])
    refused = _overtaken(connection, turns) | _repeated(connection, turns)
    winners = [turn for turn in turns if turn.key not in refused]
    write_turns(connection, winners, marks)
    return [refused.get(turn.key) or Saved(turn.work_ids) for turn in turns]


def _overtaken(connection: Connection, turns: Sequence[Prepared]) -> dict[str, Outcome]:
    wanted = [(turn.key, turn.base, turn.last_seq) for turn in turns]
    found = dialect(connection).differing(connection, schema.conversations, _PLACE, wanted)
    bases = {turn.key: turn.base for turn in turns}
    gap = StoreError("the numbers of the turn's messages do not go on from what is stored")
    return {key: gap if version == bases[key] else Stale() for key, version, _ in found}


def _repeated(connection: Connection, turns: Sequence[Prepared]) -> dict[str, Outcome]:
    say = dialect(connection)
    updates = [row[:2] for row in _all(turns, _SEEN)]
    again = say.present(connection, schema.seen, _SEEN_KEY, updates)
    again |= say.absent(connection, schema.outbox, _OUTBOX_KEY, _all(turns, _SETTLES))
    return {str(key): Duplicate() for key, _ in again}


def _all(turns: Iterable[Prepared], rows: Callable[[Prepared], tuple[Values, ...]]) -> list[Values]:
    return list(chain.from_iterable(map(rows, turns)))
