"""How long to wait after a failure."""

import random

_dice = random.SystemRandom()


class Backoff:
    """Pauses that double up to a longest one, each shortened by chance, lest many come back at once."""

    def __init__(self, first: float, longest: float) -> None:
        self._first = first
        self._longest = longest
        self._next = first

    def pause(self) -> float:
        """Seconds to wait now: between half and all of the current pause."""
        pause = self._next
        self._next = min(self._longest, pause * 2)
        return pause * _dice.uniform(0.5, 1)

    def reset(self) -> None:
        """It worked: begin anew after the next failure."""
        self._next = self._first
