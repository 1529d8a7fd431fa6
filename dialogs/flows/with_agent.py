"""A person is wanted or has the chat: the bot says what happens next, and then nothing."""

from dialogs import buttons, knowledge
from dialogs.conversation import Conversation, Handoff, Mode, Settled
from dialogs.effects import HandoffReason, Relay, Text
from dialogs.events import (
    CustomerEvent,
    Outcome,
    PersonClosed,
    PersonGaveBack,
    PersonLeft,
    PersonPassedOn,
    PersonSaid,
    PersonTookOver,
    Pressed,
    Said,
    Sent,
)
from dialogs.hearing import Heard
from dialogs.moves import Farewell, HandOver, Wait
from dialogs.reading import Answer, Aside, Intent
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.waiting import what_comes_next

TAKEN_BACK = {
    HandoffReason.CUSTOMER_ASKED,
    HandoffReason.REOPENED,
    HandoffReason.FAILED_ANSWERS,
    HandoffReason.OTHER_REQUEST,
    HandoffReason.LOST_DETAILS,
    HandoffReason.IDENTITY_GUESSES,
    HandoffReason.SHOP_UNREACHABLE,
    HandoffReason.PART_OF_ORDER,
}
"""Reasons for which the customer may go back to the bot; where money is unsettled, they may not."""

_LEFT_TO_A_PERSON = {None, Intent.COMPLAINT, Intent.WHY, Intent.OTHER_REQUEST, Intent.OTHER}
"""What in a message after a settled case is about that case, as far as can be told."""

Act = PersonTookOver | PersonSaid | PersonLeft | PersonPassedOn | PersonGaveBack | PersonClosed


def may_go_back(c: Conversation) -> bool:
    """Whether the customer may choose the bot again instead of waiting."""
    if c.mode is not Mode.WAITING or c.handoff is None or c.outcome is Outcome.UNKNOWN:
        return False
    return c.handoff.reason in TAKEN_BACK


def heard(c: Conversation, event: CustomerEvent, rules: Rules) -> Heard:
    """The customer wrote while a person is wanted: it is kept for the person, which is said now and then.

    Who asks how long it takes is told what is known. Who wants to cancel, and may choose the bot, is told so
    each time: an order goes on to be packed while a person is waited for.
    """
    assert c.handoff is not None  # noqa: S101  the mode says so
    if c.mode is Mode.PERSON:
        return Heard(c, (), Wait())
    asks = event.reading.aside if isinstance(event, Said) else None
    back = asks is Aside.BACK or (isinstance(event, Pressed) and event.value == "bot:back")
    stop = isinstance(event, Said) and event.reading.stop
    if may_go_back(c) and (back or stop):
        return Heard(
            _with_bot(c, resume=c.handoff.reason is HandoffReason.CUSTOMER_ASKED),
            (Text("note-back-with-bot"),),
        )
    offered = (buttons.BACK_TO_BOT,) if may_go_back(c) else ()
    urgent = isinstance(event, Said) and event.reading.intent is Intent.CANCEL and bool(offered)
    told = replace(c, handoff=replace(c.handoff, acknowledged_at=event.at))
    if asks is Aside.WAIT:
        return Heard(told, (), Wait(what_comes_next(c, event.at, rules), offered))
    last = c.handoff.acknowledged_at
    if last is not None and event.at - last < rules.acknowledge_every and not urgent:
        return Heard(c, (), Wait())
    text = Text("note-kept-or-bot" if urgent else "note-kept-for-person", {"reference": c.reference})
    return Heard(told, (), Wait((text,), offered))


