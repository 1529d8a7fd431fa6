"""What the world's answers change in what is known; one to an older turn comes too late."""

from dialogs.conversation import Conversation, Errand, Topic
from dialogs.effects import HandoffReason, Text
from dialogs.events import CancelEnded, OrderFound, OrderMissing, Outcome, ShopUnreachable
from dialogs.hearing import Heard, stake
from dialogs.moves import HandOver
from dialogs.orders import Order, Stage
from dialogs.replacing import replace
from dialogs.rules import Rules

Answer = OrderFound | OrderMissing | ShopUnreachable | CancelEnded


def is_awaited(c: Conversation, event: Answer) -> bool:
    """Whether this answers what is being waited for."""
    if c.awaiting is None or c.awaiting.turn != event.to:
        return False
    if isinstance(event, ShopUnreachable):
        return True  # for an attempt to cancel: the shop could not be asked, and nothing was attempted
    return (c.awaiting.errand is Errand.CANCEL) is isinstance(event, CancelEnded)


def learned(c: Conversation, event: Answer, rules: Rules) -> Heard:
    """Take an awaited answer in."""
    c = replace(c, awaiting=None)
    match event:
        case OrderFound():
            return _found(c, event, rules)
        case OrderMissing():
            return _missing(c, rules)
        case ShopUnreachable():
            c = replace(c, trouble=event.why, unreachable=c.unreachable + 1)
            return Heard(replace(c, order=None, consent=None))
        case CancelEnded():
            return _ended(c, event)


def _found(c: Conversation, event: OrderFound, rules: Rules) -> Heard:
    if not _named_by(c, event.order):
        return _missing(c, rules)
    c = replace(
        c, order=event.order, read_at=event.read_at, read_turn=event.to, number=event.order.number,
        unmatched=False, misses=0, unreachable=0,
    )  # fmt: skip
    if c.outcome is Outcome.UNKNOWN:
        return _reconciled(c)
    if c.consent is not None and not still_consented(c, event.order, rules):
        return Heard(replace(c, consent=None), (_moved(event.order),))
    return Heard(c)


def _named_by(c: Conversation, order: Order) -> bool:
    """A second guard: no order reaches a conversation that has not named its number and e-mail address."""
    return c.number is not None and c.email is not None and order.belongs_to(c.number, c.email)


def still_consented(c: Conversation, order: Order, rules: Rules) -> bool:
    """Whether the consent given is a consent to what the record says now: order, verdict and amount."""
    if c.consent is None:
        return False
    verdict = rules.policy.decide(order)
    return (
        verdict.ruling.may_cancel
        and c.consent.number == order.number
        and (c.consent.verdict, c.consent.rule) == (verdict.ruling.value, verdict.rule)
        and c.consent.amount == stake(order)
    )


def _moved(order: Order) -> Text:
    return Text("note-record-moved", {"number": order.number})


def _missing(c: Conversation, rules: Rules) -> Heard:
    c = replace(c, order=None, consent=None, unmatched=True, misses=c.misses + 1, unreachable=0)
    if c.misses >= rules.misses:
        return Heard(c, (), HandOver(HandoffReason.IDENTITY_GUESSES))
    return Heard(c)


def _ended(c: Conversation, event: CancelEnded) -> Heard:
    """The attempt ended. Moved: nothing was attempted, and the consent is for what is no more."""
    theirs = event.order is not None and _named_by(c, event.order)
    if theirs:
        c = replace(c, order=event.order, read_at=event.read_at)
    if event.outcome is Outcome.STAGE_MOVED:
        if not theirs:  # gone, or no longer of this e-mail address: look it up anew
            return Heard(replace(c, order=None, read_at=None, consent=None, outcome=None))
        notes = (_moved(c.order),) if c.order is not None else ()
        return Heard(replace(c, consent=None, outcome=None), notes)
    return Heard(replace(c, outcome=event.outcome, checks=0))


def _reconciled(c: Conversation) -> Heard:
    """The record was read again after an unknown outcome: only what it shows is told."""
    if c.order is not None and c.order.stage is Stage.CANCELLED:
        return Heard(replace(c, outcome=Outcome.CANCELLED, topic=Topic.CANCEL), (Text("note-record-speaks"),))
    return Heard(c)
