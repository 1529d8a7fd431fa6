"""From a move to effects: what is said and asked of the world, and what the conversation waits for then."""

from dataclasses import dataclass
from datetime import datetime

from dialogs import buttons, knowledge, waiting
from dialogs.conversation import Asked, Awaited, Conversation, Errand, Handoff, Mode, Question
from dialogs.effects import (
    Button,
    CallPerson,
    CancelOrder,
    CaseClosed,
    Effect,
    HandoffReason,
    LookUpOrder,
    Say,
    SayAgain,
    Text,
)  # fmt: skip
from dialogs.events import Outcome
from dialogs.flows.with_agent import TAKEN_BACK
from dialogs.hearing import Heard
from dialogs.moves import Again, Ask, Attempt, Conclude, Farewell, HandOver, LookUp, Move, Wait
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.small_talk import nothing_asked


@dataclass(frozen=True, slots=True)
class Turned:
    """Knowledge after the move, and its effects in order."""

    c: Conversation
    effects: tuple[Effect, ...]


def outward(
    heard: Heard, move: Move, at: datetime, *, gained: bool, rules: Rules, ended: bool = False
) -> Turned:
    """Turn a move outward.

    `gained` says whether the event moved the request forward; `ended`, whether it was the end of an attempt,
    which is told though a person is wanted for the same reason already.
    """
    c, notes = heard.c, heard.notes
    if ended and isinstance(move, HandOver):
        move = replace(move, news=True)
    if _too_long(c, move, rules):
        move = HandOver(HandoffReason.FAILED_ANSWERS)
    match move:
        case Wait():
            return _speak(c, (*notes, *move.parts), _buttons_again(c) if c.asked else move.buttons)
        case Again():
            return Turned(replace(c, wake_at=_until(c, at, rules)), (SayAgain(Text("note-again")),))
        case Ask():
            return _ask(c, notes, move, at, gained=gained, rules=rules)
        case LookUp():
            return _look_up(c, notes, at)
        case Attempt():
            return _attempt(c, notes, move, at)
        case Conclude():
            return _conclude(c, notes, move, at, rules)
        case HandOver():
            return _hand_over(c, notes, move, at, rules)
        case Farewell():
            return _farewell(c, notes, move)


def _too_long(c: Conversation, move: Move, rules: Rules) -> bool:
    """Whether the customer has written more than a request may take, and this would not settle it either.

    What waits for the shop goes on waiting, and a yes is carried out.
    """
    if c.mode is not Mode.BOT or c.awaiting is not None or c.messages <= rules.patience:
        return False
    return isinstance(move, Wait | Again | Ask | LookUp)


def _speak(c: Conversation, parts: tuple[Text, ...], offered: tuple[Button, ...] = ()) -> Turned:
    return Turned(c, (Say(parts, offered),) if parts else ())


def _buttons_again(c: Conversation) -> tuple[Button, ...]:
    """The buttons of a closed question still open, so that a pause does not lose them."""
    if c.asked is not None and c.asked.question is Question.CONFIRM:
        nonce = replace(c, turn=c.asked.turn)
        return buttons.yes_no(nonce, "yes-cancel", "no-keep")
    return ()


def _ask(
    c: Conversation, notes: tuple[Text, ...], move: Ask, at: datetime, *, gained: bool, rules: Rules
) -> Turned:
    """Put the question; one put too often in a row, or a request that takes too long, goes to a person."""
    again = c.asked is not None and c.asked.question is move.question and not gained
    times = c.asked.times + 1 if again and c.asked is not None else 1
    put = times
    if _answered_in_passing(notes) and again:
        times -= 1
    if times > rules.tries:
        return _hand_over(c, notes, HandOver(HandoffReason.FAILED_ANSWERS), at, rules)
    asked = Asked(move.question, c.turn, times, move.terms)
    c = replace(c, asked=asked, greeted=True, wake_at=_until(c, at, rules))
    text = replace(move.text, args={**move.text.args, "times": put})
    return _speak(c, (*notes, text), move.buttons)


def _answered_in_passing(notes: tuple[Text, ...]) -> bool:
    """A question of the customer's in the middle does not count against them (patience still bounds it)."""
    return any(note.key.startswith(("remark-", "why-", "note-language")) for note in notes)


def _until(c: Conversation, at: datetime, rules: Rules) -> datetime:
    """An open question is not left open for ever: one reminder, then a polite end."""
    return at + (rules.close_after if c.reminded or c.done else rules.remind_after)


