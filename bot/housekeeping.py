"""What is kept for a while only is forgotten in time."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.guard import Guard
from storage.audit import Record
from storage.erasing import Erasure
from storage.store import Store
from storage.times import micros

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_EVERY = timedelta(minutes=10)
SEEN_FOR = timedelta(days=7)
"""How long an update that comes again is known: Telegram repeats one for a day, a browser tab for longer."""
_LOOK = timedelta(hours=1)
"""From the end of one look through all conversations to the next."""
_AT_ONCE = 100
"""Conversations erased in a row: what else is due waits no longer than for these, well under a second."""
BY_TIME = "retention"
"""Who erased a conversation, in the audit log, where nobody did by hand."""


@dataclass(slots=True)
class Retention:
    """Erases conversations that have been silent for `keep`; `None`: they are kept for good."""

    store: Store
    keep: timedelta | None
    _next: datetime | None = None
    _after: str = ""
    _erased: int = 0

    async def go_on(self, now: datetime) -> None:
        """Look at some conversations, where it is time for it. Cheap to call often."""
        if self.keep is None or (self._next is not None and now < self._next):
            return
        before = now - self.keep
        keys, more = await self.store.erasures.quiet(before, self._after)
        for key in keys[:_AT_ONCE]:
            record = Record(key, micros(now), BY_TIME, BY_TIME, "", {"days": f"{self.keep / timedelta(1):g}"})
            erased = await self.store.erasures.erase(record, quiet_since=before)
            self._erased += erased is Erasure.ERASED
        if len(keys) > _AT_ONCE:
            self._after = keys[_AT_ONCE - 1]
        elif more is not None:
            self._after = more
        else:
            await self._end(now)

    async def _end(self, now: datetime) -> None:
        erased, self._erased, self._after, self._next = self._erased, 0, "", now + _LOOK
        if erased:
            _log.info("conversations erased", count=erased)
            await self.store.erasures.scrub()


@dataclass(slots=True)
class Housekeeping:
    """Forgets old ids of updates, old guesses and old conversations, now and then."""

    store: Store
    guard: Guard
    retention: Retention
    _next: datetime | None = None

    async def tidy(self, now: datetime) -> None:
        """Do what is due. Cheap to call often."""
        await self.retention.go_on(now)
        if self._next is not None and now < self._next:
            return
        self._next = now + _EVERY
        await self.store.forget_seen(now - SEEN_FOR)
        await self.guard.forget()
