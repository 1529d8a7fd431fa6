"""Coming and going: sessions, their expiry, and how guessing is slowed down."""

import hmac
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk.accounts import SIGN_IN
from bot.desk.errors import SignInRefused, TooManyAttempts
from bot.desk.ground import Ground
from bot.desk.passwords import Passwords
from bot.desk.tokens import csrf_of, digest_of, new_token
from bot.desk.trail import account_chain
from storage.audit import Record
from storage.desk_records import Agent, Session
from storage.guesses import Subject

_FREE = 5
"""Failures that cost nothing."""
_NAME_WAITS = timedelta(minutes=1)
"""At most, so that nobody can be kept out by others who guess at their name."""
_ADDRESS_WAITS = timedelta(minutes=15)
_MEMORY = timedelta(hours=1)
_TOUCH = timedelta(minutes=1)
NOBODY = "nobody"
"""Whose chain keeps failures for names that nobody has: to write them takes as long."""


@dataclass(frozen=True, slots=True)
class Expiry:
    """How long a session lasts without use, and at most."""

    idle: timedelta = timedelta(hours=12)
    absolute: timedelta = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class SignIn:
    """Coming and going. `address` is the network address, which is kept as a keyed digest only."""

    ground: Ground
    passwords: Passwords
    digest: Callable[[str], str]
    expiry: Expiry

    async def with_password(self, login: str, password: str, *, address: str, before: str = "") -> Session:
        """Sign in. `before` is the session token the browser came with, if any: it ends (no fixation).

        Unknown names and wrong passwords take the same time and give the same answer, `SignInRefused`.
        Raises `TooManyAttempts`.
        """
        login = " ".join(login.split())[:200].replace("\0", "")
        subjects = self._subjects(login, address)
        # One after the other from an address and for a name: what is counted holds for the next.
        async with self.ground.lane(f"from {subjects[1][1]}"), self.ground.lane(f"for {subjects[0][1]}"):
            await self._attempt(subjects)
            known = await self.ground.store.accounts.by_login(login)
            agent, hash_ = (None, None) if known is None else known
            right = await self.passwords.verify(password, hash_)
            if agent is None or not right or agent.disabled_at is not None:
                await self._failed(agent, "sign-in failed")
                raise SignInRefused
            if hash_ is not None and self.passwords.outdated(hash_):
                await self.ground.store.accounts.rehash(agent.id, await self.passwords.hash(password))
            return await self._begin(agent, subjects, before, how="password")

    async def with_token(self, token: str, *, address: str, before: str = "") -> Session:
        """Sign in by a one-time token. Raises `SignInRefused`, `TooManyAttempts`."""
        digest = digest_of(token)
        subjects = self._subjects(f"link {digest}", address)
        await self._attempt(subjects)
        now = self.ground.clock()
        agent_id = await self.ground.store.accounts.use(digest, purpose=SIGN_IN, now=now)
        agent = None if agent_id is None else await self.ground.store.accounts.find(agent_id)
        if agent is None or agent.disabled_at is not None:
            await self._failed(agent, "sign-in link refused")
            raise SignInRefused("This link was used already, or ran out. Ask for a new one.")
        return await self._begin(agent, subjects, before, how="link")

    async def session(self, token: str, *, used: bool = True) -> Session | None:
        """Who has this session, as they are now, or `None`: it is over, or never was. Ask with every request.

        A console asks again for an open WebSocket at least every minute, and says whether it was `used`: an
        open page by itself keeps no session alive.
        """
        if not token:
            return None
        now, digest = self.ground.clock(), digest_of(token)
        found = await self.ground.store.accounts.session(
            digest, created_after=now - self.expiry.absolute, seen_after=now - self.expiry.idle
        )
        if found is None:
            return None
        agent, created_at, seen_at = found
        if used and now - seen_at >= _TOUCH:
            await self.ground.store.accounts.touch(digest, now)
        return self._session(agent, token, created_at, now)

    async def sign_out(self, token: str) -> None:
        """End this session."""
        agent_id = await self.ground.store.accounts.end(digest_of(token))
        if agent_id is not None and (agent := await self.ground.store.accounts.find(agent_id)):
            record = self.ground.record(agent, account_chain(agent.id), "sign out")
            await self.ground.store.desk.record(record)

    async def sign_out_everywhere(self, agent: Agent) -> None:
        """End all sessions of this agent."""
        record = self.ground.record(agent, account_chain(agent.id), "sign out everywhere")
        await self.ground.store.accounts.end_all(agent.id, record)

    @staticmethod
    def same_csrf(session: Session, given: str) -> bool:
        """Whether a form carries this session's token; compared in constant time."""
        return hmac.compare_digest(session.csrf.encode(), given.encode(errors="replace"))

    async def tidy(self) -> None:
        """Forget what ran out."""
        now = self.ground.clock()
        await self.ground.store.accounts.tidy(
            now=now, created_before=now - self.expiry.absolute, seen_before=now - self.expiry.idle
        )

    def _subjects(self, login: str, address: str) -> tuple[Subject, Subject]:
        name = ("login", self.digest(login.casefold()))
        return name, ("login-address", self.digest(address))

    async def _attempt(self, subjects: tuple[Subject, Subject]) -> None:
        """Count an attempt before it is made: many at once cannot slip through together."""
        now = self.ground.clock()
        counted = await self.ground.store.guesses(subjects, now - _MEMORY)
        for subject, most in zip(subjects, (_NAME_WAITS, _ADDRESS_WAITS), strict=True):
            count, last = counted.get(subject, (0, now))
            until = last + _pause(count, most)
            if count >= _FREE and until > now:
                raise TooManyAttempts(until, max(1, round((until - now).total_seconds())))
        await self.ground.store.note_guess(subjects, now)

    async def _failed(self, agent: Agent | None, act: str) -> None:
        chain = account_chain(NOBODY if agent is None else agent.id)
        await self.ground.store.desk.record(self.ground.record(None, chain, act))

    async def _begin(self, agent: Agent, subjects: tuple[Subject, Subject], before: str, how: str) -> Session:
        now, token = self.ground.clock(), new_token()
        record: Record = self.ground.record(agent, account_chain(agent.id), "sign in", how=how)
        await self.ground.store.accounts.begin(
            digest_of(token),
            agent.id,
            at=now,
            instead_of=digest_of(before) if before else None,
            subjects=subjects,
            record=record,
        )
        return self._session(agent, token, now, now)

    def _session(self, agent: Agent, token: str, created_at: datetime, now: datetime) -> Session:
        expires_at = min(created_at + self.expiry.absolute, now + self.expiry.idle)
        return Session(agent, token, csrf_of(token), created_at, expires_at)


def _pause(count: int, most: timedelta) -> timedelta:
    """How long after its last failure a name or an address has to wait."""
    return min(timedelta(seconds=2 ** min(count - _FREE, 20)), most) if count >= _FREE else timedelta()
