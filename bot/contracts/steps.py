"""What the tests of the suite do again and again."""
# ruff: noqa: S101 - assert is the point of a suite

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest

from bot.contracts.shop_bench import CannotPlace, Placement, ShopBench
from bot.ports import CancelReport, Refunder
from dialogs.orders import Order, Payment, PaymentStatus, Stage

TOTAL = Decimal("54.00")
CARD = Payment("card", TOTAL, PaymentStatus.CAPTURED)
TWO = (
    Payment("gift_card", Decimal("14.00"), PaymentStatus.CAPTURED),
    Payment("card", Decimal("40.00"), PaymentStatus.CAPTURED),
)
HELD = (Payment("card", TOTAL, PaymentStatus.AUTHORISED),)

_LOOKS = 100
_PAUSE = 0.05
"""Seconds between looks at an order whose cancellation is carried out later."""


async def place(bench: ShopBench, placement: Placement) -> str:
    """Put an order into the shop; the test is skipped where the shop cannot hold it."""
    if placement.stage not in bench.stages:
        pytest.skip(f"this shop knows no stage {placement.stage.value}")
    try:
        return await bench.place(placement)
    except CannotPlace as why:
        pytest.skip(f"this shop cannot hold such an order: {why}")


async def place_in(bench: ShopBench, stage: Stage) -> str:
    """An order in this stage; one that is only placed has not been paid."""
    unpaid = (Payment("card", TOTAL, PaymentStatus.PENDING),)
    return await place(
        bench, Placement(stage, payments=unpaid) if stage is Stage.PLACED else Placement(stage)
    )


async def found(bench: ShopBench, number: str) -> Order:
    """The order, which has to be there."""
    order = await bench.backend.find(number)
    assert order is not None, f"order {number} is in the shop and was not found"
    return order


async def cancelled(bench: ShopBench, number: str, request_id: str = "first") -> Order:
    """The order once its cancellation was accepted and carried out."""
    before = await found(bench, number)
    report = await bench.backend.cancel(number, expected=before.stage, request_id=request_id)
    assert report is CancelReport.ACCEPTED
    return await carried_out(bench, number)


async def carried_out(bench: ShopBench, number: str) -> Order:
    """The order after a cancel: at once, or soon where the shop carries it out later."""
    for _ in range(_LOOKS if bench.backend.capabilities.asynchronous_cancel else 1):
        order = await found(bench, number)
        if order.stage is Stage.CANCELLED:
            break
        await asyncio.sleep(_PAUSE)
    return order


def refunder(bench: ShopBench) -> Refunder:
    """The backend, as it sends money back; the test is skipped where its shop does that by itself."""
    if bench.backend.capabilities.refunds_itself:
        pytest.skip("this shop sends the money back by itself")
    assert isinstance(bench.backend, Refunder), "a shop that does not refund by itself needs `refund`"
    return bench.backend


def by_itself(bench: ShopBench, refunds: int) -> int:
    """How many refunds a cancel makes: none where the shop moves no money with it."""
    return refunds if bench.backend.capabilities.refunds_itself else 0


def bare(payments: tuple[Payment, ...]) -> tuple[Payment, ...]:
    """The payments without their ids, which are the shop's own."""
    return tuple(replace(payment, id="") for payment in payments)
