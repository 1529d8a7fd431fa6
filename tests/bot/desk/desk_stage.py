"""The whole house with people at the desk, a shop that can be made to hesitate, and every turn taken down.

`Stage.turns` is what the house saved, in order, each turn beside the state that it was computed from.
"""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal
from functools import partial
from pathlib import Path
from unittest import mock

from desk_makers import CHEAP

from bot import assembly
from bot.assembly import House, open_house
from bot.cancelling import Canceller
from bot.channels.terminal import Terminal
from bot.desk.errors import DeskRefusal
from bot.desk.passwords import Passwords
from bot.desk.service import operator
from bot.ports import CancelReport, Incoming, Press, RefundReport, Words
from dialogs.conversation import Conversation
from dialogs.orders import Order, Payment, Stage
from storage.desk_records import Agent, Role
from storage.records import Author, Entry, Result, Saved, Turn
from storage.store import Store
from tests.player import KEY, Clock, settings_for, understanding
from tests.stage_hands import StageHands, open_shop

CREW = {"Kim": Role.AGENT, "Lee": Role.AGENT, "Ana": Role.SUPERVISOR}
SPEC = "1042, ann@shop.test, paid, paypal"
NUMBER = "1042"
WORK_LEASE = timedelta(seconds=30)


@dataclass
class SlowHands(StageHands):
    """Answers wait while `closed`: a look-up before it is made, a cancellation before and after."""

    closed: bool = False
    keeps_refunds_waiting: bool = False
    """The next refund is sent, and its answer waits until the shop goes on."""
    stuck: int = 0
    opened: asyncio.Event = field(default_factory=asyncio.Event)

    async def find(self, number: str) -> Order | None:
        await self._pass()
        return await super().find(number)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        await self._pass()
        report = await super().cancel(number, expected=expected, request_id=request_id, version=version)
        await self._pass()
        return report

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        try:
            return await super().refund(number, payment=payment, amount=amount, key=key)
        finally:
            if self.keeps_refunds_waiting:
                self.closed, self.keeps_refunds_waiting = True, False
                await self._pass()

    def open(self) -> None:
        self.closed = False
        self.opened.set()

    async def _pass(self) -> None:
        while self.closed:
            self.opened.clear()
            self.stuck += 1
            try:
                await self.opened.wait()
            finally:
                self.stuck -= 1


@dataclass(frozen=True)
class Taken:
    """A turn that was saved, and the state before it."""

    before: Conversation | None
    turn: Turn

    def entries(self, author: Author) -> list[Entry]:
        return [entry for entry in self.turn.entries if entry.author is author]


@dataclass
class Scene:
    """What the state machine holds in its hands."""

    folder: Path
    clock: Clock
    shop: SlowHands
    house: House
    stack: AsyncExitStack
    crew: dict[str, Agent] = field(default_factory=dict)
    turns: list[Taken] = field(default_factory=list)
    acting: set[asyncio.Task[None]] = field(default_factory=set)
    strange: list[BaseException] = field(default_factory=list)

    @property
    def boss(self) -> Agent:
        return operator("root", self.clock(), "Boss")

    async def receive(self, id_: str, what: Words | Press) -> None:
        await self.house.reception.receive(Incoming(KEY, id_, what, "en"))
        await self.settle()

    def begins(self, act: Awaitable[object]) -> None:
        """An agent begins something, which may have to wait for the shop; a refusal is an answer."""
        self.acting.add(asyncio.ensure_future(self._acts(act)))

    async def _acts(self, act: Awaitable[object]) -> None:
        try:
            await act
        except DeskRefusal:
            pass
        except Exception as error:  # noqa: BLE001  told by the machine's next look
            self.strange.append(error)

    async def settle(self) -> None:
        """Until nothing is under way but what the shop lets wait."""
        async with asyncio.timeout(20):
            while self._under_way() > self.shop.stuck:  # noqa: ASYNC110  work is counted, not announced
                await asyncio.sleep(0.001)

    def _under_way(self) -> int:
        self.acting = {task for task in self.acting if not task.done()}
        return len(self.house.performers._held) + len(self.acting)

    async def passes(self, time: timedelta) -> None:
        self.clock.now += time
        await self.rounds()

    async def rounds(self) -> None:
        """What time brings: due conversations, work, and a round of the desk until it has no more to do."""
        await self.house.performers.go_round()
        await self.settle()
        for _ in range(3):  # one thing at a time for each conversation
            await self.house.desk.rounds.go_round()
        await self.settle()

    async def state(self) -> Conversation | None:
        stored = await self.house.store.load(KEY, fresh=True)
        return None if stored is None else stored.conversation

    async def dies_and_comes_back(self) -> None:
        """Without finishing anything; what was asked of the shop may or may not have reached it."""
        for task in self.acting:
            task.cancel()
        await asyncio.gather(*self.acting, return_exceptions=True)
        self.house.reception.close()
        await self.house.desk.rounds.stop()
        await self.house.performers.stop(0)
        await self.stack.aclose()
        self.shop.open()
        self.clock.now += WORK_LEASE
        await self.opens()
        await self.settle()

    async def opens(self) -> None:
        self.stack = AsyncExitStack()
        self.house = await self.stack.enter_async_context(_house(self.folder, self.clock, self.shop))


def _house(folder: Path, clock: Clock, shop: SlowHands):  # noqa: ANN202  what `open_house` gives
    settings = settings_for(folder, f"sqlite:///{folder / 'store.sqlite3'}")
    return open_house(
        settings,
        lambda house: [Terminal(house.store, house.feed, clock, "test")],
        clock=clock,
        backend=shop,
        understanding=understanding(),
    )


@asynccontextmanager
async def stage(folder: Path) -> AsyncGenerator[Scene]:
    """A house with its crew at the desk; it goes on over what an earlier one left in the folder."""
    clock = Clock()
    plain = await open_shop(folder, clock, [SPEC])
    shop = SlowHands(plain.shop)
    on = Scene(folder, clock, shop, None, AsyncExitStack())  # type: ignore[arg-type]  # opened below
    try:
        with _taken_down(on), _in_no_time():
            await on.opens()
            for name, role in CREW.items():
                on.crew[name] = await on.house.desk.accounts.add(
                    on.boss, login=name.lower(), name=name, role=role, password=None
                )
            yield on
            shop.open()
            await on.stack.aclose()
    finally:
        await shop.close()


@contextmanager
def _taken_down(on: Scene) -> Iterator[None]:
    """Note each turn that the store kept."""
    save, last = Store.save, dict[str, Conversation]()

    async def noting(self: Store, turn: Turn) -> Result:
        result = await save(self, turn)
        if isinstance(result, Saved):
            on.turns.append(Taken(last.get(turn.key), turn))
            last[turn.key] = turn.conversation
        return result

    with mock.patch.object(Store, "save", noting):
        yield


@contextmanager
def _in_no_time() -> Iterator[None]:
    """Without the pauses between readings of a record and without the cost of real passwords."""
    of_settings = assembly.desk_settings
    with (
        mock.patch.object(assembly, "Canceller", partial(Canceller, rereads=(0.0, 0.0))),
        mock.patch.object(
            assembly,
            "desk_settings",
            lambda *given: replace(of_settings(*given), passwords=Passwords(CHEAP)),
        ),
    ):
        yield
