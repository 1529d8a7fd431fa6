"""Compare and cancel: under a lock per order, read, compare with what was consented to, ask, read again.

The reading before the request is the one that a consent needs: later than the yes, and by the same rule for
the same money. No shop system makes "check, then cancel" safe by itself. The outcome is named here, by the
record alone.
"""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import structlog

from bot.giving_back import GivingBack
from bot.ports import CancelReport, ShopUnreachable
from bot.shop_errors import kind
from bot.sure_backend import SureBackend
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome, Trouble
from dialogs.events import ShopUnreachable as NoAnswer
from dialogs.orders import Order, Stage
from dialogs.policy import Policy
from dialogs.terms import stake

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_VERSIONS = 3
"""How many versions of a record that keep to the consent are asked for in one attempt."""
_REREADS = (0.0, 0.2, 1.0)
"""Seconds before each attempt to read the record again."""

FULFILLED = frozenset({Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED})


@dataclass(frozen=True, slots=True)
class Canceller:
    """Carries one `CancelOrder` out. The caller holds the lock of the order."""

    backend: SureBackend
    policy: Policy
    clock: Callable[[], datetime]
    rereads: tuple[float, ...] = _REREADS

    async def cancel(self, wanted: CancelOrder, *, tried_before: bool) -> CancelEnded | NoAnswer:
        """Attempt it. `NoAnswer` means that nothing was attempted; every other end is a `CancelEnded`.

        `tried_before`: an earlier attempt with the same request id may have taken effect unseen.
        """
        record = _Record(self, wanted)
        before = await record.read(patient=tried_before)
        if before is None:
            if tried_before:
                return self._end(record, Outcome.UNKNOWN, None)
            return NoAnswer(self.clock(), wanted.turn, record.trouble)
        if isinstance(before, _Gone):
            return self._end(record, Outcome.UNKNOWN if tried_before else Outcome.STAGE_MOVED, None)
        if before.stage is Stage.CANCELLED:
            outcome = _of_cancelled(before, ours=tried_before)
            return await self._settled(record, outcome, before, tried_before=tried_before)
        if not self._as_consented(wanted, before):
            return self._end(record, Outcome.STAGE_MOVED, before)
        return await self._attempt(record, before, tried_before=tried_before)

    async def _attempt(self, record: "_Record", before: Order, *, tried_before: bool) -> CancelEnded:
        """Ask the shop, and read what became of it.

        Where the record changed in a way that the consent does not mind, it is asked for anew.
        """
        for attempt in range(_VERSIONS):
            if record.wanted.by is None:
                record.asked_on, record.asked_read_at = before, record.read_at
            report = await self._ask(record.wanted, before, attempt)
            after = await record.read()
            if report is not CancelReport.STAGE_MOVED or not isinstance(after, Order):
                break
            if after.version == before.version or not self._as_consented(record.wanted, after):
                break
            before = after
        outcome = _outcome(report, after)
        if isinstance(after, _Gone):
            return self._end(record, outcome, None)
        return await self._settled(record, outcome, after, tried_before=tried_before)

    async def _settled(
        self, record: "_Record", outcome: Outcome, order: Order | None, *, tried_before: bool
    ) -> CancelEnded:
        """Cancelled by us, in a shop that leaves the money to us: give it back.

        `tried_before` counts even where the order was just seen open: a record may lag behind.
        """
        does = self.backend.capabilities
        if outcome is not Outcome.CANCELLED or order is None or does.refunds_itself:
            return self._end(record, outcome, order)

        async def read() -> Order | None:
            found = await record.read()
            return found if isinstance(found, Order) else None

        giving = GivingBack(self.backend, repeatable=does.refunds_once)
        order = await giving.give_back(order, record.wanted.request_id, read, tried_before=tried_before)
        if record.gone:
            return self._end(record, Outcome.UNKNOWN, None)
        if order.stage is not Stage.CANCELLED or order.partly_fulfilled:
            outcome = Outcome.CONFLICT
        return self._end(record, outcome, order)

    async def _ask(self, wanted: CancelOrder, before: Order, attempt: int) -> CancelReport | None:
        # An attempt of its own, and the same again when all of this is repeated.
        request_id = f"{wanted.request_id}.{attempt}" if attempt else wanted.request_id
        version = before.version if self.backend.capabilities.versioned else ""
        try:
            return await self.backend.cancel(
                before.number, expected=before.stage, request_id=request_id, version=version
            )
        except ShopUnreachable as error:
            _log.warning("an attempt to cancel got no answer", request=wanted.request_id, why=str(error))
            return None

    def _as_consented(self, wanted: CancelOrder, order: Order) -> bool:
        """Whether the record still is what the yes was to: by the same rule, unchanged, for the same money.

        The policy may be another than at the yes, after a restart.
        """
        if wanted.by is not None:  # an agent's decision, whatever the policy says
            return order.stage is wanted.seen.stage and stake(order) == stake(wanted.seen)
        verdict = self.policy.decide(order)
        said = (wanted.ruling or verdict.ruling, wanted.reason or verdict.reason)
        same = verdict.rule == wanted.rule and (verdict.ruling, verdict.reason) == said
        return verdict.ruling.may_cancel and same and stake(order) == stake(wanted.seen)

    def _end(self, record: "_Record", outcome: Outcome, order: Order | None) -> CancelEnded:
        read_at = None if order is None else record.read_at
        return CancelEnded(
            self.clock(), record.wanted.turn, outcome, order, read_at, record.asked_on, record.asked_read_at
        )


@dataclass(frozen=True, slots=True)
class _Gone:
    """The shop knows no such order any more, or not under this e-mail address."""


@dataclass(slots=True)
class _Record:
    """The readings of one attempt: when the order was seen last, and whether the last answer was another."""

    canceller: Canceller
    wanted: CancelOrder
    read_at: datetime | None = None
    gone: bool = False
    trouble: Trouble = Trouble.UNREACHABLE
    """Why the shop gave no answer, the last time."""
    asked_on: Order | None = None
    asked_read_at: datetime | None = None

    async def read(self, *, patient: bool = True) -> Order | _Gone | None:
        """The order now; `None` where the shop does not answer, `_Gone` where it is not this order.

        A silence is waited for in any case; what a moment does not mend only where `patient`, since then
        something may have taken effect already.
        """
        for pause in self.canceller.rereads:
            await asyncio.sleep(pause)
            try:
                order = await self.canceller.backend.find(self.wanted.number)
            except ShopUnreachable as error:
                self.trouble = kind(error)
                if patient or self.trouble is Trouble.UNREACHABLE:
                    continue
                return None
            self.gone = order is None or not order.belongs_to(self.wanted.number, self.wanted.email)
            if order is None or self.gone:
                return _Gone()
            self.read_at = self.canceller.clock()
            return order
        return None


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
