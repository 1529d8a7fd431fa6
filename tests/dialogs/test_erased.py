"""What goes on in a conversation that was erased: it begins anew, and nothing of before has a hold on it."""

import pytest

from dialogs.conversation import Asked, Conversation, Mode, Question, Topic, erased
from dialogs.effects import CancelOrder, LookUpOrder, Say
from dialogs.engine import Dialogue
from dialogs.events import CancelEnded, Event, OrderFound, Outcome, Pressed, Said, TimeCame
from dialogs.reading import Answer, Intent, Reading
from dialogs.terms import terms
from tests.dialogs.alphabet import ALLOWED, ANN, NOW, A
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

RULES = rules()
DIALOGUE = Dialogue(RULES)
ASKED = Conversation(
    seed="erased", turn=5, case=1, case_open=True, greeted=True, topic=Topic.CANCEL, number=A, email=ANN,
    order=ALLOWED, read_at=NOW, asked=Asked(Question.CONFIRM, 5, terms=terms(ALLOWED, RULES)),
)  # fmt: skip
"""The question has been put, with the order as it was read."""
BUTTONS = [
    button.value
    for effect in DIALOGUE.step(ASKED, Said(NOW, "hm", Reading())).effects
    if isinstance(effect, Say)
    for button in effect.buttons
]


def test_only_counters_are_left() -> None:
    assert erased(ASKED) == Conversation("erased", turn=5, case=1)
    assert BUTTONS, "the question has buttons"


@pytest.mark.parametrize(
    "event",
    [
        *(Pressed(NOW, value) for value in BUTTONS),
        Said(NOW, "yes", Reading(answer=Answer.YES)),
        OrderFound(NOW, 5, ALLOWED, NOW),
        CancelEnded(NOW, 5, Outcome.CANCELLED, ALLOWED, NOW),
        TimeCame(NOW),
    ],
    ids=lambda event: getattr(event, "value", "") or type(event).__name__,
)
def test_no_button_and_no_answer_of_before_does_anything(event: Event) -> None:
    step = DIALOGUE.step(erased(ASKED), event)
    assert not [each for each in step.effects if isinstance(each, CancelOrder | LookUpOrder)]
    assert A not in repr(step.conversation.order)
    assert step.conversation.number is None
    assert step.conversation.mode is Mode.BOT


def test_the_next_request_is_a_case_of_its_own() -> None:
    wants = Said(NOW, "cancel my order", Reading(intents=(Intent.CANCEL,)))
    step = DIALOGUE.step(erased(ASKED), wants)
    assert step.conversation.case == 2
    assert step.conversation.reference != ASKED.reference
    assert any("number" in text.key for text in texts(step.effects))
