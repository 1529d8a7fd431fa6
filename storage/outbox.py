"""The outbox: work that is still to be done, each piece leased to whoever is at it."""

from collections.abc import Sequence
from dataclasses import dataclass
from operator import attrgetter

from sqlalchemy import Connection, and_, bindparam, delete, insert, literal, select, update

from storage.codec import decode_work
from storage.records import Claimed, Deliver, Work
from storage.schema import given_up, outbox

_ONE = and_(outbox.c.conversation == bindparam("in_conversation"), outbox.c.id == bindparam("with_id"))
_POSTPONE = (
    update(outbox)
    .where(_ONE, outbox.c.leased_by == bindparam("of"))
    .values(leased_by=None, due_at=bindparam("to"))
)


def claim(connection: Connection, *, owner: str, now: int, until: int, limit: int) -> tuple[Claimed, ...]:
    """Lease at most `limit` pieces that are due, oldest first, so in order within a conversation."""
    due = select(outbox).where(outbox.c.due_at <= now).order_by(outbox.c.id).limit(limit)
    # Only PostgreSQL knows and needs the clause: what another process is claiming is passed over.
    rows = connection.execute(due.with_for_update(skip_locked=True)).all()
    if rows:
        connection.execute(
            update(outbox).where(_ONE).values(leased_by=owner, due_at=until, attempts=outbox.c.attempts + 1),
            [{"in_conversation": row.conversation, "with_id": row.id} for row in rows],
        )
    return tuple(
        Claimed(row.id, row.conversation, decode_work(row.kind, row.payload), row.attempts) for row in rows
    )


def extend(connection: Connection, *, owner: str, ids: Sequence[int], until: int) -> None:
    """Renew this owner's leases. The outbox holds what is under way, not what is done: it is short."""
    connection.execute(
        update(outbox).where(outbox.c.id.in_(ids), outbox.c.leased_by == owner).values(due_at=until)
    )


@dataclass(frozen=True, slots=True)
class Postponed:
    """Work that its owner gives back until then, in microseconds."""

    key: str
    work_id: int
    until: int


def postpone(connection: Connection, *, owner: str, pieces: Sequence[Postponed]) -> None:
    """Give this owner's work back; whoever is free takes it up then."""
    connection.execute(
        _POSTPONE,
        [
            {"in_conversation": one.key, "with_id": one.work_id, "of": owner, "to": one.until}
            for one in sorted(pieces, key=attrgetter("work_id"))
        ],
    )


def give_up(connection: Connection, *, key: str, work_id: int, why: str) -> None:
    """Move work to those given up, with the reason."""
    one = and_(outbox.c.conversation == key, outbox.c.id == work_id)
    kept = [outbox.c[name] for name in given_up.columns.keys()[:-1]]
    connection.execute(
        insert(given_up).from_select(given_up.columns.keys(), select(*kept, literal(why)).where(one))
    )
    connection.execute(delete(outbox).where(one))


def release(connection: Connection) -> None:
    """End every lease: for a store that knows it is the only one to perform."""
    connection.execute(update(outbox).where(outbox.c.leased_by.is_not(None)).values(leased_by=None, due_at=0))


def abandoned(connection: Connection, key: str) -> tuple[tuple[int, Work, str], ...]:
    """What was given up in a conversation: id, work, reason; oldest first."""
    rows = connection.execute(select(given_up).where(given_up.c.conversation == key).order_by(given_up.c.id))
    return tuple((row.id, decode_work(row.kind, row.payload), row.why) for row in rows)


def deliveries(connection: Connection, key: str) -> tuple[frozenset[int], dict[int, str]]:
    """Numbers of a conversation's messages on their way, and of those given up with the reason."""
    under_way = connection.execute(
        select(outbox.c.payload).where(outbox.c.conversation == key, outbox.c.kind == Deliver.__name__)
    ).scalars()
    lost = connection.execute(
        select(given_up.c.payload, given_up.c.why).where(
            given_up.c.conversation == key, given_up.c.kind == Deliver.__name__
        )
    )
    return frozenset(map(_seq, under_way)), {_seq(payload): why for payload, why in lost}


def take_back(connection: Connection, *, key: str, wanted: Work, due_at: int) -> bool:
    """Put work that was given up back, as if it had never been tried; whether there was such."""
    for work_id, work, _ in abandoned(connection, key):
        if work == wanted:
            one = and_(given_up.c.conversation == key, given_up.c.id == work_id)
            row = connection.execute(select(given_up).where(one).with_for_update()).first()
            if row is None or not connection.execute(delete(given_up).where(one)).rowcount:
                return False
            again = (key, work_id, row.kind, row.payload, 0, None, due_at)
            connection.execute(insert(outbox).values(dict(zip(outbox.columns.keys(), again, strict=True))))
            return True
    return False


def _seq(payload: str) -> int:
    work = decode_work(Deliver.__name__, payload)
    return work.seq if isinstance(work, Deliver) else 0
