"""The record form: strict, exact, and never a surprise."""

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.orders.records import BadRecord, read_flat_record, read_record, record_of
from bot.rows import BadRow, Row, Unreadable, parsed_json, rows_of
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

Record = dict[str, object]


def good(**changes: object) -> Record:
    record: Record = {
        "number": "1001",
        "email": "ann@example.com",
        "stage": "paid",
        "placed_at": "2026-11-03T10:15:00+01:00",
        "currency": "EUR",
        "total": "54.00",
        "lines": [{"title": "Mug", "quantity": 2, "unit_price": Decimal("27.00"), "cancellable": True}],
        "payments": [{"method": "paypal", "amount": 54, "status": "captured"}],
    }
    return record | changes


def with_line(**changes: object) -> Record:
    return good(lines=[{"title": "Mug", "quantity": 1, "unit_price": "1"} | changes])


def with_payment(**changes: object) -> Record:
    return good(payments=[{"method": "card", "amount": "1", "status": "captured"} | changes])


def test_a_good_record_is_the_order_it_describes() -> None:
    order = read_record(good())
    assert order.placed_at == datetime(2026, 11, 3, 9, 15, tzinfo=UTC)
    assert order.placed_at.tzinfo is UTC
    assert order.lines == (Line("Mug", 2, Decimal("27.00")),)
    assert order.payments == (Payment("paypal", Decimal(54), PaymentStatus.CAPTURED),)


def test_an_export_may_write_the_number_as_one() -> None:
    assert read_record(good(number=1001)).number == "1001"


@pytest.mark.parametrize(
    ("record", "reason"),
    [
        (good(total="-1"), "total: is negative: amounts are zero or more"),
        (good(total=-1), "total: is negative: amounts are zero or more"),
        (good(total="12,50"), "total: is no amount: write it with a point, such as 12.50"),
        (good(total=12.5), "total: is no amount: write it with a point, such as 12.50"),
        (good(total=True), "total: is no amount: write it with a point, such as 12.50"),
        (good(total="NaN"), "total: is no amount: write it with a point, such as 12.50"),
        (good(total=Decimal("NaN")), "total: is too large an amount"),
        (good(total=Decimal("1e999999")), "total: is too large an amount"),
        (good(total="1000000000000"), "total: is too large an amount"),
        (good(total="0.00001"), "total: has more than four decimal places"),
        (good(currency="eur"), "currency: is no ISO 4217 code: write one such as EUR, in capitals"),
        (good(currency="XYZ"), "currency: is no ISO 4217 code: write one such as EUR, in capitals"),
        (good(email="ann"), "email: is no e-mail address: write one such as ann@example.com"),
        (good(email="a@b@c.de"), "email: is no e-mail address: write one such as ann@example.com"),
        (good(email="ann@exa mple.com"), "email: is no e-mail address: write one such as ann@example.com"),
        (
            good(placed_at="2026-11-03T10:15:00"),
            "placed_at: has no UTC offset: end it with Z or one such as +01:00",
        ),
        (good(placed_at="yesterday"), "placed_at: is no time: write one such as 2026-11-03T10:15:00Z"),
        (good(placed_at=1762161300), "placed_at: is no time: write one such as 2026-11-03T10:15:00Z"),
        (good(placed_at="0001-01-01T00:00:00+05:00"), "placed_at: is too far away"),
        (good(number="#"), "number: is no order number: write the one the customer was given"),
        (good(number=-1001), "number: must be text"),
        (good(number="10\n01"), "number: holds a line break or a control character: remove it"),
        (good(number="10\ud80001"), "number: holds half a character: write it anew"),
        (good(lines=[]), "lines: must not be empty"),
        (good(lines={}), "lines: must be a list"),
        (good(lines=["Mug"]), "lines[0]: must be an object with fields"),
        (good(notes="x"), "notes: is not a field of a record: correct its name or remove it"),
        (good(partly_fulfilled="maybe"), "partly_fulfilled: is neither true nor false"),
        (with_line(quantity=0), "lines[0].quantity: is no quantity: write a whole number from 1 on"),
        (with_line(quantity=1.5), "lines[0].quantity: is no quantity: write a whole number from 1 on"),
        (with_line(quantity=True), "lines[0].quantity: is no quantity: write a whole number from 1 on"),
        (with_line(unit_price="-2"), "lines[0].unit_price: is negative: amounts are zero or more"),
        (with_line(title=" "), "lines[0].title: must not be empty"),
        (
            with_payment(refunds=[{"amount": "1", "status": "pending", "sent_at": "2026-11-03T10:15:00Z"}]),
            "payments[0].refunds[0]: has a sent_at but is not sent: leave sent_at out",
        ),
    ],
)
def test_a_bad_field_is_named_with_what_to_write(record: Record, reason: str) -> None:
    with pytest.raises(BadRecord) as caught:
        read_record(record)
    assert str(caught.value) == reason


