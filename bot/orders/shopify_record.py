"""An order as Shopify's Admin API shows it, and what that means in our words.

Amounts are those in the customer's own currency (`presentmentMoney`). The status of money comes from the
transactions: a refund that merely exists says nothing of whether the money left.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from bot.orders.answers import in_utc, money
from bot.orders.stage_rows import Facts, Row, StageRows
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

FACTS = frozenset({"cancelled", "financial", "fulfilment", "work", "request", "shipment", "tag", "metafield"})
MOST = 50
"""Of each list but the lines, as the document asks for; an order with more is not understood."""

_AUTHORISING = frozenset({"AUTHORIZATION", "EMV_AUTHORIZATION"})
_TAKING = frozenset({"SALE", "CAPTURE"})
_DONE = "SUCCESS"
_STATUS = {
    _DONE: PaymentStatus.CAPTURED,
    "PENDING": PaymentStatus.PENDING,
    "AWAITING_RESPONSE": PaymentStatus.PENDING,
    "FAILURE": PaymentStatus.FAILED,
    "ERROR": PaymentStatus.FAILED,
}
_REFUND_STATUS = {
    _DONE: RefundStatus.SENT,
    "PENDING": RefundStatus.PENDING,
    "AWAITING_RESPONSE": RefundStatus.PENDING,
    "FAILURE": RefundStatus.FAILED,
    "ERROR": RefundStatus.FAILED,
}
_NO_WORK = frozenset({"CLOSED", "CANCELLED"})

_Time = Annotated[datetime, msgspec.Meta(tz=True)]
_Pieces = Annotated[int, msgspec.Meta(ge=0, le=10**9)]


class Metafield(msgspec.Struct, frozen=True):
    """[metafield]: which metafield of an order is a fact."""

    namespace: str = ""
    key: str = ""


class NotCancellable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[not_cancellable]: how a line is marked."""

    line_attributes: dict[str, list[str]] = {}
    product_tags: list[str] = []
    product_namespace: str = ""
    product_key: str = ""
    product_values: list[str] = []

    @property
    def asks_products(self) -> bool:
        """Whether the marks stand on products, which takes a further permission."""
        return bool(self.product_tags or self.product_key)


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole mapping file."""

    stages: dict[str, Row]
    metafield: Metafield = Metafield()
    not_cancellable: NotCancellable = NotCancellable()
    methods: dict[str, str] = {}


class _Camel(msgspec.Struct, rename="camel"):
    pass


class _Money(_Camel):
    amount: Decimal


class _Bag(_Camel):
    presentment_money: _Money

    @property
    def amount(self) -> Decimal:
        return money(self.presentment_money.amount)


class _Value(_Camel):
    value: str


class _Id(_Camel):
    id: str


class _Page(_Camel):
    has_next_page: bool
    end_cursor: str | None = None


class _Work(_Camel):
    status: str
    request_status: str


class _Works(_Camel):
    nodes: list[_Work]
    page_info: _Page


class _Shipment(_Camel):
    status: str
    display_status: str | None = None


class _Details(_Camel):
    wallet: str | None = None
    payment_method_name: str | None = None


class Transaction(_Camel):
    """One step of a payment: an authorisation, a capture, a sale, a void or a refund."""

    id: str
    kind: str
    status: str
    amount_set: _Bag
    gateway: str | None = None
    processed_at: _Time | None = None
    total_unsettled_set: _Bag | None = None
    parent_transaction: _Id | None = None
    payment_details: _Details | None = None

    @property
    def parent(self) -> str | None:
        """The id of the step that this one follows."""
        return self.parent_transaction.id if self.parent_transaction else None


class _Attribute(_Camel):
    key: str
    value: str | None = None


class _Product(_Camel):
    tags: list[str] = []
    metafield: _Value | None = None


class _Item(_Camel):
    name: str
    quantity: _Pieces
    current_quantity: _Pieces
    original_unit_price_set: _Bag
    custom_attributes: list[_Attribute] = []
    product: _Product | None = None


class _Items(_Camel):
    nodes: list[_Item]
    page_info: _Page


class Record(_Camel):
    """`order` of the document READ."""

    id: str
    name: str
    created_at: _Time
    updated_at: _Time
    presentment_currency_code: str
    display_fulfillment_status: str
    total_price_set: _Bag
    fulfillment_orders: _Works
    fulfillments: list[_Shipment]
    transactions: list[Transaction]
    line_items: _Items
    email: str | None = None
    cancelled_at: _Time | None = None
    display_financial_status: str | None = None
    tags: list[str] = []
    metafield: _Value | None = None

    def complete(self) -> bool:
        """Whether the lists are short enough to be whole."""
        lists = (self.fulfillments, self.transactions, self.fulfillment_orders.nodes)
        return not self.fulfillment_orders.page_info.has_next_page and all(len(each) < MOST for each in lists)


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns records into orders, by one shop's mapping."""

    mapping: Mapping
    rows: StageRows

    def order(self, record: Record) -> Order:
        """The order in our words. Raises `ValueError` or `ArithmeticError` where it makes no sense."""
        facts = _facts(record)
        status = ", ".join(
            sorted(value for name in ("financial", "fulfilment", "work", "request") for value in facts[name])
        )[:200]
        stage = self.rows.stage(facts, status)
        return Order(
            number=record.name,
            email=record.email or "",
            stage=stage,
            placed_at=in_utc(record.created_at),
            currency=record.presentment_currency_code,
            total=record.total_price_set.amount,
            lines=tuple(self._lines(record)),
            payments=tuple(self._payments(record)),
            partly_fulfilled=_partly(record, stage),
            status=status,
            version=in_utc(record.updated_at).isoformat(),
        )

    def _lines(self, record: Record) -> Iterable[Line]:
        """What was ordered; units removed by an edit are left out, but not those a cancellation removed."""
        for item in record.line_items.nodes:
            pieces = item.quantity if record.cancelled_at else item.current_quantity
            if pieces:
                price = item.original_unit_price_set.amount
                yield Line(item.name, pieces, price, cancellable=not self._marked(item))

    def _marked(self, item: _Item) -> bool:
        marks = self.mapping.not_cancellable
        own = {
            f"{each.key.strip()}={(each.value or '').strip()}".casefold() for each in item.custom_attributes
        }
        listed = (f"{key}={value}" for key, values in marks.line_attributes.items() for value in values)
        if own & set(_folded(listed)):
            return True
        product = item.product
        if product is None:
            return False
        if set(_folded(product.tags)) & set(_folded(marks.product_tags)):
            return True
        return product.metafield is not None and product.metafield.value.strip().casefold() in _folded(
            marks.product_values
        )

    def _payments(self, record: Record) -> Iterable[Payment]:
        """One for each sale, capture, and hold that is left; attempts that failed only where all did."""
        steps = _Steps(record.transactions)
        found = [
            Payment(self._method(step), amount, status, tuple(steps.refunds(step)), step.id)
            for step, amount, status in steps.payments(expired=record.display_financial_status == "EXPIRED")
        ]
        real = [payment for payment in found if payment.status is not PaymentStatus.FAILED]
        return real or found

    def _method(self, step: Transaction) -> str:
        gateway = step.gateway or ""
        details = step.payment_details
        if gateway in self.mapping.methods:
            told = details and (details.wallet or details.payment_method_name)
            return (told or self.mapping.methods[gateway]).lower()
        return gateway


