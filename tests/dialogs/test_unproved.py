"""An order that an agent cancelled, and that the customer of the chat has not proved to be theirs.

The desk hears of it, and somebody comes where it did not go well; the customer hears nothing of it.
"""

from dataclasses import replace
from decimal import Decimal

import pytest

from dialogs.conversation import Conversation, Later, Mode, Topic
from dialogs.effects import (
    CallPerson,
    CaseOpened,
    Effect,
    HandoffReason,
    LookUpOrder,
    Say,
    TellPerson,
    WatchOrder,
)
from dialogs.engine import Dialogue, Step
from dialogs.events import (
    CancelEnded,
    Contradiction,
    Event,
    OrderFound,
    Outcome,
    PersonCancels,
    PersonClosed,
    PersonEvent,
    PersonGaveBack,
    PersonLeft,
    PersonTookOver,
    Pressed,
    RecordContradicts,
    Said,
    ShopUnreachable,
    TimeCame,
)
from dialogs.orders import Order, Refund, RefundStatus, Stage
from dialogs.reading import Intent, Reading
from tests.dialogs.alphabet import ALLOWED, ANN, CANCELLED, CONFLICT, HELD, NOW, REFUND_FAILED, A, B, order
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

DIALOGUE = Dialogue(rules())
GIVEN_BACK, CLOSED, LEFT = PersonGaveBack(NOW, "Kim"), PersonClosed(NOW, "Kim"), PersonLeft(NOW, "Kim")
UNCLEAR = order(Stage.CANCELLED, refunds=(Refund(Decimal("54.00"), RefundStatus.UNKNOWN),))
NO_ANSWER = "the shop gave no answer"
QUIET = ["handover-agent-gone", "handover-next"]
ENDS = [
    (Outcome.UNKNOWN, None, HandoffReason.OUTCOME_UNKNOWN),
    (Outcome.CONFLICT, CONFLICT, HandoffReason.CONFLICT),
    (Outcome.CONFLICT, None, HandoffReason.CONFLICT),
    (Outcome.CANCELLED, CONFLICT, HandoffReason.CONFLICT),
    (Outcome.CANCELLED, REFUND_FAILED, HandoffReason.REFUND_FAILED),
    (Outcome.ALREADY_CANCELLED, REFUND_FAILED, HandoffReason.REFUND_FAILED),
    (Outcome.CANCELLED, UNCLEAR, HandoffReason.REFUND_UNCLEAR),
    (Outcome.REFUSED, HELD, HandoffReason.REFUSED_BY_SHOP),
    (Outcome.REFUSED, replace(HELD, stage=Stage.DELIVERED), HandoffReason.REFUSED_BY_SHOP),
    (Outcome.STAGE_MOVED, ALLOWED, HandoffReason.AGENT_GONE),
    (Outcome.STAGE_MOVED, None, HandoffReason.AGENT_GONE),
    (NO_ANSWER, None, HandoffReason.AGENT_GONE),
]


def after(*events: Event) -> Conversation:
    """Kim has the chat of somebody who has proved nothing, and cancels order A; then this happens."""
    c = Conversation(seed="unproved", turn=5)
    for event in (PersonTookOver(NOW, "Kim"), PersonCancels(NOW, "Kim", HELD, NOW), *events):
        c = DIALOGUE.step(c, event).conversation
    return c


def ended(c: Conversation, outcome: Outcome | str, record: Order | None) -> Step:
    assert c.awaiting is not None
    to = c.awaiting.turn
    if isinstance(outcome, Outcome):
        return DIALOGUE.step(c, CancelEnded(NOW, to, outcome, record, record and NOW))
    return DIALOGUE.step(c, ShopUnreachable(NOW, to))


def said(step: Step) -> list[str]:
    return [text.key for text in texts(step.effects)]


def noted(step: Step) -> list[str]:
    return [effect.text.key for effect in step.effects if isinstance(effect, TellPerson)]


def of(kind: type[Effect], step: Step) -> list[Effect]:
    return [effect for effect in step.effects if isinstance(effect, kind)]


def later(what: Contradiction, record: Order | None) -> RecordContradicts:
    return RecordContradicts(NOW, "REF", A, ANN, what, record, proved=False)


# ---- nobody has the chat any more when it ends


