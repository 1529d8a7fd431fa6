"""An order as the demo shop keeps it, and what its record says at one moment: pure functions of the clock."""

from dataclasses import replace as payment_with
from datetime import datetime, timedelta
from decimal import Decimal
from itertools import pairwise

from msgspec import Struct
from msgspec.structs import replace

from bot.ports import CancelReport
from dialogs.orders import Cancellable, Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

DURATIONS = {
    Stage.PLACED: timedelta(minutes=10),
    Stage.PAID: timedelta(minutes=30),
    Stage.ALLOCATED: timedelta(minutes=25),
    Stage.BINDING: timedelta(minutes=12),
    Stage.CONFIRMED: timedelta(minutes=45),
    Stage.IN_LOGISTICS: timedelta(hours=6),
}
"""How long a live order of pace 1 stays in a stage: short enough to watch, long enough to talk about."""

PATH = (*DURATIONS, Stage.DELIVERED)
"""The stages every order passes that nothing stops, in order."""

BOUND_AFTER = 0.4
"""Where inside its binding stage an order becomes bound, as a part of that stage's duration."""

ADJUSTABLE = frozenset({Stage.PLACED, Stage.PAID, Stage.ALLOCATED})
"""The stages in which the shop cancels without looking further."""

REFUND_DELAYS = {"bank_transfer": timedelta(minutes=20), "klarna": timedelta(minutes=5)}
"""Payment methods whose refunds are pending for a while; any other method's are sent at once."""

_ON_DELIVERY = "cash_on_delivery"
_SHIPPED = frozenset({Stage.IN_LOGISTICS, Stage.DELIVERED})


class Step(Struct, frozen=True, array_like=True):
    """The order is in `stage` from `at` on; `at` is aware and UTC."""

    stage: Stage
    at: datetime


class StoredOrder(Struct, frozen=True, omit_defaults=True):
    """The record of one order.

    `schedule` is its own timetable, oldest step first, never empty. `pace` stretches `DURATIONS` where the
    order moves by itself; `None`: it stands still. `bound_at` lies within the binding stage; without it an
    order in that stage is not bound yet. A pending refund with a `sent_at` is sent at that time.
    `status` is the shop's word where it differs from the stage's name.
    """

    number: str
    email: str
    placed_at: datetime
    currency: str
    total: Decimal
    lines: tuple[Line, ...]
    payments: tuple[Payment, ...]
    schedule: tuple[Step, ...]
    pace: float | None = None
    bound_at: datetime | None = None
    partly_fulfilled: bool = False
    status: str = ""
    refund_fails: bool = False


class CannotMove(Exception):
    """The order cannot be moved on as asked; the message says why."""


def timetable(stage: Stage, entered: datetime, pace: float | None) -> tuple[Step, ...]:
    """The steps from `stage` on: one only where the order stands still, or nothing follows the stage."""
    steps = [Step(stage, entered)]
    if pace is not None and stage in PATH:
        for here, after in pairwise(PATH[PATH.index(stage) :]):
            steps.append(Step(after, steps[-1].at + DURATIONS[here] * pace))
    return tuple(steps)


def kept(order: Order, entered: datetime, pace: float | None) -> StoredOrder:
    """The record of an order that came to its stage at `entered`."""
    schedule = timetable(order.stage, entered, pace)
    return StoredOrder(
        number=order.number,
        email=order.email,
        placed_at=order.placed_at,
        currency=order.currency,
        total=order.total,
        lines=order.lines,
        payments=order.payments,
        schedule=schedule,
        pace=pace,
        bound_at=bound_time(schedule, pace),
        partly_fulfilled=order.partly_fulfilled,
        status=order.status if order.status != order.stage.value else "",
    )


def bound_time(schedule: tuple[Step, ...], pace: float | None) -> datetime | None:
    """When an order with this schedule becomes bound; `None` where it stands still or never binds."""
    begins = [step.at for step in schedule if step.stage is Stage.BINDING]
    if pace is None or not begins:
        return None
    return begins[-1] + DURATIONS[Stage.BINDING] * pace * BOUND_AFTER


def stage_at(record: StoredOrder, now: datetime) -> Stage:
    """The stage the clock has brought the order to."""
    for step in reversed(record.schedule):
        if step.at <= now:
            return step.stage
    return record.schedule[0].stage


def order_at(record: StoredOrder, now: datetime, changes: int) -> Order:
    """What the record says at `now`; `changes` counts how often it was written."""
    stage = stage_at(record, now)
    return Order(
        number=record.number,
        email=record.email,
        stage=stage,
        placed_at=record.placed_at,
        currency=record.currency,
        total=record.total,
        lines=record.lines,
        payments=tuple(_shown(payment, now) for payment in _taken(record, stage)),
        partly_fulfilled=record.partly_fulfilled,
        status=record.status if record.status and stage is record.schedule[-1].stage else stage.value,
        version=f"{changes}-{stage.value}",
    )


