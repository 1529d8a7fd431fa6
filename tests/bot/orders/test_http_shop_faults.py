"""Cancelling over a wire that fails: every end is defined, and none is an untrue "cancelled"."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal

import pytest

from bot.cancelling import Canceller
from bot.contracts.shop_bench import Placement
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome, ShopUnreachable
from dialogs.orders import Payment, PaymentStatus, Stage
from dialogs.policy import default_policy
from tests.bot.orders.http_shop_bench import HttpBench, bench
from tests.bot.orders.shop_bench import START
from tests.bot.orders.wire_faults import WITHOUT_EFFECT, Fault, Heard

POLICY = default_policy()
PAID = Placement(Stage.PAID, payments=(Payment("card", Decimal("54.00"), PaymentStatus.CAPTURED, id="P-1"),))


def _now() -> datetime:
    return START


async def _wanted(at: HttpBench) -> CancelOrder:
    number = await at.place(PAID)
    seen = await at.backend.find(number)
    assert seen is not None
    at.wire.heard.clear()
    return CancelOrder(7, number, seen.email, seen, POLICY.decide(seen).rule, "7K2M-9QXD-7")


async def _attempt(at: HttpBench, wanted: CancelOrder, *, tried_before: bool = False) -> Outcome | None:
    """The outcome, or `None` where nothing was attempted; held against the shop's own record."""
    canceller = Canceller(at.backend, POLICY, _now, rereads=(0.0, 0.0))
    ended = await canceller.cancel(wanted, tried_before=tried_before)
    cancels, refunds = await at.cancels(wanted.number), await at.refunds(wanted.number)
    assert (cancels, refunds) in {(0, 0), (1, 1)}
    if isinstance(ended, ShopUnreachable):
        assert cancels == 0 or tried_before
        return None
    assert isinstance(ended, CancelEnded)
    if ended.outcome in {Outcome.CANCELLED, Outcome.ALREADY_CANCELLED}:
        assert cancels == 1
    if ended.outcome in {Outcome.REFUSED, Outcome.STAGE_MOVED}:
        assert cancels == 0
    return ended.outcome


async def _settled(at: HttpBench, wanted: CancelOrder) -> None:
    """Once the wire is sound, the same attempt ends cancelled, once."""
    assert await _attempt(at, wanted, tried_before=True) is Outcome.CANCELLED
    assert (await at.cancels(wanted.number), await at.refunds(wanted.number)) == (1, 1)


@pytest.mark.parametrize("fault", list(Fault))
async def test_nothing_is_attempted_where_the_record_cannot_be_read(fault: Fault) -> None:
    async with bench() as at:
        wanted = await _wanted(at)
        async with at.wire.failing(fault):
            assert await _attempt(at, wanted) is None
        assert not any(heard.method == "POST" for heard in at.wire.heard)
        await _settled(at, wanted)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault not in WITHOUT_EFFECT])
async def test_a_cancel_that_took_effect_is_told_by_the_record_though_its_answer_was_spoilt(
    fault: Fault,
) -> None:
    async with bench() as at:
        wanted = await _wanted(at)
        async with at.wire.failing(fault, method="POST"):
            assert await _attempt(at, wanted) is Outcome.CANCELLED
        assert [heard.method for heard in at.wire.heard].count("POST") == 1
        await _settled(at, wanted)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.REFUSED])
async def test_a_cancel_without_effect_is_never_told_as_one(fault: Fault) -> None:
    async with bench() as at:
        wanted = await _wanted(at)
        async with at.wire.failing(fault, method="POST", effect=False):
            assert await _attempt(at, wanted) is Outcome.UNKNOWN
        assert await at.cancels(wanted.number) == 0
        await _settled(at, wanted)


def _after_the_cancel() -> Callable[[Heard], bool]:
    posted = False

    def failing(heard: Heard) -> bool:
        nonlocal posted
        posted = posted or heard.method == "POST"
        return posted and heard.method == "GET"

    return failing


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.REFUSED])
async def test_what_cannot_be_read_again_is_unknown_and_settled_later(fault: Fault) -> None:
    async with bench() as at:
        wanted = await _wanted(at)
        async with at.wire.failing(fault, matching=_after_the_cancel()):
            assert await _attempt(at, wanted) is Outcome.UNKNOWN
        await _settled(at, wanted)


async def test_a_shop_that_vanishes_during_the_cancel_leaves_it_unknown() -> None:
    async with bench() as at:
        wanted = await _wanted(at)
        arrived = asyncio.Event()

        def posted(heard: Heard) -> bool:
            if heard.method == "POST":
                arrived.set()
            return arrived.is_set()

        async with at.wire.failing(Fault.SILENT, matching=posted):
            attempt = asyncio.create_task(_attempt(at, wanted))
            await arrived.wait()
            async with at.wire.failing(Fault.REFUSED):
                assert await attempt is Outcome.UNKNOWN
        await _settled(at, wanted)
