"""A payment method named in a text."""

import re
from collections.abc import Mapping, Sequence

from dialogs.understanding.normalise import fold, normalise


class Methods:
    """Finds spoken names of payment methods; of several the longest, then the first in the text.

    A name behind `not_this` is not meant: "by card, not PayPal".
    """

    def __init__(self, names: Mapping[str, Sequence[str]], not_this: re.Pattern[str]) -> None:
        self._not_this = not_this
        self._keys = {
            " ".join(fold(normalise(name)).split()): key
            for key, spoken in names.items()
            for name in spoken
            if name.strip()
        }
        longest_first = sorted(self._keys, key=len, reverse=True)
        bodies = "|".join(re.escape(name).replace(r"\ ", r"[\s-]+") for name in longest_first)
        self._pattern = re.compile(rf"(?<!\w)(?:{bodies})(?!\w)") if bodies else None

    def named(self, folded: str) -> str | None:
        """The key of the method a folded text names, if it names one."""
        if self._pattern is None:
            return None
        meant = (m for m in self._pattern.finditer(folded) if not self._not_this.search(folded[: m.start()]))
        found = [re.sub(r"[\s-]+", " ", match[0]) for match in meant]
        keys = [(len(name), self._keys.get(name) or self._hyphened(name)) for name in found]
        return max(keys, key=lambda pair: pair[0])[1] if keys else None

    def _hyphened(self, name: str) -> str | None:
        return next((key for spoken, key in self._keys.items() if spoken.replace("-", " ") == name), None)
