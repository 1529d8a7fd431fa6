"""Passwords: argon2id, hashed in a thread, and no more at once than memory allows."""

import asyncio
import secrets
from dataclasses import dataclass, field

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from bot.desk.errors import BadInput

_LENGTHS = range(10, 257)
_AT_ONCE = 2
"""Each takes 64 MiB: a flood of sign-ins waits instead of filling memory."""


def default_hasher() -> PasswordHasher:
    """The library's recommendation: argon2id, 64 MiB, 3 passes, 4 lanes."""
    return PasswordHasher()


@dataclass(frozen=True, slots=True)
class Passwords:
    """Hashes and verifies. Where there is no hash a dummy is verified, which takes as long."""

    hasher: PasswordHasher = field(default_factory=default_hasher)
    _turns: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(_AT_ONCE))
    _dummy: list[str] = field(default_factory=list)

    async def hash(self, password: str) -> str:
        """The hash to keep. Raises `BadInput` unless the password has 10 to 256 characters."""
        if len(password) not in _LENGTHS:
            raise BadInput(f"A password has {_LENGTHS.start} to {_LENGTHS.stop - 1} characters.")
        async with self._turns:
            return await asyncio.to_thread(self.hasher.hash, password)

    async def verify(self, password: str, hash_: str | None) -> bool:
        """Whether this is the password; never so without a hash."""
        async with self._turns:
            right = await asyncio.to_thread(
                self._verify, password[: _LENGTHS.stop], hash_ or self._stand_in()
            )
        return right and hash_ is not None

    def outdated(self, hash_: str) -> bool:
        """Whether the hash was made with other parameters than today's."""
        return self.hasher.check_needs_rehash(hash_)

    async def prepare(self) -> None:
        """Make the dummy, so that the first unknown name takes no longer than others."""
        await asyncio.to_thread(self._stand_in)

    def _verify(self, password: str, hash_: str) -> bool:
        try:
            return self.hasher.verify(hash_, password)
        except (VerificationError, InvalidHashError, UnicodeError):
            return False

    def _stand_in(self) -> str:
        if not self._dummy:
            self._dummy.append(self.hasher.hash(secrets.token_urlsafe(32)))
        return self._dummy[0]
