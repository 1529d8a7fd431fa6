"""An order as the HTTP contract writes it (docs/http-shop.openapi.yaml), and what it means in our words."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Context, Decimal, Inexact, InvalidOperation, Overflow, Subnormal
from typing import Annotated, TypeVar

from msgspec import Meta, Struct, structs

from bot.orders.answers import in_utc
from bot.orders.stage_rows import Facts, Row, StageRows
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

W = TypeVar("W", PaymentStatus, RefundStatus)
FACTS = frozenset({"status", "fulfilment", "partly", "tag"})

_Pieces = Annotated[int, Meta(ge=1, le=10**9)]
_Time = Annotated[datetime, Meta(tz=True)]
_MONEY = Context(prec=16, Emin=-4, Emax=11, traps=[Inexact, InvalidOperation, Overflow, Subnormal])
"""What an amount fits into: 16 digits, the first at most in the hundred thousand millions."""


class NotCancellable(Struct, frozen=True, forbid_unknown_fields=True):
    """[not_cancellable]: how a line is marked, besides its own `cancellable`."""

    tags: list[str] = []


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """The whole mapping file. The shop's words in it are compared without case."""

    stages: dict[str, Row]
    payments: dict[str, PaymentStatus]
    refunds: dict[str, RefundStatus]
    not_cancellable: NotCancellable = NotCancellable()

    def folded(self) -> "Mapping":
        """The same, with the shop's words in the form in which they are looked up."""
        return structs.replace(self, payments=_folded(self.payments), refunds=_folded(self.refunds))


class _Refund(Struct, frozen=True, gc=False):
    amount: Decimal
    status: str
    sent_at: _Time | None = None


class _Payment(Struct, frozen=True, gc=False):
    method: str
    amount: Decimal
    status: str
    id: str = ""
    refunds: list[_Refund] = []


class _Line(Struct, frozen=True, gc=False):
    title: str
    quantity: _Pieces
    unit_price: Decimal
    cancellable: bool = True
    tags: list[str] = []


class Record(Struct, frozen=True, gc=False):
    """One order, as GET answers it. Either `stage` or `status` has to be there."""

    number: str
    email: str
    placed_at: _Time
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    total: Decimal
    lines: list[_Line]
    payments: list[_Payment]
    stage: str | None = None
    status: str | None = None
    fulfilment: str | None = None
    tags: list[str] = []
    partly_fulfilled: bool = False
    version: str | None = None


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns records into orders, by one shop's mapping. `unmapped` is told words for payments and refunds."""

    mapping: Mapping
    rows: StageRows
    unmapped: Callable[[str], None]

    def order(self, record: Record) -> Order:
        """The order in our words. Raises `ValueError` or `ArithmeticError` where it makes no sense."""
        return Order(
            number=record.number,
            email=record.email,
            stage=self.stage(record),
            placed_at=in_utc(record.placed_at),
            currency=record.currency,
            total=_amount(record.total),
            lines=tuple([self._line(line) for line in record.lines]),
            payments=tuple([self._payment(payment) for payment in record.payments]),
            partly_fulfilled=record.partly_fulfilled,
            status=record.status or record.stage or "",
            version=record.version or "",
        )

    def stage(self, record: Record) -> Stage:
        """The stage alone: as the shop says it in our words, or by the rows."""
        word = record.status or record.stage
        if not word:
            raise ValueError("an order says neither its stage nor its status")
        if record.stage in _STAGES:
            return _STAGES[record.stage]
        facts: Facts = {
            "status": frozenset({word}),
            "fulfilment": frozenset({record.fulfilment} if record.fulfilment else ()),
            "partly": frozenset({"yes" if record.partly_fulfilled else "no"}),
            "tag": frozenset(record.tags),
        }
        return self.rows.stage(facts, word)

    def _line(self, line: _Line) -> Line:
        cancellable = line.cancellable and not (line.tags and self._marked(line.tags))
        return Line(line.title, line.quantity, _amount(line.unit_price), cancellable)

    def _marked(self, tags: list[str]) -> bool:
        marks = {tag.casefold() for tag in self.mapping.not_cancellable.tags}
        return any(tag.strip().casefold() in marks for tag in tags)

    def _payment(self, payment: _Payment) -> Payment:
        status = self.mapping.payments.get(_plain(payment.status))
        if status is None:
            self.unmapped(f"payment {payment.status}")
        return Payment(
            payment.method,
            _amount(payment.amount),
            status or PaymentStatus.UNKNOWN,
            tuple([self._refund(refund) for refund in payment.refunds]) if payment.refunds else (),
            payment.id,
        )

    def _refund(self, refund: _Refund) -> Refund:
        status = self.mapping.refunds.get(_plain(refund.status))
        if status is None:
            self.unmapped(f"refund {refund.status}")
        sent_at = in_utc(refund.sent_at) if refund.sent_at and status is RefundStatus.SENT else None
        return Refund(_amount(refund.amount), status or RefundStatus.UNKNOWN, sent_at)


def _folded(words: dict[str, W]) -> dict[str, W]:
    """A merchant's words come last and count, also where one of ours differs by its case alone."""
    return {_plain(word): meaning for word, meaning in words.items()}


def _plain(word: str) -> str:
    return word.strip().casefold()


_STAGES: dict[str | None, Stage] = {stage.value: stage for stage in Stage}


def _amount(amount: Decimal) -> Decimal:
    exact = _MONEY.plus(amount)
    if exact.is_signed() or not exact.is_finite():
        raise ValueError("an amount is negative, or no number")
    return exact
