"""From the yes to the end of the attempt: at once, once, and what is said of a record that moved."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.conversation import Asked, Awaited, Consent, Conversation, Errand, Mode, Question, Topic
from dialogs.effects import CancelOrder, DecisionMade, LookUpOrder, Say
from dialogs.engine import Dialogue
from dialogs.events import (
    CancelEnded,
    OrderFound,
    OrderMissing,
    Outcome,
    Said,
    ShopUnreachable,
    Trouble,
)
from dialogs.orders import Order, Stage
from dialogs.reading import Answer, Intent, Reading
from dialogs.terms import stake, terms
from tests.dialogs.alphabet import (
    ALLOWED,
    ANN,
    ATTEMPTED,
    CANCELLED,
    CHEAPER,
    CONFLICT,
    HELD,
    NOW,
    REFUSED,
    A,
    order,
)
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

RULES = rules()
DIALOGUE = Dialogue(RULES)
RULE = RULES.policy.decide(ALLOWED).rule
YES = Said(NOW, "yes", Reading(answer=Answer.YES))
ASKED = Conversation(
    seed="attempts", turn=5, case=1, case_open=True, topic=Topic.CANCEL, number=A, email=ANN,
    order=ALLOWED, read_at=NOW, asked=Asked(Question.CONFIRM, 5, terms=terms(ALLOWED, RULES)),
)  # fmt: skip
"""The question has been put, with the order as it was read."""


def _agreed() -> Conversation:
    """The customer has just said yes."""
    return DIALOGUE.step(ASKED, YES).conversation


@pytest.mark.parametrize(
    "words",
    [
        Reading(answer=Answer.NO),
        Reading(answer=Answer.NO, numbers=(A,)),
        Reading(answer=Answer.NO, stop=True, numbers=(A,)),
    ],
)
def test_a_no_to_an_attempt_under_way_is_told_that_it_cannot_be_called_back(words: Reading) -> None:
    agreed = _agreed()
    step = DIALOGUE.step(agreed, Said(NOW, "no", words))
    assert [text.key for text in texts(step.effects)] == ["note-cancelling"]
    assert (step.conversation.awaiting, step.conversation.done) == (agreed.awaiting, False)


def test_a_yes_is_attempted_at_once_by_the_record_that_was_shown() -> None:
    step = DIALOGUE.step(ASKED, YES)
    (attempt,) = step.effects
    assert isinstance(attempt, CancelOrder)
    assert (attempt.seen, attempt.rule, attempt.email) == (ALLOWED, RULE, ANN)
    assert step.conversation.awaiting == Awaited(Errand.CANCEL, attempt.turn, NOW)


LATER = NOW + timedelta(seconds=5)
MOVED = [
    (Outcome.STAGE_MOVED, ATTEMPTED, ["note-record-moved", "ask-confirm"]),
    (Outcome.STAGE_MOVED, CHEAPER, ["note-record-moved", "ask-confirm"]),
    (Outcome.STAGE_MOVED, REFUSED, ["note-record-moved", "told-refused"]),
    (Outcome.STAGE_MOVED, HELD, ["note-record-moved", "handover-rule"]),
    (Outcome.ALREADY_CANCELLED, CANCELLED, ["note-record-moved", "told-already-cancelled"]),
    (Outcome.CONFLICT, CONFLICT, ["handover-conflict"]),
]


@pytest.mark.parametrize(("outcome", "record", "said"), MOVED)
def test_a_record_that_moved_since_the_question_is_told_and_decided_anew(
    outcome: Outcome, record: Order, said: list[str]
) -> None:
    c = _agreed()
    assert c.awaiting is not None
    step = DIALOGUE.step(c, CancelEnded(LATER, c.awaiting.turn, outcome, record, LATER))
    assert [text.key for text in texts(step.effects)][: len(said)] == said
    assert (step.conversation.order, step.conversation.read_at) == (record, LATER)
    assert (step.conversation.consent, step.conversation.awaiting) == (None, None)


def test_an_order_gone_after_the_yes_is_looked_up_anew_and_the_yes_is_gone_with_it() -> None:
    c = _agreed()
    assert c.awaiting is not None
    step = DIALOGUE.step(c, CancelEnded(NOW, c.awaiting.turn, Outcome.STAGE_MOVED, None, None))
    assert [text.key for text in texts(step.effects)] == ["note-not-attempted"]
    assert [type(effect) for effect in step.effects] == [Say, LookUpOrder]
    found = DIALOGUE.step(step.conversation, OrderFound(NOW, step.conversation.turn, ALLOWED, NOW))
    assert next(text.key for text in texts(found.effects)) == "ask-confirm"
    lost = DIALOGUE.step(step.conversation, OrderMissing(NOW, step.conversation.turn))
    assert next(text.key for text in texts(lost.effects)) == "ask-not-found"


TROUBLES = [
    (Trouble.UNREACHABLE, "ask-retry-shop"),
    (Trouble.THROTTLED, "ask-retry-shop"),
    (Trouble.CREDENTIALS, "handover-shop-trouble"),
    (Trouble.CONTRACT, "handover-shop-trouble"),
]


@pytest.mark.parametrize(("why", "told"), TROUBLES)
def test_a_shop_that_cannot_be_read_after_the_yes_is_told_as_nothing_changed(why: Trouble, told: str) -> None:
    c = _agreed()
    assert c.awaiting is not None
    step = DIALOGUE.step(c, ShopUnreachable(NOW, c.awaiting.turn, why))
    assert next(text.key for text in texts(step.effects)) == told
    assert step.conversation.consent is None


@pytest.mark.parametrize("gone", [True, False])
def test_who_asked_for_a_person_meanwhile_still_hears_that_nothing_was_attempted(*, gone: bool) -> None:
    c = DIALOGUE.step(_agreed(), Said(NOW, "a person", Reading(intents=(Intent.HUMAN,)))).conversation
    assert c.awaiting is not None
    to = c.awaiting.turn
    moved = CancelEnded(NOW, to, Outcome.STAGE_MOVED, None, None)
    step = DIALOGUE.step(c, moved if gone else ShopUnreachable(NOW, to))
    assert [text.key for text in texts(step.effects)] == ["note-not-attempted"]
    assert step.conversation.mode is Mode.WAITING


def test_a_yes_from_before_an_update_of_the_program_is_asked_for_anew() -> None:
    """It waited for a look-up then, as a yes does no longer."""
    consent = Consent(A, "allow", RULE, stake(ALLOWED), NOW)
    c = replace(ASKED, asked=None, consent=consent, awaiting=Awaited(Errand.LOOK_UP, 5, NOW))
    step = DIALOGUE.step(c, OrderFound(NOW, 5, ALLOWED, NOW))
    assert next(text.key for text in texts(step.effects)) == "ask-confirm"
    assert step.conversation.consent is None


def test_the_reading_on_which_the_shop_was_asked_is_kept_as_a_decision_before_what_became_of_it() -> None:
    c = _agreed()
    assert c.awaiting is not None
    allocated = order(Stage.ALLOCATED)
    ended = CancelEnded(LATER, c.awaiting.turn, Outcome.CANCELLED, CANCELLED, LATER, allocated, NOW)
    made = [made for made in DIALOGUE.step(c, ended).effects if isinstance(made, DecisionMade)]
    assert [(each.order, each.read_at, each.verdict, each.rule) for each in made] == [
        (allocated, NOW, "allow", RULE),
        (CANCELLED, LATER, "already_cancelled", "cancelled"),
    ]
