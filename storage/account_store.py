"""Agents and their sessions, and the audit log beside each change."""

from datetime import datetime
from functools import partial

from sqlalchemy import Connection

from storage import agents, audit, sessions
from storage.audit import Record
from storage.database import Database
from storage.desk_records import Agent, Role
from storage.guesses import Subject
from storage.times import micros, moment


class AccountStore:
    """Reached as `Store.accounts`. A change and its audit entry are one transaction.

    Tokens come as digests. Every method may raise `StoreUnreachable`.
    """

    def __init__(self, database: Database) -> None:
        self._database = database

    async def add(self, agent: Agent, password: str | None, record: Record) -> None:
        """Keep a new agent with the password's hash. Raises `agents.Taken`."""

        def write(connection: Connection) -> None:
            agents.add(connection, agent, password)
            audit.append(connection, record)

        await self._database.write(write)

    async def all(self) -> tuple[Agent, ...]:
        """All agents by name, disabled ones too."""
        return await self._database.read(agents.every)

    async def find(self, agent_id: str) -> Agent | None:
        """The agent of this id."""
        return await self._database.read(partial(agents.by_id, agent_id=agent_id))

    async def by_login(self, login: str) -> tuple[Agent, str | None] | None:
        """The agent of this login, and the password's hash."""
        return await self._database.read(partial(agents.by_login, login=login))

    async def set_password(self, agent_id: str, password: str, record: Record) -> None:
        """Keep another hash, and end all sessions."""

        def write(connection: Connection) -> None:
            agents.set_password(connection, agent_id, password)
            sessions.end_all(connection, agent_id)
            audit.append(connection, record)

        await self._database.write(write)

    async def rehash(self, agent_id: str, password: str) -> None:
        """Keep the same password's hash by today's parameters."""
        await self._database.write(partial(agents.set_password, agent_id=agent_id, password=password))

    async def set_role(self, agent_id: str, role: Role, record: Record) -> bool:
        """Give another role; not to the last admin."""

        def write(connection: Connection) -> bool:
            if not agents.set_role(connection, agent_id, role):
                return False
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    async def set_disabled(self, agent_id: str, at: datetime | None, record: Record) -> bool:
        """Disable, which ends all sessions, or enable; not the last admin."""

        def write(connection: Connection) -> bool:
            if not agents.set_disabled(connection, agent_id, None if at is None else micros(at)):
                return False
            if at is not None:
                sessions.end_all(connection, agent_id)
            audit.append(connection, record)
            return True

        return await self._database.write(write)

    # ---- sessions

    async def begin(
        self,
        digest: str,
        agent: str,
        *,
        at: datetime,
        instead_of: str | None,
        subjects: tuple[Subject, Subject],
        record: Record,
    ) -> None:
        """Begin a session in the place of another, forgiving the failures of name and address."""

        def write(connection: Connection) -> None:
            sessions.begin(connection, digest=digest, agent=agent, at=micros(at), instead_of=instead_of)
            sessions.forgive(connection, name=subjects[0], address=subjects[1])
            audit.append(connection, record)

        await self._database.write(write)

    async def session(
        self, digest: str, *, created_after: datetime, seen_after: datetime
    ) -> tuple[Agent, datetime, datetime] | None:
        """Whose session it is, when it began and was last used; `None` where it is over."""
        ask = partial(
            sessions.find,
            digest=digest,
            created_after=micros(created_after),
            seen_after=micros(seen_after),
        )
        found = await self._database.read(ask)
        return None if found is None else (found[0], moment(found[1]), moment(found[2]))

    async def touch(self, digest: str, at: datetime) -> None:
        """Note that a session was used."""
        await self._database.write(partial(sessions.touch, digest=digest, at=micros(at)))

    async def end(self, digest: str) -> str | None:
        """End a session; the id of whose it was."""
        return await self._database.write(partial(sessions.end, digest=digest))

    async def end_all(self, agent_id: str, record: Record) -> int:
        """End every session of an agent; how many there were."""

        def write(connection: Connection) -> int:
            audit.append(connection, record)
            return sessions.end_all(connection, agent_id)

        return await self._database.write(write)

    async def tidy(self, *, now: datetime, created_before: datetime, seen_before: datetime) -> None:
        """Forget sessions and tokens that ran out."""
        tidy = partial(
            sessions.tidy,
            now=micros(now),
            created_before=micros(created_before),
            seen_before=micros(seen_before),
        )
        await self._database.write(tidy)

    # ---- tokens that work once

    async def issue(
        self, digest: str, *, purpose: str, agent: str, expires_at: datetime, record: Record | None = None
    ) -> None:
        """Keep a token that works once."""

        def write(connection: Connection) -> None:
            sessions.issue(
                connection, digest=digest, purpose=purpose, agent=agent, expires_at=micros(expires_at)
            )
            if record is not None:
                audit.append(connection, record)

        await self._database.write(write)

    async def use(self, digest: str, *, purpose: str, now: datetime) -> str | None:
        """Use a token up; the agent it is for, or `None` where it does not work."""
        return await self._database.write(
            partial(sessions.use, digest=digest, purpose=purpose, now=micros(now))
        )
