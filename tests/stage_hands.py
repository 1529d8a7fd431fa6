"""A shop for conversations: the real demo shop, with a hand at the ropes."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.orders.demo import DemoShop
from bot.orders.demo_record import Step, StoredOrder
from bot.ports import CancelReport, Capabilities, ShopUnreachable
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

Pull = Callable[["StageHands"], object]


@dataclass
class StageHands:
    """An `OrderBackend` over the demo shop in which things happen at a moment that the script names."""

    capabilities = Capabilities()

    shop: DemoShop
    down: bool = False
    before_find: list[list[Pull]] = field(default_factory=list)
    before_cancel: list[Pull] = field(default_factory=list)
    lose_request: bool = False
    lose_response: bool = False
    finds: int = 0

    async def find(self, number: str) -> Order | None:
        self.finds += 1
        for pull in self.before_find.pop(0) if self.before_find else ():
            await self.do(pull)
        if self.down:
            raise ShopUnreachable
        return await self.shop.find(number)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        for pull in self.before_cancel:
            await self.do(pull)
        self.before_cancel.clear()
        if self.down or self.lose_request:
            self.lose_request = False
            raise ShopUnreachable
        report = await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)
        if self.lose_response:
            self.lose_response = False
            raise ShopUnreachable
        return report

    async def ping(self) -> None:
        await self.shop.ping()

    async def close(self) -> None:
        await self.shop.close()

    async def do(self, pull: Pull) -> None:
        made = pull(self)
        if hasattr(made, "__await__"):
            await made

    async def becomes(self, number: str, stage: Stage) -> None:
        await self.shop.run(lambda file: file.advance(number, stage))

    async def attempts(self, number: str) -> list[str]:
        return await self.shop.run(lambda file: [attempt.report for attempt in file.attempts(number)])


def placed(spec: str, now: datetime) -> StoredOrder:
    """An order from `1042, ann@shop.test, paid, paypal` and, after these, any of: mixed, non-cancellable,
    partly, bound, refund-fails, one-item, USD.

    Payments: `gift_card=20 + card/authorised`, `card~sent`, `none`.
    """
    number, email, stage, payments, *marks = (part.strip() for part in spec.split(","))
    total = Decimal("54.00")
    cancellable = {"mixed": (True, False), "non-cancellable": (False, False)}
    first, second = next((cancellable[mark] for mark in marks if mark in cancellable), (True, True))
    lines = (Line("Oak shelf", 1, Decimal("30.00"), first), Line("Brass hook", 1, Decimal("24.00"), second))
    if "one-item" in marks:
        lines = (Line("Oak shelf", 1, total, first),)
    placed_at = now - timedelta(hours=3)
    return StoredOrder(
        number=number,
        email=email,
        placed_at=placed_at,
        currency="USD" if "USD" in marks else "EUR",
        total=total,
        lines=lines,
        payments=tuple(_payments(payments, total, now)),
        schedule=(Step(Stage(stage), placed_at),),
        bound_at=placed_at if "bound" in marks else None,
        partly_fulfilled="partly" in marks,
        refund_fails="refund-fails" in marks,
    )


def _payments(spec: str, total: Decimal, now: datetime) -> list[Payment]:
    found: list[Payment] = []
    for part in spec.split("+"):
        word, _, refunded = part.strip().partition("~")
        word, _, status = word.partition("/")
        method, _, amount = word.partition("=")
        if method == "none":
            continue
        value = Decimal(amount) if amount else total - sum((p.amount for p in found), Decimal(0))
        refunds = ()
        if refunded:
            sent = now - timedelta(days=2) if refunded == "sent" else None
            refunds = (Refund(value, RefundStatus(refunded), sent),)
        found.append(Payment(method, value, PaymentStatus(status or "captured"), refunds))
    return found


async def open_shop(folder: Path, clock: Callable[[], datetime], specs: list[str]) -> StageHands:
    shop = DemoShop(folder / "shop.sqlite3", now=clock)
    await shop.open()
    records = [placed(spec, clock()) for spec in specs]
    await shop.run(lambda file: file.put(records))
    return StageHands(shop)
