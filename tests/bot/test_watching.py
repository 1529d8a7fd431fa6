"""Looking again at an order that was told as cancelled."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from shell_makers import DOWN, NOW, ORDER, Clock, Shop
from structlog.testing import capture_logs

from bot.watching import Watching
from dialogs.effects import WatchOrder
from dialogs.events import Contradiction, RecordContradicts
from dialogs.orders import Order, PaymentStatus, Refund, RefundStatus, Stage

AFTER = (timedelta(seconds=5), timedelta(seconds=30), timedelta(minutes=3))


def with_refund(status: RefundStatus, amount: str = "54.00") -> Order:
    (paid,) = ORDER.payments
    paid = replace(paid, refunds=(Refund(Decimal(amount), status),))
    return replace(ORDER, stage=Stage.CANCELLED, payments=(paid,))


TOLD = with_refund(RefundStatus.PENDING)


def watched(told: Order = TOLD) -> WatchOrder:
    return WatchOrder("AAAA-AAAA", told.number, told.email, told, NOW, AFTER)


async def look(
    *shows: Order | Exception | None, told: Order = TOLD, at: timedelta = AFTER[0]
) -> RecordContradicts | datetime | None:
    shop: Sequence[Order | Exception | None] = shows
    return await Watching(Shop(shop), Clock(NOW + at)).look(watched(told))


@pytest.mark.parametrize(("at", "next_"), [(AFTER[0], AFTER[1]), (AFTER[1], AFTER[2])])
async def test_a_record_that_stays_as_told_is_looked_at_again_at_the_next_time(
    at: timedelta, next_: timedelta
) -> None:
    assert await look(TOLD, at=at) == NOW + next_


async def test_after_the_last_time_nothing_more_is_looked_at() -> None:
    assert await look(TOLD, at=AFTER[-1]) is None


async def test_times_that_passed_unseen_are_made_up_for_by_one_look() -> None:
    assert await look(TOLD, at=timedelta(minutes=1)) == NOW + AFTER[-1]


@pytest.mark.parametrize(
    ("now", "found"),
    [
        (replace(TOLD, partly_fulfilled=True), Contradiction.FULFILLED_TOO),
        (replace(TOLD, stage=Stage.IN_LOGISTICS), Contradiction.NOT_CANCELLED),
        (replace(TOLD, stage=Stage.UNRECOGNISED), Contradiction.NOT_CANCELLED),
        (with_refund(RefundStatus.FAILED), Contradiction.REFUND_FAILED),
    ],
)
async def test_what_does_not_go_with_what_was_told_is_told_with_the_record_as_it_is(
    now: Order, found: Contradiction
) -> None:
    at = NOW + AFTER[0]
    assert await look(now) == RecordContradicts(at, "AAAA-AAAA", now.number, now.email, found, now)


@pytest.mark.parametrize("proved", [True, False])
async def test_whether_the_customer_proved_the_order_is_told_with_what_contradicts(*, proved: bool) -> None:
    watching = Watching(Shop((None,)), Clock(NOW + AFTER[0]))
    found = await watching.look(replace(watched(), proved=proved))
    assert isinstance(found, RecordContradicts)
    assert found.proved is proved


@pytest.mark.parametrize("gone", [None, replace(TOLD, email="bob@shop.test"), replace(TOLD, number="1043")])
async def test_an_order_that_is_gone_is_told_so_and_nothing_is_shown_of_anothers(gone: Order | None) -> None:
    found = await look(gone)
    assert isinstance(found, RecordContradicts)
    assert (found.contradiction, found.order) == (Contradiction.GONE, None)
    assert (found.number, found.email) == (TOLD.number, TOLD.email)


@pytest.mark.parametrize("status", [RefundStatus.SENT, RefundStatus.PENDING, RefundStatus.UNKNOWN])
async def test_a_refund_that_gets_on_contradicts_nothing(status: RefundStatus) -> None:
    assert await look(with_refund(status)) == NOW + AFTER[1]


async def test_a_refund_that_was_told_as_failed_does_not_contradict_again() -> None:
    failed = with_refund(RefundStatus.FAILED)
    assert await look(failed, told=failed) == NOW + AFTER[1]
    mended = failed.payments[0]
    mended = replace(mended, refunds=(*mended.refunds, Refund(mended.amount, RefundStatus.SENT, NOW)))
    assert await look(replace(failed, payments=(mended,)), told=failed) == NOW + AFTER[1]


async def test_a_lifted_hold_contradicts_nothing() -> None:
    held = replace(TOLD.payments[0], status=PaymentStatus.AUTHORISED, refunds=())
    lifted = replace(held, status=PaymentStatus.VOIDED)
    told = replace(TOLD, payments=(held,))
    assert await look(replace(told, payments=(lifted,)), told=told) == NOW + AFTER[1]


async def test_a_shop_that_is_away_is_asked_again_soon_the_last_time_too() -> None:
    for at in (*AFTER, AFTER[-1] + timedelta(hours=5)):
        assert await look(DOWN, at=at) == NOW + at + timedelta(seconds=30)


async def test_a_shop_that_stays_away_for_hours_is_given_up_and_told_to_the_operator() -> None:
    with capture_logs() as logs:
        assert await look(DOWN, at=AFTER[-1] + timedelta(hours=7)) is None
    assert [(each["log_level"], each["reference"]) for each in logs] == [("error", "AAAA-AAAA")]


async def test_a_contradiction_is_seen_however_late_the_shop_answers() -> None:
    found = await look(replace(TOLD, partly_fulfilled=True), at=AFTER[-1] + timedelta(hours=5))
    assert isinstance(found, RecordContradicts)


_RECORDS = st.sampled_from(
    [TOLD, replace(TOLD, partly_fulfilled=True), replace(TOLD, stage=Stage.PAID), DOWN]
)


@given(shows=st.lists(_RECORDS, min_size=1, max_size=30))
async def test_whatever_is_shown_the_looks_end_and_a_contradiction_that_was_read_is_told(
    shows: list[Order | Exception],
) -> None:
    shop, clock = Shop([*shows, TOLD]), Clock(NOW + AFTER[0])
    watching = Watching(shop, clock)
    result: RecordContradicts | datetime | None = clock.now
    while isinstance(result, datetime):
        assert result >= clock.now
        clock.now = result
        result = await watching.look(watched())
    read = [each for each in shows[: shop.reads] if isinstance(each, Order) and each != TOLD]
    if result is None:
        assert read == []
    else:
        assert result.order == read[0]