@pytest.mark.parametrize(("outcome", "record", "reason"), ENDS)
@pytest.mark.parametrize("gone", [GIVEN_BACK, CLOSED])
def test_a_person_is_called_for_what_did_not_go_well_and_the_customer_hears_no_more_than_that(
    gone: PersonEvent, outcome: Outcome | str, record: Order | None, reason: HandoffReason
) -> None:
    c = after(gone)
    step = ended(c, outcome, record)
    assert of(CallPerson, step) == [CallPerson(reason, c.reference)]
    assert said(step) == QUIET
    assert not any("number" in text.args for text in texts(step.effects))
    assert [say.buttons for say in of(Say, step) if isinstance(say, Say)] == [()]
    assert noted(step)[0] in ("person-outcome", "person-not-attempted")
    assert of(CaseOpened, step) == ([] if gone is GIVEN_BACK else [CaseOpened(c.reference)])
    handoff = step.conversation.handoff
    assert handoff is not None
    assert (step.conversation.mode, handoff.reason) == (Mode.WAITING, reason)
    back = DIALOGUE.step(step.conversation, Pressed(NOW, "bot:back")).conversation
    assert back.mode is Mode.WAITING


@pytest.mark.parametrize(("outcome", "record", "reason"), ENDS)
def test_who_waits_already_waits_on_for_a_person_who_is_told_of_it(
    outcome: Outcome | str, record: Order | None, reason: HandoffReason
) -> None:
    c = after(LEFT)
    assert c.handoff is not None
    step = ended(c, outcome, record)
    assert said(step) == []
    assert of(CallPerson, step) == [CallPerson(reason, c.reference)]
    assert step.conversation.handoff == replace(
        c.handoff, reason=reason, wanted=step.conversation.handoff.wanted
    )  # type: ignore[union-attr]
    back = DIALOGUE.step(step.conversation, Pressed(NOW, "bot:back")).conversation
    assert back.mode is Mode.WAITING


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.ALREADY_CANCELLED])
@pytest.mark.parametrize("gone", [GIVEN_BACK, CLOSED, LEFT])
def test_a_plain_success_leaves_a_note_and_calls_nobody(gone: PersonEvent, outcome: Outcome) -> None:
    c = after(gone)
    step = ended(c, outcome, CANCELLED)
    assert (said(step), noted(step)) == ([], ["person-outcome"])
    assert of(CallPerson, step) == []
    assert step.conversation.mode is c.mode
    assert (step.conversation.number, step.conversation.order) == (None, None)


@pytest.mark.parametrize(("outcome", "record", "reason"), ENDS)
def test_who_still_has_the_chat_finds_a_note_and_nobody_is_called(
    outcome: Outcome | str, record: Order | None, reason: HandoffReason
) -> None:
    step = ended(after(), outcome, record)
    money = ["person-refund"] if reason in (HandoffReason.REFUND_FAILED, HandoffReason.REFUND_UNCLEAR) else []
    assert noted(step)[1:] == money
    assert (said(step), of(CallPerson, step)) == ([], [])
    assert step.conversation.mode is Mode.PERSON


@pytest.mark.parametrize(
    ("record", "needed"), [(CANCELLED, None), (REFUND_FAILED, HandoffReason.REFUND_FAILED)]
)
def test_an_unknown_outcome_is_read_again_for_the_desk_alone(
    record: Order, needed: HandoffReason | None
) -> None:
    c = ended(after(GIVEN_BACK), Outcome.UNKNOWN, None).conversation
    assert c.wake_at is not None
    checking = DIALOGUE.step(c, TimeCame(c.wake_at))
    to = checking.conversation.turn
    assert (said(checking), of(LookUpOrder, checking)) == ([], [LookUpOrder(to, A, ANN)])
    still = DIALOGUE.step(checking.conversation, OrderFound(NOW, to, HELD, NOW))
    assert (said(still), noted(still), of(CallPerson, still)) == ([], [], [])
    found = DIALOGUE.step(checking.conversation, OrderFound(NOW, to, record, NOW))
    assert said(found) == []
    assert noted(found) == ["person-outcome", *(["person-refund"] if needed else [])]
    assert of(CallPerson, found) == ([CallPerson(needed, c.reference)] if needed else [])
    (watch,) = of(WatchOrder, found)
    assert isinstance(watch, WatchOrder)
    assert not watch.proved


# ---- what comes to light later


@pytest.mark.parametrize("proved", [True, False])
def test_an_order_is_watched_for_whom_it_was_proved_by(*, proved: bool) -> None:
    c = Conversation(seed="unproved", turn=5, number=A if proved else None, email=ANN)
    for event in (PersonTookOver(NOW, "Kim"), PersonCancels(NOW, "Kim", HELD, NOW)):
        c = DIALOGUE.step(c, event).conversation
    (watch,) = of(WatchOrder, ended(c, Outcome.CANCELLED, CANCELLED))
    assert isinstance(watch, WatchOrder)
    assert watch.proved is proved


