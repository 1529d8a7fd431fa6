"""The audit log: every act at the desk, chained within its conversation or account."""

from dataclasses import dataclass

from storage.desk_records import Agent, AuditEntry, Verified


@dataclass(frozen=True, slots=True)
class Trail:
    """Reading and checking. Writing is done by whatever acts."""

    async def of_conversation(self, agent: Agent, key: str) -> tuple[AuditEntry, ...]:
        """What was done with a conversation, in order. Raises `NoSuchCase`, `NotAllowed`."""
        raise NotImplementedError

    async def of_agent(self, agent: Agent, agent_id: str) -> tuple[AuditEntry, ...]:
        """What happened to an account. Raises `NotAllowed`."""
        raise NotImplementedError

    async def verify(self, chain: str | None = None) -> Verified:
        """Check one chain, or all of them."""
        raise NotImplementedError
