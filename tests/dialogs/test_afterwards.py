"""What is said behind an answer is about that answer: the order as the record shows it, and its money."""

from dataclasses import replace

import pytest

from dialogs.conversation import Asked, Conversation, Handoff, Later, Mode, Question, Topic
from dialogs.effects import CancelOrder, HandoffReason, LookUpOrder, Say
from dialogs.engine import Dialogue, Step
from dialogs.events import OrderFound, Said
from dialogs.orders import Order
from dialogs.reading import Afterwards, Answer, Aside, Intent, Reading
from tests.dialogs.alphabet import ALLOWED, ANN, CANCELLED, NOW, REFUSED, A, B
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

DIALOGUE = Dialogue(rules())
TOLD = Conversation(
    seed="afterwards", turn=5, case=1, greeted=True, topic=Topic.CANCEL, number=A, email=ANN,
    order=CANCELLED, read_at=NOW, done=True, asked=Asked(Question.ANYTHING_ELSE, 5),
)  # fmt: skip
"""An order's cancellation has been told."""
REFUSED_TOLD = replace(TOLD, order=REFUSED)
UNDO = Reading(answer=Answer.NO, stop=True, afterwards=Afterwards.UNDO)


def say(c: Conversation, reading: Reading, *, edited: bool = False) -> Step:
    return DIALOGUE.step(c, Said(NOW, "words", reading, edited=edited))


def keys(step: Step) -> list[str]:
    return [text.key for text in texts(step.effects)]


def vague(kind: Afterwards) -> Reading:
    return Reading(intents=(Intent.OTHER,), afterwards=kind)


def answered(step: Step, order: Order) -> list[str]:
    """What is told once the record has been read anew."""
    (look_up,) = (effect for effect in step.effects if isinstance(effect, LookUpOrder))
    return keys(DIALOGUE.step(step.conversation, OrderFound(NOW, look_up.turn, order, NOW)))


def test_a_cancellation_that_is_taken_back_is_not_waved_goodbye() -> None:
    step = say(TOLD, UNDO)
    assert "remark-stays-cancelled" in keys(step)
    assert "goodbye" not in keys(step)
    (told,) = (effect for effect in step.effects if isinstance(effect, Say))
    assert told.buttons[0].value == "intent:human"


def test_what_is_put_off_comes_before_a_person_is_offered() -> None:
    step = say(replace(TOLD, later=(Later(Topic.STATUS, B),)), UNDO)
    assert keys(step)[:2] == ["remark-stays-cancelled", "ask-resume"]


@pytest.mark.parametrize("kind", [Afterwards.PARCEL, Afterwards.NOTICE])
def test_parcel_and_paper_are_answered_and_nothing_is_asked_of_the_shop(kind: Afterwards) -> None:
    step = say(TOLD, vague(kind))
    assert keys(step)[0] in {"remark-parcel-all-the-same", "remark-notice"}
    assert not [each for each in step.effects if isinstance(each, LookUpOrder | CancelOrder)]


def test_whether_it_worked_is_told_by_the_record_as_it_is_now() -> None:
    assert "told-status" in answered(say(TOLD, vague(Afterwards.DONE)), CANCELLED)
    assert "told-status" in answered(say(TOLD, vague(Afterwards.DONE)), ALLOWED)
    assert "told-status" in answered(say(REFUSED_TOLD, vague(Afterwards.DONE)), REFUSED)


def test_what_comes_next_is_the_money_where_it_is_cancelled_and_else_the_parcel() -> None:
    assert "told-refund" in answered(say(TOLD, vague(Afterwards.NEXT)), CANCELLED)
    assert "told-status" in answered(
        say(replace(REFUSED_TOLD, topic=Topic.STATUS), vague(Afterwards.NEXT)), REFUSED
    )


@pytest.mark.parametrize(
    ("kind", "key"),
    [
        (Afterwards.INSTEAD, "instead-in-logistics"),
        (Afterwards.PARCEL, "instead-in-logistics"),
        (Afterwards.NEXT, "instead-in-logistics"),
        (Afterwards.INSIST, "why-refused"),
    ],
)
def test_behind_a_refusal_it_is_said_what_can_be_done_with_a_person_beside_it(
    kind: Afterwards, key: str
) -> None:
    step = say(REFUSED_TOLD, vague(kind))
    assert keys(step)[0] == key
    (told,) = (effect for effect in step.effects if isinstance(effect, Say))
    assert told.buttons[0].value == "intent:human"
    assert key not in keys(say(replace(REFUSED_TOLD, topic=Topic.STATUS), vague(kind)))
    assert key not in keys(say(REFUSED_TOLD, replace(vague(kind), intents=(Intent.OTHER_REQUEST,))))


