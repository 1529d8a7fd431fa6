"""What a worried customer's words do, where the bot has just asked something else."""

from dataclasses import replace

import pytest

from dialogs.conversation import Asked, Conversation, Question, Topic
from dialogs.effects import Say
from dialogs.engine import Dialogue, Step
from dialogs.events import Said
from dialogs.reading import Answer, Intent, Reading
from tests.dialogs.alphabet import ANN, NOW, A
from tests.dialogs.scenes import rules

DIALOGUE = Dialogue(rules())
NEW = Conversation(seed="worried", turn=5)
DONE = replace(
    NEW, topic=Topic.CANCEL, number=A, email=ANN, done=True, asked=Asked(Question.ANYTHING_ELSE, 5)
)
UNCLEAR = (Intent.ORDER_STATUS, Intent.REFUND_STATUS)


def said(c: Conversation, reading: Reading) -> Step:
    return DIALOGUE.step(c, Said(NOW, "...", reading))


def keys(step: Step) -> list[str]:
    return [part.key for effect in step.effects if isinstance(effect, Say) for part in effect.parts]


@pytest.mark.parametrize("question", [Question.ANYTHING_ELSE, Question.WHAT, Question.WHICH_INTENT])
@pytest.mark.parametrize(
    ("intent", "topic"), [(Intent.REFUND_STATUS, Topic.REFUND), (Intent.ORDER_STATUS, Topic.STATUS)]
)
def test_a_no_that_goes_on_to_ask_where_it_is_ends_nothing(
    question: Question, intent: Intent, topic: Topic
) -> None:
    before = DONE if question is Question.ANYTHING_ELSE else replace(NEW, asked=Asked(question, 5))
    step = said(before, Reading(intents=(intent,), answer=Answer.NO))
    assert step.conversation.topic is topic
    assert "goodbye" not in keys(step)


def test_a_mere_no_to_anything_else_is_a_goodbye() -> None:
    assert keys(said(DONE, Reading(answer=Answer.NO))) == ["goodbye"]


@pytest.mark.parametrize("topic", list(Topic))
def test_what_is_unclear_behind_an_answer_is_asked_about(topic: Topic) -> None:
    step = said(replace(DONE, topic=topic), Reading(intents=UNCLEAR))
    assert keys(step) == ["ask-which-intent"]
    assert step.conversation.guesses == UNCLEAR
    assert (step.conversation.number, step.conversation.email) == (A, ANN)


def test_a_yes_to_a_choice_is_asked_which_and_does_nothing() -> None:
    before = replace(NEW, guesses=UNCLEAR, asked=Asked(Question.WHICH_INTENT, 5))
    step = said(before, Reading(answer=Answer.YES))
    assert keys(step) == ["note-which-one", "ask-which-intent"]
    assert (step.conversation.topic, step.conversation.guesses) == (None, UNCLEAR)


@pytest.mark.parametrize(
    ("number", "email", "lost"),
    [(A, None, (False, True)), (None, ANN, (True, False)), (None, None, (True, True))],
)
def test_not_to_have_it_is_about_what_was_asked_for(
    number: str | None, email: str | None, lost: tuple[bool, bool]
) -> None:
    before = replace(NEW, topic=Topic.CANCEL, number=number, email=email)
    c = said(before, Reading(intents=(Intent.LOST_BOTH,))).conversation
    assert (c.lost_number, c.lost_email) == lost
    assert (c.number, c.email) == (number, email)
