"""What happens between the dialogue and the person who has the chat, unheard by the customer."""

from dialogs.conversation import Awaited, Conversation, Errand, Mode, Topic
from dialogs.effects import CancelOrder, CaseOpened, Effect, TellPerson, Text
from dialogs.events import CancelEnded, Event, OrderFound, Outcome, PersonCancels, ShopUnreachable
from dialogs.orders import same_email, same_number
from dialogs.outward import Turned
from dialogs.remarks import stage_of
from dialogs.replacing import replace


def outcome(before: Conversation, c: Conversation, event: Event) -> tuple[Effect, ...]:
    """What became of an attempt to cancel that was under way, or unknown, while a person has the chat."""
    match event:
        case CancelEnded():
            return (_told(c, event.outcome),)
        case ShopUnreachable() if before.attempting:
            return (TellPerson(Text("person-not-attempted", {"number": before.number or ""})),)
        case OrderFound() if before.outcome is Outcome.UNKNOWN and c.outcome is Outcome.CANCELLED:
            return (_told(c, Outcome.CANCELLED),)
    return ()


def too_late(event: Event) -> tuple[Effect, ...]:
    """An attempt ended for which nobody waits any more: the desk hears of it all the same."""
    if not isinstance(event, CancelEnded) or event.order is None:
        return ()
    args = {"number": event.order.number, "outcome": event.outcome.value, "stage": stage_of(event.order)}
    return (TellPerson(Text("person-outcome", args)),)


def _told(c: Conversation, became: Outcome) -> TellPerson:
    args = {"number": c.number or "", "outcome": became.value, "stage": stage_of(c.order)}
    return TellPerson(Text("person-outcome", args))


def proved(c: Conversation, number: str, email: str) -> bool:
    """Whether the customer of this chat gave number and e-mail of the order spoken of, and it is this one."""
    if c.by_person or c.number is None or c.email is None:
        return False
    return same_number(c.number, number) and same_email(c.email, email)


def cancelled_by(c: Conversation, event: PersonCancels) -> Turned:
    """An agent's own decision to cancel, carried out as the customer's is; its outcome comes as a note."""
    order = event.order
    holds = c.mode is Mode.PERSON and c.handoff is not None and c.handoff.agent == event.agent
    if not holds or c.awaiting is not None:
        return Turned(c, (TellPerson(Text("person-cannot-cancel", {"number": order.number})),))
    opening: tuple[Effect, ...] = ()
    if not c.case_open:
        c = replace(c, case=c.case + 1, case_open=True)
        opening = (CaseOpened(c.reference),)
    c = replace(
        c, by_person=not proved(c, order.number, order.email), topic=Topic.CANCEL, number=order.number,
        email=order.email, numbers=(), emails=(), unmatched=False,
        lost_number=False, lost_email=False, part_only=False, order=order, read_at=event.read_at,
        outcome=None, done=False, checks=0, check_at=None,
        awaiting=Awaited(Errand.CANCEL, c.turn, event.at),
    )  # fmt: skip
    attempt = CancelOrder(
        c.turn, order.number, order.email, order, "agent", f"{c.reference}-{c.turn}", by=event.agent
    )
    return Turned(c, (*opening, attempt))
