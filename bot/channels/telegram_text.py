"""Text within Telegram's limits, which count UTF-16 code units."""

import unicodedata

LIMIT = 4096
"""Units in one message: https://core.telegram.org/bots/api#sendmessage."""

_BREAKS = ("\n\n", "\n", ". ", " ")
_JOINER = "\u200d"
_REACH = 64
"""How many characters of one emoji or accented letter are looked through for its beginning."""


def units(text: str) -> int:
    """The length of a text in UTF-16 code units; it must hold no lone surrogate."""
    return len(text.encode("utf-16-le")) // 2


def sound(text: str) -> str:
    """The text with halves of a surrogate pair joined, and lone ones replaced: neither can be sent."""
    if text.isascii():
        return text
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def split(text: str, limit: int = LIMIT) -> list[str]:
    """Cut a text into parts of at most `limit` units (2 or more); joined, they are the text again.

    Cuts between paragraphs, else lines, sentences, words, and inside a word only where it alone is too long.
    """
    if 2 * len(text) <= limit:  # a character is two units at most
        return [text]
    parts = []
    while units(text) > limit:
        cut = _cut(text, _fitting(text, limit))
        parts.append(text[:cut])
        text = text[cut:]
    return [*parts, text]


def _fitting(text: str, limit: int) -> int:
    """How many characters of the text fit."""
    room = limit
    for index, char in enumerate(text):
        room -= 2 if char > "\uffff" else 1
        if room < 0:
            return index
    return len(text)


def _cut(text: str, most: int) -> int:
    """Where to cut, at most `most`: at the best break that does not leave a part less than half full."""
    for mark in _BREAKS:
        at = text.rfind(mark, 0, most)
        if at >= most // 2 or (mark == " " and at > 0):
            return at + len(mark)
    return _between_signs(text, most)


def _between_signs(text: str, most: int) -> int:
    for at in range(most, max(most - _REACH, 0), -1):
        if not _inside_a_sign(text, at):
            return at
    return most


def _inside_a_sign(text: str, at: int) -> bool:
    """Whether a cut there would take an accent, a skin tone, or one of a family of emoji from its sign."""
    before, after = text[at - 1], text[at]
    if _JOINER in (before, after) or "\U0001f3fb" <= after <= "\U0001f3ff":
        return True
    if unicodedata.category(after) in {"Mn", "Me", "Mc"}:
        return True
    return _is_flag_half(after) and _flag_halves_before(text, at) % 2 == 1


def _is_flag_half(char: str) -> bool:
    return "\U0001f1e6" <= char <= "\U0001f1ff"


def _flag_halves_before(text: str, at: int) -> int:
    start = at
    while start > 0 and _is_flag_half(text[start - 1]):
        start -= 1
    return at - start
