"""What a shop can tell us about an order, in our words."""

from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from enum import StrEnum


class Stage(StrEnum):
    """How far an order has come (order cancellation policy, clause 2)."""

    PLACED = "placed"
    """Ordered, not paid."""
    PAID = "paid"
    ALLOCATED = "allocated"
    """Resources are being allocated."""
    BINDING = "binding"
    """Being bound to fulfilment: the live record decides."""
    CONFIRMED = "confirmed"
    """Bound to fulfilment."""
    IN_LOGISTICS = "in_logistics"
    DELIVERED = "delivered"
    CANCELLED = "cancelled"
    ON_HOLD = "on_hold"
    UNRECOGNISED = "unrecognised"
    """The shop used a status nobody has mapped."""


class PaymentStatus(StrEnum):
    """What the shop records of a payment."""

    PENDING = "pending"
    """Nothing has been taken yet."""
    AUTHORISED = "authorised"
    """Held on the customer's account, not taken: given back by a void."""
    CAPTURED = "captured"
    VOIDED = "voided"
    FAILED = "failed"
    UNKNOWN = "unknown"


class RefundStatus(StrEnum):
    """What the shop records of a refund."""

    SENT = "sent"
    PENDING = "pending"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Cancellable(StrEnum):
    """What of an order could be cancelled by its marks alone (clause 5, first point)."""

    ALL = "all"
    NONE = "none"
    MIXED = "mixed"


class Money(StrEnum):
    """Whether money is with the shop."""

    UNPAID = "unpaid"
    """Nothing was taken and nothing is held."""
    HELD = "held"
    """Authorised only, on every payment that has money in it."""
    TAKEN = "taken"


@dataclass(frozen=True, slots=True)
class Refund:
    """Money on its way back for one payment; `sent_at` is aware and set where the record says so."""

    amount: Decimal
    status: RefundStatus
    sent_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Payment:
    """One payment of an order; `method` is the shop's own code for it, as written there."""

    method: str
    amount: Decimal
    status: PaymentStatus
    refunds: tuple[Refund, ...] = ()
    id: str = ""
    """The shop's own id of the payment, where a refund has to name it."""

    @property
    def on_its_way(self) -> Decimal:
        """What refunds have returned, or may have."""
        return sum((r.amount for r in self.refunds if r.status is not RefundStatus.FAILED), Decimal(0))


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order; `cancellable` is false where it was clearly marked so before ordering."""

    title: str
    quantity: int
    unit_price: Decimal
    cancellable: bool = True


@dataclass(frozen=True, slots=True)
class Order:
    """An order as a shop's record showed it at one moment.

    `currency` is an ISO 4217 code; amounts are in its major unit. `status` is the shop's own word for the
    stage and `version` its own mark for this state of the record, where it has them.
    """

    number: str
    email: str
    stage: Stage
    placed_at: datetime
    currency: str
    total: Decimal
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    partly_fulfilled: bool = False
    status: str = ""
    version: str = ""

    @property
    def cancellable(self) -> Cancellable:
        """What the marks on its lines allow; an order without lines is not marked."""
        marks = {line.cancellable for line in self.lines}
        if marks == {True, False}:
            return Cancellable.MIXED
        return Cancellable.NONE if marks == {False} else Cancellable.ALL

    @property
    def money(self) -> Money:
        """Whether any payment holds money for this order, or took it."""
        statuses = {payment.status for payment in self.payments}
        if statuses & {PaymentStatus.CAPTURED, PaymentStatus.UNKNOWN}:
            return Money.TAKEN
        return Money.HELD if PaymentStatus.AUTHORISED in statuses else Money.UNPAID

    @property
    def pieces(self) -> int:
        """How many items were ordered."""
        return sum(line.quantity for line in self.lines)

    def belongs_to(self, number: str, email: str) -> bool:
        """Whether this is the order of that number *and* that purchase e-mail."""
        return same_number(self.number, number) and same_email(self.email, email)


def same_number(left: str, right: str) -> bool:
    """Order numbers are compared without case, spaces and a leading '#'."""
    return _plain(left) == _plain(right)


def same_email(left: str, right: str) -> bool:
    """E-mail addresses are compared without case and surrounding space."""
    return left.strip().casefold() == right.strip().casefold() != ""


def _plain(number: str) -> str:
    return "".join(number.split()).lstrip("#").casefold()
