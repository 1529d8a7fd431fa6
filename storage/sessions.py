"""Sessions and tokens that work once. Only digests are kept: who reads the database cannot sign in."""

from sqlalchemy import Connection, and_, delete, insert, or_, select, update

from storage.agents import agent_of
from storage.desk_records import Agent
from storage.schema import agents, guesses, one_time, sessions


def begin(connection: Connection, *, digest: str, agent: str, at: int, instead_of: str | None) -> None:
    """Begin a session; the one the browser came with ends."""
    if instead_of is not None:
        end(connection, instead_of)
    connection.execute(insert(sessions).values(digest=digest, agent=agent, created_at=at, seen_at=at))


def find(
    connection: Connection, *, digest: str, created_after: int, seen_after: int
) -> tuple[Agent, int, int] | None:
    """Whose session it is, when it began and was last used; none where it is over or its agent disabled."""
    row = connection.execute(
        select(agents, sessions.c.created_at.label("began"), sessions.c.seen_at)
        .join(agents, agents.c.id == sessions.c.agent)
        .where(
            sessions.c.digest == digest,
            sessions.c.created_at > created_after,
            sessions.c.seen_at > seen_after,
            agents.c.disabled_at.is_(None),
        )
    ).first()
    return None if row is None else (agent_of(row), row.began, row.seen_at)


def touch(connection: Connection, *, digest: str, at: int) -> None:
    """Note that it was used."""
    connection.execute(update(sessions).where(sessions.c.digest == digest).values(seen_at=at))


def end(connection: Connection, digest: str) -> str | None:
    """End a session; the id of whose it was."""
    agent = connection.execute(select(sessions.c.agent).where(sessions.c.digest == digest)).scalar()
    connection.execute(delete(sessions).where(sessions.c.digest == digest))
    return agent


def end_all(connection: Connection, agent: str) -> int:
    """End every session of an agent, and what would still sign them in; how many sessions there were."""
    connection.execute(delete(one_time).where(one_time.c.agent == agent, one_time.c.used_at.is_(None)))
    return connection.execute(delete(sessions).where(sessions.c.agent == agent)).rowcount


def tidy(connection: Connection, *, now: int, created_before: int, seen_before: int) -> None:
    """Forget what ran out."""
    over = or_(sessions.c.created_at <= created_before, sessions.c.seen_at <= seen_before)
    connection.execute(delete(sessions).where(over))
    connection.execute(delete(one_time).where(one_time.c.expires_at <= now))


def issue(connection: Connection, *, digest: str, purpose: str, agent: str, expires_at: int) -> None:
    """Keep a token that works once."""
    connection.execute(
        insert(one_time).values(digest=digest, purpose=purpose, agent=agent, expires_at=expires_at)
    )


def use(connection: Connection, *, digest: str, purpose: str, now: int) -> str | None:
    """Use a token up; the agent it is for. `None` where there is none, it was used before, or ran out."""
    mine = and_(one_time.c.digest == digest, one_time.c.purpose == purpose)
    fresh = and_(mine, one_time.c.used_at.is_(None), one_time.c.expires_at > now)
    if not connection.execute(update(one_time).where(fresh).values(used_at=now)).rowcount:
        return None
    return connection.execute(select(one_time.c.agent).where(mine)).scalar()


def forgive(connection: Connection, *, name: tuple[str, str], address: tuple[str, str]) -> None:
    """After a right password: forget the name's failures, and count this attempt of the address no more."""
    by_name = and_(guesses.c.kind == name[0], guesses.c.subject == name[1])
    by_address = and_(guesses.c.kind == address[0], guesses.c.subject == address[1])
    connection.execute(delete(guesses).where(by_name))
    connection.execute(
        update(guesses).where(by_address, guesses.c.count > 0).values(count=guesses.c.count - 1)
    )
