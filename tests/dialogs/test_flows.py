"""What each flow does next, as tables, and how knowledge changes: where exploration would not say which."""

from dataclasses import replace
from decimal import Decimal

import pytest

from dialogs import knowledge
from dialogs.conversation import (
    Asked,
    Awaited,
    Consent,
    Conversation,
    Errand,
    Handoff,
    Later,
    Mode,
    Question,
    Topic,
)
from dialogs.effects import HandoffReason
from dialogs.engine import Dialogue
from dialogs.events import (
    OrderMissing,
    Outcome,
    Pressed,
    Said,
)
from dialogs.flows import FLOWS
from dialogs.moves import Ask, Attempt, Conclude, HandOver, LookUp, Move
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
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
    NO_WINDOW,
    NOW,
    REFUSED,
    UNPAID,
    WRONG,
    A,
    B,
    order,
)
from tests.dialogs.scenes import rules

RULES = rules()
NEW = Conversation(seed="flows", turn=5)


def knowing(topic: Topic, record: Order | None = None, **more: object) -> Conversation:
    """A conversation about A that knows number and e-mail, and the record if there is one."""
    c = replace(NEW, topic=topic, number=A, email=ANN, order=record, read_at=record and NOW)
    return replace(c, **more)  # type: ignore[arg-type]


CONSENT = Consent(A, "allow", RULES.policy.decide(ALLOWED).rule, stake(ALLOWED), NOW)


def brief(move: Move) -> str:
    """A move in a word or two."""
    match move:
        case Ask(question=question):
            return f"ask {question.value}"
        case HandOver(reason=reason):
            return f"person {reason.value}"
        case Conclude(result=result):
            return f"told {result}"
        case LookUp():
            return "look up"
        case Attempt():
            return "attempt"
        case _:
            return repr(move)


IDENTITY = [
    ("nothing", NEW, "ask number"),
    ("a number", replace(NEW, number=A), "ask email"),
    ("an e-mail", replace(NEW, email=ANN), "ask number"),
    ("two numbers", replace(NEW, numbers=(A, B)), "ask which_number"),
    ("two e-mails", replace(NEW, number=A, emails=(ANN, WRONG)), "ask which_email"),
    ("both", replace(NEW, number=A, email=ANN), "look up"),
    ("both, matching nothing", replace(NEW, number=A, email=ANN, unmatched=True), "ask not_found"),
    ("both, no answer", replace(NEW, number=A, email=ANN, unreachable=1), "ask retry_shop"),
    ("both, no answer again", replace(NEW, number=A, email=ANN, unreachable=2), "person shop_unreachable"),
    ("no number to be had", replace(NEW, lost_number=True, email=ANN), "ask details"),
    ("no e-mail to be had", replace(NEW, lost_email=True, number=A), "ask details"),
    ("other details", replace(NEW, lost_email=True, details=("Ann, 10117",)), "person lost_details"),
]  # fmt: skip


@pytest.mark.parametrize("topic", Topic)
@pytest.mark.parametrize(("known", "c", "move"), IDENTITY, ids=[row[0] for row in IDENTITY])
def test_every_flow_begins_with_whose_order_it_is(
    topic: Topic, known: str, c: Conversation, move: str
) -> None:
    del known
    assert brief(FLOWS[topic](replace(c, topic=topic), RULES)) == move


_FAILED = order(Stage.CANCELLED, refunds=(Refund(Decimal("54.00"), RefundStatus.FAILED),))
_PARTLY_BACK = order(Stage.DELIVERED, refunds=(Refund(Decimal("10.00"), RefundStatus.SENT, NOW),))
RECORDS = {
    "allowed": (ALLOWED, "ask confirm", "told status_told", "told refund_told"),
    "tried": (ATTEMPTED, "ask confirm", "told status_told", "told refund_told"),
    "nothing paid": (UNPAID, "ask confirm", "told status_told", "told refund_told"),
    "too late": (REFUSED, "told refused", "told status_told", "told refund_told"),
    "on hold": (HELD, "person rule", "told status_told", "told refund_told"),
    "contradicting itself": (CONFLICT, "person rule", "told status_told", "told refund_told"),
    "cancelled": (CANCELLED, "told already_cancelled", "told status_told", "told refund_told"),
    "no window": (
        NO_WINDOW,
        "person refund_timing_unknown",
        "told status_told",
        "person refund_timing_unknown",
    ),
    "refund failed": (_FAILED, "person refund_failed", "told status_told", "person refund_failed"),
    "partly refunded": (_PARTLY_BACK, "told refused", "told status_told", "told refund_told"),
}


