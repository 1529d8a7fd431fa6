"""The bot and a person never both answer: customer, agents, shop, time and deaths, interleaved at random.

Over the real house: reception, SQLite, performers, the demo shop, the desk.
"""

import asyncio
import shutil
import tempfile
from collections.abc import Callable, Coroutine, Iterator
from contextlib import suppress
from datetime import timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from desk_stage import CREW, NUMBER, Scene, stage
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from never_both import check_transcript, check_turn, check_waiting, holder

from bot.desk.errors import DeskRefusal, HeldBy, NotAllowed
from bot.orders.demo_record import CannotMove
from bot.ports import CancelReport, Press, Words
from dialogs.conversation import Mode
from dialogs.orders import Stage
from storage.desk_records import Agent
from storage.records import Author
from storage.store import Store
from tests.player import KEY, understanding

NOTE = "between us"
SAYS = (
    "cancel 1042, ann@shop.test",
    "yes",
    "no",
    "where is my order 1042, ann@shop.test",
    "I want to talk to a person",
    "thanks",
    "hmm, what about the weather",
    "1042",
    "ann@shop.test",
    "never mind",
)
ASKS_FOR_A_PERSON = SAYS.index("I want to talk to a person")
TIMES = [
    timedelta(**one) for one in ({"seconds": 5}, {"minutes": 2}, {"minutes": 16}, {"hours": 3}, {"days": 2})
]
names, agents = st.sampled_from(sorted(CREW)), st.sampled_from(sorted(CREW))


@cache
def empty_store() -> Path:
    """A store with its tables and nothing in them: made once, copied for each example."""
    path = Path(tempfile.mkdtemp(prefix="rescind-")) / "store.sqlite3"

    async def make() -> None:
        await (await Store.open(f"sqlite:///{path}")).close()

    asyncio.run(make())
    return path


