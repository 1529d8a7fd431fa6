"""One attempt to cancel over a wire that may fail, held against the shop's own record."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal

from bot.cancelling import FULFILLED, Canceller
from bot.contracts.shop_bench import Placement, ShopBench
from bot.contracts.steps import CARD
from bot.sure_backend import SureBackend
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome, ShopUnreachable
from dialogs.orders import RefundStatus, Stage
from dialogs.policy import default_policy
from tests.bot.orders.shop_bench import START
from tests.bot.orders.wire_faults import Heard, Wire

POLICY = default_policy()
PAID = Placement(Stage.PAID)


@dataclass
class Case:
    """A bench with its wire, and which requests are its cancel and its refund."""

    bench: ShopBench
    wire: Wire
    is_cancel: Callable[[Heard], bool]
    is_refund: Callable[[Heard], bool]


def _now() -> datetime:
    return START


async def wanted(case: Case) -> CancelOrder:
    number = await case.bench.place(PAID)
    seen = await case.bench.backend.find(number)
    assert seen is not None
    case.wire.heard.clear()
    return CancelOrder(7, number, seen.email, seen, POLICY.decide(seen).rule, "7K2M-9QXD-7")


async def attempt(case: Case, asked: CancelOrder, *, tried_before: bool = False) -> CancelEnded | None:
    """The end, or `None` where nothing was attempted."""
    canceller = Canceller(SureBackend(case.bench.backend), POLICY, _now, rereads=(0.0,))
    ended = await canceller.cancel(asked, tried_before=tried_before)
    if isinstance(ended, ShopUnreachable):
        return None
    assert ended.outcome in Outcome
    return ended


async def true(case: Case, asked: CancelOrder, ended: CancelEnded | None) -> None:
    """What was told holds against the shop's own record, read when the wire is sound again."""
    cancels = await case.bench.cancels(asked.number)
    order = await case.bench.backend.find(asked.number)
    assert order is not None
    assert cancels <= 1
    assert (order.stage is Stage.CANCELLED) == (cancels == 1)
    assert sum((each.on_its_way for each in order.payments), Decimal(0)) <= CARD.amount
    assert await case.bench.refunds(asked.number) <= 1
    if ended is None:
        assert cancels == 0
    elif ended.outcome in {Outcome.CANCELLED, Outcome.ALREADY_CANCELLED}:
        assert order.stage is Stage.CANCELLED
        assert ended.order is not None
        told = [each for payment in ended.order.payments for each in payment.refunds]
        sent = [each for payment in order.payments for each in payment.refunds]
        assert all(each in sent for each in told if each.status is RefundStatus.SENT)
    elif ended.outcome in {Outcome.REFUSED, Outcome.STAGE_MOVED}:
        assert order.stage not in {Stage.CANCELLED, *FULFILLED}
    assert case.wire.elsewhere == []


async def taken_up(case: Case, asked: CancelOrder) -> None:
    """The same attempt on a sound wire ends cancelled, and no more than was paid is given back."""
    ended = await attempt(case, asked, tried_before=True)
    await true(case, asked, ended)
    assert ended is not None
    assert ended.outcome is Outcome.CANCELLED
