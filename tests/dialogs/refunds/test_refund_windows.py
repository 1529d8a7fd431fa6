from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from dialogs.refunds import Calendar, Expectation, Kind, RefundWindows, Unit, default_methods

SENT_AT = datetime(2026, 11, 9, 12, tzinfo=UTC)
CAPTURED, AUTHORISED, VOIDED = PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED, PaymentStatus.VOIDED
SENT, PENDING, FAILED, UNKNOWN = RefundStatus
WINDOWS = RefundWindows(default_methods(), Calendar("DE", "Europe/Berlin"))
NOT_BOUND = (Stage.PLACED, Stage.PAID, Stage.ALLOCATED, Stage.BINDING)
OTHERS = (Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED, Stage.ON_HOLD, Stage.UNRECOGNISED)


def order(*payments: Payment, stage: Stage = Stage.CANCELLED) -> Order:
    total = sum((payment.amount for payment in payments), start=Decimal(0))
    placed = datetime(2026, 11, 2, tzinfo=UTC)
    return Order("1042", "ann@shop.test", stage, placed, "EUR", total, (), payments)


def paid(method: str, *refunds: Refund, status: PaymentStatus = CAPTURED, amount: int = 54) -> Payment:
    return Payment(method, Decimal(amount), status, refunds)


def refund(status: RefundStatus, amount: int = 54, at: datetime | None = None) -> Refund:
    return Refund(Decimal(amount), status, at)


def only(payment: Payment, stage: Stage = Stage.CANCELLED) -> Expectation:
    (expected,) = WINDOWS.expect(order(payment, stage=stage))
    return expected


def kinds(payment: Payment, stage: Stage = Stage.CANCELLED) -> list[tuple[Kind, int]]:
    return [(e.kind, int(e.amount)) for e in WINDOWS.expect(order(payment, stage=stage))]


@pytest.mark.parametrize("method", default_methods(), ids=lambda m: f"{m.key}-{m.country}")
def test_every_row_leads_to_what_its_unit_says(method: object) -> None:
    assert hasattr(method, "key")
    row = WINDOWS.method(method.key)
    assert row is not None
    expected = only(paid(row.key))
    kind = {
        Unit.BUSINESS_DAYS: Kind.AFTER_SENT,
        Unit.DAYS: Kind.AFTER_SENT,
        Unit.IMMEDIATE: Kind.IMMEDIATE,
        Unit.NONE: Kind.PERSON,
        Unit.PERSON: Kind.PERSON,
    }[row.unit]
    if row.key == "card_authorised":  # a window for holds says nothing of money that was taken
        assert expected.kind is Kind.PERSON
        return
    assert (expected.kind, expected.min, expected.max) == (kind, row.min, row.max)
    assert (expected.method, expected.name, expected.note) == (row.key, row.name, row.note)
    assert expected.dates is None


def test_a_date_is_promised_only_from_a_refund_the_record_shows_as_sent() -> None:
    expected = only(paid("visa", refund(SENT, at=SENT_AT)))
    assert expected == Expectation(
        method="card",
        name="Card",
        amount=Decimal(54),
        currency="EUR",
        kind=Kind.DATED,
        min=5,
        max=10,
        unit=Unit.BUSINESS_DAYS,
        dates=(date(2026, 11, 16), date(2026, 11, 23)),
        note="early-card-reversal",
        sent_on=date(2026, 11, 9),
        status=SENT,
    )


@pytest.mark.parametrize(
    "record",
    [refund(SENT), refund(PENDING), refund(PENDING, at=SENT_AT)],
    ids=["undated", "pending", "planned"],
)
def test_a_refund_that_is_not_dated_as_sent_gets_days_and_no_date(record: Refund) -> None:
    expected = only(paid("visa", record))
    assert (expected.kind, expected.min, expected.max) == (Kind.AFTER_SENT, 5, 10)
    assert (expected.dates, expected.sent_on, expected.status) == (None, None, record.status)


def test_a_failed_refund_is_said_to_have_failed() -> None:
    assert kinds(paid("visa", refund(FAILED))) == [(Kind.FAILED, 54)]


