"""An order as Vendure's Admin API shows it, and what that is in our words. Nothing here asks anybody."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from hashlib import sha256
from typing import Annotated

from msgspec import Meta, Struct, json

from bot.orders.answers import in_utc, money
from bot.orders.stage_rows import Facts, Row, StageRows
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

FACTS = frozenset({"state", "type", "fulfilment", "packed", "field", "coupon"})
"""What rows can ask of an order; `vendure.toml` explains each."""

Name = Annotated[str, Meta(pattern="^[_A-Za-z][_0-9A-Za-z]*$")]
"""A name that GraphQL allows: it becomes a part of our query."""
Time = Annotated[datetime, Meta(tz=True)]
Count = Annotated[int, Meta(ge=0, le=10**9)]
Money = int | Decimal
"""In the smallest unit that the shop's money strategy knows."""

_HELD_OR_TAKEN = frozenset({PaymentStatus.AUTHORISED, PaymentStatus.CAPTURED, PaymentStatus.UNKNOWN})


class Marks(Struct, frozen=True, forbid_unknown_fields=True):
    """What makes a line not cancellable."""

    facet_values: list[str]
    product_fields: list[Name]
    variant_fields: list[Name]


class Mapping(Struct, frozen=True, forbid_unknown_fields=True):
    """Vendure's words and what they are in ours, as `vendure.toml` explains."""

    money_precision: Annotated[int, Meta(ge=0, le=9)]
    reason: str
    mixed_case_codes: bool
    carts: list[str]
    void_fulfilments: list[str]
    custom_fields: list[Name]
    stages: dict[str, Row]
    not_cancellable: Marks
    payments: dict[str, PaymentStatus]
    refunds: dict[str, RefundStatus]


class _Facet(Struct, frozen=True):
    code: str


class _Product(Struct, frozen=True, rename="camel"):
    facet_values: list[_Facet]
    custom_fields: dict[str, object] | None = None


class _Variant(Struct, frozen=True, rename="camel"):
    name: str
    facet_values: list[_Facet]
    product: _Product
    custom_fields: dict[str, object] | None = None


class _Line(Struct, frozen=True, rename="camel"):
    """`quantity` is what is left of `order_placed_quantity`, which a line has once the order is placed."""

    quantity: Count
    order_placed_quantity: Count
    discounted_unit_price_with_tax: Money
    product_variant: _Variant


class RefundRecord(Struct, frozen=True, rename="camel"):
    """A refund of one payment; `reason` is what whoever made it wrote."""

    total: Money
    state: str
    updated_at: Time
    reason: str | None = None


class PaymentRecord(Struct, frozen=True):
    """A payment, or an attempt at one."""

    id: str
    method: str
    amount: Money
    state: str
    refunds: list[RefundRecord]


class _Packed(Struct, frozen=True):
    quantity: Count


class _Fulfilment(Struct, frozen=True):
    state: str
    lines: list[_Packed]


class _Customer(Struct, frozen=True, rename="camel"):
    email_address: str


class OrderRecord(Struct, frozen=True, rename="camel"):
    """One order, as `fields` asks for it."""

    id: str
    code: str
    type: str
    state: str
    created_at: Time
    order_placed_at: Time | None
    currency_code: Annotated[str, Meta(pattern="^[A-Z]{3}$")]
    total_with_tax: Money
    coupon_codes: list[str]
    customer: _Customer | None
    lines: list[_Line]
    payments: list[PaymentRecord] | None
    fulfillments: list[_Fulfilment] | None
    custom_fields: dict[str, object] | None = None


def fields(mapping: Mapping) -> str:
    """What to ask of an order, as a GraphQL selection; with the custom fields that the mapping names."""
    marks = mapping.not_cancellable
    product = f"facetValues {{ code }} {_custom(marks.product_fields)}"
    variant = f"name facetValues {{ code }} product {{ {product} }} {_custom(marks.variant_fields)}"
    return f"""
        id code type state createdAt updatedAt orderPlacedAt currencyCode totalWithTax couponCodes
        customer {{ emailAddress }}
        lines {{ quantity orderPlacedQuantity discountedUnitPriceWithTax productVariant {{ {variant} }} }}
        payments {{ id method amount state refunds {{ total state updatedAt reason }} }}
        fulfillments {{ state lines {{ quantity }} }}
        {_custom(mapping.custom_fields)}
    """


