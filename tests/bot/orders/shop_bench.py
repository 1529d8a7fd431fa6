"""The demo shop on the contract suite's bench, and a clock that tests turn by hand."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.contracts.shop_bench import Placement
from bot.orders.demo import DemoShop
from bot.orders.demo_record import StoredOrder, kept
from bot.ports import CancelReport, OrderBackend
from dialogs.orders import Line, Order, Payment, PaymentStatus, Stage

START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


@dataclass
class Clock:
    """Stands until it is turned."""

    time: datetime = START

    def __call__(self) -> datetime:
        return self.time

    def turn(self, **by: float) -> None:
        self.time += timedelta(**by)


def stored(
    number: str = "1001",
    stage: Stage = Stage.PAID,
    *,
    pace: float | None = None,
    at: datetime = START,
    payments: tuple[Payment, ...] = (Payment("card", Decimal("54.00"), PaymentStatus.CAPTURED),),
    lines: tuple[Line, ...] = Placement(Stage.PAID).lines,
    partly_fulfilled: bool = False,
) -> StoredOrder:
    order = Order(
        number=number,
        email="ann@shop.test",
        stage=stage,
        placed_at=START - timedelta(hours=1),
        currency="EUR",
        total=Decimal("54.00"),
        lines=lines,
        payments=payments,
        partly_fulfilled=partly_fulfilled,
    )
    return kept(order, at, pace)


@dataclass
class DemoBench:
    """Hands inside a demo shop whose file lies alone in its folder."""

    shop: DemoShop
    folder: Path
    adapter: OrderBackend | None = None
    stages: frozenset[Stage] = frozenset(Stage)
    placed: int = 0

    @property
    def backend(self) -> OrderBackend:
        return self.adapter or self.shop

    async def place(self, placement: Placement) -> str:
        self.placed += 1
        number = f"AB-{1000 + self.placed}"
        record = stored(number, placement.stage, payments=placement.payments, lines=placement.lines)
        await self.shop.run(lambda file: file.put([record]))
        return number

    async def advance(self, number: str, to: Stage) -> None:
        await self.shop.run(lambda file: file.advance(number, to))

    async def cancels(self, number: str) -> int:
        log = await self.shop.run(lambda file: file.attempts(number))
        return sum(each.report is CancelReport.ACCEPTED and not each.repeated for each in log)

    async def refunds(self, number: str) -> int:
        order = await self.shop.find(number)
        return sum(len(payment.refunds) for payment in order.payments) if order else 0

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        elsewhere = self.folder.with_name("elsewhere")
        self.folder.rename(elsewhere)
        try:
            yield
        finally:
            elsewhere.rename(self.folder)
