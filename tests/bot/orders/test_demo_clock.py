"""What the clock does to an order of the demo shop, and what a cancel finds."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from bot.orders.demo import DemoShop
from bot.orders.demo_record import DURATIONS, PATH, StoredOrder, cancelled, judged, order_at
from bot.ports import CancelReport
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from tests.bot.orders.shop_bench import START, Clock, stored

CAPTURED, PENDING, HELD = PaymentStatus.CAPTURED, PaymentStatus.PENDING, PaymentStatus.AUTHORISED


def paid_by(method: str, status: PaymentStatus = CAPTURED, amount: str = "54.00") -> Payment:
    return Payment(method, Decimal(amount), status)


async def put(shop: DemoShop, record: StoredOrder) -> None:
    await shop.run(lambda file: file.put([record]))


async def found(shop: DemoShop, number: str = "1001") -> Order:
    order = await shop.find(number)
    assert order is not None
    return order


async def test_a_live_order_walks_through_every_stage_in_order(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(stage=Stage.PLACED, pace=1.0))
    walk = []
    for minute in range(0, 9 * 60, 2):
        clock.time = START + timedelta(minutes=minute)
        walk.append((await found(shop)).stage)
    assert tuple(dict.fromkeys(walk)) == PATH


@pytest.mark.parametrize("stage", DURATIONS)
async def test_a_stage_ends_exactly_when_its_time_is_over(shop: DemoShop, clock: Clock, stage: Stage) -> None:
    await put(shop, stored(stage=stage, pace=2.0))
    clock.time = START + DURATIONS[stage] * 2 - timedelta(microseconds=1)
    before = await found(shop)
    clock.turn(microseconds=1)
    after = await found(shop)
    assert (before.stage, after.stage) == (stage, PATH[PATH.index(stage) + 1])
    assert before.version != after.version


@pytest.mark.parametrize("stage", Stage)
async def test_an_order_that_is_not_live_stands_still(shop: DemoShop, clock: Clock, stage: Stage) -> None:
    await put(shop, stored(stage=stage))
    clock.turn(days=30)
    assert (await found(shop)).stage is stage


async def test_the_shops_own_word_for_an_unmapped_status_is_shown(shop: DemoShop) -> None:
    await put(shop, replace(stored(stage=Stage.UNRECOGNISED), status="in_kiln"))
    order = await found(shop)
    assert (order.stage, order.status) == (Stage.UNRECOGNISED, "in_kiln")


async def test_a_pending_payment_is_taken_when_the_order_becomes_paid(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(stage=Stage.PLACED, pace=1.0, payments=(paid_by("card", PENDING),)))
    assert (await found(shop)).payments[0].status is PENDING
    clock.turn(minutes=10)
    assert (await found(shop)).payments[0].status is CAPTURED


async def test_cash_comes_in_on_delivery_and_not_before(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(stage=Stage.PLACED, pace=1.0, payments=(paid_by("cash_on_delivery", PENDING),)))
    clock.turn(hours=3)
    assert (await found(shop)).payments[0].status is PENDING
    clock.turn(hours=24)
    assert (await found(shop)).payments[0].status is CAPTURED


async def test_a_hold_is_taken_when_the_order_ships(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(pace=1.0, payments=(paid_by("card", HELD),)))
    clock.turn(hours=1)
    assert (await found(shop)).payments[0].status is HELD
    clock.turn(hours=2)
    assert (await found(shop)).payments[0].status is CAPTURED


@pytest.mark.parametrize(("minutes", "report"), [(4.7, CancelReport.ACCEPTED), (4.9, CancelReport.REFUSED)])
async def test_while_binding_the_record_decides_whether_the_order_is_bound(
    shop: DemoShop, clock: Clock, minutes: float, report: CancelReport
) -> None:
    await put(shop, stored(stage=Stage.BINDING, pace=1.0))
    clock.turn(minutes=minutes)
    assert (await found(shop)).stage is Stage.BINDING
    assert await shop.cancel("1001", expected=Stage.BINDING, request_id="r") is report


async def test_the_stage_is_computed_inside_the_cancel(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(pace=1.0))
    assert (await found(shop)).stage is Stage.PAID
    clock.turn(minutes=30)
    assert await shop.cancel("1001", expected=Stage.PAID, request_id="r") is CancelReport.STAGE_MOVED
    assert (await found(shop)).stage is Stage.ALLOCATED


async def test_a_cancelled_order_stops_moving(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored(pace=1.0))
    await shop.cancel("1001", expected=Stage.PAID, request_id="r")
    clock.turn(days=2)
    assert (await found(shop)).stage is Stage.CANCELLED


async def test_a_refund_by_transfer_is_pending_until_the_clock_has_sent_it(
    shop: DemoShop, clock: Clock
) -> None:
    await put(shop, stored(payments=(paid_by("bank_transfer"),)))
    await shop.cancel("1001", expected=Stage.PAID, request_id="r")
    (refund,) = (await found(shop)).payments[0].refunds
    assert (refund.status, refund.sent_at) == (RefundStatus.PENDING, None)
    clock.turn(minutes=20)
    (refund,) = (await found(shop)).payments[0].refunds
    assert (refund.status, refund.sent_at) == (RefundStatus.SENT, clock.time)


async def test_each_captured_payment_is_refunded_a_hold_voided_and_nothing_else_touched(
    shop: DemoShop, clock: Clock
) -> None:
    payments = (
        paid_by("gift_card", amount="10.00"),
        paid_by("card", HELD, "20.00"),
        paid_by("paypal", PaymentStatus.FAILED, "24.00"),
        paid_by("klarna", amount="24.00"),
    )
    await put(shop, stored(payments=payments))
    await shop.cancel("1001", expected=Stage.PAID, request_id="r")
    gift, hold, failed, klarna = (await found(shop)).payments
    assert [(r.amount, r.status, r.sent_at) for r in gift.refunds] == [
        (Decimal("10.00"), RefundStatus.SENT, clock.time)
    ]
    assert (hold.status, hold.refunds) == (PaymentStatus.VOIDED, ())
    assert failed == payments[2]
    assert [r.status for r in klarna.refunds] == [RefundStatus.PENDING]


async def test_what_was_refunded_before_is_not_refunded_again(shop: DemoShop) -> None:
    earlier = Refund(Decimal("50.00"), RefundStatus.SENT, START)
    payment = Payment("card", Decimal("54.00"), CAPTURED, (earlier,))
    await put(shop, stored(payments=(payment,)))
    await shop.cancel("1001", expected=Stage.PAID, request_id="r")
    assert [r.amount for r in (await found(shop)).payments[0].refunds] == [Decimal("50.00"), Decimal("4.00")]


MARKED = Line("Ring", 1, Decimal("54.00"), cancellable=False)


@pytest.mark.parametrize(
    "record",
    [stored(lines=(MARKED,)), stored(partly_fulfilled=True), stored(stage=Stage.ON_HOLD)],
    ids=["marked", "partly fulfilled", "on hold"],
)
async def test_the_shop_refuses_what_it_would_not_cancel_itself(shop: DemoShop, record: StoredOrder) -> None:
    await put(shop, record)
    stage = (await found(shop)).stage
    assert await shop.cancel("1001", expected=stage, request_id="r") is CancelReport.REFUSED
    assert (await found(shop)).stage is stage


async def test_a_repeated_request_gets_its_first_answer_even_after_the_stage_moved(
    shop: DemoShop,
) -> None:
    await put(shop, stored())
    first = await shop.cancel("1001", expected=Stage.PLACED, request_id="r")
    await shop.run(lambda file: file.put([stored(stage=Stage.PLACED)]))
    assert await shop.cancel("#1001", expected=Stage.PLACED, request_id="r") is first
    assert (await found(shop)).stage is Stage.PLACED


async def test_every_attempt_is_logged_with_what_was_found(shop: DemoShop, clock: Clock) -> None:
    await put(shop, stored())
    for number, request_id in (("1001", "a"), ("1001", "a"), ("1001", "b"), ("77", "c")):
        await shop.cancel(number, expected=Stage.PAID, request_id=request_id)
    log = await shop.run(lambda file: file.attempts("1001") + file.attempts("77"))
    assert [(a.number, a.request_id, a.found, a.report, a.repeated) for a in log] == [
        ("1001", "a", Stage.PAID, CancelReport.ACCEPTED, False),
        ("1001", "a", Stage.CANCELLED, CancelReport.ACCEPTED, True),
        ("1001", "b", Stage.CANCELLED, CancelReport.STAGE_MOVED, False),
        ("77", "c", None, CancelReport.REFUSED, False),
    ]
    assert {a.at for a in log} == {clock.time}


@given(
    stage=st.sampled_from(list(Stage)),
    pace=st.none() | st.floats(0.1, 20),
    minutes=st.floats(0, 3000),
    expected=st.sampled_from(list(Stage)),
)
def test_only_an_accepted_cancel_moves_money_and_it_moves_all_of_it(
    stage: Stage, pace: float | None, minutes: float, expected: Stage
) -> None:
    record = stored(stage=stage, pace=pace)
    now = START + timedelta(minutes=minutes)
    before = order_at(record, now, 1)
    report = judged(record, expected, now)
    assert (report is CancelReport.STAGE_MOVED) == (before.stage is not expected)
    if report is CancelReport.ACCEPTED:
        assert before.stage in {Stage.PLACED, Stage.PAID, Stage.ALLOCATED, Stage.BINDING}
        after = order_at(cancelled(record, now), now, 2)
        assert sum(r.amount for p in after.payments for r in p.refunds) == before.total
        assert order_at(cancelled(record, now), now + timedelta(days=9), 2).stage is Stage.CANCELLED
