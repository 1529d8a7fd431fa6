"""Fills the demo shop, and keeps it filled, so that there is always something to try."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from functools import partial
from itertools import zip_longest

from bot.orders.demo import DemoShop
from bot.orders.demo_catalogue import FIRST_NUMBER, FRESH, GOODS, PLANS, Plan
from bot.orders.demo_file import ShopFile
from bot.orders.demo_record import (
    ADJUSTABLE,
    DURATIONS,
    PATH,
    StoredOrder,
    bound_time,
    cancelled,
    timetable,
)
from dialogs.orders import Cancellable, Line, Order, Payment, PaymentStatus, Stage

ALWAYS_CANCELLABLE = 6
"""So many orders can be cancelled after a `top_up`."""

_FIRST_FRESH_NUMBER = 2001
_PART_PAYMENT = Decimal("10.00")
_SHOWN_STAGES = (Stage.BINDING, Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED, Stage.ON_HOLD)


@dataclass(frozen=True, slots=True)
class Example:
    """A seeded order worth trying, in the stage it had when it was read."""

    number: str
    email: str
    stage: Stage


async def seed(shop: DemoShop) -> int:
    """Add the seeded orders that are not there yet; how many were added. Raises `ShopUnreachable`."""
    return await shop.run(lambda file: file.plant(partial(_first, now=file.now())))


async def top_up(shop: DemoShop) -> tuple[Example, ...]:
    """Add fresh paid orders until enough can be cancelled; orders to try, the cancellable ones first.

    Only seeded orders are shown: an imported one is somebody's own. Raises `ShopUnreachable`.
    """
    return await shop.run(_top_up)


def _first(_orders: list[Order], _highest: int, *, now: datetime) -> Iterator[StoredOrder]:
    for number, plan in enumerate(PLANS, start=FIRST_NUMBER):
        yield _grown(plan, str(number), now)


def _top_up(file: ShopFile) -> tuple[Example, ...]:
    file.plant(partial(_fresh, now=file.now()))
    orders = list(file.orders(seeded=True))
    open_ones = _in_turns([order for order in reversed(orders) if _can_be_cancelled(order)])
    others = [next((o for o in reversed(orders) if o.stage is stage), None) for stage in _SHOWN_STAGES]
    marked = [o for o in orders if o.stage in ADJUSTABLE and o.cancellable is Cancellable.NONE]
    shown = [*open_ones[:ALWAYS_CANCELLABLE], *(o for o in others if o), *marked[:1]]
    return tuple(Example(order.number, order.email, order.stage) for order in shown)


def _in_turns(orders: list[Order]) -> list[Order]:
    """One of each stage, then another of each."""
    by_stage = [
        [o for o in orders if o.stage is stage] for stage in (Stage.PAID, Stage.ALLOCATED, Stage.PLACED)
    ]
    return [order for turn in zip_longest(*by_stage) for order in turn if order is not None]


def _fresh(orders: list[Order], highest: int, *, now: datetime) -> Iterator[StoredOrder]:
    missing = ALWAYS_CANCELLABLE - sum(map(_can_be_cancelled, orders))
    first = max(highest + 1, _FIRST_FRESH_NUMBER)
    for number in range(first, first + max(missing, 0)):
        yield _grown(FRESH[number % len(FRESH)], str(number), now)


def _can_be_cancelled(order: Order) -> bool:
    return order.stage in ADJUSTABLE and order.cancellable is Cancellable.ALL and not order.partly_fulfilled


def _grown(plan: Plan, number: str, now: datetime) -> StoredOrder:
    """The record of a planned order that is in its stage now, and came there by the usual path."""
    stage = Stage.PAID if plan.stage is Stage.CANCELLED else plan.stage
    pace = plan.pace or 1
    entered = now - DURATIONS.get(stage, timedelta(hours=20)) * pace * plan.portion
    before = PATH[: PATH.index(stage)] if stage in PATH else (Stage.PLACED,)
    placed = entered - sum((DURATIONS[step] * pace for step in before), timedelta())
    schedule = timetable(stage, entered, plan.pace)
    lines = _lines(plan)
    total = sum((line.quantity * line.unit_price for line in lines), Decimal(0))
    record = StoredOrder(
        number=number,
        email=f"{plan.name}@shop.test" if int(number) % 3 else f"{plan.name}@example.com",
        placed_at=placed.replace(microsecond=0),
        currency=plan.currency,
        total=total,
        lines=lines,
        payments=_payments(plan, total),
        schedule=schedule,
        pace=plan.pace,
        bound_at=bound_time(schedule, plan.pace),
        partly_fulfilled=plan.partly,
        status=plan.status,
        refund_fails=plan.refund_fails,
    )
    return cancelled(record, now - timedelta(hours=1)) if plan.stage is Stage.CANCELLED else record


def _lines(plan: Plan) -> tuple[Line, ...]:
    counts = {good: plan.lines.count(good) for good in plan.lines}
    return tuple(
        Line(title, counts[good], Decimal(price), cancellable)
        for good, (title, price, cancellable) in ((good, GOODS[good]) for good in counts)
    )


def _payments(plan: Plan, total: Decimal) -> tuple[Payment, ...]:
    *parts, rest = plan.paying.split()
    paid = [Payment(method, _PART_PAYMENT, PaymentStatus.CAPTURED) for method in parts]
    return (*paid, Payment(rest, total - _PART_PAYMENT * len(parts), plan.paid))