def after_settling(c: Conversation, event: CustomerEvent, rules: Rules) -> Heard | None:
    """The customer wrote after a person had closed the case; `None` where the bot can go on by itself."""
    settled = c.settled
    if settled is None or c.attempting or event.at - settled.at > rules.reopen_for:
        return None
    match event:
        case Said(reading=reading) if reading.intent in (Intent.THANKS, Intent.GOODBYE):
            return Heard(c, (), Farewell((Text("goodbye"),), "done"))
        case Said(reading=reading) if reading.answer is Answer.NO and reading.intent is None:
            return Heard(c, (), Farewell((Text("goodbye"),), "done"))
        case Said(reading=reading) if (
            reading.intent in _LEFT_TO_A_PERSON
            and len(reading.intents) < 2  # noqa: PLR2004  several may be meant: the bot asks which
            and not (reading.numbers or reading.emails or reading.stop)
        ):
            pass
        case Sent():
            pass
        case _:
            return None
    told = Text("handover-reopened", {"agent": settled.agent})
    # The same case goes on, under the reference that the customer knows.
    return Heard(replace(c, case_open=True, settled=None), (), HandOver(HandoffReason.REOPENED, (told,)))


def person(c: Conversation, event: Act) -> tuple[Heard, tuple[Relay, ...]]:
    """An agent acted."""
    match event:
        case PersonTookOver():
            return Heard(_held(c, event), (), Wait(_introduced(c, event))), ()
        case PersonSaid() if c.mode is Mode.PERSON and not _holds(c, event.agent):
            return Heard(c, (), Wait()), ()
        case PersonSaid():
            return Heard(_held(c, event), (), Wait()), (Relay(event.agent, event.text),)
        case PersonLeft():
            return _left(c, event), ()
        case PersonPassedOn():
            return _passed_on(c, event), ()
        case PersonGaveBack():
            return Heard(_with_bot(c, resume=event.resume), (Text("note-given-back"),)), ()
        case PersonClosed():
            return Heard(
                c, (), Farewell((Text("note-closed", {"reference": c.reference}),), "closed_by_person")
            ), ()


def settled(c: Conversation, event: PersonClosed) -> Conversation:
    """Who closed the case is remembered for a while, in case that it is not over for the customer."""
    return replace(c, settled=Settled(event.agent, event.at))


def _introduced(c: Conversation, event: PersonTookOver) -> tuple[Text, ...]:
    return () if c.mode is Mode.PERSON else (Text("note-person-here", {"agent": event.agent}),)


def _held(c: Conversation, event: PersonTookOver | PersonSaid) -> Conversation:
    """The chat is this agent's, unless another one has it."""
    handoff = c.handoff or Handoff(HandoffReason.CUSTOMER_ASKED, event.at)
    if c.mode is Mode.PERSON and handoff.agent not in (None, event.agent):
        return c
    return replace(
        c, mode=Mode.PERSON, handoff=replace(handoff, agent=event.agent), asked=None, consent=None,
        settled=None, messages=0, misses=0, unreachable=0, trouble=None, reminded=False,
    )  # fmt: skip


def _left(c: Conversation, event: PersonLeft) -> Heard:
    if not _holds(c, event.agent) or c.handoff is None:
        return Heard(c, (), Wait())
    waits = replace(c.handoff, agent=None, since=event.at, acknowledged_at=None, reassured=0)
    told = Text("note-person-left", {"agent": event.agent, "reference": c.reference})
    return Heard(replace(c, mode=Mode.WAITING, handoff=waits), (), Wait((told,)))


def _passed_on(c: Conversation, event: PersonPassedOn) -> Heard:
    if not _holds(c, event.agent) or c.handoff is None:
        return Heard(c, (), Wait())
    told = Text("note-passed-on", {"agent": event.to})
    return Heard(replace(c, handoff=replace(c.handoff, agent=event.to)), (), Wait((told,)))


def _holds(c: Conversation, agent: str) -> bool:
    return c.mode is Mode.PERSON and c.handoff is not None and c.handoff.agent == agent


def _with_bot(c: Conversation, *, resume: bool) -> Conversation:
    """The bot has the chat again: with the open request, or with none."""
    c = replace(
        c, mode=Mode.BOT, handoff=None, asked=None, consent=None, messages=0, misses=0, check_at=None,
        wake_at=None,
    )  # fmt: skip
    if c.attempting:
        return c
    if resume and c.topic is not None and c.outcome is None and not c.by_person:
        return replace(
            knowledge.without_order(c), lost_number=False, lost_email=False, details=(), part_only=False
        )
    return replace(knowledge.new_request(c, None), case_open=c.case_open)
