"""A lock per order, across all conversations, channels and processes; it ends by itself."""

from collections.abc import Iterable

from sqlalchemy import Connection, delete, text, update

from storage.schema import order_locks

_TAKE = text(
    "INSERT INTO order_locks (number, owner, until) VALUES (:number, :owner, :until) "
    "ON CONFLICT (number) DO UPDATE SET owner = excluded.owner, until = excluded.until "
    "WHERE order_locks.until <= :now"
)


def lock(connection: Connection, *, number: str, owner: str, until: int, now: int) -> bool:
    """Whether the order is now locked by this owner; not if it was, by anybody."""
    values = {"number": _plain(number), "owner": owner, "until": until, "now": now}
    return connection.execute(_TAKE, values).rowcount == 1


def unlock(connection: Connection, *, number: str, owner: str) -> None:
    """End this owner's lock of the order, if it still has it."""
    here = order_locks.c.number == _plain(number)
    connection.execute(delete(order_locks).where(here, order_locks.c.owner == owner))


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
