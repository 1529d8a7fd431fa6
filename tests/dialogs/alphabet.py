"""The events that the exploration of `Dialogue.step` tries: one of every kind that makes a difference.

Times stand still at `NOW`; a state's turns are known (see `states.py`), so that an answer or a button can be
made for the turn that waits for it, or for one long gone.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dialogs.conversation import Conversation, Errand
from dialogs.events import (
    CancelEnded,
    Contradiction,
    Event,
    LanguageChosen,
    Opened,
    OrderFound,
    OrderMissing,
    Outcome,
    PersonCancels,
    PersonClosed,
    PersonGaveBack,
    PersonLeft,
    PersonPassedOn,
    PersonSaid,
    PersonTookOver,
    Pressed,
    RecordContradicts,
    Said,
    Sent,
    ShopUnreachable,
    TimeCame,
    Unreadable,
)
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from dialogs.reading import Afterwards, Answer, Aside, Intent, Reading

NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)
LONG_GONE = 0
"""A turn that no state knows."""

A, B = "1042", "1043"
ANN, WRONG = "ann@shop.test", "bob@shop.test"


def order(
    stage: Stage,
    *,
    number: str = A,
    email: str = ANN,
    amount: str = "54.00",
    method: str = "paypal",
    status: PaymentStatus = PaymentStatus.CAPTURED,
    refunds: tuple[Refund, ...] = (),
    partly: bool = False,
) -> Order:
    """An order of one line and one payment."""
    paid = Decimal(amount)
    return Order(
        number,
        email,
        stage,
        NOW,
        "EUR",
        paid,
        (Line("Lamp", 1, paid),),
        (Payment(method, paid, status, refunds),),
        partly_fulfilled=partly,
    )


_SENT = (Refund(Decimal("54.00"), RefundStatus.SENT, NOW),)

ALLOWED = order(Stage.PAID)
CHEAPER = order(Stage.PAID, amount="40.00")
ATTEMPTED = order(Stage.BINDING)
UNPAID = order(Stage.PLACED, status=PaymentStatus.PENDING)
REFUSED = order(Stage.IN_LOGISTICS)
HELD = order(Stage.ON_HOLD)
CANCELLED = order(Stage.CANCELLED, refunds=_SENT)
NO_WINDOW = order(Stage.CANCELLED, method="carrier pigeon")
CONFLICT = order(Stage.CANCELLED, refunds=_SENT, partly=True)
REFUND_FAILED = order(Stage.CANCELLED, refunds=(Refund(Decimal("54.00"), RefundStatus.FAILED),))
FOREIGN = order(Stage.PAID, email="eve@shop.test")
OTHERS = order(Stage.PAID, number=B)
OTHERS_CANCELLED = order(Stage.CANCELLED, number=B, refunds=_SENT)

ORDERS = (ALLOWED, CHEAPER, ATTEMPTED, UNPAID, REFUSED, HELD, CANCELLED, NO_WINDOW, CONFLICT, FOREIGN)
"""What the shop can answer about order A: one order for each ruling, and those that make its edges."""

ENDS: tuple[tuple[Outcome, Order | None], ...] = (
    (Outcome.CANCELLED, CANCELLED),
    (Outcome.CANCELLED, NO_WINDOW),
    (Outcome.ALREADY_CANCELLED, CANCELLED),
    (Outcome.ALREADY_CANCELLED, NO_WINDOW),
    (Outcome.CONFLICT, CONFLICT),
    (Outcome.CONFLICT, None),
    (Outcome.STAGE_MOVED, ALLOWED),  # by the shop's word, though its record looks the same
    (Outcome.STAGE_MOVED, ATTEMPTED),
    (Outcome.STAGE_MOVED, CHEAPER),
    (Outcome.STAGE_MOVED, UNPAID),
    (Outcome.STAGE_MOVED, REFUSED),
    (Outcome.STAGE_MOVED, HELD),
    (Outcome.STAGE_MOVED, None),
    (Outcome.REFUSED, REFUSED),
    (Outcome.REFUSED, ALLOWED),
    (Outcome.REFUSED, None),
    (Outcome.UNKNOWN, None),
    (Outcome.CANCELLED, None),  # from here on, outcomes that their records do not bear out
    (Outcome.CANCELLED, ALLOWED),
    (Outcome.CANCELLED, FOREIGN),
    (Outcome.STAGE_MOVED, FOREIGN),
    (Outcome.CANCELLED, CONFLICT),
    (Outcome.ALREADY_CANCELLED, ALLOWED),
)
"""How an attempt to cancel order A can end."""

_ENDS_OF_B: tuple[tuple[Outcome, Order | None], ...] = (
    (Outcome.CANCELLED, OTHERS_CANCELLED),
    (Outcome.STAGE_MOVED, OTHERS),
    (Outcome.UNKNOWN, None),
)


def _reading(*intents: Intent, **kept: object) -> Reading:
    return replace(Reading(intents=intents), **kept)  # type: ignore[arg-type]


READINGS: dict[str, Reading] = {
    "cancel": _reading(Intent.CANCEL),
    "where is it": _reading(Intent.ORDER_STATUS),
    "where is my refund": _reading(Intent.REFUND_STATUS),
    "a person": _reading(Intent.HUMAN),
    "one item only": _reading(Intent.CANCEL_PART),
    "change my address": _reading(Intent.OTHER_REQUEST),
    "lost number": _reading(Intent.LOST_NUMBER),
    "lost e-mail": _reading(Intent.LOST_EMAIL),
    "lost both": _reading(Intent.LOST_BOTH),
    "A": _reading(numbers=(A,)),
    "B": _reading(numbers=(B,)),
    "right e-mail": _reading(emails=(ANN,)),
    "wrong e-mail": _reading(emails=(WRONG,)),
    "A and B": _reading(numbers=(A, B)),
    "two e-mails": _reading(emails=(ANN, WRONG)),
    "cancel A, right e-mail": _reading(Intent.CANCEL, numbers=(A,), emails=(ANN,)),
    "cancel A, refund of B": _reading(Intent.CANCEL, numbers=(A, B), also=(Intent.REFUND_STATUS,)),
    "where is B": _reading(Intent.ORDER_STATUS, numbers=(B,)),
    "not A": _reading(withdrawn=(A,)),
    "yes": _reading(answer=Answer.YES),
    "yes, B": _reading(answer=Answer.YES, numbers=(B,)),
    "no": _reading(answer=Answer.NO),
    "no, B": _reading(answer=Answer.NO, numbers=(B,)),
    "stop": _reading(answer=Answer.NO, stop=True),
    "thanks": _reading(Intent.THANKS),
    "how long do refunds take": _reading(Intent.REFUND_TIME),
    "why": _reading(Intent.WHY),
    "one moment": _reading(Intent.MOMENT),
    "say that again": _reading(Intent.REPEAT),
    "start over": _reading(Intent.START_OVER),
    "goodbye": _reading(Intent.GOODBYE),
    "make me a coffee": _reading(Intent.OTHER),
    "asdf": _reading(),
    "cancel, or where is it": _reading(Intent.CANCEL, Intent.ORDER_STATUS),
    "ok": _reading(answer=Answer.YES, afterwards=Afterwards.NOTED),
    "after all, don't": _reading(answer=Answer.NO, stop=True, afterwards=Afterwards.UNDO),
    "did it work": _reading(Intent.OTHER, afterwards=Afterwards.DONE),
    "does it go to my card": _reading(Intent.OTHER, method="card"),
    "where is the number": _reading(Intent.LOST_NUMBER, aside=Aside.WHERE_NUMBER),
    "is there a fee": _reading(Intent.POLICY, aside=Aside.COSTS),
    "what is in it": _reading(aside=Aside.ITEMS),
    "back to the bot": _reading(Intent.OTHER, aside=Aside.BACK),
    "is anyone there": _reading(Intent.OTHER, aside=Aside.WAIT),
    "try it anyway": _reading(Intent.OTHER, afterwards=Afterwards.INSIST),
}

EDITED = ("yes", "no", "B", "asdf", "cancel A, right e-mail")
PRESSED = (
    "intent:cancel",
    "intent:order_status",
    "intent:refund_status",
    "intent:human",
    "intent:lost_number",
    "intent:lost_email",
    f"number:{A}",
    f"number:{B}",
    f"email:{ANN}",
    f"email:{WRONG}",
    "bot:back",
    "language:ask",
    "nonsense",
)
"""Every button without a nonce, pressed at any time: old messages keep theirs."""


@dataclass(frozen=True, slots=True)
class Labelled:
    """An event with a name for reports."""

    name: str
    event: Event


def _always() -> Iterator[Labelled]:
    for text, reading in READINGS.items():
        yield Labelled(text, Said(NOW, text, reading))
    for text in EDITED:
        yield Labelled(f"edited: {text}", Said(NOW, text, READINGS[text], edited=True))
    for value in PRESSED:
        yield Labelled(f"[{value}]", Pressed(NOW, value))
    yield Labelled("opens", Opened(NOW))
    yield Labelled("opens with B", Opened(NOW, B))
    yield Labelled("sends a photo", Sent(NOW, Unreadable.PHOTO))
    yield Labelled("language en", LanguageChosen(NOW, "en"))
    yield Labelled("an hour later: asdf", Said(LATER, "asdf", READINGS["asdf"]))
    for answer in ("yes", "no"):
        yield Labelled(f"[old {answer}]", Pressed(NOW, f"{answer}:{LONG_GONE}"))


CUSTOMER = tuple(_always())
PERSONS = (
    Labelled("agent takes over", PersonTookOver(NOW, "Kim")),
    Labelled("agent says", PersonSaid(NOW, "Kim", "Hello")),
    Labelled("agent gives back", PersonGaveBack(NOW, "Kim")),
    Labelled("agent gives back, no resuming", PersonGaveBack(NOW, "Kim", resume=False)),
    Labelled("agent closes", PersonClosed(NOW, "Kim")),
    Labelled("another agent takes over", PersonTookOver(NOW, "Bea")),
    Labelled("agent leaves", PersonLeft(NOW, "Kim")),
    Labelled("agent passes on", PersonPassedOn(NOW, "Kim", "Bea")),
    Labelled("agent cancels A", PersonCancels(NOW, "Kim", HELD, NOW)),
)
CORRECTIONS = (
    Labelled(
        "later: A is sent too", RecordContradicts(NOW, "REF", A, ANN, Contradiction.FULFILLED_TOO, CONFLICT)
    ),
    Labelled("later: A is gone", RecordContradicts(NOW, "REF", A, ANN, Contradiction.GONE, None)),
    Labelled(
        "later: a refund of A failed",
        RecordContradicts(NOW, "REF", A, ANN, Contradiction.REFUND_FAILED, REFUND_FAILED),
    ),
)
"""What a later reading may show of an order that was told as cancelled."""
UNPROVED = (
    Labelled(
        "later: A, an agent's, is sent too",
        RecordContradicts(NOW, "REF", A, ANN, Contradiction.FULFILLED_TOO, CONFLICT, proved=False),
    ),
    Labelled(
        "later: a refund of A, an agent's, failed",
        RecordContradicts(NOW, "REF", A, ANN, Contradiction.REFUND_FAILED, REFUND_FAILED, proved=False),
    ),
)
"""The same of an order that an agent cancelled, and that the customer has not proved to be theirs."""


def current_buttons(c: Conversation) -> Iterator[Labelled]:
    """Yes and no to the question that is open."""
    if c.asked is not None:
        for answer in ("yes", "no"):
            yield Labelled(f"[{answer}]", Pressed(NOW, f"{answer}:{c.asked.turn}"))


def answers(c: Conversation, orders: tuple[Order, ...] = ORDERS) -> Iterator[Labelled]:
    """Everything that the world can answer to what is awaited; `orders` are those it shows for A."""
    if c.awaiting is None:
        return
    to = c.awaiting.turn
    if c.awaiting.errand is Errand.LOOK_UP:
        for found in orders if c.number == A else (OTHERS, OTHERS_CANCELLED):
            yield Labelled(f"found: {_named(found)}", OrderFound(NOW, to, found, NOW))
        yield Labelled("missing", OrderMissing(NOW, to))
        yield Labelled("no answer", ShopUnreachable(NOW, to))
        return
    for outcome, record in _ENDS_OF_B if c.number == B else ENDS:
        if record is None or record in orders or record in (CANCELLED, OTHERS, OTHERS_CANCELLED):
            name = f"attempt: {outcome.value}, {_named(record)}"
            yield Labelled(name, CancelEnded(NOW, to, outcome, record, None if record is None else NOW))
    yield Labelled("attempt: nothing attempted", ShopUnreachable(NOW, to))


def _named(record: Order | None) -> str:
    if record is None:
        return "no record"
    part = " in part" if record.partly_fulfilled else ""
    by = record.payments[0].method
    return f"{record.number} {record.stage.value}{part} {record.email} {by} {record.total}"


def too_late(c: Conversation) -> Iterator[Labelled]:
    """What must change nothing: answers to older turns, the wrong kind of answer, a time not yet come."""
    for to in (LONG_GONE, c.turn):
        yield Labelled("late: found", OrderFound(NOW, to, ALLOWED, NOW))
        yield Labelled("late: missing", OrderMissing(NOW, to))
        yield Labelled("late: no answer", ShopUnreachable(NOW, to))
        yield Labelled("late: cancelled", CancelEnded(NOW, to, Outcome.CANCELLED, CANCELLED, NOW))
    if c.awaiting is not None and c.awaiting.errand is Errand.LOOK_UP:
        yield Labelled(
            "wrong: cancelled", CancelEnded(NOW, c.awaiting.turn, Outcome.CANCELLED, CANCELLED, NOW)
        )
    elif c.awaiting is not None:
        yield Labelled("wrong: found", OrderFound(NOW, c.awaiting.turn, ALLOWED, NOW))
    yield Labelled("too early", TimeCame(NOW - timedelta(days=1)))
    if c.wake_at is None:
        yield Labelled("not asked to be woken", TimeCame(LATER))


def woken(c: Conversation) -> Iterator[Labelled]:
    """The time that the conversation asked for."""
    if c.wake_at is not None:
        yield Labelled("time came", TimeCame(c.wake_at))
