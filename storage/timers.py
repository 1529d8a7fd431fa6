"""Conversations that want to be woken. The lease of whoever wakes one is its next time to be woken."""

from sqlalchemy import Connection, select, update

from storage.schema import conversations


def due(connection: Connection, *, now: int, until: int, limit: int) -> tuple[str, ...]:
    """Keys whose time has come, earliest first; nobody else gets them until then."""
    ready = (
        select(conversations.c.key)
        .where(conversations.c.wake_at.is_not(None), conversations.c.wake_at <= now)
        .order_by(conversations.c.wake_at, conversations.c.key)
        .limit(limit)
        .with_for_update(skip_locked=True)
    )
    keys = tuple(connection.execute(ready).scalars())
    if keys:
        connection.execute(update(conversations).where(conversations.c.key.in_(keys)).values(wake_at=until))
    return keys