class _Steps:
    """The transactions of an order by what follows what."""

    def __init__(self, steps: list[Transaction]) -> None:
        self._steps = steps

    def payments(self, *, expired: bool) -> Iterable[tuple[Transaction, Decimal, PaymentStatus]]:
        for step in self._steps:
            amount = step.amount_set.amount
            status = _STATUS.get(step.status, PaymentStatus.UNKNOWN)
            if step.kind in _AUTHORISING and status is PaymentStatus.CAPTURED:
                yield from self._hold(step, expired=expired)
            elif step.kind in _AUTHORISING | _TAKING:
                yield step, amount, status

    def _hold(
        self, step: Transaction, *, expired: bool
    ) -> Iterable[tuple[Transaction, Decimal, PaymentStatus]]:
        """What is left of a successful authorisation."""
        after = [each for each in self._steps if each.parent == step.id and each.status == _DONE]
        taken = any(each.kind == "CAPTURE" for each in after)
        if not taken:
            ended = expired or any(each.kind == "VOID" for each in after)
            status = PaymentStatus.VOIDED if ended else PaymentStatus.AUTHORISED
            yield step, step.amount_set.amount, status
        elif step.total_unsettled_set is not None and step.total_unsettled_set.amount > 0 and not expired:
            yield step, step.total_unsettled_set.amount, PaymentStatus.AUTHORISED

    def refunds(self, payment: Transaction) -> Iterable[Refund]:
        for step in self._steps:
            if step.kind == "REFUND" and self._refunded(step) is payment:
                status = _REFUND_STATUS.get(step.status, RefundStatus.UNKNOWN)
                sent = status is RefundStatus.SENT and step.processed_at
                yield Refund(step.amount_set.amount, status, in_utc(sent) if sent else None)

    def _refunded(self, refund: Transaction) -> Transaction | None:
        """The payment that a refund belongs to: its parent, else what was taken by the same gateway first."""
        taken = [step for step in self._steps if step.kind in _TAKING and step.status == _DONE]
        exact = [
            step for step in taken if refund.parent is not None and refund.parent in (step.id, step.parent)
        ]
        alike = [step for step in taken if step.gateway == refund.gateway]
        return next(iter([*exact, *alike, *taken]), None)


def _facts(record: Record) -> Facts:
    work = [each for each in record.fulfillment_orders.nodes if each.status not in _NO_WORK]
    shipped = [each for each in record.fulfillments if each.status == _DONE]
    return {
        "cancelled": frozenset({"yes" if record.cancelled_at else "no"}),
        "financial": frozenset({record.display_financial_status or "NONE"}),
        "fulfilment": frozenset({record.display_fulfillment_status}),
        "work": frozenset(each.status for each in work),
        "request": frozenset(each.request_status for each in work),
        "shipment": frozenset(each.display_status or "NONE" for each in shipped),
        "tag": frozenset(record.tags),
        "metafield": frozenset({record.metafield.value} if record.metafield else ()),
    }


def _partly(record: Record, stage: Stage) -> bool:
    """Whether a part has left; of a cancelled order, whether anything has."""
    if stage is Stage.CANCELLED:
        return any(each.status == _DONE for each in record.fulfillments)
    return record.display_fulfillment_status == "PARTIALLY_FULFILLED"


def _folded(values: Iterable[str]) -> list[str]:
    return [value.strip().casefold() for value in values]
