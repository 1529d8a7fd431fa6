"""What happens beside an attempt under way: its end is told all the same, once, and of the right order."""

from dataclasses import replace
from datetime import timedelta

import pytest

from dialogs.conversation import (
    Asked,
    Awaited,
    Conversation,
    Errand,
    Handoff,
    Later,
    Mode,
    Question,
    Topic,
    reference,
)
from dialogs.effects import (
    CallPerson,
    CaseClosed,
    CaseOpened,
    Effect,
    HandoffReason,
    LookUpOrder,
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
    PersonGaveBack,
    PersonLeft,
    PersonTookOver,
    Pressed,
    RecordContradicts,
    Said,
    ShopUnreachable,
    TimeCame,
)
from dialogs.mishap import mishap
from dialogs.orders import Order
from dialogs.reading import Answer, Intent, Reading
from dialogs.terms import terms
from tests.dialogs.alphabet import (
    ALLOWED,
    ANN,
    ATTEMPTED,
    CANCELLED,
    CONFLICT,
    CORRECTIONS,
    HELD,
    NOW,
    OTHERS,
    OTHERS_CANCELLED,
    A,
    B,
)
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

RULES = rules()
DIALOGUE = Dialogue(RULES)
CORRECTED = RecordContradicts(NOW, "REF", A, ANN, Contradiction.FULFILLED_TOO, CONFLICT)
"""Order A, told as cancelled, is sent as well."""


def under_way(number: str = B, order: Order = OTHERS) -> Conversation:
    """The customer has just said yes to cancelling this order."""
    c = Conversation(
        seed="interrupted", turn=5, case=2, case_open=True, topic=Topic.CANCEL, number=number, email=ANN,
        order=order, read_at=NOW, asked=Asked(Question.CONFIRM, 5, terms=terms(order, RULES)),
    )  # fmt: skip
    c = DIALOGUE.step(c, Said(NOW, "yes", Reading(answer=Answer.YES))).conversation
    assert c.awaiting is not None
    assert c.awaiting.errand is Errand.CANCEL
    return c


def after(c: Conversation, *events: Event) -> Conversation:
    for event in events:
        c = DIALOGUE.step(c, event).conversation
    return c


def ended(c: Conversation, outcome: Outcome, order: Order | None) -> Step:
    """The attempt under way ends like this."""
    assert c.awaiting is not None
    return DIALOGUE.step(c, CancelEnded(NOW, c.awaiting.turn, outcome, order, order and NOW))


def said(step: Step) -> list[tuple[str, object]]:
    """What the customer reads, and of which order."""
    return [(text.key, text.args.get("number")) for text in texts(step.effects)]


def noted(step: Step) -> list[tuple[str, object]]:
    told = [effect.text for effect in step.effects if isinstance(effect, TellPerson)]
    return [(text.key, text.args["number"]) for text in told]


def of(kind: type[Effect], step: Step) -> list[Effect]:
    return [effect for effect in step.effects if isinstance(effect, kind)]


# ---- a correction of what was told before


ENDS = [
    (Outcome.CANCELLED, OTHERS_CANCELLED, "told-cancelled"),
    (Outcome.ALREADY_CANCELLED, OTHERS_CANCELLED, "note-record-moved"),
    (Outcome.STAGE_MOVED, OTHERS, "note-terms-moved"),
    (Outcome.STAGE_MOVED, None, "note-not-attempted"),
    (Outcome.REFUSED, OTHERS, "handover-refused-by-shop"),
    (Outcome.CONFLICT, replace(OTHERS_CANCELLED, partly_fulfilled=True), "handover-conflict"),
    (Outcome.UNKNOWN, None, "handover-outcome-unknown"),
]


