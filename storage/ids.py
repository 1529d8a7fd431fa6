"""Ids that are unique and grow with time, made without asking the database."""

import secrets

_BITS = 20


class Ids:
    """Gives 63-bit integers: milliseconds since 1970, then 20 bits to tell processes and ids apart.

    Within one process they only grow, by one within a millisecond, from a number the process drew at random.
    Two processes meet only by chance, in the same millisecond, and then still in different conversations,
    which every key is led by.
    """

    def __init__(self) -> None:
        self._mine = secrets.randbits(_BITS)
        self._last = 0

    def next(self, at: int) -> int:
        """An id for something that happens at this time, in microseconds since 1970."""
        self._last = max((at // 1000 << _BITS) | self._mine, self._last + 1)
        return self._last
