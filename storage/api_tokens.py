"""Tokens of the API: who may ask, for what, until when. Of the secret part only a digest is kept."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, Row, insert, or_, select, update

from storage.schema import api_tokens
from storage.times import micros, micros_or_none, moment, moment_or_none


@dataclass(frozen=True, slots=True)
class ApiToken:
    """A token as it is kept; `digest` is that of its secret, in hexadecimal. `scopes` hold no spaces."""

    id: str
    name: str
    digest: str
    scopes: frozenset[str]
    created_at: datetime
    expires_at: datetime | None = None
    revoked_at: datetime | None = None
    used_at: datetime | None = None

    def works(self, at: datetime) -> bool:
        """Whether it opens anything at that time."""
        return self.revoked_at is None and (self.expires_at is None or at < self.expires_at)


def add(connection: Connection, *, token: ApiToken) -> None:
    """Keep a new token."""
    connection.execute(
        insert(api_tokens).values(
            id=token.id,
            name=token.name,
            digest=token.digest,
            scopes=" ".join(sorted(token.scopes)),
            created_at=micros(token.created_at),
            expires_at=micros_or_none(token.expires_at),
            revoked_at=micros_or_none(token.revoked_at),
            used_at=micros_or_none(token.used_at),
        )
    )


def find(connection: Connection, *, token_id: str) -> ApiToken | None:
    """The token of this id, whether or not it still works."""
    row = connection.execute(select(api_tokens).where(api_tokens.c.id == token_id)).first()
    return None if row is None else _token(row)


def every(connection: Connection) -> tuple[ApiToken, ...]:
    """All tokens there ever were, oldest first."""
    rows = connection.execute(select(api_tokens).order_by(api_tokens.c.created_at, api_tokens.c.id))
    return tuple(map(_token, rows))


def revoke(connection: Connection, *, token_id: str, at: int) -> ApiToken | None:
    """Let a token open nothing more; one that was revoked keeps its time. `None` if there is none."""
    changed = update(api_tokens).where(api_tokens.c.id == token_id, api_tokens.c.revoked_at.is_(None))
    connection.execute(changed.values(revoked_at=at))
    return find(connection, token_id=token_id)


def note_use(connection: Connection, *, token_id: str, at: int, unless_since: int) -> bool:
    """Note when a token was used, unless a use at `unless_since` or later is noted; whether it was."""
    long_ago = or_(api_tokens.c.used_at.is_(None), api_tokens.c.used_at < unless_since)
    changed = update(api_tokens).where(api_tokens.c.id == token_id, long_ago).values(used_at=at)
    return connection.execute(changed).rowcount > 0


def _token(row: Row[tuple[object, ...]]) -> ApiToken:
    return ApiToken(
        id=row.id,
        name=row.name,
        digest=row.digest,
        scopes=frozenset(row.scopes.split()),
        created_at=moment(row.created_at),
        expires_at=moment_or_none(row.expires_at),
        revoked_at=moment_or_none(row.revoked_at),
        used_at=moment_or_none(row.used_at),
    )