@pytest.mark.parametrize(("outcome", "record", "told"), ENDS)
def test_after_a_correction_the_attempt_under_way_ends_aloud_and_of_its_own_order(
    outcome: Outcome, record: Order | None, told: str
) -> None:
    step = DIALOGUE.step(under_way(), CORRECTED)
    assert said(step)[0] == ("correct-fulfilled-too", A)
    assert noted(step) == [("person-contradiction", A)]
    assert CallPerson(HandoffReason.CONFLICT, step.conversation.reference) in step.effects
    end = ended(step.conversation, outcome, record)
    assert said(end)[0] == (told, B)
    assert noted(end) == []
    assert (end.conversation.mode, end.conversation.number) == (Mode.WAITING, B)


def test_after_a_correction_nothing_attempted_is_said_as_well() -> None:
    c = after(under_way(), CORRECTED)
    assert c.awaiting is not None
    step = DIALOGUE.step(c, ShopUnreachable(NOW, c.awaiting.turn))
    assert said(step) == [("note-not-attempted", B)]


@pytest.mark.parametrize("outcome", [Outcome.CANCELLED, Outcome.UNKNOWN])
def test_a_correction_of_the_very_order_that_is_being_cancelled_leaves_its_end_to_be_told(
    outcome: Outcome,
) -> None:
    """Told as cancelled, open again, and the customer asks again."""
    c = after(under_way(A, ALLOWED), replace(CORRECTED, contradiction=Contradiction.NOT_CANCELLED))
    end = ended(c, outcome, CANCELLED if outcome is Outcome.CANCELLED else None)
    assert said(end)[0][0] in ("told-cancelled", "handover-outcome-unknown")
    assert end.conversation.mode is Mode.WAITING


def test_what_is_cancelled_beside_a_correction_is_watched_as_well() -> None:
    (watch,) = of(WatchOrder, ended(after(under_way(), CORRECTED), Outcome.CANCELLED, OTHERS_CANCELLED))
    assert isinstance(watch, WatchOrder)
    assert watch.number == B


def test_the_person_called_for_a_correction_comes_though_an_unknown_outcome_is_found_out() -> None:
    """Who waited for the outcome alone needs nobody any more; the contradiction still needs somebody."""
    c = ended(after(under_way(), CORRECTED), Outcome.UNKNOWN, None).conversation
    _comes_though_found_out(c)


def test_a_correction_leaves_an_unknown_outcome_to_be_looked_into() -> None:
    c = after(ended(under_way(), Outcome.UNKNOWN, None).conversation, CORRECTED)
    _comes_though_found_out(c)


def test_a_correction_while_an_unknown_outcome_is_being_read_does_not_stop_that() -> None:
    c = ended(under_way(), Outcome.UNKNOWN, None).conversation
    assert c.wake_at is not None
    c = after(c, TimeCame(c.wake_at), CORRECTED)
    assert c.awaiting is not None
    found = DIALOGUE.step(c, OrderFound(NOW, c.awaiting.turn, OTHERS_CANCELLED, NOW))
    assert said(found)[:2] == [("note-record-speaks", None), ("told-cancelled", B)]


def _comes_though_found_out(c: Conversation) -> None:
    assert c.wake_at is not None
    checking = DIALOGUE.step(c, TimeCame(c.wake_at))
    assert of(LookUpOrder, checking) == [LookUpOrder(checking.conversation.turn, B, ANN)]
    still = DIALOGUE.step(checking.conversation, OrderFound(NOW, checking.conversation.turn, OTHERS, NOW))
    assert (said(still), of(CallPerson, still)) == ([], [])  # it was told as unknown before
    assert still.conversation.wake_at is not None
    again = DIALOGUE.step(still.conversation, TimeCame(still.conversation.wake_at)).conversation
    found = DIALOGUE.step(again, OrderFound(NOW, again.turn, OTHERS_CANCELLED, NOW))
    assert ("told-cancelled", B) in said(found)
    assert found.conversation.mode is Mode.WAITING
    assert found.conversation.handoff is not None


def test_a_correction_beside_a_mere_look_up_is_about_its_own_order_from_then_on() -> None:
    """Nothing is changed by a look-up: what it finds comes too late, and the request is kept for later."""
    c = replace(under_way(), awaiting=Awaited(Errand.LOOK_UP, 5, NOW), order=None)
    c = after(c, CORRECTED)
    assert (c.number, c.awaiting, [later.number for later in c.later]) == (A, None, [B])
    late = DIALOGUE.step(c, OrderFound(NOW, 5, OTHERS, NOW))
    assert late.effects == ()
    assert late.conversation.misses == 0


