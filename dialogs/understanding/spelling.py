"""The verb that matters most, put right where it is misspelt: "canel my order" is read as "cancel my order".

Nothing is cancelled by it: the customer is still asked, and a yes is never read from a word put right.
"""

import re
from collections.abc import Iterable
from functools import lru_cache

_SUSPECT = re.compile(r"[ackvx](?<!\w[ackvx])[a-z]{4,17}\b")
"""A word that may be meant for it: a first letter is seldom missed by more than a key.

That nothing stands before it is looked at second: so the search, which every text has, runs past most of it.
"""
_RUN = re.compile(r"([a-z])\1{2,}")
_FIRST_LETTERS = "ck"
"""What a word two slips away begins with."""
_TWO_SLIPS_FROM = 6
"""Letters: a shorter word two slips away is as likely another one."""
_NAMED_BELOW = 8
"""Letters: a shorter word behind "my" or "the" is the name of a thing."""
_LOOKED_BACK = 12
"""Signs before a word, in which the one before it stands."""
_REMEMBERED = 4096


class Spelling:
    """Knows the `right` forms, the `other` words that look like them, and what stands `before_names`."""

    def __init__(self, right: Iterable[str], other: Iterable[str], before_names: Iterable[str]) -> None:
        self._right = tuple(sorted(right))
        self._other = frozenset(other)
        self._before_names = frozenset(before_names)
        self._meant = lru_cache(maxsize=_REMEMBERED)(self._nearest)

    def mended(self, folded: str) -> str:
        """The folded text with every form that is misspelt put right."""
        return _SUSPECT.sub(self._put_right, folded)

    def _put_right(self, found: re.Match[str]) -> str:
        word = found[0]
        meant = self._meant(word)
        if meant == word or len(word) >= _NAMED_BELOW:
            return meant
        start = found.start()
        before = found.string[max(start - _LOOKED_BACK, 0) : start].split()
        return word if before and before[-1] in self._before_names else meant

    def _nearest(self, word: str) -> str:
        """The form that is meant by a word: one slip away, or two in a longer one; else the word itself."""
        if word in self._right or word in self._other:
            return word
        plain = _RUN.sub(r"\1", word)
        allowed = 2 if len(plain) >= _TWO_SLIPS_FROM and plain[0] in _FIRST_LETTERS else 1
        near = [
            (slips, sorted(form) != sorted(plain), form[-1] != plain[-1], form)
            for form in self._right
            if abs(len(form) - len(plain)) <= allowed and (slips := _slips(plain, form)) <= allowed
        ]
        return min(near)[-1] if near else word


def _slips(word: str, form: str) -> int:
    """Letters missed, added, mistaken, or changed about with the next one: the least that explains it."""
    before: list[int] = []
    row = list(range(len(form) + 1))
    for i, letter in enumerate(word, 1):
        earlier, before, row = before, row, [i]
        for j, wanted in enumerate(form, 1):
            slips = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != wanted))
            if i > 1 and j > 1 and letter == form[j - 2] and word[i - 2] == wanted:
                slips = min(slips, earlier[j - 2] + 1)
            row.append(slips)
    return row[-1]