@dataclass(frozen=True, slots=True)
class Reader:
    """Turns records into orders, by one shop's mapping. `unmapped` is told words for payments and refunds."""

    mapping: Mapping
    rows: StageRows
    unmapped: Callable[[str], None]

    def order(self, record: OrderRecord) -> Order:
        """The order in our words. Raises `ValueError` or `ArithmeticError` where it makes no sense."""
        stage = self.stage(record)
        lines = tuple(self._lines(record))
        payments = tuple(self._payment(payment) for payment in record.payments or ())
        return Order(
            number=record.code,
            email=record.customer.email_address if record.customer else "",
            stage=stage,
            placed_at=in_utc(record.order_placed_at or record.created_at),
            currency=record.currency_code,
            total=self._total(record, lines, payments),
            lines=lines,
            payments=payments,
            partly_fulfilled=self._partly(record, stage),
            status=self._status(record),
            # Vendure's own date of an order is one of seconds, and not moved by its payments and parcels.
            version=sha256(json.encode(record)).hexdigest()[:16],
        )

    def stage(self, record: OrderRecord) -> Stage:
        """The stage alone."""
        custom = record.custom_fields or {}
        facts: Facts = {
            "state": frozenset({record.state}),
            "type": frozenset({record.type}),
            "fulfilment": frozenset(each.state for each in self._parcels(record)),
            "packed": frozenset({self._packed(record)}),
            "field": frozenset(f"{name}={value}" for name, value in custom.items() if value is not None),
            "coupon": frozenset(record.coupon_codes),
        }
        return self.rows.stage(facts, self._status(record))

    def amount(self, units: Money) -> Decimal:
        """An amount in the currency's major unit. Raises `ValueError` or `ArithmeticError`."""
        return money(Decimal(units).scaleb(-self.mapping.money_precision))

    def payment_status(self, payment: PaymentRecord) -> PaymentStatus:
        """What the shop's word for a payment is in ours."""
        status = self.mapping.payments.get(payment.state)
        if status is None:
            self.unmapped(f"payment {payment.state[:200]}")
        return status or PaymentStatus.UNKNOWN

    def refund_status(self, refund: RefundRecord) -> RefundStatus:
        """What the shop's word for a refund is in ours."""
        status = self.mapping.refunds.get(refund.state)
        if status is None:
            self.unmapped(f"refund {refund.state[:200]}")
        return status or RefundStatus.UNKNOWN

    def _status(self, record: OrderRecord) -> str:
        """The shop's own words: the state, and those of the fulfilments."""
        return " / ".join([record.state, *sorted({each.state for each in self._parcels(record)})])[:200]

    def _parcels(self, record: OrderRecord) -> list[_Fulfilment]:
        return [each for each in record.fulfillments or () if each.state not in self.mapping.void_fulfilments]

    def _packed(self, record: OrderRecord) -> str:
        """How much of the order its fulfilments hold."""
        parcels = self._parcels(record)
        held = sum(line.quantity for parcel in parcels for line in parcel.lines)
        if not parcels:
            return "none"
        return "all" if held >= sum(line.quantity for line in record.lines) else "part"

    def _partly(self, record: OrderRecord, stage: Stage) -> bool:
        """Whether a part of the order is further than the rest; in a cancelled one, whether any of it is."""
        parcels = self._parcels(record)
        if stage is Stage.CANCELLED:
            return bool(parcels)
        return self._packed(record) == "part" or len({each.state for each in parcels}) > 1

    def _lines(self, record: OrderRecord) -> Iterable[Line]:
        """What is ordered; in an order whose lines Vendure emptied by cancelling it, what was.

        An empty line of any other order was taken out of it, with its marks.
        """
        emptied = not any(line.quantity for line in record.lines)
        for line in record.lines:
            quantity = line.order_placed_quantity if emptied else line.quantity
            if quantity:
                price = self.amount(line.discounted_unit_price_with_tax)
                variant = line.product_variant
                yield Line(variant.name, quantity, price, cancellable=not self._marked(variant))

    def _marked(self, variant: _Variant) -> bool:
        marks, product = self.mapping.not_cancellable, variant.product
        facets = {facet.code for facet in (*variant.facet_values, *product.facet_values)}
        return (
            not facets.isdisjoint(marks.facet_values)
            or any((variant.custom_fields or {}).get(name) is True for name in marks.variant_fields)
            or any((product.custom_fields or {}).get(name) is True for name in marks.product_fields)
        )

    def _payment(self, payment: PaymentRecord) -> Payment:
        return Payment(
            method=payment.method,
            amount=self.amount(payment.amount),
            status=self.payment_status(payment),
            refunds=tuple(self._refund(refund) for refund in payment.refunds),
            id=payment.id,
        )

    def _refund(self, refund: RefundRecord) -> Refund:
        status = self.refund_status(refund)
        sent_at = in_utc(refund.updated_at) if status is RefundStatus.SENT else None
        return Refund(self.amount(refund.total), status, sent_at)

    def _total(self, record: OrderRecord, lines: tuple[Line, ...], payments: tuple[Payment, ...]) -> Decimal:
        """What the order is worth; what was paid, in one that Vendure emptied: its own total is 0 then."""
        if any(line.quantity for line in record.lines):
            return self.amount(record.total_with_tax)
        for statuses in (_HELD_OR_TAKEN, frozenset({PaymentStatus.VOIDED})):
            paid = [payment.amount for payment in payments if payment.status in statuses]
            if paid:
                return sum(paid, Decimal(0))
        return sum((line.quantity * line.unit_price for line in lines), Decimal(0))


def _custom(names: list[str]) -> str:
    return f"customFields {{ {' '.join(names)} }}" if names else ""