# ---- a person


def test_an_attempt_whose_case_an_agent_closed_is_told_to_the_customer_under_the_same_reference() -> None:
    c = after(under_way(), PersonTookOver(NOW, "Kim"))
    closed = DIALOGUE.step(c, PersonClosed(NOW, "Kim"))
    assert len(of(CaseClosed, closed)) == 1
    end = ended(closed.conversation, Outcome.CANCELLED, OTHERS_CANCELLED)
    assert said(end)[0] == ("told-cancelled", B)
    assert of(CaseOpened, end) == [CaseOpened(c.reference)]
    assert of(CaseClosed, end) == [CaseClosed(c.reference, "cancelled")]
    assert (end.conversation.mode, end.conversation.done) == (Mode.BOT, True)


def test_an_attempt_whose_case_was_closed_and_that_nobody_knows_the_end_of_calls_a_person() -> None:
    c = after(under_way(), PersonTookOver(NOW, "Kim"), PersonClosed(NOW, "Kim"))
    end = ended(c, Outcome.UNKNOWN, None)
    assert of(CallPerson, end) == [CallPerson(HandoffReason.OUTCOME_UNKNOWN, c.reference)]
    assert (end.conversation.mode, end.conversation.case) == (Mode.WAITING, 2)


@pytest.mark.parametrize("words", [Reading(intents=(Intent.THANKS,)), Reading(), Reading(numbers=(A,))])
def test_who_writes_between_the_closing_and_the_end_of_an_attempt_still_hears_the_end(words: Reading) -> None:
    c = after(under_way(), PersonTookOver(NOW, "Kim"), PersonClosed(NOW, "Kim"))
    step = DIALOGUE.step(c, Said(NOW, "...", words))
    assert said(step) == [("note-cancelling", B)]
    assert of(CaseOpened, step) == []
    end = ended(step.conversation, Outcome.CANCELLED, OTHERS_CANCELLED)
    assert said(end)[0] == ("told-cancelled", B)
    assert of(CaseOpened, end) == [CaseOpened(c.reference)] == [CaseOpened(reference(c.seed, 2))]


def test_what_an_agent_cancelled_of_an_order_that_is_not_the_customers_is_told_to_the_desk_alone() -> None:
    c = after(
        Conversation(seed="interrupted", turn=5),
        PersonTookOver(NOW, "Kim"),
        PersonCancels(NOW, "Kim", HELD, NOW),
        PersonClosed(NOW, "Kim"),
    )
    end = ended(c, Outcome.CANCELLED, CANCELLED)
    assert (said(end), noted(end)) == ([], [("person-outcome", A)])
    assert (end.conversation.number, end.conversation.order, end.conversation.by_person) == (
        None,
        None,
        False,
    )


@pytest.mark.parametrize("gone", [True, False])
def test_a_person_who_takes_over_just_after_an_attempt_that_was_none_finds_that_the_customer_knows(
    *, gone: bool
) -> None:
    """Else the look-up that follows would have to tell it, and that is silent beside a person."""
    c = under_way()
    assert c.awaiting is not None
    to = c.awaiting.turn
    moved = CancelEnded(NOW, to, Outcome.STAGE_MOVED, None, None)
    step = DIALOGUE.step(c, moved if gone else ShopUnreachable(NOW, to))
    assert said(step)[0][0] in ("note-not-attempted", "ask-retry-shop")


def test_an_attempt_that_ended_in_a_conflict_is_told_to_who_waits_because_of_one() -> None:
    """The agent who began it left; the customer's own order, so that they are told."""
    c = replace(under_way(), mode=Mode.BOT)
    c = after(c, CORRECTED, PersonTookOver(NOW, "Kim"), PersonLeft(NOW, "Kim"))
    end = ended(c, Outcome.CONFLICT, replace(OTHERS_CANCELLED, partly_fulfilled=True))
    assert said(end)[0] == ("handover-conflict", B)