@pytest.mark.parametrize(
    ("record", "topic", "move"),
    [
        pytest.param(record, topic, move, id=f"{name}, {topic.value}")
        for name, (record, *moves) in RECORDS.items()
        for topic, move in zip((Topic.CANCEL, Topic.STATUS, Topic.REFUND), moves, strict=True)
    ],
)
def test_what_a_record_leads_to(record: Order, topic: Topic, move: str) -> None:
    assert brief(FLOWS[topic](knowing(topic, record), RULES)) == move


CONSENTS = [
    ("none", ALLOWED, {}, "ask confirm"),
    ("to this", ALLOWED, {"consent": CONSENT}, "attempt"),
    ("by the same rule", order(Stage.ALLOCATED), {"consent": CONSENT}, "attempt"),
    ("to another amount", CHEAPER, {"consent": CONSENT}, "ask confirm"),
    ("by another rule", ATTEMPTED, {"consent": CONSENT}, "ask confirm"),
    ("to another ruling", ALLOWED, {"consent": replace(CONSENT, verdict="attempt")}, "ask confirm"),
    ("to another order", order(Stage.PAID, number=B), {"consent": CONSENT}, "ask confirm"),
    ("to what is no more allowed", REFUSED, {"consent": CONSENT}, "told refused"),
    ("to all, but one item only", ALLOWED, {"consent": CONSENT, "part_only": True}, "person part_of_order"),
]


@pytest.mark.parametrize(("name", "record", "more", "move"), CONSENTS, ids=[row[0] for row in CONSENTS])
def test_only_a_consent_to_just_this_is_carried_out(
    name: str, record: Order, more: dict[str, object], move: str
) -> None:
    del name
    assert brief(FLOWS[Topic.CANCEL](knowing(Topic.CANCEL, record, **more), RULES)) == move


OUTCOMES = [
    (Outcome.CANCELLED, CANCELLED, "told cancelled"),
    (Outcome.CANCELLED, NO_WINDOW, "person refund_timing_unknown"),
    (Outcome.CANCELLED, CONFLICT, "person conflict"),
    (Outcome.CANCELLED, ALLOWED, "person outcome_unknown"),
    (Outcome.CANCELLED, None, "person outcome_unknown"),
    (Outcome.ALREADY_CANCELLED, CANCELLED, "told already_cancelled"),
    (Outcome.ALREADY_CANCELLED, ALLOWED, "person outcome_unknown"),
    (Outcome.REFUSED, REFUSED, "told refused"),
    (Outcome.REFUSED, ALLOWED, "person refused_by_shop"),
    (Outcome.CONFLICT, None, "person conflict"),
    (Outcome.UNKNOWN, ALLOWED, "person outcome_unknown"),
]


@pytest.mark.parametrize(("outcome", "record", "move"), OUTCOMES)
def test_an_outcome_is_told_as_far_as_the_record_bears_it_out(
    outcome: Outcome, record: Order | None, move: str
) -> None:
    c = knowing(Topic.CANCEL, record, outcome=outcome)
    assert brief(FLOWS[Topic.CANCEL](c, RULES)) == move


def test_the_stake_is_what_was_paid_and_is_not_on_its_way_back() -> None:
    paid = Payment("card", Decimal(40), PaymentStatus.CAPTURED, (Refund(Decimal(15), RefundStatus.SENT),))
    assert stake(replace(ALLOWED, payments=(paid, *CHEAPER.payments))) == Decimal(65)


# ---- knowledge

DECIDED = knowing(
    Topic.CANCEL,
    ALLOWED,
    consent=CONSENT,
    unmatched=False,
    awaiting=Awaited(Errand.LOOK_UP, 5, NOW),
)


@pytest.mark.parametrize("same", [A, f"#{A}", f" {A} "])
def test_the_same_number_in_other_writing_drops_nothing(same: str) -> None:
    assert knowledge.with_number(DECIDED, same) == DECIDED


def test_the_same_e_mail_in_other_writing_drops_nothing() -> None:
    assert knowledge.with_email(DECIDED, ANN.upper()) == DECIDED


@pytest.mark.parametrize(
    "changed",
    [
        knowledge.with_number(DECIDED, B),
        knowledge.with_email(DECIDED, WRONG),
        knowledge.without(DECIDED, (A,)),
        knowledge.without(DECIDED, (ANN,)),
        knowledge.new_request(DECIDED, Topic.CANCEL),
    ],
)
def test_a_correction_drops_what_depended_on_it(changed: Conversation) -> None:
    assert (changed.order, changed.consent, changed.outcome, changed.awaiting) == (None, None, None, None)


