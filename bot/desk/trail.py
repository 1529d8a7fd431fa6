"""The audit log: every act at the desk, chained within its conversation or account."""

from dataclasses import dataclass

from bot.desk.ground import Ground
from bot.desk.rights import Right
from storage.desk_records import Agent, AuditEntry, Verified


def account_chain(agent_id: str) -> str:
    """The chain of an account."""
    return f"account:{agent_id}"


@dataclass(frozen=True, slots=True)
class Trail:
    """Reading and checking. Writing is done by whatever acts."""

    ground: Ground

    async def of_conversation(self, agent: Agent, key: str) -> tuple[AuditEntry, ...]:
        """What was done with a conversation, in order. Raises `NoSuchCase`, `NotAllowed`."""
        self.ground.rights.need(agent, Right.SEE_AUDIT)
        await self.ground.seen(agent, key)
        return await self.ground.store.desk.trail(key)

    async def of_agent(self, agent: Agent, agent_id: str) -> tuple[AuditEntry, ...]:
        """What happened to an account. Raises `NotAllowed`."""
        self.ground.rights.need(agent, Right.MANAGE_AGENTS)
        return await self.ground.store.desk.trail(account_chain(agent_id))

    async def verify(self, agent: Agent, chain: str | None = None) -> Verified:
        """Check one chain, or all of them. Raises `NotAllowed`."""
        self.ground.rights.need(agent, Right.SEE_AUDIT)
        return await self.ground.store.desk.verify(chain)
