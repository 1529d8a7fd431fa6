"""When no turn can be made of an event: what is known stays, and a person goes on from here."""

from dataclasses import replace
from datetime import datetime

from dialogs.conversation import Conversation, Handoff, Mode
from dialogs.effects import CallPerson, CaseOpened, Effect, HandoffReason, Say, TellPerson, Text
from dialogs.engine import Step

_REASON = HandoffReason.INTERNAL_ERROR


def mishap(c: Conversation, at: datetime, *, answered: bool) -> Step:
    """Something is wrong with the bot itself: the customer is told, and a person called.

    It decides as little as can be, since what usually decides has just failed. `answered`: what was awaited
    has come, and could not be taken in. The conversation is not woken again, or it would fail again.
    """
    lost: tuple[Effect, ...] = ()
    if answered and c.attempting:
        lost = (TellPerson(Text("person-attempt-lost", {"number": c.number or ""})),)
    c = replace(c, turn=c.turn + 1, wake_at=None, awaiting=None if answered else c.awaiting)
    known = c.handoff is not None and c.handoff.reason is _REASON
    if c.mode is Mode.PERSON or (c.mode is Mode.WAITING and known):
        return Step(c, lost)
    opening: tuple[Effect, ...] = ()
    if not c.case_open:
        c = replace(c, case=c.case + 1, case_open=True)
        opening = (CaseOpened(c.reference),)
    c = replace(c, mode=Mode.WAITING, handoff=Handoff(_REASON, at), asked=None, consent=None, messages=0)
    words = (
        Text("handover-internal-error"),
        Text("handover-next", {"when": Text("when-free"), "reference": c.reference}),
    )
    return Step(c, (*lost, *opening, Say(words), CallPerson(_REASON, c.reference)))
