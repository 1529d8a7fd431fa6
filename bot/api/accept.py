"""Whether a client takes JSON, by its Accept header (RFC 9110, section 12.5.1)."""

import re
from itertools import chain

_RANK = {"*/*": 0, "application/*": 1, "application/json": 2}
_WEIGHT = re.compile(r"(?:^|;)\s*q\s*=\s*(\d(?:\.\d{0,3})?)\s*(?:;|$)", re.IGNORECASE | re.ASCII)


def takes_json(headers: list[str]) -> bool:
    """Whether JSON is among what these Accept headers ask for; without one, everything is."""
    ranges = chain.from_iterable(header.split(",") for header in headers)
    best, weight, named = -1, 0.0, False
    for each in ranges:
        kind, _, parameters = each.partition(";")
        named = named or bool(kind.strip())
        rank = _RANK.get(kind.strip().lower(), -1)
        if rank > best:  # the range that names it most closely decides
            best, weight = rank, _weight(parameters)
    return weight > 0 or not named


def _weight(parameters: str) -> float:
    found = _WEIGHT.search(parameters)
    return 1.0 if found is None else float(found[1])
