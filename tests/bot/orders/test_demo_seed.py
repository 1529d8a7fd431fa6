"""What there is to try in a demo shop, at the first start and at every later one."""

import asyncio
from datetime import timedelta
from pathlib import Path

from bot.orders.demo import DemoShop
from bot.orders.demo_catalogue import FIRST_NUMBER, PLANS
from bot.orders.demo_seed import ALWAYS_CANCELLABLE, seed, top_up
from bot.orders.records import read_record, record_of
from bot.ports import CancelReport
from dialogs.orders import Cancellable, Order, PaymentStatus, RefundStatus, Stage
from tests.bot.orders.shop_bench import START, Clock, stored


async def seeded(shop: DemoShop) -> list[Order]:
    await seed(shop)
    return await shop.run(lambda file: list(file.orders()))


async def test_the_seeded_orders_are_in_the_stages_they_were_planned_for(shop: DemoShop) -> None:
    orders = await seeded(shop)
    assert [(int(o.number), o.stage) for o in orders] == [
        (number, plan.stage) for number, plan in enumerate(PLANS, start=FIRST_NUMBER)
    ]


async def test_they_show_every_stage_every_mark_and_every_odd_case(shop: DemoShop) -> None:
    orders = await seeded(shop)
    assert {o.stage for o in orders} == set(Stage)
    assert {o.cancellable for o in orders} == set(Cancellable)
    assert {o.currency for o in orders} == {"EUR", "USD", "GBP"}
    assert {o.partly_fulfilled for o in orders} == {True, False}
    assert {len(o.payments) for o in orders} >= {1, 2, 3}
    assert {p.status for o in orders for p in o.payments} >= {
        PaymentStatus.PENDING,
        PaymentStatus.CAPTURED,
        PaymentStatus.AUTHORISED,
    }
    assert any(o.stage is Stage.UNRECOGNISED and o.status == "awaiting_artisan" for o in orders)
    assert len({p.method for o in orders for p in o.payments}) > 12


async def test_the_sums_of_every_seeded_order_agree_and_nobody_real_is_named(shop: DemoShop) -> None:
    for order in await seeded(shop):
        assert sum(line.quantity * line.unit_price for line in order.lines) == order.total
        assert sum(payment.amount for payment in order.payments) == order.total
        assert all(payment.amount > 0 for payment in order.payments)
        assert order.email.endswith(("@shop.test", "@example.com"))
        assert order.placed_at < START
        for payment in order.payments:
            assert all(r.sent_at is None or r.sent_at > order.placed_at for r in payment.refunds)


async def test_every_seeded_order_can_be_exported_and_imported_again(shop: DemoShop) -> None:
    for order in await seeded(shop):
        again = read_record(record_of(order))
        assert record_of(again) == record_of(order)


async def test_seeding_again_adds_nothing_and_undoes_nothing(shop: DemoShop) -> None:
    await seed(shop)
    await shop.cancel("1042", expected=Stage.PAID, request_id="r")
    assert await seed(shop) == 0
    order = await shop.find("1042")
    assert order is not None
    assert order.stage is Stage.CANCELLED


async def test_an_imported_order_is_not_overwritten_by_the_seed(shop: DemoShop) -> None:
    await shop.run(lambda file: file.put([stored("1042", Stage.DELIVERED)]))
    assert await seed(shop) == len(PLANS) - 1
    order = await shop.find("1042")
    assert order is not None
    assert order.stage is Stage.DELIVERED


async def test_seeded_orders_move_with_the_clock(shop: DemoShop, clock: Clock) -> None:
    before = {o.number: o.stage for o in await seeded(shop)}
    clock.turn(hours=1)
    after = {o.number: o.stage for o in await seeded(shop)}
    assert sum(before[number] is not after[number] for number in before) > 5


async def test_whenever_the_shop_is_started_there_is_something_to_cancel(
    shop: DemoShop, clock: Clock
) -> None:
    await seed(shop)
    for start in range(5):
        examples = await top_up(shop)
        cancelled = 0
        for example in examples:
            order = await shop.find(example.number)
            assert order is not None
            assert (order.email, order.stage) == (example.email, example.stage)
            report = await shop.cancel(order.number, expected=order.stage, request_id=f"try {start}")
            cancelled += report is CancelReport.ACCEPTED
        assert cancelled >= ALWAYS_CANCELLABLE
        clock.turn(days=1)


async def test_topping_up_again_at_once_adds_nothing(shop: DemoShop) -> None:
    await seed(shop)
    first = await top_up(shop)
    assert await top_up(shop) == first


async def test_two_starts_at_once_top_up_together(shop: DemoShop, shop_path: Path, clock: Clock) -> None:
    async with DemoShop(shop_path, now=clock) as other:
        await asyncio.gather(top_up(shop), top_up(other))
    assert len(await shop.run(lambda file: list(file.orders()))) == ALWAYS_CANCELLABLE


async def test_examples_never_name_an_imported_order(shop: DemoShop) -> None:
    await shop.run(lambda file: file.put(stored(str(number)) for number in range(5000, 5050)))
    await seed(shop)
    assert all(not example.number.startswith("50") for example in await top_up(shop))


async def test_one_seeded_order_has_a_refund_that_fails(shop: DemoShop, clock: Clock) -> None:
    failing = []
    for order in await seeded(shop):
        await shop.cancel(order.number, expected=order.stage, request_id="r")
    clock.turn(hours=1)
    for order in await shop.run(lambda file: list(file.orders())):
        refunds = [refund for payment in order.payments for refund in payment.refunds]
        failing += [order.number for refund in refunds if refund.status is RefundStatus.FAILED]
        assert all(r.sent_at for r in refunds if r.status is RefundStatus.SENT)
    assert len(failing) == 1


async def test_1042_is_the_order_of_the_documentation(shop: DemoShop, clock: Clock) -> None:
    await seed(shop)
    clock.turn(hours=6)
    order = await shop.find("1042")
    assert order is not None
    assert order.belongs_to("1042", "ann@shop.test")
    assert (order.stage, order.pieces, str(order.total)) == (Stage.PAID, 2, "54.00")
    clock.time = START + timedelta(hours=7)
    moved = await shop.find("1042")
    assert moved is not None
    assert moved.stage is Stage.ALLOCATED
