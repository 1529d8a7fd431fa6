"""Orders, clocks and hand-written fakes for the tests of the shell."""

import asyncio
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from bot.ports import CancelReport, Capabilities, ShopUnreachable
from dialogs.orders import Line, Order, Payment, PaymentStatus, Stage

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ORDER = Order(
    number="1042",
    email="ann@shop.test",
    stage=Stage.PAID,
    placed_at=NOW - timedelta(hours=3),
    currency="EUR",
    total=Decimal("54.00"),
    lines=(Line("Oak shelf", 2, Decimal("27.00")),),
    payments=(Payment("paypal", Decimal("54.00"), PaymentStatus.CAPTURED),),
)


def order(stage: Stage = Stage.PAID, *, partly: bool = False, **other: str) -> Order:
    return replace(ORDER, stage=stage, partly_fulfilled=partly, **other)


@dataclass
class Clock:
    """Stands still until it is moved."""

    now: datetime = NOW

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Shop:
    """A shop that shows and answers what it was told to: the last of `shows` again and again.

    What is shown or answered may be an error to raise.
    """

    capabilities = Capabilities()

    shows: Sequence[Order | Exception | None]
    answers: CancelReport | Exception = CancelReport.ACCEPTED
    asked: list[tuple[str, Stage, str]] = field(default_factory=list)
    reads: int = 0
    on_cancel: Callable[[], None] = lambda: None

    async def find(self, number: str) -> Order | None:  # noqa: ARG002  it has one order
        shown = self.shows[min(self.reads, len(self.shows) - 1)]
        self.reads += 1
        if isinstance(shown, Exception):
            raise shown
        return shown

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,
        version: str = "",  # noqa: ARG002
    ) -> CancelReport:
        self.asked.append((number, expected, request_id))
        self.on_cancel()
        if isinstance(self.answers, Exception):
            raise self.answers
        return self.answers

    async def ping(self) -> None:
        """Always well."""

    async def close(self) -> None:
        """Nothing is open."""


DOWN = ShopUnreachable("down")


@dataclass
class Pauses:
    """Instead of `asyncio.sleep`: takes no time, and remembers how long it was asked for."""

    asked: deque[float] = field(default_factory=deque)

    async def __call__(self, seconds: float) -> None:
        self.asked.append(seconds)
        await asyncio.sleep(0)
