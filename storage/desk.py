"""The desk's own rows: what the dialogue does not know of a conversation."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import Connection, Row, delete, func, insert, select, text, update

from storage.desk_records import DeskRow, Intercept, Priority
from storage.schema import conversations, desk, desk_labels, desk_leases, desk_replies, given_up
from storage.times import moment_or_none

Changes: TypeAlias = Mapping[str, str | int | None]
"""Columns of the table `desk` and their new values; times in microseconds."""


def change(connection: Connection, key: str, changes: Changes, *, version: int | None = None) -> bool:
    """Change a conversation's row, made if need be; not where it is of another version than given."""
    fresh = text(
        "INSERT INTO desk (conversation, version, priority, snoozed_seq, intercept_reminded) "
        "VALUES (:key, 0, :priority, 0, 0) ON CONFLICT DO NOTHING"
    )
    connection.execute(fresh, {"key": key, "priority": int(Priority.NORMAL)})
    mine = update(desk).where(desk.c.conversation == key)
    if version is not None:
        mine = mine.where(desk.c.version == version)
    return connection.execute(mine.values(**changes, version=desk.c.version + 1)).rowcount > 0


def rows(connection: Connection, keys: Sequence[str]) -> dict[str, DeskRow]:
    """The row of each conversation that has one, with its labels."""
    labels = labels_of(connection, keys)
    found = connection.execute(select(desk).where(desk.c.conversation.in_(keys)))
    known = {row.conversation: row_of(row, labels.get(row.conversation, ())) for row in found}
    return {key: DeskRow(key, labels=labels[key]) for key in labels} | known


