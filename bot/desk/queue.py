"""Finding conversations: the queue with filters and counts, by reference, and by search."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from bot.desk.errors import BadInput, NoSuchCase, NotAllowed
from bot.desk.ground import Ground
from storage.desk_records import Agent, Counts, Filters, Found, Page, QueueItem, State

_MOST = 200
_LONGEST = 200
_FOUND = 50


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for people, as far as the asking agent may see it."""

    ground: Ground
    _searching: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))
    """One at a time: a search reads much, and customers' turns go before."""

    async def list(
        self, agent: Agent, filters: Filters, *, cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Conversations, highest priority first, then who waits longest; settled ones newest first.

        At most 200 at once; `cursor` is that of the page before. Raises `NotAllowed`, and `BadInput` for a
        cursor that no page gave.
        """
        sight = self.ground.sight(agent)
        limit = max(1, min(limit, _MOST))
        try:
            return await self.ground.store.desk.page(
                sight, filters, now=self.ground.clock(), cursor=cursor, limit=limit
            )
        except ValueError:
            raise BadInput("This is no place in the list; begin at its top.") from None

    async def glance(self, keys: Sequence[str]) -> Mapping[str, QueueItem]:
        """These conversations now, read once for many consoles: show one only to whom `may_see` lets."""
        return await self.ground.store.desk.glance(keys, now=self.ground.clock())

    def may_see(self, agent: Agent, item: QueueItem) -> bool:
        """Whether this agent may see this conversation as it is."""
        settled_by = item.row.resolved_by if item.state is State.RESOLVED else None
        try:
            self.ground.rights.need_sight(agent, item.agent or settled_by)
        except NotAllowed:
            return False
        return True

    async def counts(self, agent: Agent) -> Counts:
        """How many there are of each kind."""
        return await self.ground.store.desk.counts(self.ground.sight(agent), now=self.ground.clock())

    async def key(self, agent: Agent, reference: str) -> str:
        """The conversation of a case, written in any case. Raises `NoSuchCase`, `NotAllowed`."""
        self.ground.sight(agent)
        key = await self.ground.store.find_by_reference(reference.replace("\0", ""))
        if key is None:
            raise NoSuchCase(f"No case has the reference {reference}.")
        await self.ground.seen(agent, key)
        return key

    async def search(self, agent: Agent, text: str, *, limit: int = _FOUND) -> tuple[Found, ...]:
        """Conversations by reference, order number, customer's name, e-mail, words of messages or notes.

        Letters match in either case; `%` and `_` mean themselves. Best first: references, orders, names, then
        the newest message. At most 200 characters and 50 results; an empty text finds nothing.
        """
        sight, words = self.ground.sight(agent), " ".join(text.split())
        if len(words) > _LONGEST:
            raise BadInput(f"Search for at most {_LONGEST} characters.")
        if not words:
            return ()
        async with self._searching:
            return await self.ground.store.desk.search(sight, words, max(1, min(limit, _FOUND)))