def test_behind_a_cancellation_a_question_for_fees_is_one_for_the_money() -> None:
    fees = Reading(intents=(Intent.POLICY,), aside=Aside.COSTS)
    assert "told-refund" in answered(say(TOLD, fees), CANCELLED)


def test_which_money_is_meant_is_not_asked_where_an_order_is_cancelled() -> None:
    both = Reading(intents=(Intent.REFUND_TIME, Intent.REFUND_STATUS))
    assert "told-refund" in answered(say(TOLD, both), CANCELLED)
    assert "ask-which-intent" in keys(say(REFUSED_TOLD, both))


def test_who_names_another_way_to_pay_hears_that_money_goes_back_by_the_record() -> None:
    other = say(TOLD, Reading(intents=(Intent.OTHER,), method="card"))
    assert "remark-other-method" in keys(other) + answered(other, CANCELLED)
    same = say(TOLD, Reading(intents=(Intent.OTHER,), method="paypal"))
    assert "remark-other-method" not in keys(same) + answered(same, CANCELLED)


def test_an_ok_takes_note_and_a_yes_wants_something_else() -> None:
    ok = Reading(answer=Answer.YES, afterwards=Afterwards.NOTED)
    assert keys(say(TOLD, ok)) == ["goodbye"]
    assert keys(say(REFUSED_TOLD, ok)) == ["goodbye"]
    assert "goodbye" not in keys(say(TOLD, Reading(answer=Answer.YES)))


def test_an_ok_to_the_question_whether_to_cancel_is_a_yes_still() -> None:
    asked = replace(TOLD, order=None, done=False, asked=None)
    asked = DIALOGUE.step(asked, Said(NOW, "", Reading(intents=(Intent.CANCEL,)))).conversation
    asked = DIALOGUE.step(asked, OrderFound(NOW, asked.turn, ALLOWED, NOW)).conversation
    assert asked.asked is not None
    assert asked.asked.question is Question.CONFIRM
    step = say(asked, Reading(answer=Answer.YES, afterwards=Afterwards.NOTED))
    assert [each for each in step.effects if isinstance(each, CancelOrder)]


ELSEWHERE = {
    "another order": replace(UNDO, numbers=(B,), answer=None, stop=False, intents=(Intent.ORDER_STATUS,)),
    "another address": replace(UNDO, emails=("eve@shop.test",), answer=None, stop=False),
    "a person": Reading(intents=(Intent.HUMAN,), afterwards=Afterwards.UNDO),
    "two things": Reading(intents=(Intent.ORDER_STATUS,), also=(Intent.CANCEL,), afterwards=Afterwards.UNDO),
    "the money": Reading(intents=(Intent.REFUND_STATUS,), afterwards=Afterwards.PARCEL),
}


@pytest.mark.parametrize("reading", ELSEWHERE.values(), ids=ELSEWHERE)
def test_what_speaks_of_something_else_is_not_about_the_answer(reading: Reading) -> None:
    assert not {"remark-stays-cancelled", "remark-parcel-all-the-same"} & set(keys(say(TOLD, reading)))


NOT_THERE = {
    "no answer yet": replace(TOLD, done=False, asked=None),
    "not cancelled": REFUSED_TOLD,
    "not proved to be theirs": replace(TOLD, by_person=True),
    "no order": replace(TOLD, order=None),
    "a person has the chat": replace(TOLD, mode=Mode.PERSON, handoff=Handoff(HandoffReason.RULE, NOW, "Kim")),
}


@pytest.mark.parametrize("c", NOT_THERE.values(), ids=NOT_THERE)
def test_it_is_said_of_no_other_conversation(c: Conversation) -> None:
    assert "remark-stays-cancelled" not in keys(say(c, UNDO))


def test_an_edit_of_an_old_message_says_nothing_behind_the_answer() -> None:
    assert "remark-stays-cancelled" not in keys(say(TOLD, UNDO, edited=True))