def labels_of(connection: Connection, keys: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """The labels of each conversation that has any, sorted."""
    found: dict[str, tuple[str, ...]] = {}
    chosen = select(desk_labels).where(desk_labels.c.conversation.in_(list(keys)))
    for key, label in connection.execute(chosen.order_by(desk_labels.c.label)):
        found[key] = (*found.get(key, ()), label)
    return found


def set_labels(connection: Connection, key: str, labels: Sequence[str]) -> None:
    """Give a conversation these labels and no others."""
    connection.execute(delete(desk_labels).where(desk_labels.c.conversation == key))
    if labels:
        connection.execute(insert(desk_labels), [{"conversation": key, "label": one} for one in labels])


def row_of(row: Row[Any], labels: tuple[str, ...]) -> DeskRow:
    """A conversation's row from one that has the table's columns."""
    intercept = None
    by = moment_or_none(row.intercept_by)
    if by is not None:
        reminded = bool(row.intercept_reminded)
        intercept = Intercept(row.intercept_order or "", by, row.intercept_note or "", reminded)
    return DeskRow(
        key=row.conversation,
        version=row.version,
        priority=Priority(row.priority),
        snoozed_until=moment_or_none(row.snoozed_until),
        snoozed_seq=row.snoozed_seq,
        holder=row.holder,
        claimed_at=moment_or_none(row.claimed_at),
        lease_until=moment_or_none(row.lease_until),
        first_reply_at=moment_or_none(row.first_reply_at),
        resolved_at=moment_or_none(row.resolved_at),
        resolved_by=row.resolved_by,
        intercept=intercept,
        labels=labels,
    )


def begin_reply(connection: Connection, *, key: str, id_: str, seq: int, at: int) -> int | None:
    """Note that a reply of this id begins; `None`, or the transcript's length when it began before."""
    once = text(
        "INSERT INTO desk_replies (conversation, id, seq, at) VALUES (:key, :id, :seq, :at) "
        "ON CONFLICT DO NOTHING"
    )
    if connection.execute(once, {"key": key, "id": id_, "seq": seq, "at": at}).rowcount:
        return None
    mine = (desk_replies.c.conversation == key, desk_replies.c.id == id_)
    began: int = connection.execute(select(desk_replies.c.seq).where(*mine)).scalar_one()
    return began


def began(connection: Connection, *, key: str, id_: str) -> bool:
    """Whether a reply of this id began."""
    mine = (desk_replies.c.conversation == key, desk_replies.c.id == id_)
    return connection.execute(select(desk_replies.c.seq).where(*mine)).first() is not None


def forget_replies(connection: Connection, before: int) -> None:
    """Forget the ids of old replies."""
    connection.execute(delete(desk_replies).where(desk_replies.c.at < before))


def take_lease(connection: Connection, *, name: str, owner: str, now: int, until: int) -> bool:
    """Whether this owner has the lease of that name until then; nobody else does meanwhile."""
    fresh = text(
        "INSERT INTO desk_leases (name, owner, until) VALUES (:name, :owner, :until) ON CONFLICT DO NOTHING"
    )
    if connection.execute(fresh, {"name": name, "owner": owner, "until": until}).rowcount:
        return True
    free = (desk_leases.c.owner == owner) | (desk_leases.c.until <= now)
    mine = update(desk_leases).where(desk_leases.c.name == name, free)
    return connection.execute(mine.values(owner=owner, until=until)).rowcount > 0


@dataclass(frozen=True, slots=True)
class Watched:
    """What the rounds look at: a conversation of the queue, or one that the desk still has to follow."""

    key: str
    version: int
    mode: str
    agent: str | None
    last_seq: int
    row: DeskRow
    customer_wrote: bool
    """Since it was snoozed; only of snoozed ones."""
    waiting_since: datetime | None


def watched(connection: Connection) -> tuple[Watched, ...]:
    """Every conversation of the queue, and those whose rows still speak of a holder or an intercept."""
    columns = (
        conversations.c.key,
        conversations.c.version.label("turns"),
        conversations.c.mode,
        conversations.c.agent,
        conversations.c.last_seq,
        conversations.c.waiting_since,
        desk,
    )
    queue = select(*columns).outerjoin(desk, desk.c.conversation == conversations.c.key)
    waiting = connection.execute(queue.where(conversations.c.waiting_since.is_not(None))).all()
    follows = desk.c.holder.is_not(None) | desk.c.intercept_by.is_not(None)
    others = connection.execute(
        select(*columns)
        .join(desk, desk.c.conversation == conversations.c.key)
        .where(follows, conversations.c.waiting_since.is_(None))
    ).all()
    snoozed = [row for row in waiting if row.snoozed_until is not None]
    wrote = _customers_after(connection, [(row.key, row.snoozed_seq) for row in snoozed])
    return tuple(_watched(row, wrote) for row in (*waiting, *others))


def _watched(row: Row[Any], wrote: set[str]) -> Watched:
    own = DeskRow(row.key) if row.conversation is None else row_of(row, ())
    since = moment_or_none(row.waiting_since)
    return Watched(row.key, row.turns, row.mode, row.agent, row.last_seq, own, row.key in wrote, since)


def _customers_after(connection: Connection, marks: Iterable[tuple[str, int]]) -> set[str]:
    """Which of these conversations have a customer's message after that number."""
    said = text(
        "SELECT 1 FROM messages WHERE conversation = :key AND seq > :seq AND author = 'customer' LIMIT 1"
    )
    return {key for key, seq in marks if connection.execute(said, {"key": key, "seq": seq}).first()}


def renew(connection: Connection, *, key: str, holder: str, until: int) -> None:
    """Let the lease of this holder last until then. It is no change that anybody has to see."""
    mine = update(desk).where(desk.c.conversation == key, desk.c.holder == holder)
    connection.execute(mine.values(lease_until=until))


def lapse(connection: Connection, *, key: str, holder: str, now: int) -> bool:
    """End the lease of this holder if it ran out; whether it did."""
    mine = (desk.c.conversation == key, desk.c.holder == holder, desk.c.lease_until <= now)
    none = {"holder": None, "claimed_at": None, "lease_until": None}
    return connection.execute(update(desk).where(*mine).values(**none)).rowcount > 0


def end_leases(connection: Connection, *, holder: str, now: int) -> None:
    """Let all leases of this holder run out now."""
    connection.execute(update(desk).where(desk.c.holder == holder).values(lease_until=now))


@dataclass(frozen=True, slots=True)
class Marks:
    """What tells whether a conversation of the queue changed since it was looked at last."""

    turns: int
    last_seq: int
    state: tuple[str, str | None, int]
    """Mode, agent, and the version of the desk's row."""
    lost: int
    """How many messages to the customer, and other work, were given up."""


def marks(connection: Connection) -> dict[str, Marks]:
    """The marks of every conversation of the queue."""
    c = conversations.c
    lost = select(func.count()).where(given_up.c.conversation == c.key).scalar_subquery()
    rows_ = connection.execute(
        select(c.key, c.version, c.last_seq, c.mode, c.agent, desk.c.version, lost)
        .outerjoin(desk, desk.c.conversation == c.key)
        .where(c.waiting_since.is_not(None))
    )
    return {
        key: Marks(turns, seq, (mode, agent, own or 0), gone)
        for key, turns, seq, mode, agent, own, gone in rows_
    }
