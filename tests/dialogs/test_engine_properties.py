"""The promises of the exploration over long, unruly conversations, by the product's own rules and bounds."""

from dataclasses import replace
from datetime import datetime, timedelta
from decimal import Decimal

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule

from bot.speech import load
from dialogs.conversation import Conversation, Errand, Mode, Question
from dialogs.effects import CallPerson, LookUpOrder, Say, TellPerson
from dialogs.engine import Dialogue, Step
from dialogs.events import (
    CancelEnded,
    CustomerEvent,
    Event,
    LanguageChosen,
    Opened,
    OrderFound,
    OrderMissing,
    Outcome,
    PersonGaveBack,
    PersonTookOver,
    Pressed,
    Said,
    Sent,
    ShopUnreachable,
    TimeCame,
    Unreadable,
)
from dialogs.orders import Line, Order, Payment, PaymentStatus, Refund, RefundStatus, Stage
from dialogs.reading import Answer, Intent, Reading
from dialogs.understanding.intents import REQUESTS
from tests.dialogs.alphabet import (
    ALLOWED,
    ANN,
    CANCELLED,
    CORRECTIONS,
    NOW,
    PERSONS,
    READINGS,
    UNPROVED,
    WRONG,
    A,
    B,
    Labelled,
)
from tests.dialogs.exploration import asks_on
from tests.dialogs.promises import FRESH, Watch, check, texts, watched
from tests.dialogs.scenes import rules

_SPEECH = load("America/New_York")
_RULES = rules()
_amounts = st.sampled_from([Decimal("0.00"), Decimal("9.99"), Decimal("54.00")])
_numbers = st.sampled_from((A, B, "1044", f"#{A}"))
_emails = st.sampled_from((ANN, WRONG, ANN.upper()))
_intents = st.sampled_from(Intent)
_requests = st.sampled_from(sorted(REQUESTS))

_unruly = st.builds(
    Reading,
    intents=st.lists(_intents, max_size=1).map(tuple)
    | st.lists(_requests, max_size=3, unique=True).map(tuple),
    numbers=st.lists(_numbers, max_size=3, unique=True).map(tuple),
    emails=st.lists(_emails, max_size=2, unique=True).map(tuple),
    withdrawn=st.lists(_numbers, max_size=1).map(tuple),
    answer=st.sampled_from([None, *Answer]),
    method=st.sampled_from([None, "paypal", "klarna", "carrier pigeon"]),
    also=st.lists(_intents, max_size=2, unique=True).map(tuple),
    language=st.sampled_from([None, "en", "es", "fr"]),
)
_readings = st.one_of(st.sampled_from(list(READINGS.values())), _unruly)
_refunds = st.builds(Refund, _amounts, st.sampled_from(RefundStatus), st.sampled_from([None, NOW]))
_payments = st.builds(
    Payment,
    st.sampled_from(["paypal", "card", "gift_card", "cash_on_delivery", "carrier pigeon"]),
    _amounts,
    st.sampled_from(PaymentStatus),
    st.lists(_refunds, max_size=1).map(tuple),
)


@st.composite
def _orders(draw: st.DrawFn, c: Conversation) -> Order:
    """An order as the shop may show it to this conversation: most often the one that was asked for."""
    own = draw(st.integers(0, 9)) > 0
    lines = tuple(
        Line("Lamp", 1, Decimal("9.99"), mark) for mark in draw(st.lists(st.booleans(), max_size=2))
    )
    return Order(
        number=c.number or A if own else draw(_numbers),
        email=c.email or ANN if own else draw(_emails),
        stage=draw(st.sampled_from(Stage)),
        placed_at=NOW,
        currency="EUR",
        total=Decimal("54.00"),
        lines=lines,
        payments=tuple(draw(st.lists(_payments, max_size=2))),
        partly_fulfilled=draw(st.booleans()),
    )


