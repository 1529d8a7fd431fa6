"""What every step must keep, judged by what was said and asked of the world, not by what the code notes.

`Watch` follows a conversation from outside: which cancellation was put to the customer, and whether they
agreed to it with a clear yes. That the record is read after the yes, and compared, is the performer's to
keep: `tests/bot/test_cancelling.py`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import lru_cache

from dialogs.conversation import Conversation, Errand, Mode
from dialogs.effects import (
    Amount,
    CallPerson,
    CancelOrder,
    CaseClosed,
    Effect,
    LookUpOrder,
    Relay,
    Say,
    SayAgain,
    Text,
)
from dialogs.engine import Step
from dialogs.events import (
    Event,
    Opened,
    OrderFound,
    PersonCancels,
    PersonClosed,
    PersonGaveBack,
    PersonLeft,
    PersonPassedOn,
    PersonSaid,
    PersonTookOver,
    Pressed,
    RecordContradicts,
    Said,
)
from dialogs.orders import Order, Stage, same_email, same_number
from dialogs.policy import default_policy
from dialogs.reading import Answer, Intent
from tests.dialogs.endings import ENDINGS


class Broken(AssertionError):
    """A promise was broken."""


@dataclass(frozen=True, slots=True)
class Deal:
    """A cancellation as a customer can agree to it."""

    number: str
    ruling: str
    reason: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Watch:
    """What an attentive listener knows. `put` stands open; `nonce` is what its yes button carries."""

    put: Deal | None = None
    nonce: str | None = None
    agreed: Deal | None = None


FRESH = Watch()
_ENDING_IT = (PersonGaveBack, PersonClosed, PersonLeft, PersonPassedOn)
"""Acts of the person who has the chat, of which the bot may tell the customer."""
_REVOKING = {Intent.HUMAN, Intent.START_OVER, Intent.CANCEL_PART}


@lru_cache(maxsize=64)
def deal(order: Order) -> Deal:
    """What there is to agree to about an order as the record shows it."""
    verdict = default_policy().decide(order)
    paid = sum((payment.amount for payment in order.payments), Decimal(0))
    back = sum((refund.amount for payment in order.payments for refund in payment.refunds), Decimal(0))
    return Deal(order.number, verdict.ruling.value, verdict.reason, paid - back)


def watched(watch: Watch, event: Event, effects: tuple[Effect, ...]) -> Watch:
    """Follow one step. Raises `Broken` where an attempt to cancel is not backed by what came before."""
    watch = _with_event(watch, event)
    for effect in effects:
        match effect:
            case CancelOrder(by=str()):
                _decided_by_a_person(event, effect)
                watch = FRESH
            case CancelOrder():
                _backed(watch, event, effect)
                watch = FRESH  # one attempt for one yes
            case LookUpOrder():
                watch = FRESH  # what will be found is another record than the one agreed to
            case CallPerson() | CaseClosed() | Relay():
                watch = FRESH
            case Say():
                watch = _with_question(watch, effect)
    return watch


def _with_event(watch: Watch, event: Event) -> Watch:
    if isinstance(event, PersonTookOver | PersonSaid | PersonGaveBack | PersonClosed):
        return FRESH
    if watch.put is not None and _is_clear_yes(watch, watch.put, event):
        return Watch(agreed=watch.put)
    if watch.agreed is not None and _revokes(watch.agreed, event):
        return FRESH
    return watch


def _is_clear_yes(watch: Watch, put: Deal, event: Event) -> bool:
    match event:
        case Said(edited=False, reading=reading):
            same = all(same_number(number, put.number) for number in reading.numbers)
            return reading.answer is Answer.YES and same and not reading.emails
        case Pressed(value=value):
            return value == watch.nonce
        case _:
            return False


def _revokes(agreed: Deal, event: Event) -> bool:
    """Whether the customer takes the yes back, or speaks of another order only."""
    match event:
        case Said(reading=reading):
            return (
                reading.answer is Answer.NO
                or reading.intent in _REVOKING
                or (bool(reading.numbers) and not any(same_number(n, agreed.number) for n in reading.numbers))
                or any(same_number(number, agreed.number) for number in reading.withdrawn)
            )
        case Pressed(value=value):
            kind, _, rest = value.partition(":")
            return (kind == "number" and not same_number(rest, agreed.number)) or (
                kind == "intent" and rest in _REVOKING
            )
        case Opened(number=str() as number):
            return not same_number(number, agreed.number)
        case _:
            return False


def _with_question(watch: Watch, said: Say) -> Watch:
    """A question said replaces the one before; anything else leaves it open."""
    question = next((part for part in said.parts if part.key.startswith("ask-")), None)
    if question is None:
        return watch
    if question.key != "ask-confirm":
        return replace(watch, put=None, nonce=None)
    number, ruling, reason, stake = (question.args[name] for name in ("number", "ruling", "reason", "stake"))
    assert isinstance(number, str)
    assert isinstance(ruling, str)
    assert isinstance(reason, Text)
    assert isinstance(stake, Amount)
    put = Deal(number, ruling, reason.key.removeprefix("reason-"), stake.amount)
    nonce = next((button.value for button in said.buttons if button.value.startswith("yes:")), None)
    return Watch(put=put, nonce=nonce)


def _backed(watch: Watch, event: Event, attempt: CancelOrder) -> None:
    """Identity, verdict, and a consent that is not withdrawn, to just this, with no person called since."""
    verdict = default_policy().decide(attempt.seen)
    seen = deal(attempt.seen)
    for held, promise in (
        (attempt.seen.belongs_to(attempt.number, attempt.email), "number and e-mail are those of the order"),
        (verdict.ruling.may_cancel, "the policy lets it be cancelled"),
        (attempt.rule == verdict.rule, "the rule named is the one that decides"),
        (watch.agreed is not None, "the customer said a clear yes"),
        (watch.agreed == seen, "the yes was to this order, verdict and amount"),
        (isinstance(event, Said | Pressed), "it is made at the yes, and at no other time"),
    ):
        if not held:
            raise Broken(f"CancelOrder, and not: {promise} (agreed {watch.agreed}, seen {seen})")


def _decided_by_a_person(event: Event, attempt: CancelOrder) -> None:
    if not isinstance(event, PersonCancels) or (event.agent, event.order) != (attempt.by, attempt.seen):
        raise Broken(f"CancelOrder by {attempt.by}, who did not decide it")


def texts(effects: tuple[Effect, ...]) -> Iterator[Text]:
    """Everything said, buttons too; texts within texts are left to the one who renders."""
    for effect in effects:
        if isinstance(effect, Say):
            yield from effect.parts
            yield from (button.label for button in effect.buttons)
        elif isinstance(effect, SayAgain):
            yield effect.intro


def check(before: Conversation, event: Event, step: Step) -> None:
    """What one step must keep whatever came before. Raises `Broken`."""
    for promise in _PROMISES:
        if not promise(before, event, step):
            raise Broken(promise.__name__.strip("_").replace("_", " "))


def _only_the_person_speaks_while_one_has_the_chat(before: Conversation, event: Event, step: Step) -> bool:
    relayed = any(isinstance(effect, Relay) for effect in step.effects)
    holder = before.handoff.agent if before.mode is Mode.PERSON and before.handoff else None
    if relayed != (isinstance(event, PersonSaid) and holder in (None, event.agent)):
        return False
    if before.mode is not Mode.PERSON or isinstance(event, _ENDING_IT):
        return True
    silent = not any(isinstance(effect, Say | SayAgain | CallPerson) for effect in step.effects)
    return silent and step.conversation.mode is Mode.PERSON


def _cancelled_is_said_only_of_a_record_that_shows_it(before: Conversation, event: Event, step: Step) -> bool:
    del before, event
    said = {text.key for text in texts(step.effects)}
    if not said & {"told-cancelled", "told-already-cancelled"}:
        return True
    order = step.conversation.order
    return order is not None and order.stage is Stage.CANCELLED and not order.partly_fulfilled


def _an_old_button_agrees_to_nothing(before: Conversation, event: Event, step: Step) -> bool:
    current = None if before.asked is None else f"yes:{before.asked.turn}"
    if not (isinstance(event, Pressed) and event.value.startswith("yes:") and event.value != current):
        return True
    asked = any(isinstance(effect, LookUpOrder | CancelOrder) for effect in step.effects)
    return not asked and step.conversation.consent in (None, before.consent)


def _whoever_waits_has_asked(before: Conversation, event: Event, step: Step) -> bool:
    """Something is awaited exactly where it was asked for, and what was asked for is awaited."""
    del event
    asked = [effect for effect in step.effects if isinstance(effect, LookUpOrder | CancelOrder)]
    awaiting = step.conversation.awaiting
    if not asked:
        return awaiting in (None, before.awaiting)
    kind = Errand.CANCEL if isinstance(asked[0], CancelOrder) else Errand.LOOK_UP
    return (
        len(asked) == 1
        and awaiting is not None
        and (awaiting.errand, awaiting.turn) == (kind, asked[0].turn)
        and asked[0].turn == before.turn + 1
    )


def _the_order_known_is_that_of_the_number_and_e_mail_given(
    before: Conversation, event: Event, step: Step
) -> bool:
    del before, event
    c = step.conversation
    if c.order is None:
        return True
    return c.number is not None and c.email is not None and c.order.belongs_to(c.number, c.email)


def _number_and_e_mail_come_from_the_customer(before: Conversation, event: Event, step: Step) -> bool:
    c = step.conversation
    numbers = (*before.numbers, *(later.number for later in before.later), *_given(event, "number"))
    emails = (*before.emails, *(later.email for later in before.later), *_given(event, "email"))
    number = c.number in (None, before.number) or any(n and same_number(c.number, n) for n in numbers)
    return number and (c.email in (None, before.email) or any(e and same_email(c.email, e) for e in emails))


def _given(event: Event, kind: str) -> tuple[str | None, ...]:
    match event:
        case Said(reading=reading):
            return reading.numbers if kind == "number" else reading.emails
        case Pressed(value=value):
            return (value.partition(":")[2],) if value.startswith(f"{kind}:") else ()
        case Opened(number=number) if kind == "number":
            return (number,)
        case RecordContradicts(number=number, email=email):  # told under these before
            return (number,) if kind == "number" else (email,)
        case PersonCancels(order=order):
            return (order.number,) if kind == "number" else (order.email,)
        case OrderFound(order=order) if kind == "number":
            return (order.number,)  # as the shop writes it
        case _:
            return ()


def _a_customer_is_answered(before: Conversation, event: Event, step: Step) -> bool:
    """With the bot, a message has an answer at once or a question to the shop; an edit may change nothing."""
    if before.mode is not Mode.BOT or not isinstance(event, Said | Pressed | Opened):
        return True
    return bool(step.effects) or (isinstance(event, Said) and event.edited)


def _an_open_question_is_not_left_open_for_ever(before: Conversation, event: Event, step: Step) -> bool:
    del before, event
    c = step.conversation
    return c.mode is not Mode.BOT or c.asked is None or c.awaiting is not None or c.wake_at is not None


_PROMISES = (
    _only_the_person_speaks_while_one_has_the_chat,
    _cancelled_is_said_only_of_a_record_that_shows_it,
    _an_old_button_agrees_to_nothing,
    _whoever_waits_has_asked,
    *ENDINGS,
    _the_order_known_is_that_of_the_number_and_e_mail_given,
    _number_and_e_mail_come_from_the_customer,
    _a_customer_is_answered,
    _an_open_question_is_not_left_open_for_ever,
)
