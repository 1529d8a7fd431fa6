"""A person is wanted or has the chat: the bot says what happens next, and then nothing."""

from dialogs import knowledge
from dialogs.conversation import Conversation, Errand, Handoff, Mode
from dialogs.effects import HandoffReason, Relay, Text
from dialogs.events import (
    CustomerEvent,
    PersonClosed,
    PersonEvent,
    PersonGaveBack,
    PersonSaid,
    PersonTookOver,
    Pressed,
    Said,
)
from dialogs.hearing import Heard
from dialogs.moves import Farewell, Wait
from dialogs.replacing import replace
from dialogs.rules import Rules

TAKEN_BACK = {
    HandoffReason.CUSTOMER_ASKED,
    HandoffReason.FAILED_ANSWERS,
    HandoffReason.OTHER_REQUEST,
    HandoffReason.LOST_DETAILS,
    HandoffReason.IDENTITY_GUESSES,
    HandoffReason.SHOP_UNREACHABLE,
    HandoffReason.PART_OF_ORDER,
}
"""Reasons for which the customer may go back to the bot; where money is unsettled, they may not."""


def may_go_back(c: Conversation) -> bool:
    """Whether the customer may choose the bot again instead of waiting."""
    return c.mode is Mode.WAITING and c.handoff is not None and c.handoff.reason in TAKEN_BACK


def heard(c: Conversation, event: CustomerEvent, rules: Rules) -> Heard:
    """The customer wrote while a person is wanted: it is kept for the person, which is said now and then."""
    assert c.handoff is not None  # noqa: S101  the mode says so
    if c.mode is Mode.PERSON:
        return Heard(c, (), Wait())
    back = isinstance(event, Pressed) and event.value == "bot:back"
    stop = isinstance(event, Said) and event.reading.stop
    if may_go_back(c) and (back or stop):
        return Heard(
            _with_bot(c, resume=c.handoff.reason is HandoffReason.CUSTOMER_ASKED),
            (Text("note-back-with-bot"),),
        )
    last = c.handoff.acknowledged_at
    if last is not None and event.at - last < rules.acknowledge_every:
        return Heard(c, (), Wait())
    told = replace(c, handoff=replace(c.handoff, acknowledged_at=event.at))
    return Heard(told, (), Wait((Text("note-kept-for-person", {"reference": c.reference}),)))


def person(c: Conversation, event: PersonEvent) -> tuple[Heard, tuple[Relay, ...]]:
    """An agent acted."""
    match event:
        case PersonTookOver():
            return Heard(_held(c, event), (), Wait()), ()
        case PersonSaid():
            return Heard(_held(c, event), (), Wait()), (Relay(event.agent, event.text),)
        case PersonGaveBack():
            return Heard(_with_bot(c, resume=event.resume), (Text("note-given-back"),)), ()
        case PersonClosed():
            return Heard(
                c, (), Farewell((Text("note-closed", {"reference": c.reference}),), "closed_by_person")
            ), ()


def _held(c: Conversation, event: PersonTookOver | PersonSaid) -> Conversation:
    handoff = c.handoff or Handoff(HandoffReason.CUSTOMER_ASKED, event.at)
    return replace(c, mode=Mode.PERSON, handoff=replace(handoff, agent=event.agent), asked=None, consent=None)


def _with_bot(c: Conversation, *, resume: bool) -> Conversation:
    """The bot has the chat again: with the open request, or with none."""
    c = replace(c, mode=Mode.BOT, handoff=None, asked=None, consent=None, messages=0, misses=0)
    if c.awaiting is not None and c.awaiting.errand is Errand.CANCEL:
        return c
    if resume and c.topic is not None and c.outcome is None:
        return replace(
            knowledge.without_order(c), lost_number=False, lost_email=False, details=(), part_only=False
        )
    return replace(knowledge.new_request(c, None), case_open=c.case_open)
