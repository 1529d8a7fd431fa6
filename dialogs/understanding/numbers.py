"""Order numbers in free text, by what they look like and what stands before them."""

import re
from re import Pattern

from dialogs.understanding.candidates import NUMBER_WORD, ORDER_WORD, Candidate, by_pattern, by_shape
from dialogs.understanding.not_numbers import (
    Spans,
    hardly_numbers,
    is_card_number,
    named_otherwise,
    never_numbers,
)
from dialogs.understanding.spans import Found, overlaps

_BETWEEN = rf"(?:\s|[\#:=.,\"'(*°-]|\b(?:{NUMBER_WORD}|is|are|was|the|called|numbered|con|el|es|son)\b)"
_CALLED_ORDER = re.compile(rf"(?<![\w-]){ORDER_WORD}(?![^\W\d_]){_BETWEEN}{{0,12}}$", re.IGNORECASE)
_CALLED_NUMBER = re.compile(
    rf"(?<![\w-])(?:{NUMBER_WORD}|confirmation)(?:\s|[\#:=.\"'°-]|\b(?:is|es|was)\b){{0,6}}$", re.IGNORECASE
)
_MARKER = re.compile(rf"(?<=[rRsSdDoOaAnN]\s){NUMBER_WORD}[\s.:\#°]*$|\#\s*$", re.IGNORECASE)
_TO_CANCEL = re.compile(r"\b(?:cancel|cancle|cancelar|cancel[ae]|anular?|anule)\s$", re.IGNORECASE)
_IT_IS = re.compile(r"^\W*(?:it'?s|it\sis|this\sis|that'?s|es(?:\sel)?)\s", re.IGNORECASE)
_ENDS = re.compile(r"\s*(?:$|[.,;:!?\n]|please\b|pls\b|por\sfavor\b)", re.IGNORECASE)
_SERIES = re.compile(r"[A-Za-z]{1,4}-\d{2,}")
"""A short series: A-77."""
_LONGEST_CALL = 48
_LISTED = re.compile(r"(?:\s|[,;/&+]|\b(?:and|or|y|e|o|u|und|also|plus)\b){1,6}", re.IGNORECASE)
_UNCALLED = range(4, 21)
"""How many digits a number has where nothing calls it one."""


def find_numbers(text: str, pattern: Pattern[str] | None = None) -> list[Found]:
    """Order numbers in a normalised text without addresses, in its order; letters stay as written.

    With `pattern`, only what it matches in full is a number. The place of a number takes in "no." or
    "number" before it, not the word "order".
    """
    if pattern is None and not any(map(str.isdecimal, text)):
        return []
    judge = _Judge(text)
    found: list[Found] = []
    for candidate in by_shape(text) if pattern is None else by_pattern(text, pattern):
        if found and candidate.start < found[-1].end:
            continue
        if judge.accepts(candidate, own_pattern=pattern is not None):
            found.append(Found(_marked_from(text, candidate.start), candidate.end, candidate.value))
    return found


class _Judge:
    """Decides about the candidates of one text from left to right."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._never = never_numbers(text)
        self._hardly: Spans | None = None
        self._last: Candidate | None = None
        self._last_called = False

    def accepts(self, it: Candidate, *, own_pattern: bool) -> bool:
        """Whether this is an order number; a card's number never is, an "order 12" always."""
        if own_pattern and not it.value.isdecimal():
            return True
        if overlaps(it.start, it.end, self._never) or is_card_number(it.value):
            return False
        before = self._text[max(0, it.start - _LONGEST_CALL) : it.start]
        listed = self._listed(it)
        called = _CALLED_ORDER.search(before) is not None or (listed and self._last_called)
        if not self._plausible(it, before, called=called, listed=listed, own_pattern=own_pattern):
            return False
        self._last, self._last_called = it, called
        return True

    def _plausible(
        self, it: Candidate, before: str, *, called: bool, listed: bool, own_pattern: bool
    ) -> bool:
        series = _SERIES.fullmatch(it.value) is not None
        enough = 1 if own_pattern else 2 if series else 3
        few = 2 if it.value.isdecimal() and not listed and not own_pattern else enough
        if self._alone(it):
            return it.digits >= few or it.hashed
        if called or self._to_cancel(it, before):
            return it.digits >= few
        if named_otherwise(self._text, it.start):
            return False
        if it.hashed:
            return it.digits >= enough
        if it.grouped or self._is_hardly_one(it):
            return False
        if _CALLED_NUMBER.search(before) or listed:
            return it.digits >= enough
        return own_pattern or it.digits in _UNCALLED

    def _to_cancel(self, it: Candidate, before: str) -> bool:
        """Whether it is what is to be cancelled, and not how many or what size of something."""
        return _TO_CANCEL.search(before) is not None and _ENDS.match(self._text, it.end) is not None

    def _is_hardly_one(self, it: Candidate) -> bool:
        if self._hardly is None:
            self._hardly = hardly_numbers(self._text)
        return overlaps(it.start, it.end, self._hardly)

    def _alone(self, it: Candidate) -> bool:
        before = _IT_IS.sub("", self._text[: it.start])
        return not any(map(str.isalnum, before)) and not any(map(str.isalnum, self._text[it.end :]))

    def _listed(self, it: Candidate) -> bool:
        if self._last is None:
            return False
        between = self._text[self._last.end : it.start]
        return len(between) <= _LONGEST_CALL and _LISTED.fullmatch(between) is not None


def _marked_from(text: str, start: int) -> int:
    """Where "no." or "#" before a number begins, if the word "order" stands before that."""
    begin = max(0, start - _LONGEST_CALL)
    match = _MARKER.search(text[begin:start])
    return begin + match.start() if match else start
