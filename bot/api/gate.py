"""Who may ask: bearer tokens, how often each may come, and how often an address may fail to show one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil
from typing import Protocol

import structlog
from aiohttp import web

from bot.api.problems import Kind, Problem, retry_after
from bot.api.tokens import proves, taken_apart
from bot.callers import Throttle, address_of, neighbourhood
from storage.api_tokens import ApiToken
from storage.errors import StoreError

_REMEDY = "An operator makes one by `rescind api-tokens add`. Send it as `Authorization: Bearer rsc_...`."
_REALM = 'Bearer realm="rescind"'
_STORE_SECONDS = 2.0
USE_NOTED_EVERY = timedelta(minutes=1)

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Tokens(Protocol):
    """Where tokens are kept: the store."""

    async def api_token(self, token_id: str) -> ApiToken | None:
        """The token of this id as it is now."""

    async def note_api_token_used(self, token_id: str, at: datetime, every: timedelta) -> bool:
        """Note its use, at most once in so long."""


@dataclass(frozen=True, slots=True)
class Paces:
    """How often whom: look-ups of a token, and failures of an address to show one that works."""

    requests_per_second: float
    failures_per_minute: float
    trust_proxy: bool = False

    @property
    def burst(self) -> int:
        """Look-ups of a token that are let through at once."""
        return max(1, ceil(2 * self.requests_per_second))

    @property
    def failures_burst(self) -> int:
        """Failures of an address that are answered at once."""
        return max(1, ceil(self.failures_per_minute))


@dataclass(frozen=True, slots=True)
class Caller:
    """Who was let in; `headers` tell how much of the token's allowance is left."""

    token: ApiToken
    headers: Mapping[str, str]

    def needs(self, scope: str) -> None:
        """Raises `Problem` where the token has not this scope."""
        if scope not in self.token.scopes:
            raise Problem(
                Kind.MISSING_SCOPE,
                f"This needs a token with the scope {scope}. "
                f"An operator makes one by `rescind api-tokens add NAME --scope {scope}`.",
                {"WWW-Authenticate": f'{_REALM}, error="insufficient_scope", scope="{scope}"'},
            )


class Gate:
    """Lets callers in. The store is asked at every request: a revoked token opens nothing from then on."""

    def __init__(self, tokens: Tokens, paces: Paces, clock: Callable[[], datetime]) -> None:
        self._tokens = tokens
        self._paces = paces
        self._clock = clock
        self._pace = Throttle(paces.requests_per_second, paces.burst)
        self._failures = Throttle(paces.failures_per_minute / 60, paces.failures_burst)
        self._noted: dict[str, datetime] = {}

    async def admit(self, request: web.Request) -> Caller:
        """Who asks. Raises `Problem` for whom nobody knows, and for who comes too often."""
        known, now = taken_apart(_bearer(request)), self._clock()
        token = None if known is None else await self._kept(known[0])
        if known is None or token is None or not proves(token, known[1], now):
            raise self._failed(request)
        wait = self._pace.wait(token.id)
        headers = self._allowance(token.id)
        if wait:
            detail = (
                f"This token may ask {self._paces.requests_per_second:g} times a second on average. "
                "Wait as long as Retry-After says."
            )
            raise Problem(Kind.SLOW_DOWN, detail, headers | retry_after(wait))
        await self._note_use(token, now)
        return Caller(token, headers)

    async def _kept(self, token_id: str) -> ApiToken | None:
        try:
            return await self._tokens.api_token(token_id)
        except StoreError as error:
            _log.warning("api: the store did not answer", cause=type(error).__name__)
            raise Problem(
                Kind.STORE_UNREACHABLE,
                "Try again in a moment. If it stays so, tell the operator: /readyz says what is wrong.",
                retry_after(_STORE_SECONDS),
            ) from None

    def _failed(self, request: web.Request) -> Problem:
        """A right token is never held up by others' failures from its address: those alone are counted."""
        address = address_of(request, trust_proxy=self._paces.trust_proxy)
        if wait := self._failures.wait(neighbourhood(address)):
            return Problem(
                Kind.SLOW_DOWN,
                f"Too many requests from this address showed no token that works. {_REMEDY}",
                retry_after(wait),
            )
        shown = "Authorization" in request.headers
        why = "unknown, revoked or expired" if shown else "missing"
        challenge = f'{_REALM}, error="invalid_token"' if shown else _REALM
        return Problem(
            Kind.UNAUTHENTICATED, f"The token is {why}. {_REMEDY}", {"WWW-Authenticate": challenge}
        )

    def _allowance(self, token_id: str) -> dict[str, str]:
        """The header fields of the IETF's draft on rate limits."""
        left, whole = self._pace.left(token_id)
        window = max(1, ceil(self._paces.burst / self._paces.requests_per_second))
        return {
            "RateLimit-Policy": f'"token";q={self._paces.burst};w={window}',
            "RateLimit": f'"token";r={left};t={ceil(whole)}',
        }

    async def _note_use(self, token: ApiToken, now: datetime) -> None:
        """At most once a minute; a store that cannot write keeps nobody from reading."""
        noted = max(filter(None, (token.used_at, self._noted.get(token.id))), default=None)
        if noted is not None and now - noted < USE_NOTED_EVERY:
            return
        self._noted[token.id] = now
        try:
            await self._tokens.note_api_token_used(token.id, now, USE_NOTED_EVERY)
        except StoreError as error:
            _log.warning("api: a token's use could not be noted", cause=type(error).__name__)


def _bearer(request: web.Request) -> str:
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""
