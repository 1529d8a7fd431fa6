"""How fast messages may go out, so that Telegram need not refuse them.

About one message a second a chat, and 30 a second in all of what nobody asked for:
https://core.telegram.org/bots/faq#my-bot-is-hitting-limits. Answers to customers have more room, and how much
is not told: they leave at once, until Telegram asks for a pause. What nobody waits for gives way to them.
"""

import asyncio
import time
from collections.abc import Callable

from bot.ports import ChannelBusy

CHAT_RATE, CHAT_BURST = 1.0, 5
TOTAL_RATE, TOTAL_BURST = 30.0, 30
PATIENCE = 3.0
"""Seconds a message waits for its turn here; one that has to wait longer is handed back."""
_MANY = 4096


class Bucket:
    """A token bucket kept as one number: when it will be full again. Times are seconds of one clock."""

    def __init__(self, rate: float, burst: int) -> None:
        self._interval = 1 / rate
        self._slack = (burst - 1) * self._interval
        self.full_at = float("-inf")

    def wait(self, now: float) -> float:
        """Seconds until a token is there."""
        return max(0.0, self.full_at - self._slack - now)

    def take(self, now: float) -> None:
        """Take a token, if need be one that is still to come; who takes without waiting runs up no debt."""
        self.full_at = min(max(now, self.full_at) + self._interval, now + 2 * self._slack + self._interval)

    def until_half_full(self, now: float) -> float:
        """Seconds until at least half of the burst is left."""
        return max(0.0, self.full_at - self._slack / 2 - now)


class Pace:
    """The turns of all chats. What Telegram asked us to wait is kept here too."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._total = Bucket(TOTAL_RATE, TOTAL_BURST)
        self._chats: dict[int, Bucket] = {}
        self._held: dict[int, float] = {}
        self._all_held = float("-inf")
        self._line = float("-inf")

    async def turn(self, chat: int, *, awaited: bool = True) -> None:
        """Wait until a message may go to this chat. Raises `ChannelBusy` where that is too long.

        One that is not `awaited` by the customer keeps to the rate of all together, and half of that is left
        to those that are.
        """
        now = self._clock()
        bucket = self._bucket(chat, now)
        wait = max(self._hold(chat) - now, bucket.wait(now))
        if not awaited and (rush := self._total.until_half_full(now)):
            # Those sent away come back one after the other, not all at once.
            self._line = max(now, self._line) + 1 / TOTAL_RATE
            raise ChannelBusy(max(wait, rush, self._line - now))
        if wait > PATIENCE:
            raise ChannelBusy(wait)
        bucket.take(now)
        self._total.take(now)
        if wait > 0:
            await asyncio.sleep(wait)

    def spare(self, chat: int) -> bool:
        """Whether something unimportant may go out without making an answer wait."""
        now = self._clock()
        return self._hold(chat) <= now and not self._total.until_half_full(now)

    def hold(self, chat: int, seconds: float) -> None:
        """Telegram wants this chat left alone. Several chats at once mean that the whole bot is too fast."""
        now = self._clock()
        self._held = {other: until for other, until in self._held.items() if until > now}
        if any(other != chat for other in self._held):
            self._all_held = max(self._all_held, now + seconds)
        self._held[chat] = now + seconds

    def _hold(self, chat: int) -> float:
        return max(self._all_held, self._held.get(chat, self._all_held))

    def _bucket(self, chat: int, now: float) -> Bucket:
        if len(self._chats) >= _MANY:
            # A bucket that is full again is as good as a new one.
            self._chats = {key: bucket for key, bucket in self._chats.items() if bucket.full_at > now}
        if (bucket := self._chats.get(chat)) is None:
            bucket = self._chats[chat] = Bucket(CHAT_RATE, CHAT_BURST)
        return bucket