def test_a_refund_of_unknown_state_goes_to_a_person() -> None:
    expected = only(paid("visa", refund(UNKNOWN, at=SENT_AT)))
    assert (expected.kind, expected.dates, expected.status) == (Kind.UNCLEAR, None, UNKNOWN)


def test_a_failed_refund_that_was_made_good_is_not_told() -> None:
    assert kinds(paid("visa", refund(FAILED), refund(SENT, at=SENT_AT))) == [(Kind.DATED, 54)]


def test_a_failed_refund_is_told_for_the_part_that_is_still_open() -> None:
    assert kinds(paid("visa", refund(FAILED), refund(SENT, 50, SENT_AT))) == [
        (Kind.FAILED, 4),
        (Kind.DATED, 50),
    ]


def test_each_refund_and_the_rest_have_an_answer_of_their_own() -> None:
    payment = paid("visa", refund(SENT, 10, SENT_AT), refund(PENDING, 4))
    assert kinds(payment) == [(Kind.DATED, 10), (Kind.AFTER_SENT, 4), (Kind.AFTER_SENT, 40)]


@pytest.mark.parametrize("stage", NOT_BOUND)
def test_an_order_about_to_be_cancelled_is_told_of_all_its_money(stage: Stage) -> None:
    assert kinds(paid("visa"), stage) == [(Kind.AFTER_SENT, 54)]


@pytest.mark.parametrize("stage", OTHERS)
def test_an_order_that_goes_on_is_promised_no_more_than_its_refunds(stage: Stage) -> None:
    assert kinds(paid("visa", refund(SENT, 10, SENT_AT)), stage) == [(Kind.DATED, 10)]
    assert kinds(paid("visa"), stage) == []
    assert kinds(paid("visa", status=AUTHORISED), stage) == []


def test_the_caller_may_know_better_than_the_stage() -> None:
    bound = order(paid("visa"), stage=Stage.CONFIRMED)
    early = order(paid("visa", refund(SENT, 10, SENT_AT)), stage=Stage.PAID)
    assert [e.kind for e in WINDOWS.expect(bound, cancelling=True)] == [Kind.AFTER_SENT]
    assert [e.kind for e in WINDOWS.expect(early, cancelling=False)] == [Kind.DATED]


@pytest.mark.parametrize("method", ["visa", "apple_pay", "google-pay", "card_authorised"])
def test_a_hold_on_a_card_is_released_not_refunded(method: str) -> None:
    expected = only(paid(method, status=AUTHORISED), Stage.PAID)
    assert (expected.kind, expected.min, expected.max, expected.unit) == (Kind.RELEASED, 0, 7, Unit.DAYS)
    assert expected.note is None


def test_a_hold_that_went_with_the_cancellation_is_still_told() -> None:
    assert kinds(paid("visa", status=VOIDED)) == [(Kind.RELEASED, 54)]
    assert kinds(paid("visa", status=VOIDED), Stage.PAID) == [(Kind.NOTHING, 54)]


@pytest.mark.parametrize("method", ["paypal", "klarna", "bacs", "something"])
def test_a_hold_without_a_stated_window_goes_to_a_person(method: str) -> None:
    assert kinds(paid(method, status=AUTHORISED)) == [(Kind.PERSON, 54)]


@pytest.mark.parametrize("status", [CAPTURED, AUTHORISED])
def test_a_gift_card_is_whole_again_at_once(status: PaymentStatus) -> None:
    assert kinds(paid("gift_card", status=status)) == [(Kind.IMMEDIATE, 54)]


def test_a_gift_card_that_was_refunded_names_the_day_and_no_range() -> None:
    expected = only(paid("gift_card", refund(SENT, at=SENT_AT)))
    assert (expected.kind, expected.sent_on, expected.dates) == (Kind.IMMEDIATE, date(2026, 11, 9), None)


@pytest.mark.parametrize("status", [PaymentStatus.PENDING, PaymentStatus.FAILED])
@pytest.mark.parametrize("method", ["cod", "visa", "bacs", "something"])
def test_a_payment_that_took_nothing_returns_nothing(method: str, status: PaymentStatus) -> None:
    assert kinds(paid(method, status=status)) == [(Kind.NOTHING, 54)]


