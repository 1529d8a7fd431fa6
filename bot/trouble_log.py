"""What keeps a shop from answering, in the log: often enough to be seen, and no more."""

import time
from collections.abc import Callable

import structlog

from bot.ports import ShopUnreachable
from bot.shop_errors import trouble

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_QUIET = 60.0
"""Seconds in which trouble of one kind is logged once."""


class TroubleLog:
    """Logs what keeps a shop from answering: once a kind and minute, with how often it came meanwhile.

    What lasts until somebody acts is an error, anything else a warning. `now` counts seconds.
    """

    def __init__(self, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._last: dict[type[ShopUnreachable], float] = {}
        self._unsaid: dict[type[ShopUnreachable], int] = {}

    def __call__(self, error: ShopUnreachable, *, call: str) -> None:
        """Log this error, unless one of its kind was logged within the last minute; `call` is what failed."""
        kind, now = type(error), self._now()
        last = self._last.get(kind)
        if last is not None and now - last < _QUIET:
            self._unsaid[kind] = self._unsaid.get(kind, 0) + 1
            return
        self._last[kind] = now
        found = trouble(error)
        tell = _log.error if found.lasting else _log.warning
        tell(
            "the shop gave no answer that can be used",
            call=call,
            kind=kind.__name__,
            what=found.what,
            remedy=found.remedy,
            unsaid=self._unsaid.pop(kind, 0),
        )
