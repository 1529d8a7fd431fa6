import tomllib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.reading import Answer, Intent
from dialogs.understanding import Understanding

WORDINGS = tomllib.loads((Path(__file__).parent / "answers.toml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("text", WORDINGS["yes"])
def test_a_clear_yes_is_one(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert (reading.answer, reading.stop) == (Answer.YES, False)


@pytest.mark.parametrize("text", WORDINGS["no"])
def test_a_no_is_no_wish_to_stop(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert (reading.answer, reading.stop) == (Answer.NO, False)


@pytest.mark.parametrize("text", WORDINGS["stop"])
def test_never_mind_is_a_no_that_stops(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert (reading.answer, reading.stop) == (Answer.NO, True)


@pytest.mark.parametrize("text", WORDINGS["neither"])
def test_what_is_unclear_is_neither(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert (reading.answer, reading.stop) == (None, False)


@pytest.mark.parametrize("text", ["yes but not that one", "yes, the other one", "yes - wait, no"])
def test_a_yes_with_something_against_it_is_not_a_yes(full: Understanding, text: str) -> None:
    assert full.read(text).answer is not Answer.YES


negations = st.sampled_from(
    [
        "don't cancel",
        "do not cancel",
        "please don't cancel",
        "dont cancel",
        "never cancel",
        "I don't want to cancel",
        "I'd rather not cancel",
        "no need to cancel",
        "you should not cancel",
        "no canceles",
        "no quiero cancelar",
        "no lo cancelen",
        "don't you dare cancel",
        "not cancel",
        "without cancelling",
        "no cancelar",
    ]
)
around = st.sampled_from(
    [
        "",
        "yes",
        "yes please",
        "ok",
        "sure",
        "go ahead",
        "do it",
        "👍",
        "please cancel it",
        "sí",
        "thanks",
        "my order",
        "it",
        "1042",
    ]
)
glue = st.sampled_from([" ", ", ", ". ", "! ", "\n", "... "])


@given(before=around, negation=negations, after=around, joint=glue)
def test_a_text_that_says_not_to_cancel_is_never_a_yes(
    plain: Understanding, before: str, negation: str, after: str, joint: str
) -> None:
    assert plain.read(joint.join([before, negation, after])).answer is not Answer.YES


@given(text=st.lists(st.one_of(around, negations, st.just("cancel it")), max_size=5).map(" ".join))
def test_never_mind_is_always_a_no_too(plain: Understanding, text: str) -> None:
    reading = plain.read(text)
    assert not reading.stop or reading.answer is Answer.NO


@pytest.mark.parametrize("text", ["yes", "no", "never mind", "ok", "sí", "👍", "don't", "no thanks"])
def test_an_answer_alone_asks_for_nothing(full: Understanding, text: str) -> None:
    assert full.read(text).intents == ()


@pytest.mark.parametrize(
    "text", ["yes, cancel it", "please cancel it", "go ahead and cancel", "cancel it", "sí, cancélalo"]
)
def test_the_deed_named_beside_a_yes_is_still_the_request(full: Understanding, text: str) -> None:
    assert full.read(text).intent is Intent.CANCEL
