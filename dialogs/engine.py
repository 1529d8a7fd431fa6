"""The dialogue: what happened changes what is known, and what is known and missing gives the next move."""

from dataclasses import dataclass
from datetime import datetime

from dialogs import for_the_desk, hearing, knowledge, late_news, news, waiting
from dialogs.conversation import Conversation, Mode
from dialogs.effects import CaseOpened, DecisionMade, Effect, TellPerson, Text, WatchOrder
from dialogs.events import (
    CancelEnded,
    Event,
    LanguageChosen,
    Opened,
    OrderFound,
    OrderMissing,
    Outcome,
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
    Sent,
    ShopUnreachable,
    TimeCame,
)  # fmt: skip
from dialogs.flows import FLOWS, with_agent
from dialogs.hearing import Heard
from dialogs.moves import HandOver, Move, Wait
from dialogs.orders import Order
from dialogs.outward import Turned, outward
from dialogs.replacing import replace
from dialogs.rules import Rules
from dialogs.small_talk import nothing_asked, opened, woken


@dataclass(frozen=True, slots=True)
class Step:
    """What is known now, and what is to be done in the world, in this order."""

    conversation: Conversation
    effects: tuple[Effect, ...]


class Dialogue:
    """The whole dialogue, by a merchant's rules. Holds no state: it may serve any number of conversations."""

    def __init__(self, rules: Rules) -> None:
        self.rules = rules

    def step(self, conversation: Conversation, event: Event) -> Step:
        """Take one event in. Total: every event has a step in every conversation."""
        c = replace(conversation, turn=conversation.turn + 1)
        step = self._stepped(c, event)
        wake_at = waiting.wake_at(step.conversation, self.rules)
        if wake_at == step.conversation.wake_at:
            return step
        return Step(replace(step.conversation, wake_at=wake_at), step.effects)

    def _stepped(self, c: Conversation, event: Event) -> Step:
        match event:
            case TimeCame():
                return self._woken(c, event.at)
            case OrderFound() | OrderMissing() | ShopUnreachable() | CancelEnded():
                return self._answered(c, event)
            case RecordContradicts():
                return self._contradicted(c, event)
            case PersonCancels():
                turned = for_the_desk.cancelled_by(c, event)
                return Step(turned.c, turned.effects)
            case PersonTookOver() | PersonSaid() | PersonLeft() | PersonPassedOn() | PersonGaveBack():
                heard, relayed = with_agent.person(c, event)
                return self._turn(c, heard, event.at, relayed)
            case PersonClosed():
                heard, _ = with_agent.person(c, event)
                step = self._turn(c, heard, event.at)
                return Step(with_agent.settled(step.conversation, event), step.effects)
            case Opened() | Said() | Pressed() | Sent() | LanguageChosen():
                return self._customer(c, event)

    def _customer(self, c: Conversation, event: Opened | Said | Pressed | Sent | LanguageChosen) -> Step:
        if c.mode is not Mode.BOT:
            return self._turn(c, with_agent.heard(c, event, self.rules), event.at)
        if (reopened := with_agent.after_settling(c, event, self.rules)) is not None:
            opening = (CaseOpened(c.reference),) if reopened.c.case_open and not c.case_open else ()
            return self._turn(c, reopened, event.at, opening)
        heard = self._heard(replace(c, messages=c.messages + 1, reminded=False, settled=None), event)
        return self._turn(c, heard, event.at)

    def _heard(self, c: Conversation, event: Opened | Said | Pressed | Sent | LanguageChosen) -> Heard:
        match event:
            case Said():
                return hearing.said(c, event, self.rules)
            case Pressed():
                return hearing.pressed(c, event, self.rules)
            case Opened():
                return opened(c, event)
            case Sent():
                return Heard(c, (Text("note-unreadable", {"what": event.what.value}),))
            case LanguageChosen():
                if event.locale in self.rules.locales:
                    c = replace(c, locale=event.locale, locale_known=True)
                return Heard(c, (Text("note-language"),))

    def _answered(
        self, c: Conversation, event: OrderFound | OrderMissing | ShopUnreachable | CancelEnded
    ) -> Step:
        if not news.is_awaited(c, event):
            return Step(c, for_the_desk.too_late(event))
        before = c
        ended = c.attempting
        heard = news.learned(c, event, self.rules)
        first = (*self._decided(heard.c, event), *self._watched(before, heard.c, event))
        if c.mode is Mode.PERSON or c.by_person:  # it is known now; the person has the word
            heard, noted = for_the_desk.learned(before, heard.c, event, self.rules)
            first = (*noted, *first)
        elif c.mode is Mode.WAITING:
            heard = replace(heard, move=None)  # a person has been called already
            if before.outcome is Outcome.UNKNOWN and heard.c.outcome is Outcome.UNKNOWN:  # as was told before
                again = waiting.next_check(heard.c, event.at, self.rules)
                heard = Heard(replace(heard.c, check_at=again), (), Wait())
        elif ended and not heard.c.case_open:  # an agent closed it meanwhile; it is told under that reference
            heard = replace(heard, c=replace(heard.c, case_open=True))
            first = (CaseOpened(c.reference), *first)
        return self._turn(c, heard, event.at, first, ended=ended)

    def _watched(self, before: Conversation, c: Conversation, event: Event) -> tuple[Effect, ...]:
        """An order that is told as cancelled by us is looked at again later."""
        reconciled = before.outcome is Outcome.UNKNOWN and isinstance(event, OrderFound)
        if not (reconciled or isinstance(event, CancelEnded)) or c.outcome is not Outcome.CANCELLED:
            return ()
        order, number, email, after = c.order, c.number, c.email, self.rules.rechecks
        if order is None or number is None or email is None or not after:
            return ()
        return (WatchOrder(c.reference, number, email, order, event.at, after, not c.by_person),)

    def _contradicted(self, c: Conversation, event: RecordContradicts) -> Step:
        """The record does not go with what was told: whoever was told hears the truth, and a person looks."""
        note = TellPerson(late_news.for_the_person(event))
        if c.mode is Mode.PERSON:
            return Step(c, (note,))
        return self._turn(c, late_news.corrected(c, event, self.rules), event.at, (note,))

    def _decided(self, c: Conversation, event: Event) -> tuple[Effect, ...]:
        """Every reading that the policy decides upon is kept, with the rule that decided."""
        if not isinstance(event, OrderFound | CancelEnded):
            return ()
        readings = [(c.order, c.read_at)]
        if isinstance(event, CancelEnded):
            readings.insert(0, (event.asked_on, event.asked_read_at))
        return tuple(
            self._decision(c.reference, order, read_at)
            for order, read_at in readings
            if order is not None and read_at is not None
        )

    def _decision(self, reference: str, order: Order, read_at: datetime) -> DecisionMade:
        verdict, policy = self.rules.policy.decide(order), self.rules.policy.hash
        decided = (verdict.ruling.value, verdict.reason, verdict.rule, verdict.clause)
        return DecisionMade(reference, order, read_at, *decided, policy)

    def _woken(self, c: Conversation, at: datetime) -> Step:
        if c.wake_at is None or at < c.wake_at:
            return Step(c, ())
        c = replace(c, wake_at=None)
        return self._turn(c, woken(c) if c.mode is Mode.BOT else waiting.woken(c, at, self.rules), at)

    def _turn(
        self,
        before: Conversation,
        heard: Heard,
        at: datetime,
        first: tuple[Effect, ...] = (),
        *,
        ended: bool = False,
    ) -> Step:
        """From knowledge to the next move, and from that to effects. `ended`: an attempt has ended."""
        gained = knowledge.progress(before) != knowledge.progress(heard.c)
        heard, opening = _case(heard)
        first = (*opening, *first)
        move = heard.move if heard.move is not None else self._next(heard.c)
        turned: Turned = outward(heard, move, at, gained=gained, rules=self.rules, ended=ended)
        return Step(turned.c, (*first, *turned.effects))

    def _next(self, c: Conversation) -> Move:
        if c.mode is not Mode.BOT and not _news_to_tell(c):
            return Wait()
        if c.awaiting is not None:
            return Wait((hearing.busy(c),))
        if c.topic is None or c.done:
            return nothing_asked(c)
        return FLOWS[c.topic](c, self.rules)


def _case(heard: Heard) -> tuple[Heard, tuple[Effect, ...]]:
    """A request, or a person called without one, opens a case under a reference to quote."""
    c = heard.c
    asked_for = c.topic is not None and not c.done and not c.attempting
    wanted = asked_for or isinstance(heard.move, HandOver)
    if c.case_open or not wanted:
        return heard, ()
    c = replace(c, case=c.case + 1, case_open=True)
    return replace(heard, c=c), (CaseOpened(c.reference),)


def _news_to_tell(c: Conversation) -> bool:
    """While a person is waited for, the bot still tells what became of an attempt; not once one is there."""
    return c.mode is Mode.WAITING and c.outcome is not None and not c.done
