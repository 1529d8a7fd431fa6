"""Promises about money under way: every attempt to cancel has an end, and somebody hears of it, once.

That is the customer; or, while a person has the chat or the order is none that the customer has proved to be
theirs, the person, by a private note.
"""

from collections.abc import Iterator

from dialogs.conversation import Conversation, Errand, Mode
from dialogs.effects import CallPerson, Effect, Say, TellPerson, Text
from dialogs.engine import Step
from dialogs.events import (
    CancelEnded,
    Event,
    Outcome,
    PersonCancels,
    PersonClosed,
    PersonGaveBack,
    Pressed,
    RecordContradicts,
    Said,
    ShopUnreachable,
)
from dialogs.orders import Stage, same_number
from tests.dialogs.alphabet import CANCELLED, OTHERS_CANCELLED

_NAMING = frozenset(
    {
        "told-cancelled", "told-already-cancelled", "told-refused", "handover-rule", "handover-conflict",
        "handover-refused-by-shop", "handover-outcome-unknown", "note-record-moved", "note-terms-moved",
        "note-not-attempted",
    }
)  # fmt: skip
"""What tells the customer how an attempt ended, and names the order."""
_NOT_NAMING = frozenset({"ask-retry-shop", "handover-shop-trouble", "handover-shop-unreachable"})
"""The same without its number: nothing was attempted."""
_NOTES = frozenset({"person-outcome", "person-not-attempted"})


def attempting(c: Conversation) -> bool:
    return c.awaiting is not None and c.awaiting.errand is Errand.CANCEL


def _ends(before: Conversation, event: Event) -> bool:
    """Whether this is how the attempt under way ended."""
    answers = isinstance(event, CancelEnded | ShopUnreachable) and attempting(before)
    return answers and before.awaiting is not None and before.awaiting.turn == event.to


def _said(step: Step) -> list[Text]:
    return [part for effect in step.effects if isinstance(effect, Say) for part in effect.parts]


def _noted(step: Step) -> list[Text]:
    told = [effect.text for effect in step.effects if isinstance(effect, TellPerson)]
    return [text for text in told if text.key in _NOTES]


def _about(text: Text, number: str | None) -> bool:
    named = text.args.get("number")
    return isinstance(named, str) and number is not None and same_number(named, number)


def _the_end_of_an_attempt_is_told_once(before: Conversation, event: Event, step: Step) -> bool:
    if not _ends(before, event):
        return True
    said, noted = _said(step), _noted(step)
    told = [text for text in said if text.key in _NAMING]
    if before.mode is Mode.PERSON or before.by_person:
        return not told and len(noted) == 1 and _about(noted[0], before.number)
    unnamed = [text for text in said if text.key in _NOT_NAMING]
    return not noted and bool(told or unnamed) and all(_about(text, before.number) for text in told)


def _an_attempt_under_way_is_not_forgotten(before: Conversation, event: Event, step: Step) -> bool:
    return not attempting(before) or _ends(before, event) or step.conversation.awaiting == before.awaiting


def _an_attempt_stays_about_its_order(before: Conversation, event: Event, step: Step) -> bool:
    """Else its end would be told of another one, or to who has not proved that it is theirs."""
    c = step.conversation
    if not attempting(before) or _ends(before, event):
        return True
    return (c.number, c.email, c.by_person) == (before.number, before.email, before.by_person)


def _an_unknown_outcome_is_not_forgotten(before: Conversation, event: Event, step: Step) -> bool:
    """The bot looks into it until it knows, or a person has the chat and ends it or goes on to another."""
    if before.outcome is not Outcome.UNKNOWN or isinstance(
        event, PersonCancels | PersonClosed | PersonGaveBack
    ):
        return True
    c = step.conversation
    if c.number != before.number or c.by_person is not before.by_person:
        return False
    if c.outcome is Outcome.UNKNOWN:
        due = before.check_at is None or c.check_at is not None or c.awaiting is not None
        waited_for = before.awaiting is None or c.awaiting is not None or _is_answer(before, event)
        return due and waited_for and c.mode is not Mode.BOT
    heard = [text for text in _said(step) if text.key.startswith(("told-", "handover-"))]
    return c.outcome is Outcome.CANCELLED and bool(heard or _noted(step))


def _nothing_of_an_order_that_is_not_proved_is_said(before: Conversation, event: Event, step: Step) -> bool:
    """Not its number, not its stage, and no word that only such an order can be behind."""
    said = [text for effect in step.effects for text in _all_texts(effect)]
    if isinstance(event, RecordContradicts):
        return event.proved or not any({"number", "stage"} & set(text.args) for text in said)
    number = before.number
    if not before.by_person or number is None or _names(event, number) or _put_off(before, number):
        return True
    named = {text.key for text in said} & _NAMING or any(_about(text, number) for text in said)
    return not named and not _put_off(step.conversation, number)  # that would be asked about later


def _put_off(c: Conversation, number: str) -> bool:
    """Whether the customer named this order before, for later."""
    return any(later.number is not None and same_number(later.number, number) for later in c.later)


def _all_texts(effect: Effect) -> Iterator[Text]:
    """Everything that the customer reads of an effect, texts within texts too."""
    if not isinstance(effect, Say):
        return
    left = [*effect.parts, *(button.label for button in effect.buttons)]
    while left:
        text = left.pop()
        yield text
        for value in text.args.values():
            left += [
                inner
                for inner in (value if isinstance(value, tuple) else (value,))
                if isinstance(inner, Text)
            ]


def _names(event: Event, number: str) -> bool:
    """Whether the customer names this order just now."""
    match event:
        case Said(reading=reading):
            given = reading.numbers
        case Pressed(value=value):
            given = (value.partition(":")[2],)
        case _:
            given = ()
    return any(same_number(each, number) for each in given)


def _a_person_looks_into_what_did_not_go_well(before: Conversation, event: Event, step: Step) -> bool:
    """Of an agent's own attempt: somebody has the chat, or is called, unless all is well with the order."""
    if not before.by_person or not _ends(before, event) or before.mode is Mode.PERSON:
        return True
    called = any(isinstance(effect, CallPerson) for effect in step.effects)
    if _is_cancelled(before, event):  # what its money needs is the refunds' to say; of these, nothing
        well = isinstance(event, CancelEnded) and event.order in (CANCELLED, OTHERS_CANCELLED)
        return not (well and called)
    return called and step.conversation.mode is Mode.WAITING


def _is_cancelled(before: Conversation, event: Event) -> bool:
    """Whether the attempt ended with a record that shows this order cancelled and nothing else."""
    if not isinstance(event, CancelEnded) or event.order is None or before.number is None:
        return False
    good = event.outcome in (Outcome.CANCELLED, Outcome.ALREADY_CANCELLED)
    own = event.order.belongs_to(before.number, before.email or "")
    return good and own and event.order.stage is Stage.CANCELLED and not event.order.partly_fulfilled


def _is_answer(before: Conversation, event: Event) -> bool:
    return before.awaiting is not None and getattr(event, "to", None) == before.awaiting.turn


ENDINGS = (
    _the_end_of_an_attempt_is_told_once,
    _an_attempt_under_way_is_not_forgotten,
    _an_attempt_stays_about_its_order,
    _an_unknown_outcome_is_not_forgotten,
    _nothing_of_an_order_that_is_not_proved_is_said,
    _a_person_looks_into_what_did_not_go_well,
)
