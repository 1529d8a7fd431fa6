"""Agents: who works at the desk."""

from typing import Any

from sqlalchemy import Connection, Row, func, insert, select, update
from sqlalchemy.exc import IntegrityError

from storage.desk_records import Agent, Role
from storage.schema import agents
from storage.times import micros, moment, moment_or_none


class Taken(Exception):
    """Another agent has this login or this name."""


def add(connection: Connection, agent: Agent, password: str | None) -> None:
    """Keep a new agent. Raises `Taken`."""
    clash = connection.execute(
        select(agents.c.id).where(
            (agents.c.login_key == agent.login.casefold()) | (agents.c.name_key == agent.name.casefold())
        )
    ).first()
    if clash is not None:
        raise Taken
    try:
        connection.execute(
            insert(agents).values(
                id=agent.id,
                login=agent.login,
                login_key=agent.login.casefold(),
                name=agent.name,
                name_key=agent.name.casefold(),
                role=agent.role.value,
                password=password,
                created_at=micros(agent.created_at),
            )
        )
    except IntegrityError:
        raise Taken from None


def every(connection: Connection) -> tuple[Agent, ...]:
    """All agents by name, disabled ones too."""
    return tuple(agent_of(row) for row in connection.execute(select(agents).order_by(agents.c.name_key)))


def by_id(connection: Connection, agent_id: str) -> Agent | None:
    """The agent of this id."""
    row = connection.execute(select(agents).where(agents.c.id == agent_id)).first()
    return None if row is None else agent_of(row)


def by_login(connection: Connection, login: str) -> tuple[Agent, str | None] | None:
    """The agent of this login in any case, and the password's hash."""
    row = connection.execute(select(agents).where(agents.c.login_key == login.casefold())).first()
    return None if row is None else (agent_of(row), row.password)


def set_password(connection: Connection, agent_id: str, password: str) -> None:
    """Keep another hash."""
    connection.execute(update(agents).where(agents.c.id == agent_id).values(password=password))


def set_role(connection: Connection, agent_id: str, role: Role) -> bool:
    """Give another role; not done to the last admin."""
    return _unless_last(connection, agent_id, keeps=role is Role.ADMIN, role=role.value)


def set_disabled(connection: Connection, agent_id: str, at: int | None) -> bool:
    """Disable since then, or enable; not done to the last admin."""
    return _unless_last(connection, agent_id, keeps=at is None, disabled_at=at)


def _unless_last(connection: Connection, agent_id: str, *, keeps: bool, **values: str | int | None) -> bool:
    """Change it unless no admin would remain. Two admins cannot remove each other at once."""
    admins = select(agents.c.id).where(agents.c.role == Role.ADMIN.value, agents.c.disabled_at.is_(None))
    now = set(connection.execute(admins.order_by(agents.c.id).with_for_update()).scalars())
    if not keeps and now == {agent_id}:
        return False
    connection.execute(update(agents).where(agents.c.id == agent_id).values(**values))
    return True


def count(connection: Connection) -> int:
    """How many agents there are."""
    return connection.execute(select(func.count()).select_from(agents)).scalar_one()


def agent_of(row: Row[Any]) -> Agent:
    """An agent from a row that has the table's columns."""
    return Agent(
        id=row.id,
        login=row.login,
        name=row.name,
        role=Role(row.role),
        created_at=moment(row.created_at),
        disabled_at=moment_or_none(row.disabled_at),
        has_password=row.password is not None,
    )
