"""An order as WooCommerce's REST API (v3) shows it, and what that means in our words.

An order has one payment, which counts as taken once it has a date. Times without an offset are UTC
(`*_gmt`). A refund was sent where the gateway made it; one entered by hand says only that somebody meant to.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from typing import Annotated

import msgspec

from bot.orders.answers import in_utc, money
from bot.orders.stage_rows import Facts, Row, StageRows
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

FACTS = frozenset({"status", "paid", "completed", "method", "meta"})
CANCELLED_MARK = "_rescind_cancelled"
"""Our meta of an order that was cancelled through us; the value is "yes"."""
REFUND_KEY = "_rescind_refund"
"""Our meta of a refund: the key it was asked for with."""

_Pieces = Annotated[int, msgspec.Meta(ge=1, le=10**9)]


class NotCancellable(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[not_cancellable]: how a line is marked."""

    line_meta: dict[str, list[str]] = {}
    product_tags: list[str] = []
    product_meta: dict[str, list[str]] = {}

    @property
    def asks_products(self) -> bool:
        """Whether the marks stand on products, which are asked for separately."""
        return bool(self.product_tags or self.product_meta)


class PaymentRows(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """[payments]: what the record does not say by itself."""

    authorised: list[str] = []
    by_hand: list[str] = []


class Mapping(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The whole mapping file."""

    stages: dict[str, Row]
    not_cancellable: NotCancellable = NotCancellable()
    payments: PaymentRows = PaymentRows()


class Meta(msgspec.Struct):
    """One entry of meta data; plugins put anything into `value`."""

    key: str
    value: object = None

    @property
    def text(self) -> str | None:
        """The value as text, where it is text, a number or a boolean."""
        if isinstance(self.value, bool):
            return str(self.value).lower()
        return str(self.value) if isinstance(self.value, str | int | Decimal) else None


class _Billing(msgspec.Struct):
    email: str | None = None


class _Item(msgspec.Struct):
    quantity: _Pieces
    total: Decimal
    total_tax: Decimal
    product_id: int
    name: str | None = None
    meta_data: list[Meta] = []


class _RefundStub(msgspec.Struct):
    id: int


class RefundRecord(msgspec.Struct):
    """One of `/orders/<id>/refunds`."""

    id: int
    amount: Decimal
    date_created_gmt: datetime | None = None
    refunded_payment: bool = False
    meta_data: list[Meta] = []


class _Tag(msgspec.Struct):
    name: str = ""
    slug: str = ""


class Product(msgspec.Struct):
    """One of `/products`, as far as marks are concerned."""

    id: int
    tags: list[_Tag] = []
    meta_data: list[Meta] = []


class Record(msgspec.Struct):
    """One of `/orders`."""

    id: int
    number: str | int
    status: str
    currency: str
    date_created_gmt: datetime
    total: Decimal
    line_items: list[_Item]
    billing: _Billing
    date_modified_gmt: datetime | None = None
    date_paid_gmt: datetime | None = None
    date_completed_gmt: datetime | None = None
    payment_method: str | None = None
    refunds: list[_RefundStub] = []
    meta_data: list[Meta] = []


@dataclass(frozen=True, slots=True)
class Whole:
    """A record with the number it goes by, and what had to be asked for separately."""

    number: str
    record: Record
    refunds: Sequence[RefundRecord] = ()
    products: Sequence[Product] = field(default=())


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns records into orders, by one shop's mapping."""

    mapping: Mapping
    rows: StageRows

    def order(self, whole: Whole) -> Order:
        """The order in our words. Raises `ValueError` or `ArithmeticError` where it makes no sense."""
        record = whole.record
        stage = self.stage(record)
        modified = record.date_modified_gmt
        return Order(
            number=whole.number,
            email=record.billing.email or "",
            stage=stage,
            placed_at=in_utc(record.date_created_gmt),
            currency=record.currency,
            total=money(record.total),
            lines=tuple(self._line(item, whole.products) for item in record.line_items),
            payments=tuple(self._payments(record, whole.refunds)),
            partly_fulfilled=stage is Stage.CANCELLED and record.date_completed_gmt is not None,
            status=record.status,
            version=in_utc(modified).isoformat() if modified else "",
        )

    def stage(self, record: Record) -> Stage:
        """The stage alone."""
        return self.rows.stage(_facts(record), record.status[:200])

    def _line(self, item: _Item, products: Sequence[Product]) -> Line:
        """A line at what one piece cost with its taxes, after discounts, to the decimals of the total."""
        total = money(item.total) + money(item.total_tax)
        price = (total / item.quantity).quantize(Decimal(1).scaleb(min(0, _exponent(total))))
        return Line(item.name or "", item.quantity, price, cancellable=not self._marked(item, products))

    def _marked(self, item: _Item, products: Sequence[Product]) -> bool:
        marks = self.mapping.not_cancellable
        if _marks(item.meta_data, marks.line_meta):
            return True
        tagged = {tag.casefold() for tag in marks.product_tags}
        return any(
            _marks(product.meta_data, marks.product_meta)
            or any({tag.name.casefold(), tag.slug.casefold()} & tagged for tag in product.tags)
            for product in products
            if product.id == item.product_id
        )

    def _payments(self, record: Record, refunds: Sequence[RefundRecord]) -> Iterable[Payment]:
        """The one payment; none where nothing is to be paid, or nothing says how."""
        method, amount = record.payment_method or "", money(record.total)
        if amount > 0 and (method or record.date_paid_gmt):
            returned = tuple(_refund(each) for each in refunds)
            yield Payment(method, amount, self.payment_status(record), returned, str(record.id))

    def payment_status(self, record: Record) -> PaymentStatus:
        """Whether the one payment was taken."""
        if _entries(record.meta_data) & {entry.casefold() for entry in self.mapping.payments.authorised}:
            return PaymentStatus.AUTHORISED
        if record.date_paid_gmt is not None:
            return PaymentStatus.CAPTURED
        return PaymentStatus.FAILED if record.status == "failed" else PaymentStatus.PENDING


def _refund(refund: RefundRecord) -> Refund:
    amount = abs(money(refund.amount))
    if not refund.refunded_payment:
        return Refund(amount, RefundStatus.UNKNOWN)
    created = refund.date_created_gmt
    return Refund(amount, RefundStatus.SENT, in_utc(created) if created else None)


def _facts(record: Record) -> Facts:
    return {
        "status": frozenset({record.status.removeprefix("wc-")}),
        "paid": frozenset({"yes" if record.date_paid_gmt else "no"}),
        "completed": frozenset({"yes" if record.date_completed_gmt else "no"}),
        "method": frozenset({record.payment_method or ""}),
        "meta": frozenset(_entries(record.meta_data)),
    }


def _entries(meta: Iterable[Meta]) -> set[str]:
    return {f"{entry.key}={entry.text}".casefold() for entry in meta if entry.text is not None}


def _marks(meta: Iterable[Meta], marks: dict[str, list[str]]) -> bool:
    listed = {f"{key}={value}".casefold() for key, values in marks.items() for value in values}
    return bool(_entries(meta) & listed)


def _exponent(amount: Decimal) -> int:
    exponent = amount.as_tuple().exponent
    return exponent if isinstance(exponent, int) else 0
