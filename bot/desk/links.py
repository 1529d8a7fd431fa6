"""Who an agent is in a messenger: linked by a code that works once, unlinked by themselves or an admin."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.desk.errors import BadInput
from bot.desk.ground import Ground
from bot.desk.rights import Right
from bot.desk.tokens import digest_of
from bot.desk.trail import account_chain
from storage.audit import Record
from storage.desk_records import Agent
from storage.times import micros

_PURPOSE = "link"
_LASTS = timedelta(minutes=30)


@dataclass(frozen=True, slots=True)
class Links:
    """Links of agents to people in a messenger; a person is known by the messenger's number of them."""

    ground: Ground

    async def code(self, by: Agent, agent: Agent) -> str:
        """A code that links whoever sends it, once within 30 minutes. Raises `NotAllowed`, `BadInput`."""
        self.ground.rights.need(by, Right.MANAGE_AGENTS)
        if agent.disabled_at is not None:
            raise BadInput(f"{agent.name} is disabled; enable the account first.")
        code = secrets.token_urlsafe(12)
        await self.ground.store.accounts.issue(
            digest_of(code),
            purpose=_PURPOSE,
            agent=agent.id,
            expires_at=self.ground.clock() + _LASTS,
            record=self.ground.record(by, account_chain(agent.id), "link code"),
        )
        return code

    async def link(self, person: int, code: str) -> Agent:
        """Make this person the agent that the code is for, and nobody else. Raises `BadInput`."""
        now = self.ground.clock()

        def record_of(agent: str) -> Record:
            details = {"person": str(person)}
            return Record(account_chain(agent), micros(now), agent, "by a code", "linked", details)

        agent_id = await self.ground.store.topics.link(
            person, digest=digest_of(code), purpose=_PURPOSE, now=now, record_of=record_of
        )
        agent = None if agent_id is None else await self.ground.store.accounts.find(agent_id)
        if agent is None:
            raise BadInput(
                "This code does not work: it was used, or is older than 30 minutes. "
                "An admin makes a new one by `rescind agents link LOGIN`."
            )
        return agent

    async def unlink(self, by: Agent, agent: Agent) -> bool:
        """Nobody is this agent any more; whether somebody was. Oneself, or whoever manages agents."""
        if by.id != agent.id:
            self.ground.rights.need(by, Right.MANAGE_AGENTS)
        record = self.ground.record(by, account_chain(agent.id), "unlinked")
        return await self.ground.store.topics.unlink(agent.id, record)

    async def who(self, person: int) -> Agent | None:
        """Which agent this person is, as the account is now."""
        return await self.ground.store.topics.who(person)

    async def first_seen(self, person: int) -> bool:
        """Whether somebody who is no agent is seen for the first time."""
        return await self.ground.store.topics.first_seen(person, self.ground.clock())
