"""Money moves on a yes: it is one only where every word that stands with it is known to go with it."""

import tomllib
from pathlib import Path

import pytest

from dialogs.reading import Answer
from dialogs.understanding import Understanding
from dialogs.understanding.lexicon import lexicon

WORDINGS = tomllib.loads((Path(__file__).parent / "consent.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", WORDINGS["no_consent"])
def test_what_only_begins_like_a_yes_moves_no_money(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).answer is not Answer.YES


@pytest.mark.parametrize("text", WORDINGS["consent"])
def test_a_clear_yes_needs_no_second_one(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).answer is Answer.YES


@pytest.mark.parametrize("text", WORDINGS["refusal"])
def test_a_clear_no_is_heard(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).answer is Answer.NO


@pytest.mark.parametrize("text", WORDINGS["unclear"])
def test_two_wishes_at_once_are_none(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).answer is None


@pytest.mark.parametrize("turn", WORDINGS["turns"])
def test_no_wording_of_yes_outweighs_what_turns_it(plain: Understanding, turn: str) -> None:
    kinds = ("yes", "yes_alone", "act", "please")
    agreed = [
        text
        for kind in kinds
        for phrase in sorted(lexicon().answers[kind])
        for text in (f"{phrase} {turn}", f"{phrase}, {turn}")
        if plain.read(text).answer is Answer.YES
    ]
    assert agreed == []


def test_a_yes_before_a_long_story_is_none_since_its_end_is_not_read(full: Understanding) -> None:
    story = "yes " + "it was a mistake, sorry, " * 60
    assert full.read(story).answer is None
