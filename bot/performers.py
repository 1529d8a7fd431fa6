"""Carries effects out: durable before, leased meanwhile, settled by the turn that takes the answer in."""

import asyncio
from collections.abc import AsyncGenerator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta

import structlog

from bot.cancelling import Canceller
from bot.deliveries import Deliveries, Parcel
from bot.guard import Guard
from bot.housekeeping import Housekeeping, Retention
from bot.ports import OrderBackend, ShopUnreachable
from bot.reception import Reception
from bot.shop_errors import kind
from bot.watching import Watching
from dialogs.effects import CancelOrder, LookUpOrder, WatchOrder
from dialogs.events import Event, OrderFound, OrderMissing, RecordContradicts, TimeCame
from dialogs.events import ShopUnreachable as NoAnswer
from storage.errors import StoreError
from storage.records import Deliver, Entry, Notify, Turn, Work
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

LEASE = timedelta(seconds=20)
"""How long a dead process's work is left alone; a living one renews its leases with every round."""
_ROUND = 0.5
"""Seconds between looks for due conversations and for work left by others."""
_LONGEST_ROUND = 10.0
"""The same while the store does not answer."""
_BATCH = 100
_LOCK_PAUSE = 0.25
_ATTEMPTS = 6
"""How often work that fails for no reason we know is begun; then a person is called."""


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
        keep: timedelta | None = None,
    ) -> None:
        """With `keep`, conversations that have been silent for so long are erased."""
        self._store = store
        self._reception = reception
        self._backend = backend
        self._canceller = canceller
        self._guard = guard
        self._deliveries = deliveries
        self._clock = clock
        self._watching = Watching(backend, clock)
        self._housekeeping = Housekeeping(store, guard, Retention(store, keep))
        self._held: set[int] = set()
        self._locked: set[str] = set()
        self._tasks: set[asyncio.Task[None]] = set()
        self._rounds: asyncio.Task[None] | None = None
        self._stopped = False
        deliveries.done = self._held.discard
        reception.dispatch = self.dispatch

    async def start(self) -> None:
        """Take up what was left unfinished, all of it, so that nothing new overtakes it; then go on."""
        while await self._take_up(self._clock()) == _BATCH:
            pass
        self._rounds = asyncio.create_task(self._keep_going_round())

    async def stop(self, seconds: float = 10.0) -> None:
        """Finish what is under way, and what follows from it; the rest is taken up at the next start."""
        loop = asyncio.get_running_loop()
        deadline = loop.time() + seconds
        while (busy := self._tasks | self._deliveries.tasks) and (left := deadline - loop.time()) > 0:
            await asyncio.wait(busy, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        self._stopped = True
        if self._rounds is not None:
            busy.add(self._rounds)
        for task in busy:
            task.cancel()
        await asyncio.gather(*busy, return_exceptions=True)

    @property
    def idle(self) -> bool:
        """Whether nothing is under way."""
        return not self._held

    def dispatch(self, turn: Turn, ids: Sequence[int]) -> None:
        """Take on work just saved. Never waits."""
        for work_id, piece in zip(ids, turn.work, strict=True):
            if not isinstance(piece, WatchOrder):  # it waits for its time
                self._begin(turn.key, work_id, piece, attempts=0, entries=turn.entries)

    def _begin(
        self, key: str, work_id: int, work: Work, attempts: int, entries: Sequence[Entry] = ()
    ) -> None:
        if self._stopped:
            return
        self._held.add(work_id)
        if isinstance(work, Deliver):
            at_hand = next((entry for entry in entries if entry.seq == work.seq), None)
            self._deliveries.add(Parcel(work_id, key, work.seq, at_hand))
            return
        self._go(self._perform(key, work_id, work, attempts))

    def _go(self, coroutine: Coroutine[object, object, None]) -> None:
        task = asyncio.create_task(coroutine)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _perform(
        self, key: str, work_id: int, work: LookUpOrder | CancelOrder | WatchOrder | Notify, attempts: int
    ) -> None:
        try:
            match work:
                case LookUpOrder():
                    await self._deliveries.typing(key)
                    await self._answer(key, work_id, await self._look_up(key, work))
                case CancelOrder():
                    await self._deliveries.typing(key)
                    await self._answer(key, work_id, await self._cancel(key, work, attempts))
                case WatchOrder():
                    await self._watch(key, work_id, work)
                case Notify(reason, reference):
                    _log.info("a person is wanted", conversation=key, reason=reason, reference=reference)
                    await self._store.settle(work_id, key)
        except StoreError as error:
            # The lease runs out and the work is taken up again: nothing is lost.
            _log.error("the store does not answer", conversation=key, error=str(error))
        except Exception:  # noqa: BLE001  a mistake of ours, whatever it is, must not keep the customer waiting
            _log.exception("work failed", conversation=key, work=type(work).__name__, attempts=attempts)
            await self._once_more(key, work_id, attempts)
        finally:
            self._held.discard(work_id)

    async def _once_more(self, key: str, work_id: int, attempts: int) -> None:
        """Let it be tried again after a pause, or call a person where it was tried often enough."""
        with suppress(StoreError):
            if attempts + 1 < _ATTEMPTS:
                pause = timedelta(seconds=2**attempts)
                await self._store.postpone(work_id, key, self._clock() + pause)
            else:
                await self._reception.hand_over(key, settles=(work_id,))

    async def _answer(self, key: str, work_id: int, event: Event) -> None:
        await self._reception.happen(key, event, settles=(work_id,))

    async def _watch(self, key: str, work_id: int, watched: WatchOrder) -> None:
        match await self._watching.look(watched):
            case RecordContradicts() as event:
                await self._answer(key, work_id, event)
            case datetime() as again:
                await self._store.postpone(work_id, key, again)
            case None:
                await self._store.settle(work_id, key)

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
        except ShopUnreachable as error:
            return NoAnswer(self._clock(), wanted.turn, kind(error))
        read_at = self._clock()
        if order is not None and order.belongs_to(wanted.number, wanted.email):
            return OrderFound(read_at, wanted.turn, order, read_at)
        await self._guard.missed(subjects)
        await self._guard.hold(began, delay, missed=True)
        return OrderMissing(self._clock(), wanted.turn)

    async def _cancel(self, key: str, wanted: CancelOrder, attempts: int) -> Event:
        """One attempt at a time an order, in every chat and process."""
        async with self._order(wanted.number):
            ended = await self._canceller.cancel(wanted, tried_before=attempts > 0)
        outcome = getattr(ended, "outcome", "not attempted")
        _log.info("attempt to cancel ended", conversation=key, outcome=outcome)
        return ended

    @asynccontextmanager
    async def _order(self, number: str) -> AsyncGenerator[None]:
        """The order is ours alone meanwhile. A holder that died loses it when its lease ends."""
        while not await self._store.lock_order(number, (now := self._clock()) + LEASE, now):  # noqa: ASYNC110  it may be held by another process
            await asyncio.sleep(_LOCK_PAUSE)
        self._locked.add(number)
        try:
            yield
        finally:
            self._locked.discard(number)
            self._go(self._unlock(number))  # the customer's answer need not wait for it

    async def _unlock(self, number: str) -> None:
        with suppress(StoreError):  # it ends by itself
            await self._store.unlock_order(number)

    # ---- rounds

    async def _keep_going_round(self) -> None:
        pause = _ROUND
        while True:
            await asyncio.sleep(pause)
            try:
                await self.go_round()
            except StoreError as error:
                _log.error("the store does not answer", error=str(error))
                pause = min(pause * 2, _LONGEST_ROUND)
            except Exception:  # noqa: BLE001  the rounds go on, whatever happens
                _log.exception("a round of due work failed")
            else:
                pause = _ROUND

    async def go_round(self) -> None:
        """One round: renew our leases, take up what nobody is at, wake what is due."""
        now = self._clock()
        await self._store.extend(tuple(self._held), now + LEASE)
        if self._locked:
            await self._store.extend_locks(tuple(self._locked), now + LEASE)
        await self._take_up(now)
        due = await self._store.due(now, _BATCH, LEASE)
        await asyncio.gather(*(self._wake(key, now) for key in due))
        await self._housekeeping.tidy(now)

    async def _take_up(self, now: datetime) -> int:
        """Begin what was left by others or postponed; how many pieces were found, at most a batch."""
        claimed = await self._store.claim(now, _BATCH, LEASE)
        for piece in claimed:
            if piece.id not in self._held:
                self._begin(piece.key, piece.id, piece.work, piece.attempts)
        return len(claimed)

    async def _wake(self, key: str, now: datetime) -> None:
        """Tell one conversation that its time has come; if that fails, again when its lease has ended."""
        try:
            await self._reception.happen(key, TimeCame(now))
        except Exception:  # noqa: BLE001  the others are woken all the same
            _log.exception("a conversation could not be woken", conversation=key)
