"""What is asked about a question is answered, and the question is put again; nothing else comes of it."""

from dataclasses import replace

import pytest

from dialogs.conversation import Conversation, Mode, Question, Topic
from dialogs.effects import CancelOrder, HandoffReason, LookUpOrder
from dialogs.engine import Dialogue, Step
from dialogs.events import OrderFound, Said
from dialogs.reading import Answer, Aside, Intent, Reading
from tests.dialogs.alphabet import ALLOWED, ANN, NOW, A
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

DIALOGUE = Dialogue(rules())
CANCEL = Reading(intents=(Intent.CANCEL,))
LOST = Reading(intents=(Intent.LOST_NUMBER,))


def say(c: Conversation, reading: Reading) -> Step:
    return DIALOGUE.step(c, Said(NOW, "words", reading))


def keys(step: Step) -> list[str]:
    return [text.key for text in texts(step.effects)]


def asking_number() -> Conversation:
    return say(Conversation("asides", greeted=True), CANCEL).conversation


def asking_email() -> Conversation:
    return say(asking_number(), Reading(numbers=(A,))).conversation


def asking_yes() -> Conversation:
    c = say(asking_email(), Reading(emails=(ANN,))).conversation
    return DIALOGUE.step(c, OrderFound(NOW, c.turn, ALLOWED, NOW)).conversation


ANSWERED = {
    "where is the number": (asking_number(), Aside.WHERE_NUMBER, Intent.LOST_NUMBER, Question.NUMBER),
    "which address": (asking_email(), Aside.WHICH_EMAIL, Intent.LOST_EMAIL, Question.EMAIL),
    "is it safe": (asking_email(), Aside.SAFE, Intent.CHITCHAT, Question.EMAIL),
    "is there a fee": (asking_yes(), Aside.COSTS, Intent.POLICY, Question.CONFIRM),
    "all of my money": (asking_yes(), Aside.COSTS, Intent.REFUND_STATUS, Question.CONFIRM),
    "what is in it": (asking_yes(), Aside.ITEMS, Intent.OTHER, Question.CONFIRM),
    "if not": (asking_yes(), Aside.IF_NOT, Intent.POLICY, Question.CONFIRM),
}


@pytest.mark.parametrize(("c", "aside", "intent", "question"), ANSWERED.values(), ids=ANSWERED)
def test_it_is_answered_and_the_question_is_put_again(
    c: Conversation, aside: Aside, intent: Intent, question: Question
) -> None:
    step = say(c, Reading(intents=(intent,), aside=aside))
    assert keys(step)[0] == f"aside-{aside.value.replace('_', '-')}"
    after = step.conversation
    assert after.asked is not None
    assert (after.asked.question, after.asked.times) == (question, 2)
    assert (after.lost_number, after.lost_email, after.mode) == (False, False, Mode.BOT)
    assert not [each for each in step.effects if isinstance(each, LookUpOrder | CancelOrder)]


def test_what_is_in_the_order_is_told_line_by_line() -> None:
    (told,) = [
        t for t in texts(say(asking_yes(), Reading(aside=Aside.ITEMS)).effects) if t.key == "aside-items"
    ]
    (line,) = told.args["lines"]  # type: ignore[misc]  # texts
    assert (line.args["quantity"], line.args["title"]) == (1, "Lamp")  # type: ignore[union-attr]  # a text


def test_what_was_in_it_is_told_behind_an_answer_too() -> None:
    assert keys(say(replace(asking_yes(), done=True), Reading(aside=Aside.ITEMS)))[0] == "aside-items"


NOT_SO = {
    "what is in an order that nobody has found": (asking_email(), Reading(aside=Aside.ITEMS)),
    "what is in an order that is not proved to be theirs": (
        replace(asking_yes(), by_person=True), Reading(aside=Aside.ITEMS),
    ),
    "a number that is given": (asking_number(), Reading(numbers=(A,), aside=Aside.WHERE_NUMBER)),
    "a number that is known": (asking_email(), replace(LOST, aside=Aside.WHERE_NUMBER)),
    "an address that is known": (asking_yes(), Reading(aside=Aside.WHICH_EMAIL)),
    "money that is looked for": (
        Conversation("x", topic=None), Reading(intents=(Intent.REFUND_STATUS,), aside=Aside.COSTS),
    ),
    "where an order is": (asking_yes(), Reading(intents=(Intent.ORDER_STATUS,), aside=Aside.IF_NOT)),
    "a parcel that is charged": (
        replace(asking_email(), topic=Topic.STATUS), Reading(intents=(Intent.OTHER,), aside=Aside.COSTS),
    ),
    "a fee for what has been refused": (replace(asking_yes(), done=True), Reading(aside=Aside.COSTS)),
    "no question to say no to": (asking_email(), Reading(aside=Aside.IF_NOT)),
}  # fmt: skip


@pytest.mark.parametrize(("c", "reading"), NOT_SO.values(), ids=NOT_SO)
def test_what_asks_for_something_else_has_its_own_answer(c: Conversation, reading: Reading) -> None:
    assert not [key for key in keys(say(c, reading)) if key.startswith("aside-")]


def test_a_clear_yes_is_a_yes_whatever_it_asks_besides() -> None:
    step = say(asking_yes(), Reading(answer=Answer.YES, aside=Aside.COSTS))
    assert [each for each in step.effects if isinstance(each, CancelOrder)]


def test_who_has_lost_the_number_is_still_helped() -> None:
    step = say(asking_number(), LOST)
    assert step.conversation.lost_number


def test_money_wanted_another_way_is_told_to_go_back_as_it_was_paid() -> None:
    other = say(asking_yes(), Reading(intents=(Intent.REFUND_STATUS,), method="card"))
    assert keys(other)[0] == "remark-other-method"
    for reading in (
        Reading(intents=(Intent.REFUND_STATUS,), method="paypal"),
        Reading(intents=(Intent.REFUND_TIME,), method="card"),
    ):
        assert "remark-other-method" not in keys(say(asking_yes(), reading))


@pytest.mark.parametrize("intent", [Intent.OTHER, Intent.CHITCHAT])
def test_who_asks_how_long_it_takes_is_told_what_is_known_each_time(intent: Intent) -> None:
    waits = say(asking_yes(), Reading(intents=(Intent.HUMAN,))).conversation
    for _ in range(3):
        step = say(waits, Reading(intents=(intent,), aside=Aside.WAIT))
        assert keys(step)[0] == "handover-next"
        assert step.conversation.mode is Mode.WAITING
        waits = step.conversation


def test_who_writes_that_the_bot_will_do_has_it_back_where_they_may() -> None:
    back = Reading(intents=(Intent.OTHER,), aside=Aside.BACK)
    waits = say(asking_yes(), Reading(intents=(Intent.HUMAN,))).conversation
    assert say(waits, back).conversation.mode is Mode.BOT
    assert waits.handoff is not None
    may_not = replace(waits, handoff=replace(waits.handoff, reason=HandoffReason.CONFLICT))
    assert say(may_not, back).conversation.mode is Mode.WAITING
    held = replace(waits, mode=Mode.PERSON, handoff=replace(waits.handoff, agent="Kim"))
    for aside in (Aside.BACK, Aside.WAIT):
        step = say(held, Reading(intents=(Intent.OTHER,), aside=aside))
        assert (step.conversation.mode, step.effects) == (Mode.PERSON, ())


def test_with_the_bot_there_is_nobody_to_wait_for() -> None:
    for aside in (Aside.BACK, Aside.WAIT):
        assert "handover-next" not in keys(say(asking_yes(), Reading(intents=(Intent.OTHER,), aside=aside)))