def test_cash_that_was_paid_is_for_a_person() -> None:
    assert kinds(paid("cod")) == [(Kind.PERSON, 54)]


def test_a_payment_of_unknown_state_is_for_a_person() -> None:
    assert kinds(paid("visa", status=PaymentStatus.UNKNOWN)) == [(Kind.PERSON, 54)]


def test_an_unknown_method_is_named_as_the_shop_names_it() -> None:
    expected = only(paid("Crypto Wallet", refund(SENT, at=SENT_AT)))
    assert (expected.method, expected.name) == ("Crypto Wallet", "Crypto Wallet")
    assert (expected.kind, expected.dates, expected.min, expected.unit) == (Kind.PERSON, None, None, None)


def test_a_bank_transfer_says_why_a_person_is_needed() -> None:
    assert only(paid("bacs")).note == "bank-details-needed"


def test_several_payments_have_an_answer_each() -> None:
    mixed = order(paid("gift_card", amount=20), paid("visa", amount=34), stage=Stage.PAID)
    assert [(e.kind, e.method) for e in WINDOWS.expect(mixed)] == [
        (Kind.IMMEDIATE, "gift_card"),
        (Kind.AFTER_SENT, "card"),
    ]


def test_the_sent_date_is_that_of_the_shop() -> None:
    late = datetime(2026, 11, 9, 23, 30, tzinfo=UTC)
    assert only(paid("visa", refund(SENT, at=late))).sent_on == date(2026, 11, 10)


def test_the_legal_limit_is_shown_only_where_it_was_switched_on() -> None:
    calendar = Calendar("DE", "Europe/Berlin")
    assert WINDOWS.legal_latest(SENT_AT) is None
    shown = RefundWindows(default_methods(), calendar, legal_days=14).legal_latest(SENT_AT)
    assert shown == date(2026, 11, 23)


refunds = st.builds(
    Refund,
    st.decimals(0, 60, places=2),
    st.sampled_from(RefundStatus),
    st.none() | st.datetimes(datetime(2025, 1, 1), datetime(2027, 1, 1), timezones=st.just(UTC)),  # noqa: DTZ001  made aware
)
payments = st.builds(
    Payment,
    st.sampled_from(
        ["visa", "paypal", "gift_card", "cod", "bacs", "amazon_pay", "?", "upi", "card_authorised"]
    ),
    st.decimals(0, 100, places=2),
    st.sampled_from(PaymentStatus),
    st.lists(refunds, max_size=4).map(tuple),
)


@given(payments, st.sampled_from(Stage), st.none() | st.booleans())
def test_every_record_has_an_answer_that_promises_no_more_than_it_shows(
    payment: Payment,
    stage: Stage,
    cancelling: bool | None,  # noqa: FBT001  drawn by Hypothesis
) -> None:
    expected = WINDOWS.expect(order(payment, stage=stage), cancelling=cancelling)
    on_its_way = sum(r.amount for r in payment.refunds if r.status is not FAILED)
    assert sum(e.amount for e in expected) <= max(payment.amount, on_its_way)
    dated = [r for r in payment.refunds if r.status is SENT and r.sent_at]
    assert sum(e.dates is not None for e in expected) <= len(dated)
    for e in expected:
        assert (e.dates is not None) == (e.kind is Kind.DATED)
        assert (e.min is not None) == (e.max is not None)
        if e.kind in {Kind.AFTER_SENT, Kind.DATED, Kind.RELEASED}:
            assert e.min is not None
            assert e.unit is not None
            assert e.unit.counts


@given(payments)
def test_a_cancelled_order_accounts_for_every_cent_it_took(payment: Payment) -> None:
    captured = replace(payment, status=CAPTURED)
    on_its_way = sum(r.amount for r in payment.refunds if r.status is not FAILED)
    expected = WINDOWS.expect(order(captured))
    assert sum(e.amount for e in expected) == max(payment.amount, on_its_way)