class Conversations(RuleBasedStateMachine):
    """One customer, their shop, its people and the clock, in any order."""

    def __init__(self) -> None:
        super().__init__()
        self.dialogue = Dialogue(_RULES)
        self.c = Conversation(seed="property")
        self.watch: Watch = FRESH
        self.now: datetime = NOW
        self.offered: list[str] = ["yes:0", "nonsense", "language:ask"]
        self.past: list[int] = [0]
        self.asked_on = 0

    @initialize(opens=st.booleans())
    def begins(self, opens: bool) -> None:  # noqa: FBT001  drawn by the strategy of that name
        if opens:
            self.happens(Opened(self.now))

    def happens(self, event: Event) -> Step:
        before = self.c
        step = self.dialogue.step(before, event)
        check(before, event, step)
        self.watch = watched(self.watch, event, step.effects)
        self.c = step.conversation
        for text in texts(step.effects):
            assert _SPEECH.text(text, self.c.locale)
        for effect in step.effects:
            if isinstance(effect, Say):
                self.offered += [button.value for button in effect.buttons]
        if before.awaiting is not None and before.awaiting != self.c.awaiting:
            self.past.append(before.awaiting.turn)
        self._is_not_asked_on_for_ever(before, event, step)
        return step

    def _is_not_asked_on_for_ever(self, before: Conversation, event: Event, step: Step) -> None:
        waits = before.awaiting is not None and before.awaiting == step.conversation.awaiting
        if asks_on(before, event, step):
            self.asked_on += isinstance(event, CustomerEvent)
        elif not waits:
            self.asked_on = 0
        assert self.asked_on <= _RULES.patience + 1

    @rule(reading=_readings, text=st.sampled_from(["", "some words"]), edited=st.integers(0, 5))
    def writes(self, reading: Reading, text: str, edited: int) -> None:
        self.happens(Said(self.now, text, reading, edited=edited == 0))

    @rule(readings=st.lists(_readings, min_size=1, max_size=2), times=st.integers(2, 16))
    def harps_on(self, readings: list[Reading], times: int) -> None:
        """The same again and again, or two things by turns; the shop is quicker than the customer."""
        for _ in range(times):
            for reading in readings:
                self.happens(Said(self.now, "some words", reading))
                if self.c.awaiting is not None and self.c.mode is Mode.BOT:
                    self.happens(self._helpful())

    @rule(steps=st.integers(1, 7))
    def all_goes_well(self, steps: int) -> None:
        """For a while, everybody does what brings a cancellation about."""
        for _ in range(steps):
            self.happens(self._helpful())

    def _helpful(self) -> Event:
        c, now = self.c, self.now
        if c.mode is not Mode.BOT:
            return PersonGaveBack(now, "Kim")
        if c.awaiting is not None:
            cancelling = c.awaiting.errand is Errand.CANCEL
            record = replace(CANCELLED if cancelling else ALLOWED, number=c.number or A, email=c.email or ANN)
            if cancelling:
                return CancelEnded(now, c.awaiting.turn, Outcome.CANCELLED, record, now)
            return OrderFound(now, c.awaiting.turn, record, now)
        if c.asked is not None and c.asked.question in (Question.CONFIRM, Question.RESUME):
            return Said(now, "yes", READINGS["yes"])
        return Said(now, "cancel", READINGS["cancel A, right e-mail"])

    @rule(data=st.data())
    def presses(self, data: st.DataObject) -> None:
        last = self.offered[-6:]
        value = data.draw(st.sampled_from(last) | st.sampled_from(self.offered), "button")
        self.happens(Pressed(self.now, value))

    @rule(event=st.sampled_from([Opened(NOW), Opened(NOW, A), Opened(NOW, B), LanguageChosen(NOW, "es")]))
    def opens(self, event: Opened | LanguageChosen) -> None:
        self.happens(replace(event, at=self.now))

    @rule(what=st.sampled_from(Unreadable))
    def sends(self, what: Unreadable) -> None:
        self.happens(Sent(self.now, what))

    @precondition(lambda self: self.c.awaiting is not None)
    @rule(data=st.data())
    def shop_answers(self, data: st.DataObject) -> None:
        assert self.c.awaiting is not None
        self.happens(data.draw(self._answers(self.c.awaiting.errand, self.c.awaiting.turn), "answer"))

    def _answers(self, errand: Errand, to: int) -> st.SearchStrategy[Event]:
        now, none = self.now, st.just(ShopUnreachable(self.now, to))
        if errand is Errand.LOOK_UP:
            found = _orders(self.c).map(lambda order: OrderFound(now, to, order, now))
            return st.one_of(found, found, found, st.just(OrderMissing(now, to)), none)
        record = st.none() | _orders(self.c)
        return st.one_of(
            st.builds(
                lambda outcome, order: CancelEnded(now, to, outcome, order, order and now),
                st.sampled_from(Outcome),
                record,
            ),
            none,
        )

    @rule(data=st.data(), errand=st.sampled_from(Errand))
    def shop_answers_too_late(self, data: st.DataObject, errand: Errand) -> None:
        to = data.draw(st.sampled_from(self.past), "turn")
        before = self.c
        step = self.happens(data.draw(self._answers(errand, to), "late answer"))
        assert all(isinstance(effect, TellPerson) for effect in step.effects)
        assert step.conversation == replace(before, turn=before.turn + 1)

    @precondition(lambda self: self.c.case > 0)
    @rule(named=st.sampled_from((*CORRECTIONS, *UNPROVED)))
    def a_later_reading_contradicts(self, named: Labelled) -> None:
        before = self.c.mode
        step = self.happens(replace(named.event, at=self.now))
        assert any(isinstance(effect, TellPerson) for effect in step.effects)
        assert self.c.mode is (Mode.PERSON if before is Mode.PERSON else Mode.WAITING)

    @rule(minutes=st.sampled_from([1, 11, 16, 400]))
    def time_passes(self, minutes: int) -> None:
        self.now += timedelta(minutes=minutes)
        if self.c.wake_at is not None and self.c.wake_at <= self.now:
            self.happens(TimeCame(self.now))

    @rule(named=st.sampled_from(PERSONS))
    def agent_acts(self, named: Labelled) -> None:
        self.happens(replace(named.event, at=self.now))

    @precondition(lambda self: self.c.awaiting is not None)
    @rule()
    def agent_takes_over_while_the_shop_is_asked(self) -> None:
        self.happens(PersonTookOver(self.now, "Kim"))

    def teardown(self) -> None:
        """Whatever came before: whoever asks for a person gets one."""
        if self.c.mode is Mode.BOT:
            step = self.happens(Said(self.now, "a person", READINGS["a person"]))
            assert any(isinstance(effect, CallPerson) for effect in step.effects)
            assert not any(isinstance(effect, LookUpOrder) for effect in step.effects)
        assert self.c.mode is not Mode.BOT


Conversations.TestCase.settings = settings(max_examples=80, stateful_step_count=60, deadline=None)
test_no_conversation_however_unruly_breaks_a_promise = Conversations.TestCase
