"""The queue: conversations that want or have a person, filtered, sorted, counted."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, Row, Select, and_, case, exists, func, literal, or_, select

from dialogs.conversation import Mode
from storage.codec import decode_conversation
from storage.desk import labels_of, row_of
from storage.desk_records import Counts, DeskRow, Filters, Priority, QueueItem, State
from storage.schema import conversations, desk, desk_labels, messages
from storage.times import moment, moment_or_none

_SHOWN = 160
_c = conversations.c
_priority = func.coalesce(desk.c.priority, int(Priority.NORMAL))
Place: TypeAlias = tuple[int, int, str]
"""Where a page ended: priority, time and key of its last item."""


@dataclass(frozen=True, slots=True)
class Sight:
    """Who looks: by name, and whether they see what others hold."""

    name: str
    all: bool


def page(
    connection: Connection, *, sight: Sight, filters: Filters, now: int, after: Place | None, limit: int
) -> tuple[tuple[QueueItem, ...], Place | None]:
    """The next items, and where to go on; `None` at the end."""
    chosen = _chosen(sight, filters, now)
    if filters.state is State.RESOLVED:
        order: tuple[ColumnElement[Any], ...] = (desk.c.resolved_at.desc(), _c.key)
        if after is not None:
            chosen = chosen.where(_beyond(desk.c.resolved_at, after[1], after[2], down=True))
    else:
        order = (_priority.desc(), _c.waiting_since, _c.key)
        if after is not None:
            same = and_(_priority == after[0], _beyond(_c.waiting_since, after[1], after[2], down=False))
            chosen = chosen.where(or_(_priority < after[0], same))
    rows = connection.execute(chosen.order_by(*order).limit(limit + 1)).all()
    items = _items(connection, rows[:limit])
    if len(rows) <= limit:
        return items, None
    last = rows[limit - 1]
    since = last.resolved_at if filters.state is State.RESOLVED else last.waiting_since
    return items, (int(items[-1].row.priority), since, last.key)


def item(connection: Connection, *, key: str, now: int) -> QueueItem | None:
    """One conversation, in whatever state."""
    rows = connection.execute(_all(now).where(_c.key == key)).all()
    return next(iter(_items(connection, rows)), None)


def glance(connection: Connection, *, keys: Sequence[str], now: int) -> dict[str, QueueItem]:
    """These conversations, in whatever state."""
    rows = connection.execute(_all(now).where(_c.key.in_(keys))).all()
    return {each.key: each for each in _items(connection, rows)}


def counts(connection: Connection, *, sight: Sight, now: int) -> Counts:
    """How many there are to choose from."""
    sifted = _chosen(sight, Filters(), now).subquery()
    columns = (sifted.c.key, sifted.c.mode, sifted.c.agent, sifted.c.reason, sifted.c.state, sifted.c.rank)
    rows = connection.execute(select(*columns)).all()
    settled = _chosen(sight, Filters(state=State.RESOLVED), now).subquery()
    resolved = connection.execute(select(func.count()).select_from(settled)).scalar_one()
    labelled = select(desk_labels.c.label, func.count()).where(
        desk_labels.c.conversation.in_(select(sifted.c.key))
    )
    labels = connection.execute(labelled.group_by(desk_labels.c.label)).all()
    states = Counter(State(row.state) for row in rows)
    return Counts(
        states={**{state: states[state] for state in _IN_QUEUE}, State.RESOLVED: resolved},
        mine=sum(row.agent == sight.name for row in rows),
        unassigned=sum(row.agent is None for row in rows),
        reasons=Counter(row.reason or "" for row in rows),
        channels=Counter(row.key.partition(":")[0] for row in rows),
        labels={label: number for label, number in labels},  # noqa: C416  rows are no pairs to mypy
        priorities=Counter(Priority(row.rank) for row in rows),
        assignees=Counter(row.agent for row in rows if row.agent is not None),
    )


_IN_QUEUE = (State.OPEN, State.CLAIMED, State.SNOOZED)


def _all(now: int) -> Select[Any]:
    """Every conversation with its desk row and its last message."""
    last = and_(messages.c.conversation == _c.key, messages.c.seq == _c.last_seq)
    return (
        select(
            *(_c.key, _c.last_seq, _c.state.label("told"), _c.mode, _c.reason, _c.agent),
            *(_c.waiting_since, _c.contact_name, _c.updated_at, _c.version.label("turns"), desk),
            _state(now).label("state"),
            _priority.label("rank"),
            messages.c.at.label("last_at"),
            messages.c.author.label("last_author"),
            func.substr(messages.c.text, 1, _SHOWN).label("last_text"),
        )
        .outerjoin(desk, desk.c.conversation == _c.key)
        .outerjoin(messages, last)
    )


def _state(now: int) -> ColumnElement[str]:
    later = messages.alias("later")
    wrote = exists().where(
        later.c.conversation == _c.key,
        later.c.seq > desk.c.snoozed_seq,
        later.c.author == "customer",
    )
    return case(
        (and_(_c.mode == Mode.BOT.value, desk.c.resolved_at.is_not(None)), State.RESOLVED.value),
        (_c.mode == Mode.BOT.value, State.BOT.value),
        (and_(desk.c.snoozed_until > now, ~wrote), State.SNOOZED.value),
        (_c.mode == Mode.PERSON.value, State.CLAIMED.value),
        else_=State.OPEN.value,
    )


def _chosen(sight: Sight, filters: Filters, now: int) -> Select[Any]:
    """What the filters let through, and the asking agent may see."""
    chosen = _all(now)
    if filters.state is State.RESOLVED:
        chosen = chosen.where(desk.c.resolved_at.is_not(None), _c.mode == Mode.BOT.value)
        holder: ColumnElement[str | None] = desk.c.resolved_by
    else:
        chosen = chosen.where(_c.waiting_since.is_not(None))
        holder = _c.agent
        if filters.state is not None:
            chosen = chosen.where(_state(now) == filters.state.value)
    if not sight.all:
        chosen = chosen.where(or_(holder.is_(None), holder == sight.name))
    if filters.assignee is not None:
        chosen = chosen.where(holder == filters.assignee)
    if filters.unassigned:
        chosen = chosen.where(_c.agent.is_(None))
    if filters.reason is not None:
        chosen = chosen.where(_c.reason == filters.reason)
    if filters.channel is not None:
        chosen = chosen.where(_c.key >= f"{filters.channel}:", _c.key < f"{filters.channel};")
    if filters.priority is not None:
        chosen = chosen.where(_priority == int(filters.priority))
    if filters.label is not None:
        tagged = select(literal(1)).where(
            desk_labels.c.conversation == _c.key, desk_labels.c.label == filters.label
        )
        chosen = chosen.where(tagged.exists())
    return chosen


def _beyond(column: ColumnElement[Any], at: int, key: str, *, down: bool) -> ColumnElement[bool]:
    further = column < at if down else column > at
    return or_(further, and_(column == at, _c.key > key))


def _items(connection: Connection, rows: Sequence[Row[Any]]) -> tuple[QueueItem, ...]:
    labels = labels_of(connection, [row.key for row in rows])
    return tuple(_item(row, labels.get(row.key, ())) for row in rows)


def _item(row: Row[Any], labels: tuple[str, ...]) -> QueueItem:
    told = decode_conversation(row.told)
    own = DeskRow(row.key, labels=labels) if row.conversation is None else row_of(row, labels)
    since: datetime = moment_or_none(row.waiting_since) or own.resolved_at or moment(row.updated_at)
    return QueueItem(
        key=row.key,
        reference=told.reference,
        channel=row.key.partition(":")[0],
        customer=row.contact_name,
        state=State(row.state),
        reason=row.reason or "",
        since=since,
        agent=row.agent,
        row=own,
        order_number=told.order.number if told.order else told.number,
        locale=told.locale,
        last_seq=row.last_seq,
        last_at=moment_or_none(row.last_at),
        last_author=row.last_author,
        last_text=" ".join((row.last_text or "").split()),
        stamp=row.turns + own.version,
    )


def cursor_of(place: Place | None) -> str | None:
    """A place as text for whoever asks for the next page."""
    return None if place is None else f"{place[0]}.{place[1]}.{place[2]}"


def place_of(cursor: str | None) -> Place | None:
    """The place again. Raises `ValueError` for a text that is none."""
    if cursor is None:
        return None
    rank, since, key = cursor.split(".", 2)
    return int(rank), int(since), key