def test_the_same_pair_again_is_looked_up_again_where_it_matched_nothing() -> None:
    missed = replace(NEW, topic=Topic.STATUS, number=A, email=ANN, unmatched=True)
    assert not knowledge.with_number(missed, A).unmatched
    assert not knowledge.with_email(missed, ANN).unmatched


def test_what_is_taken_back_and_was_never_said_changes_nothing() -> None:
    assert knowledge.without(DECIDED, (B, WRONG)) == DECIDED


def test_requests_are_put_off_once_each_in_their_order_and_at_most_three() -> None:
    first, second = Later(Topic.CANCEL, A), Later(Topic.STATUS, B)
    c = knowledge.put_off(knowledge.put_off(NEW, first, second), second, first, Later(Topic.REFUND))
    assert c.later == (first, second, Later(Topic.REFUND))
    assert knowledge.put_off(c, Later(Topic.CANCEL, B)) == c


def test_another_request_goes_on_with_the_same_order_and_the_same_patience() -> None:
    before = replace(DECIDED, messages=7, done=True, case=2, later=(Later(Topic.STATUS),))
    c = knowledge.new_request(before, Topic.REFUND)
    assert (c.topic, c.number, c.email, c.messages, c.case) == (Topic.REFUND, A, ANN, 7, 2)
    assert c.later == before.later
    assert not c.done


def test_the_end_forgets_everything_but_who_it_is_and_the_count_of_cases() -> None:
    before = replace(DECIDED, case=2, case_open=True, locale="es", locale_known=True)
    assert knowledge.ended(before) == Conversation(
        seed=before.seed, locale="es", locale_known=True, turn=before.turn, case=2
    )


# ---- what exploration found, each by the shortest way to it

DIALOGUE = Dialogue(RULES)


def confirming(turn: int = 5) -> Conversation:
    asked = Asked(Question.CONFIRM, turn, terms=terms(ALLOWED, RULES))
    return knowing(Topic.CANCEL, ALLOWED, asked=asked, case=1, case_open=True)


def test_a_look_up_that_ends_beside_a_person_takes_the_chat_from_nobody() -> None:
    agent = Handoff(HandoffReason.CUSTOMER_ASKED, NOW, "Kim")
    awaiting = Awaited(Errand.LOOK_UP, 5, NOW)
    with_kim = {"mode": Mode.PERSON, "handoff": agent, "case_open": True}
    c = knowing(Topic.STATUS, awaiting=awaiting, misses=RULES.misses, **with_kim)
    step = DIALOGUE.step(c, OrderMissing(NOW, 5))
    assert (step.effects, step.conversation.mode, step.conversation.handoff) == ((), Mode.PERSON, agent)


@pytest.mark.parametrize("intent", [Intent.REPEAT, Intent.MOMENT, Intent.START_OVER, Intent.THANKS])
def test_patience_bounds_what_settles_nothing(intent: Intent) -> None:
    c = confirming()
    for _ in range(RULES.patience):
        c = DIALOGUE.step(c, Said(NOW, "", Reading(intents=(intent,)))).conversation
        assert c.mode is Mode.BOT
    c = DIALOGUE.step(c, Said(NOW, "", Reading(intents=(intent,)))).conversation
    assert c.handoff is not None
    assert c.handoff.reason is HandoffReason.FAILED_ANSWERS


def test_a_clear_yes_beyond_patience_is_still_carried_out() -> None:
    c = replace(confirming(), messages=RULES.patience + 3)
    c = DIALOGUE.step(c, Said(NOW, "yes", Reading(answer=Answer.YES))).conversation
    assert c.awaiting is not None
    assert c.mode is Mode.BOT


def test_the_button_of_a_language_chooses_it() -> None:
    c = DIALOGUE.step(confirming(), Pressed(NOW, "language:es")).conversation
    assert (c.locale, c.locale_known) == ("es", True)
    c = DIALOGUE.step(confirming(), Pressed(NOW, "language:xx")).conversation
    assert c.locale == "en"


def test_marks_of_mixed_lines_are_for_a_person_before_any_question() -> None:
    lines = (Line("Lamp", 1, Decimal(27)), Line("Print", 1, Decimal(27), cancellable=False))
    c = knowing(Topic.CANCEL, replace(ALLOWED, lines=lines))
    assert brief(FLOWS[Topic.CANCEL](c, RULES)) == "person rule"
