"""Brings a merchant's orders from a file into the demo shop; a bad line costs that line alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bot.orders.demo_file import ShopFile
from bot.orders.demo_record import kept
from bot.orders.records import BadRecord, read_flat_record, read_record
from bot.rows import BadRow, Row, opened, rows_of
from dialogs.orders import Order

_AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Kept:
    """An order was kept; `replaced` if one of its number had been there, or earlier in the file."""

    line: int
    number: str
    replaced: bool


def import_file(file: ShopFile, path: Path, *, live: bool) -> Iterator[Kept | BadRow]:
    """Keep every good order of the file, and report each line: what was kept, then what was not, by batches.

    Orders stand still unless `live`. Raises `Unreadable` for the file as a whole, and `ShopUnreachable`.
    """
    with opened(path) as lines:
        read = _orders(rows_of(lines, path.name, required=("number",)))
        while batch := list(islice(read, _AT_ONCE)):
            yield from _keep(file, [item for item in batch if not isinstance(item, BadRow)], live=live)
            yield from (item for item in batch if isinstance(item, BadRow))


def _orders(rows: Iterable[Row | BadRow]) -> Iterator[tuple[int, Order] | BadRow]:
    for row in rows:
        if isinstance(row, BadRow):
            yield row
            continue
        try:
            yield row.line, (read_flat_record if row.flat else read_record)(row.fields)
        except BadRecord as error:
            yield BadRow(row.line, str(error))


def _keep(file: ShopFile, orders: list[tuple[int, Order]], *, live: bool) -> Iterator[Kept]:
    now = file.now()
    records = [kept(order, now if live else order.placed_at, 1.0 if live else None) for _, order in orders]
    replaced = file.put(records)
    for (line, order), was_there in zip(orders, replaced, strict=True):
        yield Kept(line, order.number, was_there)
