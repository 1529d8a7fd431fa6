"""What must be true when all is over: compared between shop, store and customers."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from decimal import Decimal
from itertools import groupby
from pathlib import Path

from fault_customers import is_note, words

from bot.orders.demo_file import Attempt, ShopFile
from bot.orders.demo_schema import Access
from bot.ports import CancelReport
from dialogs.orders import Order, Stage
from storage.records import Author, Entry
from storage.store import Store

_DONE = words("told-cancelled", number="@@")


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  the tests' own clock


def shop_file(path: Path, access: Access = Access.LOOK) -> ShopFile:
    return ShopFile(path, now=now, access=access)


@dataclass(frozen=True)
class Record:
    """The shop's record of one order at the end."""

    order: Order
    attempts: Sequence[Attempt]

    @property
    def cancelled(self) -> bool:
        return self.order.stage is Stage.CANCELLED

    @property
    def accepted(self) -> int:
        """Attempts that changed the record."""
        return sum(a.report is CancelReport.ACCEPTED and not a.repeated for a in self.attempts)


def records(path: Path, numbers: Iterable[str]) -> dict[str, Record]:
    file = shop_file(path)
    try:
        found = {number: (file.find(number), file.attempts(number)) for number in numbers}
    finally:
        file.close()
    return {number: Record(order, attempts) for number, (order, attempts) in found.items() if order}


def check_shop(shop: Mapping[str, Record], before: Mapping[str, Record], consented: Counter[str]) -> None:
    """No order is cancelled twice, none without a yes, and no money goes back twice."""
    for number, record in shop.items():
        became_cancelled = record.cancelled and not before[number].cancelled
        if not consented[number]:
            assert record.attempts == [], f"{number}: attempted without a yes"
        assert record.accepted == became_cancelled, f"{number}: {record.attempts}"
        ids = {attempt.request_id for attempt in record.attempts}
        assert len(ids) <= consented[number], f"{number}: more attempts than consents"
        for payment in record.order.payments:
            refunded = sum((refund.amount for refund in payment.refunds), Decimal(0))
            assert refunded <= payment.amount
            assert len(payment.refunds) <= 1


def check_transcript(entries: Sequence[Entry], said: Sequence[tuple[str, str]], number: str) -> None:
    """No gap, every message of the customer once and in order, one answer to each."""
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    heard = [(entry.update_id, entry.text) for entry in entries if entry.author is Author.CUSTOMER]
    assert heard == list(said)
    answers = [entry for entry in entries if not is_note(entry.text, number)]
    voices = [(author, len(list(run))) for author, run in groupby(entry.author for entry in answers)]
    assert voices == [(Author.CUSTOMER, 1), (Author.BOT, 1)] * len(said), [entry.text for entry in entries]


def check_words(entries: Sequence[Entry], record: Record) -> None:
    """That it is cancelled is told only where the record shows it."""
    number = record.order.number
    told = any(_DONE.replace("@@", number) in e.text for e in entries if e.author is Author.BOT)
    assert record.cancelled or not told, f"{number}: told as cancelled"


async def transcript(store: Store, key: str) -> Sequence[Entry]:
    return await store.entries(key, 0, 1000)
