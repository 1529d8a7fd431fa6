"""Tokens as their holders see them: `rsc_<id>_<secret>`, shown once; the store keeps a digest of the secret.

The secret is 256 random bits, so a plain digest keeps it as well as a slow one would.
"""

import hmac
import re
import secrets
from collections.abc import Iterable
from datetime import datetime
from hashlib import sha256

from storage.api_tokens import ApiToken

SCOPES = {
    "stage:read": "look up where an order stands",
    "refunds:read": "see the refunds of an order in such a look-up: amounts and payment methods",
}
"""What a token may open, and what that is."""

STAGE_READ = "stage:read"
REFUNDS_READ = "refunds:read"

_ID_LETTERS = "0123456789abcdefghijkmnpqrstuvwxyz"
_ID_LENGTH = 10
_FORM = re.compile(r"rsc_([0-9a-z]{4,32})_([A-Za-z0-9_-]{32,128})", re.ASCII)
_NO_DIGEST = "0" * 64
"""Compared with where there is no token, so that an id that exists takes as long as one that does not."""


def new_token(
    name: str, scopes: Iterable[str], *, now: datetime, expires_at: datetime | None = None
) -> tuple[str, ApiToken]:
    """A new token: the text for its holder, and what is kept of it.

    Raises `ValueError` where nothing is in the name, or a scope is unknown or none is given.
    """
    wanted = frozenset(scopes)
    if unknown := sorted(wanted - SCOPES.keys()):
        raise ValueError(f"no such scope: {', '.join(unknown)}. There are {', '.join(SCOPES)}")
    if not wanted:
        raise ValueError(f"give it at least one scope of {', '.join(SCOPES)}")
    if not name.strip() or not name.isprintable():
        raise ValueError("give it a name that says who will use it")
    token_id = "".join(secrets.choice(_ID_LETTERS) for _ in range(_ID_LENGTH))
    secret = secrets.token_urlsafe(32)
    kept = ApiToken(token_id, name.strip(), _digest(secret), wanted, created_at=now, expires_at=expires_at)
    return f"rsc_{token_id}_{secret}", kept


def taken_apart(text: str) -> tuple[str, str] | None:
    """Id and secret of a token; `None` for what has not the form of one."""
    found = _FORM.fullmatch(text)
    return None if found is None else (found[1], found[2])


def proves(token: ApiToken | None, secret: str, at: datetime) -> bool:
    """Whether this is the token's secret, and the token works at that time."""
    same = hmac.compare_digest(_digest(secret), _NO_DIGEST if token is None else token.digest)
    return same and token is not None and token.works(at)


def _digest(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()
