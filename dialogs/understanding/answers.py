"""Yes, no and never mind, in many wordings.

A yes can cancel an order, so it is given only where every word of the text is known to go with it: "yes, I
need it by Friday" begins with one and is none. A bare "cancel it" is not a yes: it is as well a new request,
or what people type to get out of a dialogue; "please cancel it" and "go ahead and cancel" are addressed to
the question, so they are.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum, auto
from unicodedata import category

from dialogs.reading import Answer
from dialogs.understanding.lexicon import Lexicon

_TOKEN = re.compile(r"[^\W_]+(?:['-][^\W_]+)*|100%|[.!,;:?\n]|[\ue000-\uefff]|[^\w\s]")
_AND = "y"
"""A yes by itself; beside other words it is the Spanish "and"."""
_LONGEST_PHRASE = 6
"""Words."""
_LONGEST_TEXT = 120
"""Tokens looked at: an answer stands at the beginning, and what is longer is no yes."""
_DRAWN_OUT = re.compile(r"([^\W\d_])\1{2,}")
_TRAILING_OFF = re.compile(r"\.{2,}|…")
_KINDLY = frozenset("🙏😊🙂😃😀😄😁😆😅🤗😍🥰❤♥💕💙💚💛🧡💜👋🤞😉😌💪🎉✨☺💯")
"""Pictures that weaken nothing; any other beside a yes does."""


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
    BESIDE = auto()
    """May stand beside a clear yes: "yes, all of it"."""
    JOINT = auto()
    """Says that something is to follow."""
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


_SIGNS = {
    "negated_cancel": ("\uf000", _Kind.STOP),
    "taken_back": ("\uf001", _Kind.STOP),
    "unwanted_goods": ("\uf002", _Kind.WHY),
    "keep": ("\uf003", _Kind.STOP),
    "because": ("\uf004", _Kind.WHY),
    "deed": ("\uf005", _Kind.ACT),
    "money_back": ("\uf006", _Kind.BESIDE),
}
"""What a pattern finds counts as one word, in this order: "don't keep it" before "keep it"."""
_BY_SIGN = dict(_SIGNS.values())
_NEGATED = _SIGNS["negated_cancel"][0]
_PRECEDENCE = (
    _Kind.BESIDE,
    _Kind.JOINT,
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
_SILENT = frozenset({_Kind.FILLER, _Kind.JOINT, _Kind.THANKS, _Kind.BREAK, _Kind.PLEASE})
_AGAINST_YES = frozenset({_Kind.NO, _Kind.STOP, _Kind.STOP_ALONE, _Kind.DOUBT, _Kind.QUESTION, _Kind.WORD})
_SAYS_MORE = frozenset({_Kind.WORD, _Kind.WHY, _Kind.BESIDE, _Kind.DOUBT, _Kind.MARK, _Kind.ACT})


class Answers:
    """Reads answers by the lexicon's wordings: the longest phrase first, from left to right."""

    def __init__(self, lexicon: Lexicon) -> None:
        self._wordings = [(getattr(lexicon, name), sign) for name, (sign, _) in _SIGNS.items()]
        self._phrases: dict[tuple[str, ...], _Kind] = {}
        for kind in _PRECEDENCE:
            for phrase in lexicon.answers[kind.name.casefold()]:
                self._phrases[tuple(_TOKEN.findall(phrase))] = kind
        self._starts = {words[0] for words in self._phrases}

    def read(self, folded: str) -> Answered:
        """The answer in a folded text whose numbers and addresses are private-use signs."""
        marked = self._marked(folded)
        tokens = _TOKEN.findall(marked)
        kinds = list(self._kinds(tokens[:_LONGEST_TEXT]))
        negated = _NEGATED in marked
        pure = bool(kinds) and not (negated or _SAYS_MORE.intersection(kinds))
        if negated or _stops(kinds):
            # "I changed my mind, please cancel it": two wishes at once are none.
            two = _Kind.ACT in kinds or (not negated and not {_Kind.WHY, *_YESES}.isdisjoint(kinds))
            return Answered() if two else Answered(Answer.NO, stop=True, pure=pure)
        if _denies(kinds):
            return Answered(Answer.NO, pure=pure)
        if _affirms(kinds) and len(tokens) <= _LONGEST_TEXT and not _TRAILING_OFF.search(folded):
            return Answered(Answer.YES, pure=pure)
        return Answered()

    def _marked(self, folded: str) -> str:
        """The text with a sign for each wording that counts as one word."""
        marked = _DRAWN_OUT.sub(r"\1", folded)
        for wording, sign in self._wordings:
            marked = wording.sub(f" {sign} ", marked)
        return marked

    def _kinds(self, tokens: list[str]) -> Iterator[_Kind]:
        at, words = 0, sum(token[0].isalnum() for token in tokens)
        while at < len(tokens):
            length, kind = self._phrase_at(tokens, at)
            yield _Kind.JOINT if tokens[at] == _AND and length == 1 < words else kind
            at += length

    def _phrase_at(self, tokens: list[str], at: int) -> tuple[int, _Kind]:
        if tokens[at] in self._starts:
            for length in range(min(_LONGEST_PHRASE, len(tokens) - at), 0, -1):
                kind = self._phrases.get(tuple(tokens[at : at + length]))
                if kind is not None:
                    return length, kind
        return 1, _single(tokens[at])


def _single(sign: str) -> _Kind:
    if sign in _BY_SIGN:
        return _BY_SIGN[sign]
    if sign in "?❓❔‽⁉":
        return _Kind.QUESTION
    if "\ue000" <= sign[0] <= "\uefff":
        return _Kind.MARK
    if sign[0].isalnum():
        return _Kind.WORD
    return (
        _Kind.BREAK
        if sign.isascii() or sign in _KINDLY or not category(sign).startswith("S")
        else _Kind.DOUBT
    )


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
    """A yes beside which nothing stands but what may: no unknown word, and nothing that is to follow."""
    if _AGAINST_YES.intersection(kinds) or _breaks_off(kinds):
        return False
    said = [kind for kind in kinds if kind in {*_YESES, _Kind.ACT, _Kind.PLEASE, _Kind.MARK}]
    first = next((kind for kind in said if kind is not _Kind.PLEASE), None)
    acts = _Kind.ACT in said
    if _Kind.YES in said and first in _YESES:
        return True
    if first is _Kind.YES_ALONE:
        # "OK, thanks" may only take note, and "OK, wrong address" is to put it right.
        noted = {_Kind.THANKS, _Kind.WHY, _Kind.MARK}.intersection(kinds)
        return _Kind.BESIDE not in kinds and (acts or not noted)
    if acts and _Kind.PLEASE in (said[0], said[-1]):
        return set(said) <= {_Kind.ACT, _Kind.PLEASE}
    return False


def _breaks_off(kinds: list[_Kind]) -> bool:
    """Whether a word that joins is the last that says anything: "ok, and then"."""
    if _Kind.JOINT not in kinds:
        return False
    behind = kinds[len(kinds) - kinds[::-1].index(_Kind.JOINT) :]
    return not {
        _Kind.YES,
        _Kind.YES_ALONE,
        _Kind.ACT,
        _Kind.PLEASE,
        _Kind.THANKS,
        _Kind.WHY,
        _Kind.BESIDE,
    }.intersection(behind)