LATER = [
    (Contradiction.FULFILLED_TOO, CONFLICT, HandoffReason.CONFLICT),
    (Contradiction.NOT_CANCELLED, HELD, HandoffReason.CONFLICT),
    (Contradiction.GONE, None, HandoffReason.CONFLICT),
    (Contradiction.REFUND_FAILED, REFUND_FAILED, HandoffReason.REFUND_FAILED),
]


@pytest.mark.parametrize(("what", "record", "reason"), LATER)
def test_a_contradiction_is_for_a_person_and_not_for_the_customer(
    what: Contradiction, record: Order | None, reason: HandoffReason
) -> None:
    c = ended(after(GIVEN_BACK), Outcome.CANCELLED, CANCELLED).conversation
    step = DIALOGUE.step(c, later(what, record))
    assert said(step) == QUIET
    assert not any({"number", "stage"} & set(text.args) for text in texts(step.effects))
    assert noted(step) == ["person-contradiction-unproved"]
    assert of(CallPerson, step) == [CallPerson(reason, step.conversation.reference)]
    assert step.conversation.mode is Mode.WAITING
    assert (step.conversation.number, step.conversation.email, step.conversation.order) == (None, None, None)


def test_a_contradiction_leaves_what_the_customer_was_at_as_it_was() -> None:
    """Their own order is theirs; the person who comes gives the chat back, and it goes on."""
    c = Conversation(seed="unproved", turn=5, case=1, case_open=True, topic=Topic.CANCEL, number=B, email=ANN)
    step = DIALOGUE.step(c, later(Contradiction.FULFILLED_TOO, CONFLICT))
    kept = step.conversation
    assert (kept.topic, kept.number, kept.email, kept.by_person) == (Topic.CANCEL, B, ANN, False)
    assert (kept.outcome, kept.done, kept.later) == (None, False, ())
    resumed = DIALOGUE.step(kept, GIVEN_BACK)
    assert [
        (each.number, each.email) for each in of(LookUpOrder, resumed) if isinstance(each, LookUpOrder)
    ] == [(B, ANN)]


def test_a_contradiction_beside_a_person_is_a_note() -> None:
    step = DIALOGUE.step(after(), later(Contradiction.FULFILLED_TOO, CONFLICT))
    assert noted(step) == ["person-contradiction-unproved"]
    assert len(step.effects) == 1


def test_a_contradiction_while_somebody_is_waited_for_calls_again_and_says_nothing() -> None:
    c = after(LEFT)
    step = DIALOGUE.step(c, later(Contradiction.FULFILLED_TOO, CONFLICT))
    assert said(step) == []
    assert of(CallPerson, step) == [CallPerson(HandoffReason.CONFLICT, c.reference)]
    assert step.conversation.awaiting == c.awaiting
    assert DIALOGUE.step(step.conversation, Pressed(NOW, "bot:back")).conversation.mode is Mode.WAITING


# ---- by way of what is put off


def test_a_correction_of_the_customers_own_order_does_not_put_the_agents_off_for_later() -> None:
    """It would be asked about by its number once the person has gone."""
    c = ended(after(), Outcome.CANCELLED, CANCELLED).conversation
    c = DIALOGUE.step(c, LEFT).conversation
    own = RecordContradicts(NOW, "REF", B, ANN, Contradiction.GONE, None)
    step = DIALOGUE.step(c, own)
    assert ("correct-gone", B) in [(text.key, text.args.get("number")) for text in texts(step.effects)]
    assert step.conversation.later == ()


@pytest.mark.parametrize("number", [A, B])
def test_whoever_names_the_order_that_the_agent_cancels_does_not_see_that_it_is_that_one(number: str) -> None:
    c = after(GIVEN_BACK)
    step = DIALOGUE.step(c, Said(NOW, "...", Reading(intents=(Intent.CANCEL,), numbers=(number,))))
    assert said(step) == ["note-busy"]
    assert step.conversation.later == (Later(Topic.CANCEL, number, None),)


def test_a_person_asked_for_during_the_attempt_is_called_without_a_word_of_the_order() -> None:
    step = DIALOGUE.step(after(GIVEN_BACK), Said(NOW, "...", Reading(intents=(Intent.HUMAN,))))
    assert [text.args.get("number") for text in texts(step.effects)][:1] == [""]
