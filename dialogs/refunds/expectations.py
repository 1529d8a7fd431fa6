"""What can be expected of the money of one payment, and how a payment leads to it."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum

from dialogs.orders import Order, Payment, PaymentStatus, RefundStatus, Stage
from dialogs.refunds.methods import Method, StartsAt, Unit

ZERO = Decimal(0)

_NOT_TAKEN = {PaymentStatus.PENDING, PaymentStatus.VOIDED, PaymentStatus.FAILED}


class Kind(StrEnum):
    """What can be said of the money of one payment, or of one refund."""

    IMMEDIATE = "immediate"
    """Back at once with the cancellation."""
    AFTER_SENT = "after_sent"
    """In `min` to `max` days after the refund is sent, which the record does not date."""
    DATED = "dated"
    """The record shows when it was sent: to be expected on one of `dates`."""
    RELEASED = "released"
    """Held, not taken: the hold is lifted in `min` to `max` days after the void."""
    NOTHING = "nothing"
    """This payment took nothing."""
    PERSON = "person"
    """No window is stated, or the record does not say what became of the money."""
    UNSENT = "unsent"
    """The order is cancelled, and the record shows no refund, in a shop that sends none by itself."""
    UNCLEAR = "unclear"
    """Nobody knows whether the refund was sent."""
    FAILED = "failed"
    """The record shows that the refund failed."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """What is to be expected of one refund, or of what a payment has not given back yet.

    `method` is a key of `methods.toml`, or the shop's own code where no row has it; `name` is for display.
    `amount` is what comes back; for `Kind.NOTHING` what was never taken. `min`, `max` and `unit` are the
    window where there is one; `dates` only with `Kind.DATED`. `status` and `sent_on` (local to the shop) are
    those of the refund, if the record has one. `note` is the message `refund-note-<key>`.
    """

    method: str
    name: str
    amount: Decimal
    currency: str
    kind: Kind
    min: int | None = None
    max: int | None = None
    unit: Unit | None = None
    dates: tuple[date, date] | None = None
    note: str | None = None
    sent_on: date | None = None
    status: RefundStatus | None = None


@dataclass(frozen=True, slots=True)
class PaidBy:
    """One payment with the row of its method, and the row for its hold, where there are such rows."""

    order: Order
    payment: Payment
    method: Method | None
    released_as: Method | None
    unsent: bool = False
    """The order is cancelled, and what its record does not show as sent back nobody has sent."""

    def rest(self, amount: Decimal, *, returning: bool) -> Iterator[Expectation]:
        """What is to be expected of the part that no refund has touched."""
        status = self.payment.status
        if status in _NOT_TAKEN:
            if not self.payment.refunds:
                yield self._not_taken(amount)
        elif self.unsent:
            yield self.expect(Kind.UNSENT, amount)
        elif returning and status is PaymentStatus.AUTHORISED:
            yield self._held(amount)
        elif returning and status is PaymentStatus.UNKNOWN:
            yield self.expect(Kind.PERSON, amount)
        elif returning:
            yield self.returned(amount)

    def returned(self, amount: Decimal, status: RefundStatus | None = None) -> Expectation:
        """Money on its way back, by the window of its method."""
        row = self.method
        if row is None or row.unit in {Unit.NONE, Unit.PERSON} or row.starts_at is StartsAt.VOID:
            return self.expect(Kind.PERSON, amount, self.method, status=status)
        kind = Kind.IMMEDIATE if row.unit is Unit.IMMEDIATE else Kind.AFTER_SENT
        return self.expect(kind, amount, row, status=status)

    def _held(self, amount: Decimal) -> Expectation:
        if self.released_as is not None:
            return self.expect(Kind.RELEASED, amount, self.released_as)
        if self.method is not None and self.method.unit is Unit.IMMEDIATE:
            return self.expect(Kind.IMMEDIATE, amount, self.method)
        return self.expect(Kind.PERSON, amount)

    def _not_taken(self, amount: Decimal) -> Expectation:
        """Nothing to return; but a hold that went with the cancellation may still show for some days."""
        voided = self.payment.status is PaymentStatus.VOIDED and self.order.stage is Stage.CANCELLED
        if voided and self.released_as is not None:
            return self.expect(Kind.RELEASED, amount, self.released_as)
        return self.expect(Kind.NOTHING, amount)

    def expect(
        self,
        kind: Kind,
        amount: Decimal,
        window: Method | None = None,
        *,
        status: RefundStatus | None = None,
        sent_on: date | None = None,
    ) -> Expectation:
        """An expectation of this payment, with the window and the note of a row."""
        return Expectation(
            method=self.method.key if self.method else self.payment.method,
            name=self.method.name if self.method else self.payment.method,
            amount=amount,
            currency=self.order.currency,
            kind=kind,
            min=window.min if window else None,
            max=window.max if window else None,
            unit=window.unit if window else None,
            note=window.note if window else None,
            sent_on=sent_on,
            status=status,
        )
