"""E-mail addresses in free text, also spelled out: `maria dot lopez at example dot com`."""

import re

from dialogs.understanding.spans import Found, overlaps

_COMMON_TLD = "com|net|org|edu|es|de|fr|it|eu|mx|ar|cl|co|uk|us|ca|in|io|info|test"
_PLAIN = re.compile(
    r"""(?<![\w.+%'-])[\w.+%'-]{1,64}\s?@\s?
        (?:\w[\w-]{0,62}(?:\.\w[\w-]{0,62}){0,6}\.[^\W\d_]{1,24}
          |\w[\w-]{0,62}(?:\s?[.,]\s?(?:""" + _COMMON_TLD + r"""))+)(?![\w@])""",
    re.VERBOSE | re.IGNORECASE,
)  # fmt: skip
_SPELLED_DOT = r"(?:\s*[(\[{<]\s*(?:dot|punto|point|\.)\s*[)\]}>]\s*|\s+(?:dot|punto|point)\s+)"
_SPELLED_JOIN = rf"(?:{_SPELLED_DOT}|\.|\s+(?:underscore|dash|hyphen|plus|gui[oó]n(?:\sbajo)?)\s+)"
_SPELLED = re.compile(
    rf"""(?<![\w.+-])(?P<local>\w[\w+-]{{0,40}}(?:{_SPELLED_JOIN}\w[\w+-]{{0,40}}){{0,4}})
        (?P<at>\s*[(\[{{<]\s*(?:at|arroba|@)\s*[)\]}}>]\s*|\s+(?:at|arroba)\s+|\s?@\s?)
        (?P<domain>\w[\w-]{{0,62}}(?:(?:{_SPELLED_DOT}|\.)\w[\w-]{{1,62}}){{0,4}}
        (?P<dot>{_SPELLED_DOT}|\.)[^\W\d_]{{2,24}})(?![\w@])""",
    re.VERBOSE | re.IGNORECASE,
)
_MAYBE_SPELLED = re.compile(r"\b(?:at|arroba)\b|@", re.IGNORECASE)
_WORDS = (
    (re.compile(_SPELLED_DOT, re.IGNORECASE), "."),
    (re.compile(r"\s+(?:underscore|gui[oó]n\sbajo)\s+", re.IGNORECASE), "_"),
    (re.compile(r"\s+(?:dash|hyphen|gui[oó]n)\s+", re.IGNORECASE), "-"),
    (re.compile(r"\s+plus\s+", re.IGNORECASE), "+"),
)
_NOT_A_NAME = frozenset(
    (
        "look",
        "looking",
        "shop",
        "shopped",
        "shopping",
        "buy",
        "bought",
        "order",
        "ordered",
        "purchase",
        "purchased",
        "arrive",
        "arrived",
        "me",
        "us",
        "it",
        "is",
        "be",
        "was",
        "them",
        "you",
        "here",
        "page",
        "store",
        "site",
        "live",
        "work",
        "paid",
        "pay",
        "checkout",
        "saw",
        "found",
    )
)
"""Words before "at" that tell where, not whose: "I bought it at example dot com"."""


def find_emails(text: str) -> list[Found]:
    """Addresses in a normalised text, in its order; values are lower case."""
    found = []
    if "@" in text:
        found = [place for match in _PLAIN.finditer(text) if (place := _plain(match))]
    if _MAYBE_SPELLED.search(text):
        taken = [(place.start, place.end) for place in found]
        found += [
            place
            for match in _SPELLED.finditer(text)
            if not overlaps(match.start(), match.end(), taken) and (place := _spelled(match))
        ]
    return sorted(found, key=lambda place: place.start)


def _plain(match: re.Match[str]) -> Found | None:
    return _found(match.start(), match.end(), re.sub(r"\s", "", match[0]).replace(",", "."))


def _spelled(match: re.Match[str]) -> Found | None:
    by_word = match["at"].strip().casefold() == "at"
    if by_word and (match["dot"] == "." or match["local"].casefold() in _NOT_A_NAME):
        return None
    local, domain = match["local"], match["domain"]
    for pattern, sign in _WORDS:
        local, domain = pattern.sub(sign, local), pattern.sub(sign, domain)
    return _found(match.start(), match.end(), f"{local}@{domain}")


def _found(start: int, end: int, address: str) -> Found | None:
    local, _, domain = address.partition("@")
    trimmed = local.lstrip(".'-%")
    if not trimmed or not domain:
        return None
    return Found(start + local.index(trimmed), end, f"{trimmed}@{domain}".casefold())
