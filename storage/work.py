"""Group commit: the turns that are ready share one transaction.

There is no timer. A turn that comes alone is written at once; while a batch is being written, the next one
gathers. A batch that fails is run again in halves until the culprit stands alone: its error goes to its
caller, the others are saved. Marks of work done travel with the next batch, or alone within 20 ms; so does,
at once, whatever else may share its transaction.
"""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Generic, TypeAlias, TypeVar, cast

from sqlalchemy import Connection

from storage.database import Database
from storage.dialect import Values
from storage.errors import StoreBusy, StoreError, StoreUnreachable
from storage.records import Result
from storage.rows import Prepared
from storage.writing import Contested, Outcome, judge_turns, write_turns

T = TypeVar("T")
W = TypeVar("W")
A = TypeVar("A")
_Save: TypeAlias = Callable[[Connection, Sequence[Prepared], Sequence[Values]], list[Outcome]]
_BATCH = 256
_MARKS = 1_000
"""Marks written in one transaction; more wait for the next."""
_MARKS_WAIT = 0.02
"""Seconds: a kill in this window lets a message that was delivered be delivered once more."""
_RETRY = 1.0
"""Seconds until marks are tried again after the database failed."""


@dataclass(frozen=True, slots=True)
class _Asked(Generic[W, A]):
    what: W
    answer: asyncio.Future[A]


_Turn: TypeAlias = _Asked[Prepared, Outcome]
_Guest: TypeAlias = _Asked[Callable[[Connection], object], object]


class Committer:
    """Writes turns and marks into one database, a batch after the other; `limit` turns may wait."""

    def __init__(self, database: Database, *, limit: int) -> None:
        self._database = database
        self._limit = limit
        self._waiting: deque[_Turn] = deque()
        self._guests: list[_Guest] = []
        self._marks: dict[Values, None] = {}
        self._timer: asyncio.TimerHandle | None = None
        self._running: asyncio.Task[None] | None = None
        self._closed = False

    async def save(self, turn: Prepared) -> Result:
        """The result of the turn, once it is durable or known not to be saved.

        Raises `StoreBusy`, `StoreUnreachable`, or what is wrong with this turn.
        """
        if self._closed:
            raise StoreError("the store is closed")
        if len(self._waiting) >= self._limit:
            raise StoreBusy(f"{self._limit} turns wait to be written; try again in a moment")
        answer: asyncio.Future[Outcome] = asyncio.get_running_loop().create_future()
        self._waiting.append(_Asked(turn, answer))
        self._start()
        outcome = await answer
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    async def along(self, work: Callable[[Connection], T]) -> T:
        """Run `work` in the transaction of the next batch; what it gave, once that is durable."""
        if self._closed:
            raise StoreError("the store is closed")
        answer: asyncio.Future[object] = asyncio.get_running_loop().create_future()
        self._guests.append(_Asked(work, answer))
        self._start()
        return cast("T", await answer)  # it is what `work` gave

    def settle(self, mark: Values) -> None:
        """Note that the work of this outbox key is done; it leaves the outbox within moments."""
        self._marks[mark] = None
        self._start_in(_MARKS_WAIT)

    async def close(self) -> None:
        """Write what waits, then take no more. Marks that cannot be written now are left to be done again."""
        self._closed = True
        self._cancel_timer()
        if self._waiting or self._marks or self._guests:
            self._start()
        if self._running is not None:
            await self._running
        self._cancel_timer()

    def _start_in(self, seconds: float) -> None:
        if self._timer is None and self._running is None:
            self._timer = asyncio.get_running_loop().call_later(seconds, self._start)

    def _start(self) -> None:
        self._cancel_timer()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())

    def _cancel_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    async def _run(self) -> None:
        failed = False
        try:
            while self._waiting or self._guests or (self._marks and not failed):
                batch = self._take()
                guests, self._guests = self._guests, []
                marks = list(islice(self._marks, _MARKS))
                failed = not await self._write(batch, marks, guests)
                if not failed:
                    for mark in marks:
                        del self._marks[mark]
        finally:
            self._running = None
        if failed and self._marks and not self._closed:
            self._start_in(_RETRY)

    def _take(self) -> list[_Turn]:
        """The next batch, sorted by key: a conversation's second turn waits for the next one."""
        batch: dict[str, _Turn] = {}
        left: list[_Turn] = []
        while self._waiting and len(batch) < _BATCH:
            one = self._waiting.popleft()
            if one.what.key in batch:
                left.append(one)
            else:
                batch[one.what.key] = one
        self._waiting.extendleft(reversed(left))
        return [batch[key] for key in sorted(batch)]

    async def _write(
        self, batch: Sequence[_Turn], marks: Sequence[Values], guests: Sequence[_Guest] = ()
    ) -> bool:
        """Whether all was committed as one; its turns and guests have their answers in any case."""
        try:
            outcomes, given = await self._commit(batch, marks, guests)
        except StoreUnreachable as error:
            _refuse((*batch, *guests), error)  # nobody's own fault: trying each alone would only take longer
            return False
        except Exception as error:  # noqa: BLE001 — whatever it is, it belongs to the culprit's caller
            await self._find_culprit(batch, guests, error)
            return False
        _tell(batch, outcomes)
        _tell(guests, given)
        return True

    async def _commit(
        self, batch: Sequence[_Turn], marks: Sequence[Values], guests: Sequence[_Guest]
    ) -> tuple[list[Outcome], list[object]]:
        turns = [one.what for one in batch]

        def write(connection: Connection, save: _Save) -> tuple[list[Outcome], list[object]]:
            return save(connection, turns, marks), [guest.what(connection) for guest in guests]

        try:
            return await self._database.write(partial(write, save=write_turns))
        except Contested:
            return await self._database.write(partial(write, save=judge_turns))

    async def _find_culprit(self, batch: Sequence[_Turn], guests: Sequence[_Guest], error: Exception) -> None:
        if len(batch) + len(guests) == 1:
            _refuse((*batch, *guests), error)
            return
        for guest in guests:
            await self._write((), (), (guest,))
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            if half:
                await self._write(half, ())


def _tell(asked: Sequence[_Asked[W, A]], answers: Sequence[A]) -> None:
    for one, answer in zip(asked, answers, strict=True):
        if not one.answer.done():
            one.answer.set_result(answer)


def _refuse(asked: Iterable[_Turn | _Guest], error: Exception) -> None:
    for one in asked:
        if not one.answer.done():
            one.answer.set_exception(error)