def _look_up(c: Conversation, notes: tuple[Text, ...], at: datetime) -> Turned:
    assert c.number is not None and c.email is not None  # noqa: S101, PT018  no flow looks up without both
    c = replace(c, awaiting=Awaited(Errand.LOOK_UP, c.turn, at), asked=None, wake_at=None)
    spoken = _speak(c, notes)
    return Turned(c, (*spoken.effects, LookUpOrder(c.turn, c.number or "", c.email or "")))


def _attempt(c: Conversation, notes: tuple[Text, ...], move: Attempt, at: datetime) -> Turned:
    order, email = c.order, c.email
    assert order is not None and email is not None  # noqa: S101, PT018  no flow attempts without both
    c = replace(c, awaiting=Awaited(Errand.CANCEL, c.turn, at), asked=None, wake_at=None)
    verdict = move.verdict
    attempt = CancelOrder(
        c.turn, order.number, email, order, verdict.rule, f"{c.reference}-{c.turn}",
        ruling=verdict.ruling.value, reason=verdict.reason,
    )  # fmt: skip
    return Turned(c, (*_speak(c, notes).effects, attempt))


def _conclude(c: Conversation, notes: tuple[Text, ...], move: Conclude, at: datetime, rules: Rules) -> Turned:
    """The answer, the reference to quote, and what may come next, in one message."""
    told = (*notes, *move.parts, Text("reference", {"reference": c.reference}))
    closed = (CaseClosed(c.reference, move.result),) if c.case_open else ()
    c = replace(c, done=True, consent=None)
    if _person_stays(c):
        return Turned(c, (Say(told),))
    c = replace(c, case_open=False, mode=Mode.BOT, handoff=None, messages=0)
    following = nothing_asked(c)
    c = replace(c, asked=Asked(following.question, c.turn), wake_at=_until(c, at, rules))
    offered = () if following.question is Question.RESUME else move.buttons
    return Turned(c, (Say((*told, following.text), (*offered, *following.buttons)), *closed))


def _hand_over(
    c: Conversation, notes: tuple[Text, ...], move: HandOver, at: datetime, rules: Rules
) -> Turned:
    """Call a person, and say honestly what happens next."""
    named = "" if c.by_person else c.number or ""
    parts = move.parts or (Text(f"handover-{move.reason.value.replace('_', '-')}", {"number": named}),)
    said = (*notes, *parts, *waiting.what_comes_next(c, at, rules))
    offered = (buttons.BACK_TO_BOT,) if move.reason in TAKEN_BACK else ()
    before = c.handoff if c.mode is Mode.WAITING else None
    asked_already = before is not None and before.reason is move.reason
    wanted = move.reason is not HandoffReason.OUTCOME_UNKNOWN or (before is not None and before.wanted)
    c = replace(
        c, mode=Mode.WAITING, asked=None, consent=None, wake_at=None,
        messages=0, misses=0, unreachable=0, trouble=None, reminded=False,
        handoff=_waited_for(before, move, at, wanted=wanted),
        done=c.outcome not in (None, Outcome.UNKNOWN), check_at=waiting.next_check(c, at, rules),
    )  # fmt: skip
    if asked_already and not move.news:
        return Turned(c, ())
    if move.desk and before is not None:
        return Turned(c, (CallPerson(move.reason, c.reference),))
    return Turned(c, (Say(said, offered), CallPerson(move.reason, c.reference)))


def _waited_for(before: Handoff | None, move: HandOver, at: datetime, *, wanted: bool) -> Handoff:
    if before is not None and before.reason is move.reason:
        return before
    if before is not None and move.desk:  # the customer's own wait goes on
        return replace(before, reason=move.reason, wanted=wanted)
    return Handoff(move.reason, at, wanted=wanted)


def _farewell(c: Conversation, notes: tuple[Text, ...], move: Farewell) -> Turned:
    """A polite end: nothing stays open."""
    closed: tuple[Effect, ...] = (CaseClosed(c.reference, move.result),) if c.case_open else ()
    return Turned(
        replace(knowledge.ended(c), greeted=True), (*_speak(c, (*notes, *move.parts)).effects, *closed)
    )


def _person_stays(c: Conversation) -> bool:
    """Who asked for a person still gets one; who only waited for the outcome has it now."""
    if c.mode is not Mode.WAITING or c.handoff is None:
        return False
    return c.handoff.wanted or c.handoff.reason is not HandoffReason.OUTCOME_UNKNOWN
