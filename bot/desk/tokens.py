"""Tokens that a browser holds: unguessable, and known to the store by their digests alone."""

import hashlib
import hmac
import secrets


def new_token() -> str:
    """43 signs, 256 bits."""
    return secrets.token_urlsafe(32)


def digest_of(token: str) -> str:
    """What the store knows of a token. It needs no key and no salt, for nobody can guess 256 bits."""
    return hashlib.sha256(token.encode(errors="replace")).hexdigest()


def csrf_of(token: str) -> str:
    """The session's token for forms: made from the session's own, which no other page can read."""
    return hmac.new(token.encode(errors="replace"), b"rescind csrf", hashlib.sha256).hexdigest()
