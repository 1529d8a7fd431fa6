"""The record form of import and export: one order as fields of JSON or CSV, checked strictly.

The form is described in `docs/orders.md`. What `record_of` writes, `read_record` reads as the same order,
but for its `version` and a `status` that only repeats the stage.
"""

from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator
from pydantic_core import ErrorDetails, PydanticCustomError

from bot.orders.record_fields import Amount, Currency, Email, Mark, Number, Pieces, Text, Time
from bot.rows import parsed_json
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

_STRICT = ConfigDict(extra="forbid", frozen=True)
_MOST_REASONS = 5
_REASONS = {
    "missing": "is missing",
    "extra_forbidden": "is not a field of a record: correct its name or remove it",
    "list_type": "must be a list",
    "too_short": "must not be empty",
    "model_type": "must be an object with fields",
    "string_type": "must be text",
    "string_unicode": "holds half a character: write it anew",
    "string_too_short": "must not be empty",
}
"""Pydantic's own kinds of error, in this form's words."""


class BadRecord(Exception):
    """The fields make no order; the message says which are wrong and what to write, never what was there."""


class _Refund(BaseModel):
    model_config = _STRICT
    amount: Amount
    status: RefundStatus
    sent_at: Time | None = None

    @model_validator(mode="after")
    def _sent_has_a_time(self) -> Self:
        if self.sent_at is not None and self.status is not RefundStatus.SENT:
            raise PydanticCustomError("sent_at", "has a sent_at but is not sent: leave sent_at out")
        return self

    def refund(self) -> Refund:
        return Refund(self.amount, self.status, self.sent_at)


class _Payment(BaseModel):
    model_config = _STRICT
    method: Text
    amount: Amount
    status: PaymentStatus
    refunds: list[_Refund] = []

    def payment(self) -> Payment:
        refunds = tuple(refund.refund() for refund in self.refunds)
        return Payment(self.method, self.amount, self.status, refunds)


class _Line(BaseModel):
    model_config = _STRICT
    title: Text
    quantity: Pieces
    unit_price: Amount
    cancellable: Mark = True

    def line(self) -> Line:
        return Line(self.title, self.quantity, self.unit_price, self.cancellable)


class _Record(BaseModel):
    model_config = _STRICT
    number: Number
    email: Email
    stage: Stage
    placed_at: Time
    currency: Currency
    total: Amount
    lines: list[_Line] = Field(min_length=1)
    payments: list[_Payment]
    partly_fulfilled: Mark = False
    status: Text | None = None

    def order(self) -> Order:
        return Order(
            number=self.number,
            email=self.email,
            stage=self.stage,
            placed_at=self.placed_at,
            currency=self.currency,
            total=self.total,
            lines=tuple(line.line() for line in self.lines),
            payments=tuple(payment.payment() for payment in self.payments),
            partly_fulfilled=self.partly_fulfilled,
            status=self.status or self.stage.value,
        )


def read_record(fields: Mapping[str, object]) -> Order:
    """The order of one JSON object. Raises `BadRecord`."""
    try:
        return _Record.model_validate(fields).order()
    except ValidationError as error:
        reasons = [_reason(detail) for detail in error.errors(include_url=False, include_input=False)]
    more = len(reasons) - _MOST_REASONS
    raise BadRecord("; ".join(reasons[:_MOST_REASONS]) + (f"; and {more} more" if more > 0 else ""))


def read_flat_record(cells: Mapping[str, object]) -> Order:
    """The order of one CSV row. Raises `BadRecord`."""
    fields = {name: value for name, value in cells.items() if value != ""}
    lines = _nested(fields, "lines", "line_", one_at_least=True)
    payments = _nested(fields, "payments", "payment_", one_at_least=False)
    return read_record(fields | {"lines": lines, "payments": payments})


def record_of(order: Order) -> dict[str, object]:
    """The order as a JSON object of the import form: amounts as text, times in UTC."""
    record: dict[str, object] = {
        "number": order.number,
        "email": order.email,
        "stage": order.stage.value,
        "placed_at": _time(order.placed_at),
        "currency": order.currency,
        "total": _amount(order.total),
        "lines": [_line_record(line) for line in order.lines],
        "payments": [_payment_record(payment) for payment in order.payments],
    }
    if order.partly_fulfilled:
        record["partly_fulfilled"] = True
    if order.status not in {"", order.stage.value}:
        record["status"] = order.status
    return record


def _line_record(line: Line) -> dict[str, object]:
    return {
        "title": line.title,
        "quantity": line.quantity,
        "unit_price": _amount(line.unit_price),
        "cancellable": line.cancellable,
    }


def _payment_record(payment: Payment) -> dict[str, object]:
    record: dict[str, object] = {
        "method": payment.method,
        "amount": _amount(payment.amount),
        "status": payment.status.value,
    }
    if payment.refunds:
        record["refunds"] = [_refund_record(refund) for refund in payment.refunds]
    return record


def _refund_record(refund: Refund) -> dict[str, object]:
    record: dict[str, object] = {"amount": _amount(refund.amount), "status": refund.status.value}
    return record | ({"sent_at": _time(refund.sent_at)} if refund.sent_at else {})


def _amount(amount: Decimal) -> str:
    return f"{amount:f}"


def _time(time: datetime) -> str:
    return time.isoformat().replace("+00:00", "Z")


def _nested(fields: dict[str, object], name: str, prefix: str, *, one_at_least: bool) -> object:
    """The list in the cell `name`, or the one item of the cells that begin with `prefix`; out of `fields`."""
    item = {key.removeprefix(prefix): fields.pop(key) for key in list(fields) if key.startswith(prefix)}
    cell = fields.pop(name, None)
    if cell is None:
        return [item] if item or one_at_least else []
    if item:
        raise BadRecord(f"{name}: is given twice: fill either {name} or the columns {prefix}...")
    try:
        return parsed_json(str(cell))
    except ValueError:
        raise BadRecord(f"{name}: is not JSON: write a list in brackets") from None


def _reason(detail: ErrorDetails) -> str:
    path = "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in detail["loc"])
    name = path.removeprefix(".") if path.isprintable() else "a field"
    message = detail["msg"].replace("Input should be", "must be").replace("String should", "should")
    return f"{name}: {_REASONS.get(detail['type'], message)}"