class Shifts(RuleBasedStateMachine):
    """A customer, three people at the desk, a shop and the time."""

    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.folder = Path(tempfile.mkdtemp(prefix="rescind-"))
        shutil.copy(empty_store(), self.folder / "store.sqlite3")
        self.opened = stage(self.folder)
        self.on: Scene = self.run_(self.opened.__aenter__())
        self.sent: list[str] = []
        self.last: tuple[str, Words | Press] | None = None
        self.notes = 0
        self.replies = 0
        self.confirmed = 0
        self.checked = 0

    def run_(self, what: Coroutine[Any, Any, Any]) -> Any:
        return self.runner.run(what)

    def teardown(self) -> None:
        try:
            self.run_(self._to_the_end())
            self.run_(self._check())
        finally:
            self.run_(self.opened.__aexit__(None, None, None))
            self.runner.close()
            shutil.rmtree(self.folder)

    # ---- the customer

    @initialize(
        first=st.sampled_from([SAYS[0], SAYS[ASKS_FOR_A_PERSON], SAYS[6], None]),
        leaves=st.booleans(),
    )
    def begins(self, first: str | None, leaves: bool) -> None:  # noqa: FBT001  Hypothesis names it
        self.on.shop.leaves_refunds = leaves or first is None
        if first is None:
            self.the_process_dies_as_money_goes_back()
        else:
            self._sends(Words(first))

    @rule(text=st.sampled_from(SAYS))
    def writes(self, text: str) -> None:
        self._sends(Words(text))

    @rule(back=st.integers(0, 3))
    def presses(self, back: int) -> None:
        """A button of the last messages, or an old one."""
        choices = [one for taken in self.on.turns for e in taken.turn.entries for one in e.choices]
        if choices:
            chosen = choices[max(-len(choices), -1 - back)]
            self._sends(Press(chosen.value, chosen.label))

    @precondition(lambda self: self.last is not None)
    @rule()
    def sends_the_same_again(self) -> None:
        """Its channel did not hear that it had arrived."""
        assert self.last is not None
        self.run_(self.on.receive(*self.last))

    def _sends(self, what: Words | Press) -> None:
        self.sent.append(str(len(self.sent)))
        self.last = (self.sent[-1], what)
        self.run_(self.on.receive(*self.last))

    # ---- people

    @rule(text=st.sampled_from(SAYS[:4]), name=names)
    def comes_while_the_shop_is_asked(self, text: str, name: str) -> None:
        """The answer to the customer is on its way as the person takes over."""
        self.on.shop.closed = True
        self._sends(Words(text))
        self._acts(lambda kim: self._chats.claim(kim, KEY), name)
        self.the_shop_goes_on()

    @rule(name=names, time=st.sampled_from(TIMES[:2]))
    def comes_before_the_record_contradicts(self, name: str, time: timedelta) -> None:
        """What the customer was told turns out wrong while the person has the chat."""
        self._sends(Words(SAYS[0]))
        self._sends(Words("yes"))
        self._acts(lambda kim: self._chats.claim(kim, KEY), name)
        self.the_record_contradicts_what_was_told()
        self.time_passes(time)

    @rule(name=names)
    def claims(self, name: str) -> None:
        self._acts(lambda kim: self.on.house.desk.chats.claim(kim, KEY), name)

    @rule()
    def all_claim_at_once(self) -> None:
        had = self._holder()
        self.run_(self._at_once(*(self._chats.claim(agent, KEY) for agent in self.on.crew.values())))
        assert (self._holder() == had) if had else self._holder() in CREW

    @rule(name=names)
    def replies_(self, name: str) -> None:
        had, said = self._holder(), len(self.run_(self._of_agents()))
        self.replies += 1
        text = f"answer {self.replies}"
        self._acts(lambda kim: self._chats.reply(kim, KEY, text, id_=text), name, held=(HeldBy, NotAllowed))
        now = len(self.run_(self._of_agents()))
        assert now == said + (had in (None, name)), "who does not hold the chat was heard"

    @rule(
        first=names,
        second=names,
        act=st.sampled_from(["pass on", "put back", "give back", "resolve", "claim"]),
    )
    def replies_while_another_acts(self, first: str, second: str, act: str) -> None:
        self.replies += 1
        text = f"answer {self.replies}"
        mine = self._chats.reply(self.on.crew[first], KEY, text, id_=text)
        third = next(name for name in CREW if name != first)
        self.run_(self._at_once(mine, self._ending(act, self.on.crew[second], third)))

    @rule(name=names)
    def notes_(self, name: str) -> None:
        self.notes += 1
        self._acts(lambda kim: self._chats.note(kim, KEY, f"{NOTE} {self.notes}"), name)

    @rule(
        name=names,
        to=agents,
        act=st.sampled_from(["pass on", "put back", "give back", "give back anew", "resolve"]),
    )
    def lets_go(self, name: str, to: str, act: str) -> None:
        self._acts(lambda kim: self._ending(act, kim, to), name)

    @rule(name=names, minutes=st.sampled_from([1, 60, 60 * 24 * 3]))
    def snoozes(self, name: str, minutes: int) -> None:
        until = self.on.clock.now + timedelta(minutes=minutes)
        self._acts(lambda kim: self._chats.snooze(kim, KEY, until), name)

    @rule(name=names, typing=st.booleans())
    def looks(self, name: str, typing: bool) -> None:  # noqa: FBT001  Hypothesis names it
        self._acts(lambda kim: self._chats.seen(kim, KEY, typing=typing), name)

    @rule(name=names)
    def cancels(self, name: str) -> None:
        """Both steps, with whatever may happen to the order between them."""

        async def both(kim: Agent) -> None:
            orders = self.on.house.desk.orders
            asked = await orders.cancel(kim, KEY, number=NUMBER, reason="as agreed by phone")
            assert asked is not None
            await orders.cancel(kim, KEY, number=NUMBER, reason="as agreed by phone", token=asked.token)
            self.confirmed += 1

        self.on.begins(both(self.on.crew[name]))
        self.run_(self.on.settle())

    @property
    def _chats(self) -> Any:
        return self.on.house.desk.chats

    def _ending(self, act: str, agent: Agent, other: str) -> Coroutine[Any, Any, Any]:
        chats = self._chats
        return {
            "claim": lambda: chats.claim(agent, KEY),
            "pass on": lambda: chats.pass_on(agent, KEY, self.on.crew[other].id),
            "put back": lambda: chats.put_back(agent, KEY),
            "give back": lambda: chats.give_back(agent, KEY, resume=True),
            "give back anew": lambda: chats.give_back(agent, KEY, resume=False),
            "resolve": lambda: chats.resolve(agent, KEY),
        }[act]()

    def _acts(
        self,
        act: Callable[[Agent], Coroutine[Any, Any, Any]],
        name: str,
        held: tuple[type[DeskRefusal], ...] = (DeskRefusal,),
    ) -> None:
        async def acted() -> None:
            with suppress(*held):
                await act(self.on.crew[name])
            await self.on.settle()

        self.run_(acted())

    async def _at_once(self, *acts: Coroutine[Any, Any, Any]) -> None:
        for ended in await asyncio.gather(*acts, return_exceptions=True):
            assert not isinstance(ended, BaseException) or isinstance(ended, DeskRefusal), ended
        await self.on.settle()

    def _holder(self) -> str | None:
        return holder(self.run_(self.on.state()))

    async def _of_agents(self) -> list[str]:
        return [e.text for e in await self.on.house.store.entries(KEY) if e.author is Author.AGENT]

    # ---- the shop, the time, and the end of a process

    @precondition(lambda self: not self.on.shop.closed)
    @rule()
    def the_shop_hesitates(self) -> None:
        self.on.shop.closed = True

    @precondition(lambda self: self.on.shop.closed)
    @rule()
    def the_shop_goes_on(self) -> None:
        self.on.shop.open()
        self.run_(self.on.settle())

    @rule(down=st.booleans())
    def the_shop_is_unreachable_or_back(self, down: bool) -> None:  # noqa: FBT001  Hypothesis names it
        self.on.shop.down = down

    @rule(which=st.sampled_from(["lose_request", "lose_response", "lose_refund"]))
    def an_answer_will_be_lost(self, which: str) -> None:
        setattr(self.on.shop, which, True)

    @rule(stage=st.sampled_from([Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED]), during=st.booleans())
    def the_order_moves_on(self, stage: Stage, during: bool) -> None:  # noqa: FBT001  Hypothesis names it
        if during:
            self.on.shop.before_cancel.append(lambda shop: _moves(shop, stage))
        else:
            self.run_(_moves(self.on.shop, stage))

    @rule()
    def the_record_contradicts_what_was_told(self) -> None:
        self.run_(self.on.shop.changed(NUMBER, partly_fulfilled=True))

    @rule(time=st.sampled_from(TIMES))
    def time_passes(self, time: timedelta) -> None:
        self.run_(self.on.passes(time))

    @rule()
    def the_process_dies_and_comes_back(self) -> None:
        self.run_(self.on.dies_and_comes_back())

    @precondition(lambda self: self.on.shop.leaves_refunds)
    @rule()
    def the_process_dies_as_money_goes_back(self) -> None:
        """The refund is sent, its record lags behind, and whoever asked for it is no more."""
        self.on.shop.lose_refund = self.on.shop.keeps_refunds_waiting = True
        self._sends(Words(SAYS[0]))
        self._sends(Words("yes"))
        self.the_process_dies_and_comes_back()
        self.on.shop.keeps_refunds_waiting = False

    # ---- what must hold

    @invariant()
    def promises_hold(self) -> None:
        self.run_(self._check())

    async def _check(self) -> None:
        on, store = self.on, self.on.house.store
        assert on.strange == []
        for taken in on.turns[self.checked :]:
            check_turn(taken)
        self.checked = len(on.turns)
        entries = await store.entries(KEY, 0, 1000)
        check_transcript(entries, on.turns, self.sent)
        assert not any(NOTE in entry.text for entry in entries)
        c = await on.state()
        if c is None:
            return
        check_waiting(c, len(on.house.rules.reassure_after))
        item = await store.desk.item(KEY, now=on.clock())
        assert item is not None
        assert item.agent == holder(c)
        await self._check_money()
        verified = await on.house.desk.trail.verify(on.boss)
        assert verified.broken == ()

    async def _check_money(self) -> None:
        order = await self.on.shop.shop.find(NUMBER)
        assert order is not None
        assert self.on.shop.refunds <= len(order.payments)
        for payment in order.payments:
            assert sum((refund.amount for refund in payment.refunds), Decimal(0)) <= payment.amount
        attempts = await self.on.shop.attempts(NUMBER)
        assert attempts.count(CancelReport.ACCEPTED) <= 1
        assert not attempts or self.confirmed or self._agreed(), "cancelled without a yes"

    def _agreed(self) -> bool:
        texts = [e.text for t in self.on.turns for e in t.entries(Author.CUSTOMER)]
        return any(text == "yes" or text.startswith("Yes") for text in texts)

    async def _to_the_end(self) -> None:
        """Everybody goes home, the shop answers, and time passes: nobody is left hanging."""
        on = self.on
        on.shop.open()
        on.shop.down = False
        for time in (*TIMES, timedelta(days=90), *TIMES):
            await on.passes(time)
            await on.passes(timedelta(minutes=1))  # woken for one thing, and then for the other
        c = await on.state()
        if c is None:
            return
        entries = await on.house.store.entries(KEY, 0, 1000)
        assert c.mode is not Mode.PERSON, "whoever went home keeps the chat"
        assert c.awaiting is None, "the shop's answer was not heard"
        if c.mode is Mode.BOT:
            assert entries[-1].author is not Author.CUSTOMER, "the last word was left without an answer"
        else:
            assert c.handoff is not None
            since = [e for e in entries if e.at >= c.handoff.since and e.author is Author.BOT]
            assert len(since) > 1 or c.handoff.reassured, "whoever waits was told nothing"


async def _moves(shop: Any, stage: Stage) -> None:
    with suppress(CannotMove):
        await shop.becomes(NUMBER, stage)


@pytest.fixture(scope="module", autouse=True)
def _model() -> Iterator[None]:
    """Trained before the first example, and not within its time."""
    understanding()
    yield
    shutil.rmtree(empty_store().parent)


Shifts.TestCase.settings = settings(max_examples=16, stateful_step_count=30, deadline=None)
TestTheBotAndAPersonNeverBothAnswer = Shifts.TestCase
