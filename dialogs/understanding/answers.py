"""Yes, no and never mind, in many wordings.

A yes can cancel an order, so it is given only where nothing in the text speaks against it: no negation, no
"but", no question. A bare "cancel it" is not a yes: it is as well a new request, or what people type to get
out of a dialogue; "please cancel it" and "go ahead and cancel" are addressed to the question, so they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto

from dialogs.reading import Answer
from dialogs.understanding.lexicon import Lexicon

_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|100%|[.!,;:?\n]|[\ue000-\uefff]|[^\w\s]")
_LONGEST_PHRASE = 6
"""Words."""
_LONGEST_TEXT = 120
"""Tokens looked at: an answer stands at the beginning."""


class _Kind(Enum):
    YES = auto()
    YES_ALONE = auto()
    """A yes only where nothing else is told."""
    NO = auto()
    STOP = auto()
    STOP_ALONE = auto()
    """Never mind only where nothing else is said."""
    ACT = auto()
    PLEASE = auto()
    THANKS = auto()
    FILLER = auto()
    WHY = auto()
    """Why it is to be cancelled: nothing against a yes, and a no beside it is none."""
    DOUBT = auto()
    MARK = auto()
    """Stands for an order number or an address."""
    WORD = auto()
    QUESTION = auto()
    BREAK = auto()


@dataclass(frozen=True, slots=True)
class Answered:
    """`pure` if nothing else was said beside the answer."""

    answer: Answer | None = None
    stop: bool = False
    pure: bool = False


_PRECEDENCE = (
    _Kind.FILLER,
    _Kind.THANKS,
    _Kind.DOUBT,
    _Kind.WHY,
    _Kind.ACT,
    _Kind.YES_ALONE,
    _Kind.YES,
    _Kind.PLEASE,
    _Kind.STOP_ALONE,
    _Kind.NO,
    _Kind.STOP,
)
"""Of a phrase listed under several kinds, the last counts."""
_YESES = frozenset({_Kind.YES, _Kind.YES_ALONE})
_SILENT = frozenset({_Kind.FILLER, _Kind.THANKS, _Kind.BREAK, _Kind.PLEASE})
_AGAINST_YES = frozenset({_Kind.NO, _Kind.STOP, _Kind.DOUBT, _Kind.QUESTION})
_SAYS_MORE = frozenset({_Kind.WORD, _Kind.WHY, _Kind.DOUBT, _Kind.MARK, _Kind.ACT})


class Answers:
    """Reads answers by the lexicon's wordings: the longest phrase first, from left to right."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._negated_cancel = lexicon.negated_cancel
        self._phrases: dict[tuple[str, ...], _Kind] = {}
        for kind in _PRECEDENCE:
            for phrase in lexicon.answers[kind.name.casefold()]:
                self._phrases[tuple(_TOKEN.findall(phrase))] = kind
        self._starts = {words[0] for words in self._phrases}

    def read(self, folded: str) -> Answered:
        """The answer in a folded text whose numbers and addresses are private-use signs."""
        kinds = list(self._kinds(_TOKEN.findall(folded)[:_LONGEST_TEXT]))
        negated = self._negated_cancel.search(folded) is not None
        pure = bool(kinds) and not _SAYS_MORE.intersection(kinds)
        if negated or _stops(kinds):
            # "I changed my mind, please cancel it": two wishes at once are none.
            clear = negated or _Kind.ACT not in kinds
            return Answered(Answer.NO, stop=True, pure=pure) if clear else Answered()
        if _denies(kinds):
            return Answered(Answer.NO, pure=pure)
        if _affirms(kinds):
            return Answered(Answer.YES, pure=pure)
        return Answered()

    def _kinds(self, tokens: list[str]) -> Iterator[_Kind]:
        at = 0
        while at < len(tokens):
            length, kind = self._phrase_at(tokens, at)
            yield kind
            at += length

    def _phrase_at(self, tokens: list[str], at: int) -> tuple[int, _Kind]:
        if tokens[at] in self._starts:
            for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
                kind = self._phrases.get(tuple(tokens[at : at + length]))
                if kind is not None:
                    return length, kind
        return 1, _single(tokens[at])


def _single(sign: str) -> _Kind:
    if sign == "?":
        return _Kind.QUESTION
    if "\ue000" <= sign[0] <= "\uefff":
        return _Kind.MARK
    return _Kind.WORD if sign[0].isalnum() else _Kind.BREAK


def _stops(kinds: list[_Kind]) -> bool:
    if _Kind.STOP in kinds:
        return True
    said = [kind for kind in kinds if kind not in _SILENT]
    return _Kind.STOP_ALONE in said and set(said) <= {_Kind.STOP_ALONE, _Kind.NO, *_YESES}


def _denies(kinds: list[_Kind]) -> bool:
    """No where it opens a clause, unless the deed, a yes or nothing but a question follows."""
    opens = [index for index, kind in enumerate(kinds) if kind is _Kind.NO and _opens_clause(kinds, index)]
    if not opens:
        return False
    rest = kinds[opens[-1] + 1 :]
    if _Kind.WHY in kinds or _Kind.ACT in rest or _YESES.intersection(rest):
        return False
    return any(kind not in {*_SILENT, _Kind.QUESTION} for kind in rest) or _Kind.QUESTION not in rest


def _opens_clause(kinds: list[_Kind], index: int) -> bool:
    """Whether nothing but fillers, doubt and a yes stand before it in its clause."""
    for kind in reversed(kinds[:index]):
        if kind is _Kind.BREAK:
            return True
        if kind not in {*_SILENT, *_YESES, _Kind.DOUBT, _Kind.NO}:
            return False
    return True


def _affirms(kinds: list[_Kind]) -> bool:
    if _AGAINST_YES.intersection(kinds) or _Kind.STOP_ALONE in kinds:
        return False
    said = [kind for kind in kinds if kind not in {_Kind.FILLER, _Kind.THANKS, _Kind.BREAK, _Kind.WHY}]
    match said:
        case [_Kind.YES, *_]:
            return True
        case [_Kind.YES_ALONE, *rest]:
            # "OK, thanks" may only take note.
            return _Kind.WORD not in rest and (_Kind.THANKS not in kinds or _Kind.ACT in rest)
        case [_Kind.PLEASE, *rest] | [*rest, _Kind.PLEASE] if _Kind.ACT in rest:
            return set(rest) <= {_Kind.ACT, _Kind.PLEASE, *_YESES}
        case _:
            return False
