"""The money of an order just cancelled, where its shop does not send it back by itself.

One refund at a time, each after a reading of its own. What the record shows afterwards is what is told; only
of a refund that it does not show is our own knowledge added: refused, accepted, or lost on the way.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from decimal import Decimal

import structlog

from bot.ports import Refunder, RefundReport, ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_REPORTED = {RefundReport.ACCEPTED: RefundStatus.PENDING, RefundReport.REFUSED: RefundStatus.FAILED}
_TAKEN = (PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED)

Read = Callable[[], Awaitable[Order | None]]
"""The order as its record shows it now, or `None` where it could not be read."""


@dataclass(frozen=True, slots=True)
class GivingBack:
    """Gives back what an order's payments still hold. The caller holds the lock of the order.

    `repeatable`: the shop never pays twice for one key, so a refund that was lost may be asked for again.
    """

    shop: Refunder
    repeatable: bool

    async def give_back(self, order: Order, key: str, read: Read, *, tried_before: bool) -> Order:
        """Ask for every refund that is owed; the order as its record shows it then, and as we know.

        `tried_before`: an earlier attempt may have asked for them, unseen. Where the record turns out to be
        other than cancelled and nothing else, nothing more is given back, and that record is the answer.
        """
        ours: dict[str, RefundStatus] = {}
        latest = order
        for each in order.payments:
            if owed(each) <= 0:
                continue
            now = await read()
            if now is None:
                ours[each.id] = RefundStatus.UNKNOWN
                continue
            if now.stage is not Stage.CANCELLED or now.partly_fulfilled:
                return _with_ours(now, ours)
            latest = now
            payment = next((other for other in now.payments if other.id == each.id), None)
            if payment is None or (left := owed(payment)) <= 0:
                continue
            if tried_before and not self.repeatable:
                ours[each.id] = RefundStatus.UNKNOWN
                continue
            ours[each.id] = await self._ask(now, payment, left, f"{key}/{payment.id}")
        return _with_ours(await read() or latest, ours)

    async def _ask(self, order: Order, payment: Payment, amount: Decimal, key: str) -> RefundStatus:
        try:
            report = await self.shop.refund(order.number, payment=payment, amount=amount, key=key)
        except ShopUnreachable:
            _log.warning("a refund got no answer", key=key)
            return RefundStatus.UNKNOWN
        if report is RefundReport.REFUSED:
            _log.warning("the shop refused a refund", key=key, method=payment.method)
        return _REPORTED[report]


def owed(payment: Payment) -> Decimal:
    """What a payment holds, or has taken, and no refund has given back or may be about to."""
    if payment.status not in _TAKEN:
        return Decimal(0)
    return payment.amount - payment.on_its_way


def _with_ours(order: Order, ours: dict[str, RefundStatus]) -> Order:
    """What the record does not show yet of the refunds that were asked for, as we know it."""
    return replace(order, payments=tuple(_known(payment, ours) for payment in order.payments))


def _known(payment: Payment, ours: dict[str, RefundStatus]) -> Payment:
    status, left = ours.get(payment.id), owed(payment)
    if status is None or left <= 0:
        return payment
    if status is RefundStatus.FAILED and any(refund.status is status for refund in payment.refunds):
        return payment  # the record shows it itself
    return replace(payment, refunds=(*payment.refunds, Refund(left, status)))
