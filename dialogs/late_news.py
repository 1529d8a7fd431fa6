"""What comes to light after the customer was told: an order that was told as cancelled is no more as told."""

from decimal import Decimal

from dialogs import for_the_desk, knowledge
from dialogs.conversation import Conversation, Later, Topic
from dialogs.effects import HandoffReason, Text
from dialogs.events import Contradiction, Outcome, RecordContradicts
from dialogs.flows.cancel_order import boundary
from dialogs.hearing import Heard
from dialogs.moves import HandOver
from dialogs.orders import Order, Payment, RefundStatus, Stage, same_number
from dialogs.remarks import stage_of
from dialogs.replacing import replace
from dialogs.rules import Rules


def contradiction(told: Order, now: Order | None) -> Contradiction | None:
    """What of a record as it is now does not go with what was told of the order: that it is cancelled."""
    if now is None or not now.belongs_to(told.number, told.email):
        return Contradiction.GONE
    if now.stage is not Stage.CANCELLED:
        return Contradiction.NOT_CANCELLED
    if now.partly_fulfilled:
        return Contradiction.FULFILLED_TOO
    return Contradiction.REFUND_FAILED if _failing(now) > _failing(told) else None


def _failing(order: Order) -> Decimal:
    """How much of the money is owed by refunds that failed."""
    return sum((_owed(payment) for payment in order.payments if _has_failed(payment)), Decimal(0))


def _has_failed(payment: Payment) -> bool:
    return any(refund.status is RefundStatus.FAILED for refund in payment.refunds)


def _owed(payment: Payment) -> Decimal:
    return payment.amount - payment.on_its_way


def corrected(c: Conversation, event: RecordContradicts, rules: Rules) -> Heard:
    """Tell the customer what the record shows now, and call a person; what they were at is kept for later.

    Of an order that they have not proved to be theirs only the person hears.
    """
    failed = event.contradiction is Contradiction.REFUND_FAILED
    reason = HandoffReason.REFUND_FAILED if failed else HandoffReason.CONFLICT
    if not event.proved:
        return Heard(c, (), for_the_desk.called(reason))
    parts = (
        Text(f"correct-{_kebab(event.contradiction)}", _facts(event)),
        boundary(event.number, rules),
    )
    return Heard(_about(c, event), (), HandOver(reason, parts, news=True))


def for_the_person(event: RecordContradicts) -> Text:
    """The same, with both facts, for whoever looks into it."""
    return Text(
        "person-contradiction" if event.proved else "person-contradiction-unproved",
        {**_facts(event), "what": event.contradiction.value, "reference": event.reference},
    )


def _facts(event: RecordContradicts) -> dict[str, str | Text]:
    return {"number": event.number, "stage": stage_of(event.order)}


def _about(c: Conversation, event: RecordContradicts) -> Conversation:
    """The conversation is about that order again; not while it is still to be told what became of another."""
    if c.attempting or c.outcome is Outcome.UNKNOWN:
        return c
    other = c.number is None or not same_number(c.number, event.number)
    if c.topic is not None and not c.done and other and not c.by_person:
        c = knowledge.put_off(c, Later(c.topic, c.number, c.email))
    failed = event.contradiction is Contradiction.REFUND_FAILED
    proved = for_the_desk.proved(c, event.number, event.email)
    return replace(
        c, by_person=not proved, topic=Topic.CANCEL, number=event.number, email=event.email,
        order=event.order,
        read_at=None if event.order is None else event.at, consent=None, unmatched=False,
        outcome=Outcome.CANCELLED if failed else Outcome.CONFLICT, lost_number=False, lost_email=False,
        numbers=(), emails=(), part_only=False, guesses=(), awaiting=None,
    )  # fmt: skip


def _kebab(contradiction: Contradiction) -> str:
    return contradiction.value.replace("_", "-")
