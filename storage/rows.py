"""A turn as the rows it becomes.

They are made before the database is asked, so that a turn that cannot be written fails alone and at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import NamedTuple

from dialogs.conversation import Mode
from dialogs.effects import CaseClosed, CaseOpened, DecisionMade, WatchOrder
from storage.codec import encode, kind_of
from storage.dialect import Values
from storage.records import Entry, Turn, Work
from storage.times import length, micros, micros_or_none


@dataclass(frozen=True, slots=True)
class Lease:
    """Who performs the work of a turn, and for how many microseconds nobody else may.

    Nobody at first, where the saving process does not perform.
    """

    owner: str | None
    length: int


class Prepared(NamedTuple):
    """One turn, ready to be written. Rows are in the order of their table's columns."""

    key: str
    base: int
    last_seq: int
    """The transcript's length before this turn."""
    conversation: Values
    messages: tuple[Values, ...]
    seen: tuple[Values, ...]
    settles: tuple[Values, ...]
    outbox: tuple[Values, ...]
    work_ids: tuple[int, ...]
    opened: tuple[Values, ...]
    closed: tuple[Values, ...]
    decisions: tuple[Values, ...]
    notes: tuple[Values, ...]


def prepare(turn: Turn, lease: Lease, next_id: Callable[[int], int]) -> Prepared:
    """Everything `turn` leaves behind, encoded. Written to be fast: each turn comes through here.

    Raises `ValueError` for gaps in the transcript's numbers, and for a key or an update id that no
    database can hold.
    """
    _check(turn)
    at = micros(turn.at)
    ids = tuple([next_id(at) for _ in turn.work])
    return Prepared(
        turn.key,
        turn.base,
        turn.last_seq - len(turn.entries),
        _conversation(turn, at),
        tuple([_message(turn.key, entry) for entry in turn.entries]),
        () if turn.update_id is None else ((turn.key, turn.update_id, at),),
        tuple([(turn.key, settled) for settled in turn.settles]),
        tuple([_work(turn.key, id_, work, lease, at) for id_, work in zip(ids, turn.work, strict=True)]),
        ids,
        *_records(turn, at, next_id),
        tuple([(turn.key, next_id(at), at, None, storable(note)) for note in turn.notes]),
    )


def _work(key: str, id_: int, work: Work, lease: Lease, at: int) -> Values:
    """A piece of work in the outbox: leased, or waiting for its time."""
    if isinstance(work, WatchOrder):
        return (key, id_, kind_of(work), encode(work), 0, None, at + length(work.after[0]))
    attempts = 0 if lease.owner is None else 1
    return (key, id_, kind_of(work), encode(work), attempts, lease.owner, at + lease.length)


def _check(turn: Turn) -> None:
    first = turn.last_seq - len(turn.entries) + 1
    for seq, entry in enumerate(turn.entries, first):
        if entry.seq != seq:
            raise ValueError(f"message {entry.seq} is not the {seq} that leads up to {turn.last_seq}")
    if turn.base == 0 and first != 1:
        raise ValueError(f"a new transcript begins with message 1, not {first}")
    for name in (turn.key, turn.update_id or ""):
        if storable(name) != name:
            raise ValueError("a key or an update id holds what is not text")


def storable(text: str) -> str:
    """The text as both engines can hold it: without NUL and halves of surrogate pairs."""
    if "\0" in text:
        text = text.replace("\0", "\ufffd")
    if text.isascii():
        return text
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode(errors="replace").decode()
    return text


def _conversation(turn: Turn, at: int) -> Values:
    conversation, contact = turn.conversation, turn.contact
    handoff = conversation.handoff
    waits = conversation.mode is not Mode.BOT
    return (
        turn.key,
        turn.base + 1,
        turn.last_seq,
        len(turn.entries),
        encode(conversation),
        conversation.mode.value,
        handoff.reason.value if handoff else None,
        conversation.reference if waits else None,
        handoff.agent if handoff else None,
        (micros(handoff.since) if handoff else at) if waits else None,
        micros_or_none(turn.wake_at),
        None if contact.name is None else storable(contact.name),
        contact.address,
        at,
    )


def _message(key: str, entry: Entry) -> Values:
    return (
        key,
        entry.seq,
        micros(entry.at),
        entry.author.value,
        storable(entry.text),
        encode(entry.choices) if entry.choices else None,
        entry.agent,
        entry.update_id,
    )


def _records(
    turn: Turn, at: int, next_id: Callable[[int], int]
) -> tuple[tuple[Values, ...], tuple[Values, ...], tuple[Values, ...]]:
    if not turn.records:
        return (), (), ()
    opened: list[Values] = []
    closed: list[Values] = []
    decisions: list[Values] = []
    for record in turn.records:
        match record:
            case CaseOpened():
                opened.append((turn.key, record.reference, at, None, None))
            case CaseClosed():
                closed.append((turn.key, record.reference, at, at, record.result))
            case DecisionMade():
                decisions.append((turn.key, record.reference, next_id(at), at, record.policy, encode(record)))
    return tuple(opened), tuple(closed), tuple(decisions)
