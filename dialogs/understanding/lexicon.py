"""The shop-chat wordings of every language, as data: `phrases/*.toml`, one file a language."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from re import Pattern
from re import compile as compile_

from dialogs.reading import Afterwards, Aside, Intent
from dialogs.understanding.money import Money
from dialogs.understanding.normalise import fold, normalise
from dialogs.understanding.spelling import Spelling

Sheet = Mapping[str, Mapping[str, list[str]]]
"""One language's sections, and their lists by name."""
_ANSWERS = (
    "yes", "yes_alone", "no", "stop", "stop_alone", "act", "please", "thanks", "filler", "joint",
    "beside", "why", "doubt",
)  # fmt: skip

_PATTERNS = (
    "negated_cancel", "taken_back", "unwanted_goods", "keep", "because", "deed", "money_back",
    "plain_cancel", "done_cancel", "asked_done", "other_cancel", "unsure", "disputed", "reason", "part",
    "part_only", "wants_goods", "told_before", "lost", "unwanted", "not_this",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The wordings of all languages together; customers mix them. Everything but `examples` is folded.

    The keys of `answers` are yes, yes_alone, no, stop, stop_alone, act, please, thanks, filler, joint,
    beside, why and doubt; what they mean stands in `dialogs.understanding.answers`, as do `taken_back`,
    `unwanted_goods`, `keep`, `because`, `deed` and `money_back`, which are wordings of some of them.
    `negated_cancel` finds a wish not to cancel, `plain_cancel` a plain order to cancel, `done_cancel` a
    wish that came true, `asked_done` the question whether this one did, `other_cancel` one to cancel
    something that is no order, `unsure` hesitation, `disputed` an order or a payment the customer
    disputes, `reason` where a clause begins to say why, `part` a word of one thing among several,
    `part_only` that not all is meant, `wants_goods` that the goods are wanted, `told_before` a detail
    given already, `lost` one missing, `unwanted` an order that is not wanted any more, `not_this` the
    words before what is not meant. `details` are words that ask for nothing by themselves. `languages`
    holds each language's own examples, answers and words, `hellos` its greetings. `spelling` puts the
    verb right, `money` tells money from goods. `afterwards` finds what is said behind an answer, `asides`
    what is asked about a question.
    """

    examples: tuple[tuple[str, Intent], ...]
    answers: Mapping[str, frozenset[str]]
    negated_cancel: Pattern[str]
    taken_back: Pattern[str]
    unwanted_goods: Pattern[str]
    keep: Pattern[str]
    because: Pattern[str]
    deed: Pattern[str]
    money_back: Pattern[str]
    plain_cancel: Pattern[str]
    done_cancel: Pattern[str]
    asked_done: Pattern[str]
    other_cancel: Pattern[str]
    unsure: Pattern[str]
    disputed: Pattern[str]
    reason: Pattern[str]
    part: Pattern[str]
    part_only: Pattern[str]
    wants_goods: Pattern[str]
    told_before: Pattern[str]
    lost: Pattern[str]
    unwanted: Pattern[str]
    not_this: Pattern[str]
    details: frozenset[str]
    greetings: frozenset[str]
    joints: frozenset[str]
    languages: Mapping[str, tuple[str, ...]]
    hellos: Mapping[str, tuple[str, ...]]
    spelling: Spelling
    money: Money
    afterwards: Mapping[Afterwards, Pattern[str]]
    asides: Mapping[Aside, Pattern[str]]


@cache
def lexicon() -> Lexicon:
    """All languages' phrases. Raises `ValueError` for an unknown intent, `re.error` for a bad pattern."""
    named = _read()
    sheets = named.values()
    return Lexicon(
        examples=_examples(sheets),
        answers={kind: _words(sheets, "answers", kind) for kind in _ANSWERS},
        **{name: _pattern(sheets, name) for name in _PATTERNS},
        details=_words(sheets, "words", "details"),
        greetings=_words(sheets, "words", "greetings"),
        joints=_words(sheets, "words", "joints"),
        spelling=Spelling(
            right=_words(sheets, "cancelling", "right"),
            other=_words(sheets, "cancelling", "other"),
            before_names=_words(sheets, "cancelling", "before_names"),
        ),
        money=Money(
            money=_words(sheets, "money", "money"),
            goods=_words(sheets, "money", "goods"),
            whose=_words(sheets, "money", "whose"),
            of=_words(sheets, "money", "of"),
        ),
        afterwards={kind: _pattern(sheets, kind.value, "afterwards") for kind in Afterwards},
        asides={kind: _pattern(sheets, kind.value, "asides") for kind in Aside},
        languages={language: _own_phrases(sheet) for language, sheet in named.items()},
        hellos={language: tuple(sheet["words"]["greetings"]) for language, sheet in named.items()},
    )


def _read() -> dict[str, Sheet]:
    """The sheets by language, in the order of the languages."""
    folder = files("dialogs.understanding") / "phrases"
    return {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }


def _examples(sheets: Iterable[Sheet]) -> tuple[tuple[str, Intent], ...]:
    return tuple(
        (phrase, Intent(name))
        for sheet in sheets
        for name, phrases in sheet["intents"].items()
        for phrase in phrases
    )


def _own_phrases(sheet: Sheet) -> tuple[str, ...]:
    """What tells a language from the others."""
    sections = (sheet[section] for section in ("intents", "answers", "words"))
    said = tuple(phrase for section in sections for phrases in section.values() for phrase in phrases)
    return (*said, *sheet["cancelling"]["right"])


def _words(sheets: Iterable[Sheet], section: str, kind: str) -> frozenset[str]:
    return _folded(word for sheet in sheets for word in sheet[section][kind])


def _folded(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(normalise(phrase)) for phrase in phrases)


def _pattern(sheets: Iterable[Sheet], name: str, section: str = "patterns") -> Pattern[str]:
    """What any of the languages' patterns of this name finds."""
    return compile_("|".join(pattern for sheet in sheets for pattern in sheet[section][name]))
