"""A lock per order, across all conversations, channels and processes; it ends by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import Connection, delete, update

from storage.dialect import dialect
from storage.schema import order_locks


@dataclass(frozen=True, slots=True)
class Take:
    """Have the order, unless somebody has it; `until` and `now` in microseconds."""

    number: str
    owner: str
    until: int
    now: int


@dataclass(frozen=True, slots=True)
class Leave:
    """Let others have the order, if this owner has it."""

    number: str
    owner: str


def change(connection: Connection, *, requests: Sequence[Take | Leave]) -> list[bool]:
    """Let go, then take; whether each was done. Of several that take the same order at once, the first may.

    A lock that ran out after the earliest `now` among them still holds.
    """
    left = [(_plain(request.number), request.owner) for request in requests if isinstance(request, Leave)]
    dialect(connection).delete(connection, order_locks, ("number", "owner"), left)
    took = _take(connection, [request for request in requests if isinstance(request, Take)])
    return [isinstance(request, Leave) or id(request) in took for request in requests]


def _take(connection: Connection, takes: Sequence[Take]) -> set[int]:
    """The identities of those that have their order now."""
    first: dict[str, Take] = {}
    for take in takes:
        first.setdefault(_plain(take.number), take)
    if not first:
        return set()
    now, say = min(take.now for take in first.values()), dialect(connection)
    held = say.matching(
        connection, order_locks, ("number", "until"), ("number",), [(number,) for number in first]
    )
    over = [(number, until) for number, until in held if until <= now]
    say.delete(connection, order_locks, ("number", "until"), over)
    rows = [(number, take.owner, take.until) for number, take in sorted(first.items())]
    taken = say.add(connection, order_locks, rows, "number")
    return {id(first[number]) for number in taken}


def extend(connection: Connection, *, numbers: Iterable[str], owner: str, until: int) -> None:
    """Let those of this owner's locks last until then."""
    these = order_locks.c.number.in_([_plain(number) for number in numbers])
    connection.execute(update(order_locks).where(these, order_locks.c.owner == owner).values(until=until))


def release(connection: Connection) -> None:
    """End every lock: for a store that knows it is the only one to perform."""
    connection.execute(delete(order_locks))


def _plain(number: str) -> str:
    """As `dialogs.orders.same_number` compares them."""
    return "".join(number.split()).lstrip("#").casefold()
