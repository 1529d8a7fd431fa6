"""Who works here: agents, their roles and passwords, as an admin manages them."""

import secrets
from dataclasses import dataclass
from datetime import timedelta

from bot.desk.errors import BadInput, SignInRefused
from bot.desk.ground import Ground
from bot.desk.passwords import Passwords
from bot.desk.rights import Right
from bot.desk.tokens import digest_of
from bot.desk.trail import account_chain
from storage.agents import Taken
from storage.audit import Record
from storage.desk_records import Agent, Role

SIGN_IN = "sign in"
_LINK_LASTS = timedelta(minutes=15)
_NAME = 60
_UNREAD = "\N{REPLACEMENT CHARACTER}"
"""What bytes become that are no text."""


@dataclass(frozen=True, slots=True)
class Accounts:
    """Agents, as an admin manages them. `by` is who does it; all of them raise `NotAllowed`, `BadInput`."""

    ground: Ground
    passwords: Passwords

    async def all(self, by: Agent) -> tuple[Agent, ...]:
        """Every agent by name, disabled ones too. Anybody at the desk may see them: to pass a chat on."""
        self.ground.rights.need(by, Right.ANSWER)
        return await self.ground.store.accounts.all()

    async def add(self, by: Agent, *, login: str, name: str, role: Role, password: str | None) -> Agent:
        """A new agent; without a password they sign in by a link."""
        self.ground.rights.need(by, Right.MANAGE_AGENTS)
        login, name = _one_word(login), _plain(name, "name that customers see")
        hash_ = None if password is None else await self.passwords.hash(password)
        now = self.ground.clock()
        agent = Agent(secrets.token_hex(8), login, name, role, now, has_password=hash_ is not None)
        try:
            record = self._record(by, agent, "add", login=login, name=name, role=role.value)
            await self.ground.store.accounts.add(agent, hash_, record)
        except Taken:
            raise BadInput("Another agent has this sign-in name, or this name that customers see.") from None
        return agent

    async def disable(self, by: Agent, agent_id: str) -> None:
        """End all their sessions; they cannot sign in. Their chats return to the queue with the next round.

        Nobody can disable the last admin.
        """
        agent = await self._managed(by, agent_id)
        now = self.ground.clock()
        if not await self.ground.store.accounts.set_disabled(
            agent_id, now, self._record(by, agent, "disable")
        ):
            raise BadInput("This is the last admin: make somebody else one first.")
        await self.ground.store.desk.end_leases(agent.name, now)

    async def enable(self, by: Agent, agent_id: str) -> None:
        """Let them sign in again."""
        agent = await self._managed(by, agent_id)
        await self.ground.store.accounts.set_disabled(agent_id, None, self._record(by, agent, "enable"))

    async def set_role(self, by: Agent, agent_id: str, role: Role) -> None:
        """Change what they may do, at once. The last admin stays one."""
        agent = await self._managed(by, agent_id)
        record = self._record(by, agent, "role", before=agent.role.value, after=role.value)
        if not await self.ground.store.accounts.set_role(agent_id, role, record):
            raise BadInput("This is the last admin: make somebody else one first.")

    async def set_password(self, by: Agent, agent_id: str, password: str, *, current: str = "") -> None:
        """A new password (10 to 256 characters); ends all their sessions.

        For oneself `current` has to be right (raises `SignInRefused`); for others it takes the right.
        """
        if by.id == agent_id:
            self.ground.rights.need(by, Right.ANSWER)
            agent = await self._found(agent_id)
            await self._check(agent, current)
        else:
            agent = await self._managed(by, agent_id)
        hash_ = await self.passwords.hash(password)
        record = self._record(by, agent, "password")
        await self.ground.store.accounts.set_password(agent_id, hash_, record)

    async def _check(self, agent: Agent, current: str) -> None:
        known = await self.ground.store.accounts.by_login(agent.login)
        hash_ = None if known is None else known[1]
        if hash_ is not None and not await self.passwords.verify(current, hash_):
            raise SignInRefused("The current password is wrong.")

    async def sign_in_token(self, by: Agent, agent_id: str) -> str:
        """A token that signs in once within 15 minutes: for a link, over a safe way."""
        agent = await self._managed(by, agent_id)
        if agent.disabled_at is not None:
            raise BadInput(f"{agent.name} is disabled; enable the account first.")
        token = secrets.token_urlsafe(32)
        await self.ground.store.accounts.issue(
            digest_of(token),
            purpose=SIGN_IN,
            agent=agent.id,
            expires_at=self.ground.clock() + _LINK_LASTS,
            record=self._record(by, agent, "sign-in link"),
        )
        return token

    async def _managed(self, by: Agent, agent_id: str) -> Agent:
        self.ground.rights.need(by, Right.MANAGE_AGENTS)
        return await self._found(agent_id)

    async def _found(self, agent_id: str) -> Agent:
        agent = await self.ground.store.accounts.find(agent_id)
        if agent is None:
            raise BadInput("There is no such agent.")
        return agent

    def _record(self, by: Agent, agent: Agent, act: str, **details: str) -> Record:
        return self.ground.record(by, account_chain(agent.id), act, **details)


def _plain(text: str, what: str) -> str:
    """A name as it is kept: one line, its signs all visible."""
    kept = " ".join(text.split())
    if not kept or len(kept) > _NAME or not kept.isprintable():
        raise BadInput(f"The {what} has 1 to {_NAME} visible characters.")
    if _UNREAD in kept:
        raise BadInput(f"A character of the {what} could not be read: type it again.")
    return kept


def _one_word(login: str) -> str:
    """A sign-in name as it is kept; what is around it is no part of it."""
    kept = _plain(login, "sign-in name")
    if " " in kept:
        raise BadInput("The sign-in name is one word, without spaces.")
    return kept
