"""A desk over a real store and a real dialogue, with agents of every role."""

import secrets
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import timedelta

from argon2 import PasswordHasher
from shell_house import RULES, SPEECH, Reader
from shell_makers import NOW, Clock, Shop, order

from bot.cancelling import Canceller
from bot.deliveries import Deliveries
from bot.desk.feed import DeskFeed
from bot.desk.ground import Ground
from bot.desk.passwords import Passwords
from bot.desk.rights import Rights
from bot.desk.service import Desk, DeskSettings, open_desk, operator
from bot.guard import Guard, Pace
from bot.performers import Performers
from bot.ports import Channel
from bot.reception import Reception
from bot.sure_backend import SureBackend
from dialogs.conversation import Conversation, Handoff, Mode
from dialogs.effects import CaseOpened, HandoffReason
from dialogs.engine import Dialogue
from dialogs.orders import Order
from storage.desk_records import Agent, Role
from storage.records import Author, Contact, Entry, Turn
from storage.store import Store

CHEAP = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
LEASE = timedelta(minutes=15)
MINUTE = timedelta(minutes=1)


@dataclass
class House:
    """What a test of the desk holds in its hands."""

    store: Store
    reception: Reception
    desk: Desk
    clock: Clock
    shop: Shop
    ground: Ground
    boss: Agent

    async def agent(self, name: str, role: Role = Role.AGENT, password: str | None = None) -> Agent:
        return await self.desk.accounts.add(
            self.boss, login=name.lower(), name=name, role=role, password=password
        )

    async def waits(
        self,
        key: str = "web:1",
        *,
        said: Sequence[str] = ("Help, please",),
        reason: HandoffReason = HandoffReason.CUSTOMER_ASKED,
        customer: str | None = "Ann",
        matched: Order | None = None,
        mode: Mode = Mode.WAITING,
        **known: str,
    ) -> str:
        """A customer who waits for a person, as the dialogue would have left them."""
        handoff = None if mode is Mode.BOT else Handoff(reason, self.clock())
        c = Conversation(secrets.token_hex(8), mode=mode, case=1, case_open=True, handoff=handoff)
        c = replace(c, **known)  # type: ignore[arg-type]  # a test names what it knows
        if matched is not None:
            c = replace(c, order=matched, read_at=NOW, number=matched.number, email=matched.email)
        await self._saved(key, 0, 0, c, said, customer)
        return key

    async def writes(self, key: str, *said: str) -> None:
        """The customer says more; the state stays."""
        stored = await self.store.load(key, fresh=True)
        assert stored is not None
        await self._saved(
            key, stored.version, stored.last_seq, stored.conversation, said, stored.contact.name
        )

    async def _saved(
        self, key: str, base: int, seq: int, c: Conversation, said: Sequence[str], customer: str | None
    ) -> None:
        now = self.clock()
        entries = tuple(Entry(n, now, Author.CUSTOMER, text) for n, text in enumerate(said, seq + 1))
        turn = Turn(key, base, seq + len(said), now, c, Contact(customer, None), entries=entries)
        if base == 0:
            turn = replace(turn, records=(CaseOpened(c.reference),))
        await self.store.save(turn)

    async def transcript(self, key: str) -> list[str]:
        return [entry.text for entry in await self.store.entries(key)]

    async def holder(self, key: str) -> str | None:
        return await self.ground.holder(key)

    async def acts(self, chain: str) -> list[str]:
        return [entry.act for entry in await self.store.desk.trail(chain)]


def house_over(
    store: Store,
    *,
    clock: Clock | None = None,
    shop: Shop | None = None,
    rights: Rights | None = None,
    pushes: Sequence[str] = ("telegram",),
    hashing: Passwords | None = None,
) -> House:
    clock, shop, feed = clock or Clock(), shop or Shop([order()]), DeskFeed()
    reception = Reception(
        dialogue=Dialogue(RULES),
        understanding=Reader(),
        speech=SPEECH,
        store=store,
        feed=feed,
        clock=clock,
        pushes=pushes,
    )
    settings = DeskSettings(
        shop="Harbour & Pine",
        secret=b"secret",
        digest=str,
        rights=rights or Rights(),
        lease=LEASE,
        passwords=hashing or Passwords(CHEAP),
    )
    desk = open_desk(
        store=store,
        reception=reception,
        feed=feed,
        backend=SureBackend(shop),
        rules=RULES,
        speech=SPEECH,
        clock=clock,
        settings=settings,
    )
    return House(store, reception, desk, clock, shop, desk.queue.ground, operator("root", clock(), "Boss"))


@asynccontextmanager
async def performing(house: House, channels: dict[str, Channel] | None = None) -> AsyncIterator[Performers]:
    """The house's work is done, as where it serves."""
    backend = SureBackend(house.shop)
    performers = Performers(
        store=house.store,
        reception=house.reception,
        backend=backend,
        canceller=Canceller(backend, RULES.policy, house.clock, rereads=(0,)),
        guard=Guard(house.store, house.clock, str, Pace(miss=0)),
        deliveries=Deliveries(
            house.store, channels or {}, done=lambda _: None, clock=house.clock, lost=house.desk.feed.lost
        ),
        clock=house.clock,
    )
    await performers.start()
    try:
        yield performers
    finally:
        await performers.stop(5)
