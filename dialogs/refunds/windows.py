"""The one calculator: what to expect of every payment of an order, and no more than the record says."""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date, datetime, timedelta

from dialogs.orders import Order, Payment, Refund, RefundStatus, Stage
from dialogs.refunds.business_days import Calendar
from dialogs.refunds.expectations import ZERO, Expectation, Kind, PaidBy
from dialogs.refunds.methods import Method, StartsAt, plain

_ABOUT_TO_BE_CANCELLED = {Stage.PLACED, Stage.PAID, Stage.ALLOCATED, Stage.BINDING, Stage.CANCELLED}


class RefundWindows:
    """The refund windows of one shop: rows for its country, its calendar, its legal limit if it shows one.

    `legal_days` is the latest legal day after a cancellation (14 in the EU and the UK); `None` shows none.
    `by_itself`: the shop sends the money back by itself once an order is cancelled.
    """

    def __init__(
        self,
        methods: Iterable[Method],
        calendar: Calendar,
        legal_days: int | None = None,
        *,
        by_itself: bool = True,
    ) -> None:
        self._methods = tuple(methods)
        self._by_itself = by_itself
        methods = self._methods
        rows = [row for row in methods if row.country in (None, calendar.country)]
        everywhere_first = sorted(rows, key=lambda row: row.country is not None)
        self._rows = {row.key: row for row in everywhere_first}
        self._codes = {code: row.key for row in rows for code in row.codes}
        self._spoken = {
            key: tuple(n for row in rows if row.key == key for n in row.spoken) for key in self._rows
        }
        self._calendar = calendar
        self._legal_days = legal_days

    def of_shop(self, *, refunds_itself: bool) -> "RefundWindows":
        """The same for a shop that sends the money of a cancelled order back by itself, or does not."""
        return RefundWindows(self._methods, self._calendar, self._legal_days, by_itself=refunds_itself)

    def method(self, code: str) -> Method | None:
        """The row for a shop's code or one of our keys, whatever its case, spaces, "-" and "_"."""
        key = self._codes.get(plain(code))
        return None if key is None else self._rows[key]

    def spoken(self) -> dict[str, tuple[str, ...]]:
        """What customers call each method, by its key."""
        return dict(self._spoken)

    def legal_latest(self, cancelled_at: datetime) -> date | None:
        """The latest legal date of a refund, where the merchant shows it."""
        if self._legal_days is None:
            return None
        return self._calendar.local_date(cancelled_at) + timedelta(days=self._legal_days)

    def expect(self, order: Order, *, cancelling: bool | None = None) -> tuple[Expectation, ...]:
        """One expectation for every refund on the record, and one for what each payment still has to return.

        The latter only where the order is cancelled or about to be: as `cancelling` says, or else as the
        stage does (an order that is bound to fulfilment, on hold or in an unknown state is not).
        """
        returning = order.stage in _ABOUT_TO_BE_CANCELLED if cancelling is None else cancelling
        return tuple(
            expectation
            for payment in order.payments
            for expectation in self._of_payment(self._paid_by(order, payment), returning=returning)
        )

    def _paid_by(self, order: Order, payment: Payment) -> PaidBy:
        method = self.method(payment.method)
        unsent = order.stage is Stage.CANCELLED and not self._by_itself
        return PaidBy(order, payment, method, self._for_a_hold(method), unsent)

    def _for_a_hold(self, method: Method | None) -> Method | None:
        if method is None or method.starts_at is StartsAt.VOID:
            return method
        return self._rows.get(method.released_as) if method.released_as else None

    def _of_payment(self, paid: PaidBy, *, returning: bool) -> Iterator[Expectation]:
        left = paid.payment.amount - paid.payment.on_its_way
        for refund in paid.payment.refunds:
            if refund.status is not RefundStatus.FAILED:
                yield self._of_refund(paid, refund)
            elif left > ZERO:  # otherwise another refund has made up for it
                failed = min(refund.amount, left)
                left -= failed
                yield paid.expect(Kind.FAILED, failed, status=refund.status)
        if left > ZERO:
            yield from paid.rest(left, returning=returning)

    def _of_refund(self, paid: PaidBy, refund: Refund) -> Expectation:
        sent_on = self._calendar.local_date(refund.sent_at) if refund.sent_at else None
        if refund.status is RefundStatus.UNKNOWN:
            return paid.expect(Kind.UNCLEAR, refund.amount, status=refund.status, sent_on=sent_on)
        expected = paid.returned(refund.amount, status=refund.status)
        if refund.status is not RefundStatus.SENT or refund.sent_at is None or paid.method is None:
            return expected
        if expected.kind is not Kind.AFTER_SENT:
            return replace(expected, sent_on=sent_on)
        dates = self._calendar.dates(refund.sent_at, paid.method)
        return replace(expected, kind=Kind.DATED, dates=dates, sent_on=sent_on)
