"""The shop-chat wordings of every language, as data: `phrases/*.toml`, one file a language."""

import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from re import Pattern
from re import compile as compile_

from dialogs.reading import Intent
from dialogs.understanding.money import Money
from dialogs.understanding.normalise import fold, normalise
from dialogs.understanding.spelling import Spelling

Section = Mapping[str, list[str]]


@dataclass(frozen=True, slots=True)
class Lexicon:
    """The wordings of all languages together; customers mix them. Everything but `examples` is folded.

    The keys of `answers` are yes, yes_alone, no, stop, stop_alone, act, please, thanks, filler, doubt; what
    they mean stands in `dialogs.understanding.answers`. `negated_cancel` finds a wish not to cancel,
    `plain_cancel` a plain order to cancel, `done_cancel` a wish that came true, `asked_done` the question
    whether this one did, `other_cancel` one to cancel something that is no order, `unsure` hesitation,
    `told_before` a detail given already, `lost` one missing. `details` are words that ask for nothing by
    themselves. `languages` holds each language's own examples, answers and words. `spelling` puts the verb
    right, `money` tells money from goods.
    """

    examples: tuple[tuple[str, Intent], ...]
    answers: Mapping[str, frozenset[str]]
    negated_cancel: Pattern[str]
    plain_cancel: Pattern[str]
    done_cancel: Pattern[str]
    asked_done: Pattern[str]
    other_cancel: Pattern[str]
    unsure: Pattern[str]
    told_before: Pattern[str]
    lost: Pattern[str]
    details: frozenset[str]
    greetings: frozenset[str]
    joints: frozenset[str]
    languages: Mapping[str, tuple[str, ...]]
    spelling: Spelling
    money: Money


@cache
def lexicon() -> Lexicon:
    """All languages' phrases. Raises `ValueError` for an unknown intent, `re.error` for a bad pattern."""
    folder = files("dialogs.understanding") / "phrases"
    named = {
        entry.name.removesuffix(".toml"): tomllib.loads(entry.read_text(encoding="utf-8"))
        for entry in sorted(folder.iterdir(), key=lambda entry: entry.name)
        if entry.name.endswith(".toml")
    }
    sheets = named.values()
    answers: dict[str, frozenset[str]] = {}
    for kind in (
        "yes",
        "yes_alone",
        "no",
        "stop",
        "stop_alone",
        "act",
        "please",
        "thanks",
        "filler",
        "doubt",
    ):
        answers[kind] = _folded(phrase for sheet in sheets for phrase in sheet["answers"][kind])
    return Lexicon(
        examples=tuple(
            (phrase, Intent(name))
            for sheet in sheets
            for name, phrases in sheet["intents"].items()
            for phrase in phrases
        ),
        answers=answers,
        negated_cancel=_any_of(sheet["patterns"]["negated_cancel"] for sheet in sheets),
        plain_cancel=_any_of(sheet["patterns"]["plain_cancel"] for sheet in sheets),
        done_cancel=_any_of(sheet["patterns"]["done_cancel"] for sheet in sheets),
        asked_done=_any_of(sheet["patterns"]["asked_done"] for sheet in sheets),
        other_cancel=_any_of(sheet["patterns"]["other_cancel"] for sheet in sheets),
        unsure=_any_of(sheet["patterns"]["unsure"] for sheet in sheets),
        told_before=_any_of(sheet["patterns"]["told_before"] for sheet in sheets),
        lost=_any_of(sheet["patterns"]["lost"] for sheet in sheets),
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
        languages={
            language: tuple(
                phrase
                for section in ("intents", "answers", "words")
                for phrases in sheet[section].values()
                for phrase in phrases
            )
            for language, sheet in named.items()
        },
    )


def _words(sheets: Iterable[Mapping[str, Section]], section: str, kind: str) -> frozenset[str]:
    return _folded(word for sheet in sheets for word in sheet[section][kind])


def _folded(phrases: Iterable[str]) -> frozenset[str]:
    return frozenset(fold(normalise(phrase)) for phrase in phrases)


def _any_of(patterns: Iterable[list[str]]) -> Pattern[str]:
    return compile_("|".join(pattern for some in patterns for pattern in some))
