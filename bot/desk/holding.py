"""Who has a chat: first wins, by the conversation's version; a lease says how long without a sign of life."""

from dataclasses import dataclass

from bot.desk import acts
from bot.desk.errors import HeldBy
from bot.desk.ground import Ground
from storage.desk import Changes
from storage.desk_records import Agent, QueueItem, State
from storage.times import micros

_RENEW = 5
"""A lease is renewed once a fifth of it has gone: hardly a write for a heartbeat."""


@dataclass(frozen=True, slots=True)
class Holding:
    """Claims and leases."""

    ground: Ground

    async def take(self, agent: Agent, item: QueueItem) -> None:
        """Claim it, or renew one's own claim. Raises `HeldBy` for whoever comes second."""
        if item.agent == agent.name:
            await self.renew(item)
            return
        event = acts.took_over(self.ground.clock(), agent.name)
        await self.ground.only_happen(agent, item.key, "claim", event)
        holder = await self.ground.holder(item.key)
        if holder != agent.name:
            raise HeldBy(holder or "Nobody")
        await self._taken(agent, item.key, agent.name, "claim")

    async def renew(self, item: QueueItem) -> None:
        """The holder gave a sign of life."""
        until, now = item.row.lease_until, self.ground.clock()
        lease = self.ground.lease
        if item.agent is None or item.state is State.SNOOZED:
            return
        if until is not None and until - now > lease - lease / _RENEW:
            return
        await self.ground.store.desk.renew(item.key, item.agent, now + lease)

    async def pass_on(self, agent: Agent, item: QueueItem, to: Agent) -> None:
        """Make it another agent's. Raises `HeldBy` where somebody was faster."""
        now = self.ground.clock()
        if item.agent is None:
            event = acts.took_over(now, to.name)
        else:
            event = acts.passed_on(now, item.agent, to.name)
        await self.ground.only_happen(agent, item.key, "pass on", event)
        holder = await self.ground.holder(item.key)
        if holder != to.name:
            raise HeldBy(holder or "Nobody")
        await self._taken(agent, item.key, to.name, "pass on")

    async def put_back(self, agent: Agent, item: QueueItem) -> None:
        """Let go of it."""
        holder = item.agent or ""
        event = acts.left(self.ground.clock(), holder)
        await self.ground.happen(agent, item.key, "put back", event, of=holder)
        await self.released(item.key)

    async def released(
        self, key: str, *, resolved_at: int | None = None, resolved_by: str | None = None
    ) -> None:
        """Nobody has it any more: the row follows."""
        changes: Changes = {
            "holder": None,
            "claimed_at": None,
            "lease_until": None,
            "snoozed_until": None,
            "resolved_at": resolved_at,
            "resolved_by": resolved_by,
        }
        await self.ground.change(None, key, changes)

    async def _taken(self, agent: Agent, key: str, holder: str, act: str) -> None:
        """The row follows, and the record says who has it now."""
        now = self.ground.clock()
        changes: Changes = {
            "holder": holder,
            "claimed_at": micros(now),
            "lease_until": self.ground.until(),
            "snoozed_until": None,
            "resolved_at": None,
            "resolved_by": None,
        }
        await self.ground.change(agent, key, changes, act, to=holder)