def test_an_unknown_stage_is_answered_with_the_known_ones() -> None:
    with pytest.raises(BadRecord, match=r"^stage: must be 'placed', 'paid', .* or 'unrecognised'$"):
        read_record(good(stage="packing"))


def test_all_that_is_missing_is_named_but_not_endlessly() -> None:
    with pytest.raises(BadRecord, match=r"^number: is missing; email: is missing; .*; and 3 more$"):
        read_record({})


def test_a_reason_never_repeats_what_was_in_the_field() -> None:
    with pytest.raises(BadRecord) as caught:
        read_record(good(email="ann at private.example", total="secret", currency="private"))
    assert "private" not in str(caught.value)
    assert "secret" not in str(caught.value)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.decimals() | st.text() | st.floats(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
FIELDS = sorted(good() | {"status": "", "partly_fulfilled": "", "line_title": "", "payment_amount": ""})


@given(
    st.dictionaries(st.sampled_from(FIELDS) | st.text(), JSON),
    st.sampled_from([read_record, read_flat_record]),
)
def test_whatever_the_fields_hold_the_answer_is_an_order_or_a_reason(
    changes: Record, read: Callable[[Record], Order]
) -> None:
    for record in (changes, good() | changes):
        with contextlib.suppress(BadRecord):
            assert isinstance(read(record), Order)


@given(
    st.lists(st.binary(max_size=40) | st.text(max_size=40).map(str.encode)),
    st.sampled_from(["", ".csv", ".jsonl"]),
)
def test_whatever_the_file_holds_each_line_is_a_row_or_a_bad_row(lines: list[bytes], ending: str) -> None:
    content = b"\n".join(lines).splitlines(keepends=True)
    try:
        rows = list(rows_of(content, f"orders{ending}"))
    except Unreadable:
        return
    assert all(isinstance(row, Row | BadRow) for row in rows)
    numbers = [row.line for row in rows]
    assert numbers == sorted(set(numbers))
    assert all(1 <= number <= len(content) for number in numbers)


@given(st.text())
def test_reading_json_raises_a_value_error_and_nothing_else(text: str) -> None:
    for hard in (text, "[" * 100_000, "9" * 5000, "1e" + "9" * 30, "NaN", "-Infinity"):
        with contextlib.suppress(ValueError):
            parsed_json(hard)


PLAIN = st.text(st.characters(categories=["L", "N", "P", "Sc", "So"]), min_size=1, max_size=20)
AMOUNTS = st.decimals(0, 10**9, places=2)
TIMES = st.datetimes(datetime(1990, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 - made aware
REFUNDS = st.builds(Refund, AMOUNTS, st.just(RefundStatus.SENT), st.none() | TIMES) | st.builds(
    Refund, AMOUNTS, st.sampled_from(RefundStatus)
)
PAYMENTS = st.builds(
    Payment, PLAIN, AMOUNTS, st.sampled_from(PaymentStatus), st.lists(REFUNDS, max_size=2).map(tuple)
)
LINES = st.builds(Line, PLAIN, st.integers(1, 1000), AMOUNTS, st.booleans())
ORDERS = st.builds(
    Order,
    number=PLAIN.filter(lambda number: number.strip("#") != ""),
    email=st.emails(domains=st.just("example.com")),
    stage=st.sampled_from(Stage),
    placed_at=TIMES,
    currency=st.sampled_from(["EUR", "USD", "GBP", "JPY"]),
    total=AMOUNTS,
    lines=st.lists(LINES, min_size=1, max_size=3).map(tuple),
    payments=st.lists(PAYMENTS, max_size=3).map(tuple),
    partly_fulfilled=st.booleans(),
    status=PLAIN,
)


@given(ORDERS)
def test_what_is_exported_is_imported_as_the_same_order(order: Order) -> None:
    assert read_record(record_of(order)) == order
