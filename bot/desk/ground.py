"""What every part of the desk stands on: the store, the one door, the clock, rights, and the record."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.desk.errors import HeldBy, NoSuchCase
from bot.desk.feed import ChangeKind, DeskFeed
from bot.desk.rights import Rights
from bot.ports import Receipt
from bot.reception import Reception
from dialogs.conversation import Mode
from dialogs.events import PersonEvent
from storage.audit import Record
from storage.desk import Changes
from storage.desk_queue import Sight
from storage.desk_records import Agent, QueueItem, State
from storage.store import Store
from storage.times import micros

DESK = "desk"
"""The actor of what the desk does by itself."""


@dataclass(frozen=True, slots=True)
class Ground:
    """Checks, acts and records, for all parts alike. `lease` is how long a quiet agent keeps a chat."""

    store: Store
    reception: Reception
    feed: DeskFeed
    rights: Rights
    clock: Callable[[], datetime]
    lease: timedelta = timedelta(minutes=15)
    _lanes: dict[str, "_Lane"] = field(default_factory=dict)

    def sight(self, agent: Agent) -> Sight:
        """What this agent may see, for the store's questions. Raises `NotAllowed`."""
        rights = self.rights
        rights.need_sight(agent, None)
        return Sight(agent.name, all=rights.sees_all(agent))

    async def seen(self, agent: Agent, key: str) -> QueueItem:
        """The conversation, if the agent may see it. Raises `NoSuchCase`, `NotAllowed`."""
        self.rights.need_sight(agent, None)  # before saying whether there is such a conversation
        item = await self.store.desk.item(key, now=self.clock())
        if item is None:
            raise NoSuchCase("There is no such conversation.")
        settled_by = item.row.resolved_by if item.state is State.RESOLVED else None
        self.rights.need_sight(agent, item.agent or settled_by)
        return item

    async def handled(self, agent: Agent, key: str) -> QueueItem:
        """The conversation, if the agent may act on it. Raises `NoSuchCase`, `NotAllowed`, `HeldBy`."""
        item = await self.seen(agent, key)
        self.rights.need_hand(agent, item.agent)
        return item

    async def held(self, agent: Agent, key: str) -> QueueItem:
        """The conversation, if the agent or nobody has it: for what only the holder may do."""
        item = await self.handled(agent, key)
        if item.agent not in (None, agent.name):
            raise HeldBy(item.agent or "")
        return item

    async def holder(self, key: str) -> str | None:
        """Who has the chat now, asked of the database."""
        stored = await self.store.load(key, fresh=True)
        if stored is None or stored.conversation.mode is not Mode.PERSON:
            return None
        handoff = stored.conversation.handoff
        return None if handoff is None else handoff.agent

    def record(self, agent: Agent | None, chain: str, act: str, **details: str) -> Record:
        """An entry for the audit log; without an agent the desk acts by itself."""
        actor, name = (DESK, DESK) if agent is None else (agent.id, agent.name)
        return Record(chain, micros(self.clock()), actor, name, act, details)

    async def happen(
        self, agent: Agent | None, key: str, act: str, event: PersonEvent, **details: str
    ) -> Receipt:
        """Put an act on record, then let it happen; that it failed is put on record as well."""
        await self.store.desk.record(self.record(agent, key, act, **details))
        return await self.only_happen(agent, key, act, event)

    async def only_happen(self, agent: Agent | None, key: str, act: str, event: PersonEvent) -> Receipt:
        """As `happen`, for what is on record already."""
        try:
            return await self.reception.happen(key, event)
        except Exception:
            await self.store.desk.record(self.record(agent, key, f"{act} failed"))
            raise
        finally:
            self.feed.changed(key, ChangeKind.STATE)

    async def change(
        self, agent: Agent | None, key: str, changes: Changes, act: str = "", **details: str
    ) -> None:
        """Change the desk's row, on record where `act` names it, and tell the consoles."""
        record = self.record(agent, key, act, **details) if act else None
        await self.store.desk.change(key, changes, record)
        self.feed.changed(key, ChangeKind.STATE)

    def until(self) -> int:
        """When a lease that begins now ends, in microseconds."""
        return micros(self.clock() + self.lease)

    @asynccontextmanager
    async def lane(self, key: str) -> AsyncGenerator[None]:
        """One at a time in this process for what reads first and acts then."""
        lane = self._lanes.setdefault(key, _Lane())
        lane.users += 1
        try:
            async with lane.lock:
                yield
        finally:
            lane.users -= 1
            if lane.users == 0:
                del self._lanes[key]


@dataclass(slots=True)
class _Lane:
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)
    users: int = 0
