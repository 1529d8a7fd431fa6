from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from dialogs.events import Contradiction
from dialogs.late_news import contradiction
from dialogs.orders import Order, Payment, Refund, RefundStatus, Stage
from tests.dialogs.alphabet import CANCELLED, order

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
HALF = Decimal("27.00")


def with_refunds(*refunds: Refund) -> Order:
    payment: Payment = replace(CANCELLED.payments[0], refunds=refunds)
    return replace(CANCELLED, payments=(payment,))


def test_a_record_as_it_was_told_contradicts_nothing() -> None:
    assert contradiction(CANCELLED, CANCELLED) is None


def test_a_refund_that_has_meanwhile_been_sent_contradicts_nothing() -> None:
    told = with_refunds(Refund(Decimal("54.00"), RefundStatus.PENDING))
    assert contradiction(told, CANCELLED) is None


@pytest.mark.parametrize("stage", sorted(set(Stage) - {Stage.CANCELLED}))
def test_a_record_in_any_other_stage_is_not_cancelled(stage: Stage) -> None:
    assert contradiction(CANCELLED, replace(CANCELLED, stage=stage)) is Contradiction.NOT_CANCELLED


def test_a_record_cancelled_and_partly_sent_is_a_conflict() -> None:
    assert contradiction(CANCELLED, replace(CANCELLED, partly_fulfilled=True)) is Contradiction.FULFILLED_TOO


@pytest.mark.parametrize(
    "now", [None, order(Stage.CANCELLED, email="eve@shop.test"), order(Stage.CANCELLED, number="1043")]
)
def test_a_record_that_is_no_longer_this_order_is_gone(now: Order | None) -> None:
    assert contradiction(CANCELLED, now) is Contradiction.GONE


def test_a_refund_that_fails_later_is_news() -> None:
    assert contradiction(CANCELLED, with_refunds(Refund(Decimal("54.00"), RefundStatus.FAILED))) is (
        Contradiction.REFUND_FAILED
    )


def test_a_refund_that_was_told_as_failed_is_no_news_again() -> None:
    failed = with_refunds(Refund(Decimal("54.00"), RefundStatus.FAILED))
    assert contradiction(failed, failed) is None


def test_a_failed_refund_that_another_made_up_for_is_no_news() -> None:
    made_up = with_refunds(
        Refund(Decimal("54.00"), RefundStatus.FAILED), Refund(Decimal("54.00"), RefundStatus.SENT, NOW)
    )
    assert contradiction(CANCELLED, made_up) is None


def test_one_more_refund_that_failed_is_news_beside_one_that_was_told() -> None:
    told = with_refunds(Refund(HALF, RefundStatus.FAILED), Refund(HALF, RefundStatus.SENT, NOW))
    now = with_refunds(Refund(HALF, RefundStatus.FAILED), Refund(HALF, RefundStatus.FAILED))
    assert contradiction(told, now) is Contradiction.REFUND_FAILED
