"""Conversations that are not the bot's: they wait for a person, or one has them."""

from collections.abc import Sequence

from sqlalchemy import Connection, select

from storage.records import Waiting
from storage.schema import conversations
from storage.times import moment


def waiting(connection: Connection, modes: Sequence[str]) -> tuple[Waiting, ...]:
    """Those in one of these modes, who waits longest first."""
    table = conversations.c
    rows = connection.execute(
        select(table.key, table.reference, table.mode, table.reason, table.waiting_since, table.agent)
        .where(table.waiting_since.is_not(None), table.mode.in_(modes))
        .order_by(table.waiting_since, table.key)
    )
    return tuple(
        Waiting(key, reference or "", mode, reason or "", moment(since), agent)
        for key, reference, mode, reason, since, agent in rows
    )
