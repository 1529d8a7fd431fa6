"""What keeps an ailing shop from being asked too often: a circuit breaker and a budget for repeats."""

from collections.abc import Callable


class Circuit:
    """Opens after `failures` in a row, for `outage` seconds; then lets one call through at a time.

    `clock` gives seconds that never go back. Every call that was admitted ends in `worked`, `failed` or
    `released`.
    """

    def __init__(self, failures: int, outage: float, clock: Callable[[], float]) -> None:
        self._limit = failures
        self._outage = outage
        self._clock = clock
        self._failures = 0
        self._until = 0.0

    @property
    def closed_for(self) -> float:
        """Seconds for which no call is let through; 0 where one may be made now."""
        return max(0.0, self._until - self._clock()) if self._failures >= self._limit else 0.0

    def admit(self) -> bool:
        """Whether a call may be made. Of an open circuit only one may, and the next an outage later."""
        if self._failures < self._limit:
            return True
        if self.closed_for:
            return False
        self._until = self._clock() + self._outage
        return True

    def worked(self) -> None:
        """The shop answered: every call may be made again."""
        self._failures = 0

    def failed(self) -> None:
        """No answer."""
        self._failures += 1
        self._until = self._clock() + self._outage

    def released(self) -> None:
        """The call was given up before it showed anything: the next one may try."""
        self._until = self._clock()


class RepeatBudget:
    """At most `most` repeats at a stretch, and in the long run one for every five calls.

    Repeats help against a hiccup; in an outage they would only multiply the load.
    """

    _EARNED = 0.2

    def __init__(self, most: int = 10) -> None:
        self._most = most
        self._left = float(most)

    def earn(self) -> None:
        """A call was asked for."""
        self._left = min(float(self._most), self._left + self._EARNED)

    def spend(self) -> bool:
        """Whether one more repeat is in the budget, and if so, take it out."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
