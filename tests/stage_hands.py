"""A shop for conversations: the real demo shop, with a hand at the ropes."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from decimal import Decimal
from pathlib import Path

from bot.orders.demo import DemoShop
from bot.orders.demo_record import Step, StoredOrder, kept
from bot.ports import CancelReport, Capabilities, RefundReport, ShopUnreachable
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

Pull = Callable[["StageHands"], object]


@dataclass
class StageHands:
    """An `OrderBackend` over the demo shop in which things happen at a moment that the script names."""

    shop: DemoShop
    down: bool = False
    before_find: list[list[Pull]] = field(default_factory=list)
    before_cancel: list[Pull] = field(default_factory=list)
    after_cancel: list[Pull] = field(default_factory=list)
    lose_request: bool = False
    lose_response: bool = False
    finds: int = 0
    leaves_refunds: bool = False
    """The shop cancels without a move of money, and refunds what it is asked to."""
    refuse_refunds: bool = False
    lose_refund: bool = False
    trouble: ShopUnreachable | None = None
    refunds: int = 0

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(refunds_itself=not self.leaves_refunds, versioned=True)

    async def find(self, number: str) -> Order | None:
        self.finds += 1
        for pull in self.before_find.pop(0) if self.before_find else ():
            await self.do(pull)
        if self.trouble is not None:
            raise self.trouble
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
        before = await self.shop.find(number)
        report = await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)
        if self.leaves_refunds and before is not None and report is CancelReport.ACCEPTED:
            await self.changed(number, payments=tuple(_named(before.payments)))
        for pull in self.after_cancel:
            await self.do(pull)
        self.after_cancel.clear()
        if self.lose_response:
            self.lose_response = False
            raise ShopUnreachable
        return report

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        assert key
        if self.refuse_refunds:
            return RefundReport.REFUSED
        order = await self.shop.find(number)
        assert order is not None
        self.refunds += 1
        sent = Refund(amount, RefundStatus.SENT, self.shop_now())
        paid = (replace(p, refunds=(*p.refunds, sent)) if p.id == payment.id else p for p in order.payments)
        if not self.lose_refund:
            await self.changed(number, payments=tuple(paid))
            return RefundReport.ACCEPTED
        self.lose_refund = False
        raise ShopUnreachable

    async def changed(self, number: str, **changes: object) -> None:
        """Write an order's record over, as somebody else may."""
        order = await self.shop.find(number)
        assert order is not None
        record = kept(replace(order, **changes), self.shop_now(), None)  # type: ignore[arg-type]
        await self.shop.run(lambda file: file.put([record]))

    async def pays(self, number: str, amount: Decimal) -> None:
        """Another amount was paid than before: a gift card was taken off, a line was added."""
        order = await self.shop.find(number)
        assert order is not None
        await self.changed(number, payments=tuple(replace(p, amount=amount) for p in order.payments))

    async def refund_fails(self, number: str) -> None:
        order = await self.shop.find(number)
        assert order is not None
        payments = tuple(
            replace(p, refunds=tuple(replace(r, status=RefundStatus.FAILED, sent_at=None) for r in p.refunds))
            for p in order.payments
        )
        await self.changed(number, payments=payments)

    def shop_now(self) -> datetime:
        return self.shop.now()

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


def _named(payments: tuple[Payment, ...]) -> Iterator[Payment]:
    return (replace(payment, id=f"p{n}") for n, payment in enumerate(payments, 1))


async def open_shop(folder: Path, clock: Callable[[], datetime], specs: list[str]) -> StageHands:
    shop = DemoShop(folder / "shop.sqlite3", now=clock)
    await shop.open()
    records = [placed(spec, clock()) for spec in specs]
    await shop.run(lambda file: file.put(records))
    return StageHands(shop)
