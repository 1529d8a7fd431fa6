"""Places in a text."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Found:
    """A value and the half-open range of the text it was read from."""

    start: int
    end: int
    value: str


def overlaps(start: int, end: int, spans: Iterable[tuple[int, int]]) -> bool:
    """Whether the range shares a sign with any of the spans."""
    return any(start < stop and begin < end for begin, stop in spans)


def replaced(text: str, found: Sequence[Found], marks: Sequence[str]) -> str:
    """The text with each place, in ascending order, replaced by the mark of the same index."""
    pieces, last = [], 0
    for place, mark in zip(found, marks, strict=True):
        pieces += [text[last : place.start], mark]
        last = place.end
    return "".join([*pieces, text[last:]])