def test_the_end_of_an_attempt_is_told_though_patience_has_ended() -> None:
    c = replace(under_way(), messages=RULES.patience + 1)
    assert c.awaiting is not None
    step = DIALOGUE.step(c, ShopUnreachable(NOW, c.awaiting.turn))
    assert [key for key, _ in said(step)][:2] == ["note-not-attempted", "handover-failed-answers"]
    moved = ended(c, Outcome.STAGE_MOVED, replace(OTHERS, stage=ATTEMPTED.stage))
    assert [key for key, _ in said(moved)][:2] == ["note-record-moved", "handover-failed-answers"]
    gone = ended(c, Outcome.STAGE_MOVED, None)
    assert [key for key, _ in said(gone)][:2] == ["note-not-attempted", "handover-failed-answers"]


@pytest.mark.parametrize("outcome", [Outcome.UNKNOWN, Outcome.CANCELLED])
def test_nobody_goes_back_to_the_bot_while_it_is_not_known_whether_an_order_was_cancelled(
    outcome: Outcome,
) -> None:
    """An agent's own attempt, who then left: the desk is still to hear what became of it."""
    c = after(
        Conversation(seed="interrupted", turn=5),
        PersonTookOver(NOW, "Kim"),
        PersonCancels(NOW, "Kim", HELD, NOW),
        PersonLeft(NOW, "Kim"),
    )
    end = ended(c, outcome, CANCELLED if outcome is Outcome.CANCELLED else None)
    assert (said(end), noted(end)) == ([], [("person-outcome", A)])
    back = DIALOGUE.step(end.conversation, Pressed(NOW, "bot:back")).conversation
    assert back.mode is (Mode.WAITING if outcome is Outcome.UNKNOWN else Mode.BOT)


def test_an_e_mail_address_that_an_agent_gave_proves_nothing_for_the_requests_put_off_meanwhile() -> None:
    c = after(
        Conversation(seed="interrupted", turn=5),
        PersonTookOver(NOW, "Kim"),
        PersonCancels(NOW, "Kim", HELD, NOW),
        PersonGaveBack(NOW, "Kim"),
    )
    step = DIALOGUE.step(c, Said(NOW, "cancel 1043", Reading(intents=(Intent.CANCEL,), numbers=(B,))))
    assert said(step) == [("note-busy", None)]  # the number of the order is not for this customer
    assert step.conversation.later == (Later(Topic.CANCEL, B, None),)


def test_given_back_during_an_attempt_its_end_is_told_by_the_bot() -> None:
    c = after(under_way(), PersonTookOver(NOW, "Kim"), PersonGaveBack(NOW, "Kim"))
    assert said(ended(c, Outcome.CANCELLED, OTHERS_CANCELLED))[0] == ("told-cancelled", B)


# ---- a mistake of the program's own


@pytest.mark.parametrize("with_person", [True, False])
def test_an_end_that_could_not_be_taken_in_is_noted_for_the_person(*, with_person: bool) -> None:
    c = after(under_way(), PersonTookOver(NOW, "Kim")) if with_person else under_way()
    step = mishap(c, NOW + timedelta(seconds=1), answered=True)
    assert noted(step) == [("person-attempt-lost", B)]
    assert step.conversation.awaiting is None
    assert noted(mishap(c, NOW, answered=False)) == []


def test_a_correction_does_not_put_off_the_look_at_what_is_unknown() -> None:
    due = NOW + timedelta(seconds=1)
    unknown = Conversation(
        seed="unknown", turn=5, case=2, case_open=True, topic=Topic.CANCEL, number=B, email=ANN,
        outcome=Outcome.UNKNOWN, mode=Mode.WAITING, check_at=due,
        handoff=Handoff(HandoffReason.OUTCOME_UNKNOWN, NOW),
    )  # fmt: skip
    for named in CORRECTIONS:
        step = DIALOGUE.step(unknown, named.event)
        assert step.conversation.check_at == due, named.name
