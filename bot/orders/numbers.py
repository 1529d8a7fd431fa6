"""Order numbers on their way into a shop's interface."""

import re
import unicodedata

_LONGEST = 64
_USUAL = re.compile(r"[\w-]+")
_SEPARATORS = str.maketrans("\\", "/")


def askable(number: str) -> str | None:
    """The number without spaces and leading '#', or `None` where no shop can have such an order.

    None can, where it is empty or longer than 64 characters, holds a control character or half a character,
    or would lead to another place as a part of a path.
    """
    plain = "".join(number.split()).lstrip("#")
    if not 0 < len(plain) <= _LONGEST:
        return None
    if _USUAL.fullmatch(plain):
        return plain
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in plain):
        return None
    return None if {".", ".."} & set(plain.translate(_SEPARATORS).split("/")) else plain
