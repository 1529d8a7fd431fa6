"""Compare and cancel: under a lock per order, read, compare with what was consented to, ask, read again.

No shop system makes "check, then cancel" safe by itself. The outcome is named here, by the record alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from bot.ports import CancelReport, OrderBackend, ShopUnreachable
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome
from dialogs.events import ShopUnreachable as NoAnswer
from dialogs.hearing import stake
from dialogs.orders import Order, Stage
from dialogs.policy import Policy

_REREADS = (0.0, 0.2, 1.0)
"""Seconds before each attempt to read the record again."""

FULFILLED = frozenset({Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED})


@dataclass(frozen=True, slots=True)
class Canceller:
    """Carries one `CancelOrder` out. The caller holds the lock of the order."""

    backend: OrderBackend
    policy: Policy
    clock: Callable[[], datetime]
    rereads: tuple[float, ...] = _REREADS

    async def cancel(self, wanted: CancelOrder, *, tried_before: bool) -> CancelEnded | NoAnswer:
        """Attempt it. `NoAnswer` means that nothing was attempted; every other end is a `CancelEnded`.

        `tried_before`: an earlier attempt with the same request id may have taken effect unseen.
        """
        before = await self._read(wanted)
        if before is None:
            if tried_before:
                return self._end(wanted, Outcome.UNKNOWN, None)
            return NoAnswer(self.clock(), wanted.turn)
        if isinstance(before, _Gone):
            return self._end(wanted, Outcome.UNKNOWN if tried_before else Outcome.STAGE_MOVED, None)
        if before.stage is Stage.CANCELLED:
            return self._end(wanted, _of_cancelled(before, ours=tried_before), before)
        if not self._as_consented(wanted, before):
            return self._end(wanted, Outcome.STAGE_MOVED, before)
        report = await self._ask(wanted, before)
        after = await self._read(wanted)
        return self._end(wanted, _outcome(report, after), None if isinstance(after, _Gone) else after)

    async def _ask(self, wanted: CancelOrder, before: Order) -> CancelReport | None:
        try:
            return await self.backend.cancel(
                before.number, expected=before.stage, request_id=wanted.request_id
            )
        except ShopUnreachable:
            return None

    async def _read(self, wanted: CancelOrder) -> "Order | _Gone | None":
        """The record now; `None` where the shop does not answer, `_Gone` where it is not this order."""
        for pause in self.rereads:
            await asyncio.sleep(pause)
            try:
                order = await self.backend.find(wanted.number)
            except ShopUnreachable:
                continue
            if order is None or not order.belongs_to(wanted.number, wanted.email):
                return _Gone()
            return order
        return None

    def _as_consented(self, wanted: CancelOrder, order: Order) -> bool:
        """Whether the record still is what the customer said yes to: by the same rule, for the same money."""
        verdict = self.policy.decide(order)
        return (
            verdict.ruling.may_cancel and verdict.rule == wanted.rule and stake(order) == stake(wanted.seen)
        )

    def _end(self, wanted: CancelOrder, outcome: Outcome, order: Order | None) -> CancelEnded:
        now = self.clock()
        return CancelEnded(now, wanted.turn, outcome, order, None if order is None else now)


@dataclass(frozen=True, slots=True)
class _Gone:
    """The shop knows no such order any more, or not under this e-mail address."""


def _of_cancelled(order: Order, *, ours: bool) -> Outcome:
    if order.partly_fulfilled:
        return Outcome.CONFLICT
    return Outcome.CANCELLED if ours else Outcome.ALREADY_CANCELLED


def _outcome(report: CancelReport | None, after: Order | _Gone | None) -> Outcome:
    """What the record says, whatever the shop answered."""
    match report, after:
        case _, Order(stage=Stage.CANCELLED):
            # Refused, and cancelled all the same: by somebody else, between our look and our request.
            return _of_cancelled(after, ours=report in (CancelReport.ACCEPTED, None))
        case CancelReport.ACCEPTED, Order(stage=stage) if stage in FULFILLED:
            return Outcome.CONFLICT
        case CancelReport.REFUSED, Order():
            return Outcome.REFUSED
        case CancelReport.STAGE_MOVED, Order():
            return Outcome.STAGE_MOVED
        case _:
            return Outcome.UNKNOWN
