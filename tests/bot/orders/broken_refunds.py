"""A shop that leaves the refunds to us, and adapters of it that each break one promise about money."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.orders.demo_file import ShopFile
from bot.orders.demo_record import kept
from bot.ports import CancelReport, Capabilities, RefundReport, ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from tests.bot.orders.broken_adapters import Sound
from tests.bot.orders.shop_bench import START

_HAS_MONEY = (PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)


@dataclass
class Leaving(Sound):
    """A sound one: its shop moves no money with a cancel, and knows a refund's key again."""

    capabilities = Capabilities(refunds_itself=False, refunds_once=True, versioned=True)

    keys: dict[str, RefundReport] = field(default_factory=dict)

    async def find(self, number: str) -> Order | None:
        order = await super().find(number)
        return order and replace(order, payments=_named(order))

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        def cancelling(file: ShopFile) -> CancelReport:
            before = file.find(number)
            report = file.cancel(number, expected, request_id, version)
            if report is CancelReport.ACCEPTED and before and before.stage is not Stage.CANCELLED:
                _write(file, number, lambda order: replace(order, payments=before.payments))
            return report

        return await self.shop.run(cancelling)

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        return await self.shop.run(lambda file: self.pay(file, number, payment.id, amount, key))

    def pay(self, file: ShopFile, number: str, id_: str, amount: Decimal, key: str) -> RefundReport:
        if key not in self.keys:
            self.keys[key] = pay_back(file, number, id_, amount)
        return self.keys[key]


def pay_back(
    file: ShopFile, number: str, id_: str, amount: Decimal, *, at_most: Decimal | None = None
) -> RefundReport:
    """Lift a hold, or send back what is asked for, where so much (or `at_most`) is left."""
    order = file.find(number)
    payments = _named(order) if order else ()
    wanted = next((each for each in payments if each.id == id_), None)
    if wanted is None or wanted.status not in _HAS_MONEY:
        return RefundReport.REFUSED
    if wanted.status is PaymentStatus.AUTHORISED:
        changed = replace(wanted, status=PaymentStatus.VOIDED)
    else:
        left = wanted.amount - sum((each.amount for each in wanted.refunds), Decimal(0))
        if not 0 < amount <= (left if at_most is None else at_most):
            return RefundReport.REFUSED
        changed = replace(wanted, refunds=(*wanted.refunds, Refund(amount, RefundStatus.SENT, START)))
    now = tuple(changed if each is wanted else each for each in payments)
    _write(file, number, lambda order: replace(order, payments=now))
    return RefundReport.ACCEPTED


def _named(order: Order) -> tuple[Payment, ...]:
    return tuple(replace(payment, id=f"{order.number}/{at}") for at, payment in enumerate(order.payments, 1))


def _write(file: ShopFile, number: str, change: Callable[[Order], Order]) -> None:
    order = file.find(number)
    assert order is not None
    file.put([kept(change(order), START, None)])


class Paying(Leaving):
    """Says that it leaves the money alone; its shop sends it back with the cancel."""

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        return await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)


class Unable(Sound):
    """Leaves the money to us, and gives no way to send it."""

    capabilities = Capabilities(refunds_itself=False)


class Forgetful(Leaving):
    """Knows no key again."""

    def pay(self, file: ShopFile, number: str, id_: str, amount: Decimal, key: str) -> RefundReport:  # noqa: ARG002
        return pay_back(file, number, id_, amount)


class Hasty(Leaving):
    """Looks whether a key is known, and sends the money a moment later."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        if key not in self.keys:
            await asyncio.sleep(0)
            self.keys[key] = await self.shop.run(lambda file: pay_back(file, number, payment.id, amount))
        return self.keys[key]


class Spendthrift(Leaving):
    """Sends whatever it is asked for."""

    def pay(self, file: ShopFile, number: str, id_: str, amount: Decimal, key: str) -> RefundReport:
        if key not in self.keys:
            self.keys[key] = pay_back(file, number, id_, amount, at_most=Decimal(1000))
        return self.keys[key]


class Counting(Leaving):
    """Compares with what was paid, and not with what is still owed."""

    def pay(self, file: ShopFile, number: str, id_: str, amount: Decimal, key: str) -> RefundReport:
        if key not in self.keys:
            self.keys[key] = pay_back(file, number, id_, amount, at_most=Decimal("54.00"))
        return self.keys[key]


class Backwards(Leaving):
    """Takes an amount below zero for its opposite."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        return await super().refund(number, payment=payment, amount=abs(amount), key=key)


class Whole(Leaving):
    """Sends all of a payment back, whatever it was asked for."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        whole = payment.amount if 0 < amount <= payment.amount else amount
        return await super().refund(number, payment=payment, amount=whole, key=key)


class FirstBest(Leaving):
    """Refunds the order's first payment, whichever was named."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        return await super().refund(
            number, payment=replace(payment, id=f"{number}/1"), amount=amount, key=key
        )


class Nodding(Leaving):
    """Says yes to every refund, and makes none."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:  # noqa: ARG002
        await self.shop.ping()
        return RefundReport.ACCEPTED


class Charging(Leaving):
    """Sends money back of a payment that is only held."""

    def pay(self, file: ShopFile, number: str, id_: str, amount: Decimal, key: str) -> RefundReport:
        def taken(order: Order) -> Order:
            changed = (replace(each, status=PaymentStatus.CAPTURED) for each in order.payments)
            return replace(order, payments=tuple(changed))

        if file.find(number) is not None:
            _write(file, number, taken)
        return super().pay(file, number, id_, amount, key)


class Nameless(Leaving):
    """Shows payments without ids."""

    async def find(self, number: str) -> Order | None:
        return await self.shop.find(number)


class Swallowing(Leaving):
    """Takes a shop that is down for a refusal."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        try:
            return await super().refund(number, payment=payment, amount=amount, key=key)
        except ShopUnreachable:
            return RefundReport.REFUSED


class Unversioned(Leaving):
    """Says that it compares versions, and does not."""

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,
        version: str = "",  # noqa: ARG002
    ) -> CancelReport:
        return await super().cancel(number, expected=expected, request_id=request_id)


class Blank(Leaving):
    """Declares versions, and shows none."""

    async def find(self, number: str) -> Order | None:
        order = await super().find(number)
        return order and replace(order, version="")
