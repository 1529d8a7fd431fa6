"""One plain form for the many ways the same text can be encoded."""

import re
from unicodedata import category, combining, decimal, normalize

_QUOTES = str.maketrans(
    {
        **dict.fromkeys("\u2018\u2019\u201a\u201b\u2032\u02bc\u00b4`\u055a", "'"),
        **dict.fromkeys("\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033", '"'),
        **dict.fromkeys("\u2010\u2011\u2012\u2013\u2014\u2015\u2212\ufe58\ufe63", "-"),
        "\u3002": ".",
        "\u3001": ",",
        "\u060c": ",",
        "\u061f": "?",
        "\u00bf": " ",
        "\u00a1": " ",
    }
)
_DECORATION = frozenset("\ufe0e\ufe0f\U0001f3fb\U0001f3fc\U0001f3fd\U0001f3fe\U0001f3ff")
"""Variation selectors and skin tones."""
_SPACES = re.compile(r"[^\S\n]+")
_ENCLOSED = {first + offset: chr(65 + offset) for first in (0x1F150, 0x1F170) for offset in range(26)}


def normalise(text: str) -> str:
    """The text with every letter, digit, space, dash and quote in its plain form; lines are kept.

    Full-width and styled letters by Unicode's NFKC, digits of any script as ASCII, zero-width, control and
    private-use characters dropped. Accents stay.
    """
    if text.isascii():
        plain = text if text.isprintable() else "".join(map(_plain, text))
    else:
        # NFKC leaves the white-on-black alphabets alone: they count as symbols.
        plain = "".join(map(_plain, normalize("NFKC", text.translate(_QUOTES).translate(_ENCLOSED))))
        plain = plain.translate(_QUOTES)
    return _SPACES.sub(" ", plain).strip()


def fold(normal: str) -> str:
    """A normalised text without case and accents, for comparing words; the length may change."""
    lowered = normal.casefold()
    if lowered.isascii():
        return lowered
    return "".join(sign for sign in normalize("NFD", lowered) if not combining(sign))


def _plain(sign: str) -> str:
    if " " <= sign <= "~" or sign == "\n":
        return sign
    kind = category(sign)
    if kind == "Nd":
        return str(decimal(sign))
    if kind[0] == "Z" or sign in "\t\r\v\f":
        return "\n" if kind in ("Zl", "Zp") else " "
    if kind[0] == "C" or sign in _DECORATION:
        return ""
    return sign
