"""What happens between the dialogue and the person who has the chat, unheard by the customer."""

from dialogs import knowledge, refund_words, waiting
from dialogs.conversation import Awaited, Conversation, Errand, Mode, Topic
from dialogs.effects import CancelOrder, CaseOpened, Effect, HandoffReason, TellPerson, Text
from dialogs.events import CancelEnded, Event, OrderFound, Outcome, PersonCancels, ShopUnreachable
from dialogs.flows import cancel_order
from dialogs.hearing import Heard
from dialogs.moves import HandOver, Wait
from dialogs.orders import Stage, same_email, same_number
from dialogs.outward import Turned
from dialogs.remarks import stage_of
from dialogs.replacing import replace
from dialogs.rules import Rules


def learned(
    before: Conversation, c: Conversation, event: Event, rules: Rules
) -> tuple[Heard, tuple[Effect, ...]]:
    """What came of an attempt that the desk alone hears of, and its notes.

    Where no agent has the chat any more and it did not go well, one is called; no word of the order is said.
    """
    notes = _notes(before, c, event, rules)
    reason = _needed(c, rules) if notes else None
    c = replace(c, check_at=waiting.next_check(c, event.at, rules))
    if c.mode is Mode.PERSON:
        return Heard(c, (), Wait()), notes
    opening: tuple[Effect, ...] = ()
    if reason is not None and not c.case_open:
        opening = (CaseOpened(c.reference),)
        c = replace(c, case_open=True)
    if before.attempting and c.outcome is not Outcome.UNKNOWN:
        c = _forgotten(c)
    return Heard(c, (), Wait() if reason is None else called(reason)), (*opening, *notes)


def _forgotten(c: Conversation) -> Conversation:
    """The customer has proved nothing of the order, and goes on with their own."""
    fresh = replace(knowledge.new_request(c, None), case_open=c.case_open, messages=0)
    return replace(fresh, mode=c.mode, handoff=c.handoff)


def called(reason: HandoffReason) -> HandOver:
    """A person for what is not the customer's to know: they hear that one comes, and not why."""
    return HandOver(reason, (Text("handover-agent-gone"),), news=True, desk=True)


def _needed(c: Conversation, rules: Rules) -> HandoffReason | None:
    """Why a person has to look into what came of it; `None`: it is cancelled, and its money on its way."""
    if c.outcome is None:
        return HandoffReason.AGENT_GONE  # nothing was attempted
    if c.outcome is Outcome.REFUSED:
        return HandoffReason.REFUSED_BY_SHOP
    move = cancel_order.next_move(c, rules)
    return move.reason if isinstance(move, HandOver) else None


def _notes(before: Conversation, c: Conversation, event: Event, rules: Rules) -> tuple[Effect, ...]:
    """What became of an attempt to cancel that was under way, or unknown."""
    match event:
        case CancelEnded():
            return (_told(c, event.outcome), *_money(c, rules))
        case ShopUnreachable() if before.attempting:
            return (TellPerson(Text("person-not-attempted", {"number": before.number or ""})),)
        case OrderFound() if before.outcome is Outcome.UNKNOWN and c.outcome is Outcome.CANCELLED:
            return (_told(c, Outcome.CANCELLED), *_money(c, rules))
    return ()


def _money(c: Conversation, rules: Rules) -> tuple[Effect, ...]:
    """Why somebody has to see to the money of a cancelled order, where somebody has to."""
    if c.outcome not in (Outcome.CANCELLED, Outcome.ALREADY_CANCELLED) or c.order is None:
        return ()
    reason = refund_words.person_for(refund_words.expect(c.order, rules))
    if c.order.stage is not Stage.CANCELLED or reason is None:
        return ()
    return (TellPerson(Text("person-refund", {"number": c.order.number, "reason": reason.value})),)


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
