"""The transcript with what became of each message to the customer."""

from collections.abc import Mapping
from dataclasses import dataclass

from bot.desk.views import Delivery, Line
from bot.reception import Reception
from storage.records import Author, Entry
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Lines:
    """Messages and their delivery."""

    store: Store
    reception: Reception

    async def of(self, key: str, *, after: int, limit: int) -> tuple[Line, ...]:
        """Messages with a greater number than `after`, in order."""
        if limit <= 0:
            return ()
        entries = await self.store.entries(key, after, limit)
        if key.partition(":")[0] not in self.reception.pushes:
            return tuple(Line(entry, _unless_customers(entry, Delivery.SENT)) for entry in entries)
        under_way, lost = await self.store.desk.deliveries(key)
        return tuple(_pushed(entry, under_way, lost) for entry in entries)


def _pushed(entry: Entry, under_way: frozenset[int], lost: Mapping[int, str]) -> Line:
    if entry.seq in lost:
        return Line(entry, _unless_customers(entry, Delivery.FAILED), lost[entry.seq])
    became = Delivery.SENDING if entry.seq in under_way else Delivery.DELIVERED
    return Line(entry, _unless_customers(entry, became))


def _unless_customers(entry: Entry, became: Delivery) -> Delivery | None:
    return None if entry.author is Author.CUSTOMER else became
