"""What the world's answers change in what is known; one to an older turn comes too late."""

from dialogs.conversation import Conversation, Errand, Mode, Topic
from dialogs.effects import HandoffReason, Text
from dialogs.events import CancelEnded, OrderFound, OrderMissing, Outcome, ShopUnreachable
from dialogs.hearing import Heard
from dialogs.moves import HandOver
from dialogs.orders import Order, Stage
from dialogs.policy import Facts
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.terms import stake

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
    attempted = c.attempting
    c = replace(c, awaiting=None)
    match event:
        case OrderFound():
            return _found(c, event, rules)
        case OrderMissing():
            return _missing(c, rules)
        case ShopUnreachable():
            c = replace(c, trouble=event.why, unreachable=c.unreachable + 1)
            asks = c.mode is Mode.BOT and c.messages <= rules.patience  # and says it with that
            told = (_not_attempted(c),) if attempted and not asks else ()
            return Heard(replace(c, order=None, consent=None), told)
        case CancelEnded():
            return _ended(c, event)


def _found(c: Conversation, event: OrderFound, rules: Rules) -> Heard:
    if not _named_by(c, event.order):
        return _missing(c, rules)
    c = replace(
        c, order=event.order, read_at=event.read_at, number=event.order.number,
        consent=None, unmatched=False, misses=0, unreachable=0,
    )  # fmt: skip
    return _reconciled(c) if c.outcome is Outcome.UNKNOWN else Heard(c)


def _named_by(c: Conversation, order: Order) -> bool:
    """A second guard: no order reaches a conversation that has not named its number and e-mail address."""
    return c.number is not None and c.email is not None and order.belongs_to(c.number, c.email)


def _moved(c: Conversation, event: CancelEnded, order: Order) -> Text:
    """What is no more as it was agreed to: the record; or, of the same record, what the rules say."""
    if c.order is not None and event.asked_on is None and _alike(c.order, order):
        return Text("note-terms-moved", {"number": order.number})
    return Text("note-record-moved", {"number": order.number})


def _alike(seen: Order, now: Order) -> bool:
    """Whether the policy and the money cannot tell these apart."""
    return Facts.of(seen) == Facts.of(now) and stake(seen) == stake(now)


def _not_attempted(c: Conversation) -> Text:
    return Text("note-not-attempted", {"number": c.number or ""})


def _missing(c: Conversation, rules: Rules) -> Heard:
    c = replace(c, order=None, consent=None, unmatched=True, misses=c.misses + 1, unreachable=0)
    if c.misses >= rules.misses:
        return Heard(c, (), HandOver(HandoffReason.IDENTITY_GUESSES))
    return Heard(c)


def _ended(c: Conversation, event: CancelEnded) -> Heard:
    """The attempt ended, and with it the consent. Moved: what was agreed to is no more."""
    order = event.order if event.order is not None and _named_by(c, event.order) else None
    moved = () if order is None else (_moved(c, event, order),)
    c = replace(c, consent=None)
    if order is not None:
        c = replace(c, order=order, read_at=event.read_at)
    if event.outcome is Outcome.STAGE_MOVED:
        if order is None:  # gone, or no longer of this e-mail address: look it up anew
            return Heard(replace(c, order=None, read_at=None, outcome=None), (_not_attempted(c),))
        return Heard(replace(c, outcome=None), moved)
    c = replace(c, outcome=event.outcome, checks=0)
    if event.outcome is Outcome.ALREADY_CANCELLED and order is not None and order.stage is Stage.CANCELLED:
        return Heard(c, moved)  # by somebody else, since the question
    return Heard(c)


def _reconciled(c: Conversation) -> Heard:
    """The record was read again after an unknown outcome: only what it shows is told."""
    if c.order is not None and c.order.stage is Stage.CANCELLED:
        return Heard(replace(c, outcome=Outcome.CANCELLED, topic=Topic.CANCEL), (Text("note-record-speaks"),))
    return Heard(c)
