"""Carries effects out: durable before, leased meanwhile, settled by the turn that takes the answer in."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from bot.cancelling import Canceller
from bot.deliveries import Deliveries, Parcel
from bot.guard import Guard
from bot.ports import OrderBackend, ShopUnreachable
from bot.reception import Reception
from dialogs.effects import CancelOrder, LookUpOrder
from dialogs.events import Event, OrderFound, OrderMissing, TimeCame
from dialogs.events import ShopUnreachable as NoAnswer
from storage.errors import StoreError
from storage.records import Deliver, Notify, Work
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=60)
_ROUND = 0.5
"""Seconds between looks for due conversations and for work left by others."""
_BATCH = 100
_LOCK = timedelta(seconds=90)
_LOCK_PATIENCE = 20


class Performers:
    """Performs the work of every conversation that this process holds leases for."""

    def __init__(
        self,
        *,
        store: Store,
        reception: Reception,
        backend: OrderBackend,
        canceller: Canceller,
        guard: Guard,
        deliveries: Deliveries,
        clock: Callable[[], datetime],
    ) -> None:
        self._store = store
        self._reception = reception
        self._backend = backend
        self._canceller = canceller
        self._guard = guard
        self._deliveries = deliveries
        self._clock = clock
        self._held: set[int] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: asyncio.Task[None] | None = None
        deliveries.done = self._held.discard
        reception.dispatch = self.dispatch

    async def start(self) -> None:
        """Take up what was left unfinished, and go on doing so."""
        self._rounds = asyncio.create_task(self._keep_going_round())

    async def stop(self, seconds: float = 10.0) -> None:
        """Finish what is under way; what takes longer is taken up at the next start."""
        if self._rounds is not None:
            self._rounds.cancel()
            await asyncio.wait([self._rounds])
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=seconds)
        await self._deliveries.finish(seconds)
        for task in self._tasks:
            task.cancel()

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._held

    def dispatch(self, key: str, ids: Sequence[int], work: Sequence[Work]) -> None:
        """Take on work just saved. Never waits."""
        for work_id, piece in zip(ids, work, strict=True):
            self._begin(key, work_id, piece, attempts=0)

    def _begin(self, key: str, work_id: int, work: Work, attempts: int) -> None:
        self._held.add(work_id)
        if isinstance(work, Deliver):
            self._deliveries.add(Parcel(work_id, key, work.seq))
            return
        task = asyncio.create_task(self._perform(key, work_id, work, attempts))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(
        self, key: str, work_id: int, work: LookUpOrder | CancelOrder | Notify, attempts: int
    ) -> None:
        try:
            match work:
                case LookUpOrder():
                    await self._deliveries.typing(key)
                    await self._answer(key, work_id, await self._look_up(key, work))
                case CancelOrder():
                    await self._deliveries.typing(key)
                    await self._cancel(key, work_id, work, attempts)
                case Notify(reason, reference):
                    _log.info("a person is wanted", conversation=key, reason=reason, reference=reference)
                    await self._store.settle(work_id, key)
        except Exception:  # noqa: BLE001
            # The lease runs out and the work is taken up again: nothing is lost, and somebody should look.
            _log.exception("work failed", conversation=key, work=type(work).__name__)
        finally:
            self._held.discard(work_id)

    async def _answer(self, key: str, work_id: int, event: Event) -> None:
        await self._reception.happen(key, event, settles=(work_id,))

    async def _look_up(self, key: str, wanted: LookUpOrder) -> Event:
        """Read the order in real time; a wrong e-mail and an unknown number are one answer, at one time."""
        began = asyncio.get_running_loop().time()
        stored = await self._store.load(key)
        subjects = self._guard.subjects(key, wanted.number, stored.contact.address if stored else None)
        delay = await self._guard.delay(subjects)
        if delay:
            await self._guard.hold(began, delay, missed=False)
        try:
            order = await self._backend.find(wanted.number)
        except ShopUnreachable:
            return NoAnswer(self._clock(), wanted.turn)
        read_at = self._clock()
        if order is not None and order.belongs_to(wanted.number, wanted.email):
            return OrderFound(read_at, wanted.turn, order, read_at)
        await self._guard.missed(subjects)
        await self._guard.hold(began, delay, missed=True)
        return OrderMissing(self._clock(), wanted.turn)

    async def _cancel(self, key: str, work_id: int, wanted: CancelOrder, attempts: int) -> None:
        """One attempt at a time an order, in every chat and process."""
        for _ in range(_LOCK_PATIENCE):
            now = self._clock()
            if await self._store.lock_order(wanted.number, now + _LOCK, now):
                break
            await asyncio.sleep(0.25)
        else:
            await self._store.postpone(work_id, key, self._clock() + timedelta(seconds=2))
            return
        try:
            ended = await self._canceller.cancel(wanted, tried_before=attempts > 0)
        finally:
            await self._store.unlock_order(wanted.number)
        _log.info(
            "attempt to cancel ended", conversation=key, outcome=getattr(ended, "outcome", "not attempted")
        )
        await self._answer(key, work_id, ended)

    async def _keep_going_round(self) -> None:
        while True:
            try:
                await self.go_round()
            except StoreError as error:
                _log.error("the store does not answer", error=str(error))
            await asyncio.sleep(_ROUND)

    async def go_round(self) -> None:
        """One round: wake what is due, renew our leases, take up what nobody is at."""
        now = self._clock()
        for key in await self._store.due(now, _BATCH, LEASE):
            await self._reception.happen(key, TimeCame(now))
        if self._held:
            await self._store.extend(tuple(self._held), now + LEASE)
        for claimed in await self._store.claim(now, _BATCH, LEASE):
            if claimed.id not in self._held:
                self._begin(claimed.key, claimed.id, claimed.work, claimed.attempts + 1)
