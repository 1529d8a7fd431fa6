"""Ids that are unique and grow with time, made without asking the database."""

import secrets

_RANDOM_BITS = 20


class Ids:
    """Gives 63-bit integers: milliseconds since 1970, then 20 bits that start at random and count up.

    Within one process they only grow. Two processes can meet only in the same millisecond, by chance, and
    then still in different conversations, which every key is led by.
    """

    def __init__(self) -> None:
        self._last = 0

    def next(self, at: int) -> int:
        """An id for something that happens at this time, in microseconds since 1970."""
        fresh = (at // 1000 << _RANDOM_BITS) | secrets.randbits(_RANDOM_BITS - 1)
        self._last = max(fresh, self._last + 1)
        return self._last