def judged(record: StoredOrder, expected: Stage, now: datetime) -> CancelReport:
    """What the shop answers to an attempt to cancel at `now`."""
    stage = stage_at(record, now)
    if stage is not expected:
        return CancelReport.STAGE_MOVED
    marks = order_at(record, now, 0).cancellable
    if marks is Cancellable.NONE or record.partly_fulfilled:
        return CancelReport.REFUSED
    bound = record.bound_at is not None and record.bound_at <= now
    if stage in ADJUSTABLE or (stage is Stage.BINDING and not bound):
        return CancelReport.ACCEPTED
    return CancelReport.REFUSED


def cancelled(record: StoredOrder, now: datetime) -> StoredOrder:
    """The record after a cancellation at `now`: it moves no more, and its money is on the way back."""
    payments = _taken(record, stage_at(record, now))
    return replace(
        record,
        schedule=(*_passed(record, now), Step(Stage.CANCELLED, now)),
        pace=None,
        payments=tuple(_given_back(payment, now, fails=record.refund_fails) for payment in payments),
    )


def advanced(record: StoredOrder, to: Stage | None, now: datetime) -> StoredOrder:
    """The record moved on to a stage, or to the next one. Raises `CannotMove`."""
    stage = stage_at(record, now)
    if stage is Stage.CANCELLED:
        raise CannotMove("a cancelled order moves no more")
    target = to or _next(stage)
    if target is stage:
        raise CannotMove(f"the order is already in the stage {stage.value}")
    if target is Stage.CANCELLED:
        return cancelled(record, now)
    schedule = (*_passed(record, now), *timetable(target, now, record.pace))
    return replace(record, schedule=schedule, bound_at=bound_time(schedule, record.pace), status="")


def _next(stage: Stage) -> Stage:
    if stage not in PATH or stage is PATH[-1]:
        raise CannotMove(f"no stage follows {stage.value} by itself: name one with --to")
    return PATH[PATH.index(stage) + 1]


def _passed(record: StoredOrder, now: datetime) -> tuple[Step, ...]:
    return tuple(step for step in record.schedule if step.at <= now) or record.schedule[:1]


def _taken(record: StoredOrder, stage: Stage) -> list[Payment]:
    """The payments, with what the stages passed since they were written have done to them."""
    began = record.schedule[0].stage
    return [
        payment_with(payment, status=PaymentStatus.CAPTURED)
        if began is not stage and stage in PATH and _comes_in(payment, began, stage)
        else payment
        for payment in record.payments
    ]


def _comes_in(payment: Payment, began: Stage, stage: Stage) -> bool:
    """Money is taken when an order is paid; a hold when it ships; cash when it is delivered."""
    if payment.status is PaymentStatus.AUTHORISED:
        return stage in _SHIPPED
    if payment.method == _ON_DELIVERY:
        return payment.status is PaymentStatus.PENDING and stage is Stage.DELIVERED
    return payment.status is PaymentStatus.PENDING and began is Stage.PLACED


def _shown(payment: Payment, now: datetime) -> Payment:
    if not payment.refunds:
        return payment
    refunds = tuple(_refund_at(refund, now) for refund in payment.refunds)
    return payment_with(payment, refunds=refunds)


def _refund_at(refund: Refund, now: datetime) -> Refund:
    if refund.status is not RefundStatus.PENDING or refund.sent_at is None:
        return refund
    if refund.sent_at <= now:
        return Refund(refund.amount, RefundStatus.SENT, refund.sent_at)
    return Refund(refund.amount, RefundStatus.PENDING)


def _given_back(payment: Payment, now: datetime, *, fails: bool) -> Payment:
    if payment.status is PaymentStatus.AUTHORISED:
        return payment_with(payment, status=PaymentStatus.VOIDED)
    owed = payment.amount - payment.on_its_way
    if payment.status is not PaymentStatus.CAPTURED or owed <= 0:
        return payment
    refund = _refund(payment.method, owed, now, fails=fails)
    return payment_with(payment, refunds=(*payment.refunds, refund))


def _refund(method: str, amount: Decimal, now: datetime, *, fails: bool) -> Refund:
    if fails:
        return Refund(amount, RefundStatus.FAILED)
    delay = REFUND_DELAYS.get(method)
    if delay is None:
        return Refund(amount, RefundStatus.SENT, now)
    return Refund(amount, RefundStatus.PENDING, now + delay)
