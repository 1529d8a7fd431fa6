"""Values a customer takes back: "not 1042 but 1043", "1043 instead of 1042", "1042, sorry, 1043"."""

import re
from collections.abc import Sequence
from functools import cache
from re import Pattern

from dialogs.understanding.spans import Found, replaced

NUMBER_MARKS = (0xE000, 0xE7FF)
EMAIL_MARKS = (0xE800, 0xEFFF)
"""Private-use signs that stand for a text's values; normalising has removed the text's own."""

_SMALL = (
    r"(?:the|a|my|order|orders|number|no\.?|nr\.?|one|el|la|mi|pedido|n[uú]mero|correo|email|with|con|for|de|del|at|to"
    r"|address)\s+"
)
_SLIP = (
    r"sorry|oops|ups|correction|correcci[oó]n|i\s+mean|i\s+meant|meant|no,?\s+wait|wait|wait,?\s+no|perd[oó]n|digo|quise\s+decir"
    r"|quer[ií]a\s+decir|mejor\s+dicho|me\s+equivoqu[eé]|rather(?!\s+than)|make\s+that|actually"
)
_NEGATION = (
    r"(?:not|isn'?t|is\s+not|it'?s\s+not|wasn'?t|was\s+not|aren'?t|never|no\s+es|no\s+era|ni|don'?t\s+cancel|do\s+not\s+cancel"
    r"|no\s+canceles)"
)


def withdrawn(text: str, found: Sequence[Found], marks: tuple[int, int]) -> frozenset[str]:
    """The values taken back among `found`, which are in ascending order and not more than 2,000.

    A single value beside "don't cancel" is not taken back: the order is meant.
    """
    if not found:
        return frozenset()
    signs = [chr(marks[0] + index) for index in range(len(found))]
    marked = replaced(text, found, signs).casefold()
    alone = len({place.value for place in found}) == 1
    gone: set[int] = set()
    for pattern in _patterns(marks, alone=alone):
        gone |= {ord(match[1]) - marks[0] for match in pattern.finditer(marked)}
    return frozenset(found[index].value for index in gone)


@cache
def _patterns(marks: tuple[int, int], *, alone: bool) -> tuple[Pattern[str], ...]:
    one = f"[{chr(marks[0])}-{chr(marks[1])}]"
    gap = rf"[^{chr(marks[0])}-{chr(marks[1])}.?!]"
    negation = _NEGATION.replace(r"|don'?t\s+cancel|do\s+not\s+cancel", "").replace(r"|no\s+canceles", "")
    wrong = (
        r"(?:wrong|incorrect|a\s+typo|a\s+mistake|old|not\s+(?:right|correct|mine|it|the)|incorrecto|equivocado"
        r"|err[oó]neo|mal)"
    )
    change = r"(?:change|replace|correct|cambia\w*)"
    lone = [
        rf"\b{negation if alone else _NEGATION}\s+(?:{_SMALL}){{0,4}}({one})",
        rf"({one})\s*(?:,\s*)?(?:is|was|are|es|era|est[aá])\s+(?:the\s+)?{wrong}",
    ]
    several = [
        rf"\b(?:instead\s+of|rather\s+than|en\s+(?:vez|lugar)\s+de)\s+(?:{_SMALL}){{0,4}}({one})",
        rf"({one})\s*,?\s*(?:should\s+(?:be|read)|deber[ií]a\s+ser|->|=>)\s+(?:{_SMALL}){{0,3}}(?={one})",
        rf"\b(?:from|de|del)\s+(?:{_SMALL}){{0,3}}({one})\s+(?:to|a|al|por)\s+(?:{_SMALL}){{0,3}}(?={one})",
        rf"\b{change}\s+(?:{_SMALL}){{0,3}}({one})\s+(?:to|with|by|into|a|por)\s+(?:{_SMALL}){{0,3}}(?={one})",
        rf"{one}\s*[,;.]?\s*(?:and\s+|y\s+)?no\s+(?:es\s+|era\s+)?(?:{_SMALL}){{0,3}}({one})",
        rf"\bno\s+(?:{_SMALL}){{0,3}}({one})\s*,?\s*(?:sino|but|it'?s)\b",
        rf"({one})\s*[,;.!-]*\s*(?:no\s*,?\s*)?(?:{_SLIP})\b{gap}{{0,30}}(?={one})(?!{one}{gap}{{0,12}}\binstead\s+of\b)",
        rf"\b(?:keep|leave|mant[eé]n|deja|conserva)\s+(?:{_SMALL}){{0,4}}({one})",
        rf"({one})\s+(?:is|are|es|est[aá])\s+(?:fine|ok|okay|good|bien)\b",
        rf"({one})\s+no\s*(?:[.,!]|$)",
        rf"({one})\s*[,;.!-]+\s*no\s*,\s*(?:it'?s\s+|es\s+|{_SMALL})*(?={one})",
    ]
    return tuple(map(re.compile, lone if alone else [*lone, *several]))
