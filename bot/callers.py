"""Where a request comes from, and how often somebody may come: for whatever is served over HTTP."""

import ipaddress
import time
from collections.abc import Callable
from math import floor

from aiohttp import web

_ROUNDING = 1e-6


class Throttle:
    """So many at once, and so many a second on average, for each of many (generic cell rate algorithm).

    Keeps one number for each: the moment its allowance would be whole again.
    """

    def __init__(
        self, rate: float, burst: int, *, most: int = 50_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._gap = 1 / rate
        self._slack = (burst - 1) * self._gap
        self._most = most
        self._clock = clock
        self._whole: dict[str, float] = {}

    def wait(self, who: str) -> float:
        """Take one; 0 if it was granted, otherwise the seconds after which it would be."""
        now = self._clock()
        whole = max(self._whole.get(who, now), now)
        early = whole - self._slack - now
        if early > _ROUNDING:
            return early
        self._whole[who] = whole + self._gap
        if len(self._whole) > self._most:
            self._forget(now)
        return 0.0

    def left(self, who: str) -> tuple[int, float]:
        """How many would be granted at once now, and the seconds until the allowance is whole again."""
        now = self._clock()
        early = max(self._whole.get(who, now) - now, 0.0)
        return max(0, floor((self._slack - early + _ROUNDING) / self._gap) + 1), early

    def _forget(self, now: float) -> None:
        """Drop those whose allowance is whole, and the first half if that is not enough."""
        self._whole = {who: whole for who, whole in self._whole.items() if whole > now}
        if len(self._whole) > self._most:
            self._whole = dict(list(self._whole.items())[self._most // 2 :])


def address_of(request: web.Request, *, trust_proxy: bool) -> str | None:
    """The visitor's network address.

    Behind a trusted proxy it is the last entry of X-Forwarded-For: the one the proxy itself wrote.
    """
    if trust_proxy:
        hops = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
        if hops:
            return hops
    return request.remote


def neighbourhood(address: str | None) -> str:
    """The part of an address that is limited as one: an IPv6 customer commonly holds a whole /64."""
    try:
        parsed = ipaddress.ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if parsed.version == 4:  # noqa: PLR2004 - the protocol's own name
        return str(parsed)
    return str(ipaddress.ip_network((parsed, 64), strict=False))
