"""Guessing slows down: by order, chat and network address. A right pair is slowed too, never blocked."""

import asyncio
import math
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from storage.guesses import Subject
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Pace:
    """How much guesses slow down."""

    miss: float = 1.0
    """Seconds: a pair that does not match is answered at a multiple of these, whatever the reason."""
    free: int = 3
    """Wrong guesses that cost nothing."""
    most: float = 30.0
    """Seconds that a look-up waits at most."""
    memory: timedelta = timedelta(hours=1)


class Guard:
    """Counts wrong pairs in the store, so that every process and channel knows of them."""

    def __init__(
        self, store: Store, clock: Callable[[], datetime], digest: Callable[[str], str], pace: Pace
    ) -> None:
        self._store = store
        self._clock = clock
        self._digest = digest
        self.pace = pace

    def subjects(self, key: str, number: str, address: str | None) -> tuple[Subject, ...]:
        """Whose guesses are counted together for this look-up."""
        order = "".join(number.split()).lstrip("#").casefold()  # as `same_number` compares
        subjects = [("order", self._digest(order)), ("chat", self._digest(key))]
        if address is not None:
            subjects.append(("address", address))
        return tuple(subjects)

    async def delay(self, subjects: tuple[Subject, ...]) -> float:
        """Seconds before the answer to a look-up may be given, right or wrong."""
        counted = await self._store.guesses(subjects, self._clock() - self.pace.memory)
        most = max((count for count, _ in counted.values()), default=0)
        return 0.0 if most < self.pace.free else min(2.0 ** (most - self.pace.free), self.pace.most)

    async def missed(self, subjects: tuple[Subject, ...]) -> None:
        """Count a pair that did not match."""
        await self._store.note_guess(subjects, self._clock())

    async def forget(self) -> None:
        """Drop what was counted too long ago to matter."""
        await self._store.forget_guesses(self._clock() - self.pace.memory)

    async def hold(self, began: float, delay: float, *, missed: bool) -> None:
        """Wait until the answer may be given; `began` is the loop's time at which the look-up began.

        Unknown number and wrong e-mail take the same time: both wait for the next multiple of `pace.miss`,
        so that how long the shop took does not tell them apart.
        """
        loop = asyncio.get_running_loop()
        until = began + delay
        if missed and self.pace.miss > 0:
            steps = math.ceil((max(loop.time(), until) - began) / self.pace.miss)
            until = began + max(steps, 1) * self.pace.miss
        await asyncio.sleep(max(0.0, until - loop.time()))
