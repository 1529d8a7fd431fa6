"""How fast we write into a group: Telegram lets a bot send 20 messages a minute to one.

The first few leave at once; then one at a time with a pause between, in which what is new gathers and goes
together. Customers' chats have their own pace, which this one never touches.
"""

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field

MOST, WINDOW = 19, 60.0
"""So many calls in so many seconds: one fewer than Telegram allows, for its clock is not ours."""
_AT_ONCE = 6
_BETWEEN = 3.0


@dataclass(slots=True)
class GroupPace:
    """The calls of one group. Everything that shows in the group counts, what only acts on it, too."""

    clock: Callable[[], float] = time.monotonic
    pause: Callable[[float], Awaitable[None]] = asyncio.sleep
    _made: deque[float] = field(default_factory=deque)
    _held_until: float = float("-inf")

    async def turn(self) -> None:
        """Return once a call may be made."""
        while (wait := self._wait()) > 0:
            await self.pause(wait)

    def room(self) -> int:
        """How many calls may be made now."""
        self._forget(self.clock())
        return max(0, MOST - len(self._made))

    def took(self, calls: int = 1) -> None:
        """Note calls as they are made."""
        self._made.extend([self.clock()] * calls)

    def hold(self, seconds: float) -> None:
        """Telegram, or an outage, wants this group left alone for so long."""
        self._held_until = max(self._held_until, self.clock() + seconds)

    def _wait(self) -> float:
        now = self.clock()
        self._forget(now)
        wait = self._held_until - now
        if len(self._made) >= MOST:
            wait = max(wait, self._made[len(self._made) - MOST] + WINDOW - now)
        if len(self._made) >= _AT_ONCE:
            wait = max(wait, self._made[-1] + _BETWEEN - now)
        return wait

    def _forget(self, now: float) -> None:
        while self._made and self._made[0] + WINDOW <= now:
            self._made.popleft()
