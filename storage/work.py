"""Group commit: the turns that are ready share one transaction.

There is no timer. A turn that comes alone is written at once; while a batch is being written, the next one
gathers. A batch that fails is run again in halves until the culprit stands alone: its error goes to its
caller, the others are saved. Marks of work done travel with the next batch, or alone within 20 ms.
"""

import asyncio
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from itertools import islice

from storage.database import Database
from storage.dialect import Values
from storage.errors import StoreBusy, StoreError, StoreUnreachable
from storage.records import Result
from storage.rows import Prepared
from storage.writing import Contested, Outcome, judge_turns, write_turns

_BATCH = 256
_MARKS = 1_000
"""Marks written in one transaction; more wait for the next."""
_MARKS_WAIT = 0.02
"""Seconds: a kill in this window lets a message that was delivered be delivered once more."""
_RETRY = 1.0
"""Seconds until marks are tried again after the database failed."""


@dataclass(frozen=True, slots=True)
class _Waiting:
    turn: Prepared
    answer: asyncio.Future[Outcome]


class Committer:
    """Writes turns and marks into one database, a batch after the other; `limit` turns may wait."""

    def __init__(self, database: Database, *, limit: int) -> None:
        self._database = database
        self._limit = limit
        self._waiting: deque[_Waiting] = deque()
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
        self._waiting.append(_Waiting(turn, answer))
        self._start()
        outcome = await answer
        if isinstance(outcome, StoreError):
            raise outcome
        return outcome

    def settle(self, mark: Values) -> None:
        """Note that the work of this outbox key is done; it leaves the outbox within moments."""
        self._marks[mark] = None
        self._start_in(_MARKS_WAIT)

    async def close(self) -> None:
        """Write what waits, then take no more. Marks that cannot be written now are left to be done again."""
        self._closed = True
        self._cancel_timer()
        if self._waiting or self._marks:
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
            while self._waiting or (self._marks and not failed):
                batch = self._take()
                marks = list(islice(self._marks, _MARKS))
                failed = not await self._write(batch, marks)
                if not failed:
                    for mark in marks:
                        del self._marks[mark]
        finally:
            self._running = None
        if failed and self._marks and not self._closed:
            self._start_in(_RETRY)

    def _take(self) -> list[_Waiting]:
        """The next batch, sorted by key: a conversation's second turn waits for the next one."""
        batch: dict[str, _Waiting] = {}
        left: list[_Waiting] = []
        while self._waiting and len(batch) < _BATCH:
            one = self._waiting.popleft()
            if one.turn.key in batch:
                left.append(one)
            else:
                batch[one.turn.key] = one
        self._waiting.extendleft(reversed(left))
        return [batch[key] for key in sorted(batch)]

    async def _write(self, batch: Sequence[_Waiting], marks: Sequence[Values]) -> bool:
        """Whether the batch with its marks was committed as one; its turns have their answers in any case."""
        try:
            outcomes = await self._commit([one.turn for one in batch], marks)
        except StoreUnreachable as error:
            _refuse(batch, error)  # no turn's own fault: trying each alone would only take longer
            return False
        except Exception as error:  # noqa: BLE001 — whatever it is, it belongs to the culprit's caller
            await self._find_culprit(batch, error)
            return False
        for one, outcome in zip(batch, outcomes, strict=True):
            if not one.answer.done():
                one.answer.set_result(outcome)
        return True

    async def _commit(self, turns: Sequence[Prepared], marks: Sequence[Values]) -> list[Outcome]:
        try:
            return await self._database.write(partial(write_turns, turns=turns, marks=marks))
        except Contested:
            return await self._database.write(partial(judge_turns, turns=turns, marks=marks))

    async def _find_culprit(self, batch: Sequence[_Waiting], error: Exception) -> None:
        if len(batch) <= 1:
            _refuse(batch, error)
            return
        middle = len(batch) // 2
        await self._write(batch[:middle], ())
        await self._write(batch[middle:], ())


def _refuse(batch: Sequence[_Waiting], error: Exception) -> None:
    for one in batch:
        if not one.answer.done():
            one.answer.set_exception(error)
