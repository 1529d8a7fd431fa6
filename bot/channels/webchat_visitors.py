"""Who a visitor is, by a signed token."""

import secrets
from hashlib import sha256

from itsdangerous import BadSignature, TimestampSigner

_DAY = 24 * 60 * 60


class BadToken(Exception):
    """The token is forged, or too old."""


class Visitors:
    """Signs and reads the tokens that carry a visitor's chat: 128 random bits, a date, an HMAC."""

    def __init__(self, secret: bytes, days: int) -> None:
        self._signer = TimestampSigner(secret, salt="rescind.web-chat.visitor", digest_method=sha256)
        self._seconds = days * _DAY

    def invite(self) -> str:
        """A token for a new chat."""
        return self.sign(secrets.token_urlsafe(16))

    def sign(self, chat: str) -> str:
        """A fresh token for a chat."""
        return self._signer.sign(chat).decode()

    def chat(self, token: str) -> str:
        """The chat a token names. Raises `BadToken`."""
        try:
            return self._signer.unsign(token, max_age=self._seconds).decode()
        except (BadSignature, UnicodeError) as error:
            raise BadToken from error
