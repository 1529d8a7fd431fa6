"""What in a text has the shape of an order number, before anything beside it is looked at."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from re import Match, Pattern

ORDER_WORD = (
    r"(?:orders?|order\s?(?:no|nr|id|number)|ord|purchases?|pedidos?|[oó]rden(?:es)?|compras?|bestellung(?:en)?"
    r"|bestellnummer|commandes?)"
)
NUMBER_WORD = (
    r"(?:nos?|nrs?|nums?|numbers?|n[uú]meros?|n[uú]ms?|n\.?o|n|ids?|ref|reference|referencia|code|c[oó]digo)"
)

# Grouped digits, or a run of letters and digits with inner hyphens, strokes and underscores.
_BY_SHAPE = re.compile(
    r"""\#?(?<![\w.,-])(?:\d{3}\s\d{7}\s\d{7}|\d{1,3}(?P<comma>[ ,.])\d{3}(?:(?P=comma)\d{3}){0,3})
       (?![\w-]|[.,]\d)
    |(?:\#|(?<!\w))(?=[a-z_/-]{0,16}\d)[a-z\d_](?:\w|-(?=\w)|(?:(?<!\d{4})|(?<=\b(?:19|20)\d\d))/(?=\w)){0,39}""",
    re.VERBOSE | re.IGNORECASE,
)
# "NR12345" is a number of that name; "nr12345" and "ORDER12345" are words stuck to one.
_STUCK = re.compile(
    rf"(?:[Nn]o|[Nn]r|[Nn]um|[Oo]rd|(?i:(?!ord[-_\d]){ORDER_WORD})[-_]?)(?=\d+(?:-\d+)*$)",
)
_NAMED = re.compile(rf"(?:(?:{ORDER_WORD}|{NUMBER_WORD})[.:=-]?)?#?", re.IGNORECASE)
_WORD = re.compile(r"[^\s,;|&\"<>()\[\]\x00]+")
_EDGES = ".,:;!?*_'`"
_LONGEST = 40
_AT_MOST = 40
_WORDS_AT_MOST = 300


@dataclass(frozen=True, slots=True)
class Candidate:
    """`value` is without '#', spaces and a word stuck to it; `grouped` if commas parted thousands."""

    start: int
    end: int
    value: str
    hashed: bool
    grouped: bool = False

    @property
    def digits(self) -> int:
        """How many digits it has."""
        return sum(map(str.isdecimal, self.value))


def by_shape(text: str) -> Iterator[Candidate]:
    """At most 40 candidates of a normalised text, left to right."""
    return islice(map(_shaped, _BY_SHAPE.finditer(text)), _AT_MOST)


def by_pattern(text: str, pattern: Pattern[str]) -> Iterator[Candidate]:
    """What the shop's own pattern matches in full, in one to three neighbouring words, longest first."""
    words = list(islice(_WORD.finditer(text), _WORDS_AT_MOST))
    for first, word in enumerate(words):
        for last in words[first : first + 3][::-1]:
            between = text[word.end() : last.start()]
            candidate = _matched(word.start(), text[word.start() : last.end()], pattern)
            if candidate is not None and not between.strip().strip("#/-" + _alphanumerics(between)):
                yield candidate
                break


def _alphanumerics(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _shaped(match: Match[str]) -> Candidate:
    value = "".join(match[0].split()).strip("#_-/")
    comma = match["comma"]
    if comma in (",", "."):
        value = value.replace(comma, "")
    value = _STUCK.sub("", value, count=1)
    return Candidate(match.start(), match.end(), value, match[0].startswith("#"), comma in (",", "."))


def _matched(start: int, written: str, pattern: Pattern[str]) -> Candidate | None:
    trimmed = written.strip(_EDGES)
    begin = start + written.index(trimmed)
    joined = "".join(trimmed.split())
    if not joined or len(joined) > _LONGEST:
        return None
    named = _NAMED.match(joined)
    for skip in sorted({0, len(joined) - len(joined.lstrip("#")), named.end() if named else 0}):
        if pattern.fullmatch(joined, skip) and _is_no_word(joined[skip:]):
            return Candidate(begin, begin + len(trimmed), joined[skip:], "#" in joined[:skip])
    return None


def _is_no_word(value: str) -> bool:
    """Whether it has a digit, or is in capitals and not "ORDER" or the like: a pattern may allow letters."""
    if any(map(str.isdecimal, value)):
        return True
    named = _NAMED.fullmatch(value)
    return value.isupper() and named is None
