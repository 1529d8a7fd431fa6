"""The one way to a shop over HTTP, below every order-status adapter: limits, repeats, a family of errors.

Whatever goes wrong on the wire ends in `ShopUnreachable` or one of its children. Their messages name the
host and what happened; they never hold an address' path, a header, a body or the library's own exception,
since credentials and customers' data stand in all of these.
"""

import asyncio
import math
import random
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from functools import partial
from urllib.parse import quote

import aiohttp
import msgspec
import stamina
from yarl import URL

from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from bot.shop_circuit import Circuit, RepeatBudget
from bot.shop_wire import (
    checked_base,
    checked_headers,
    insist_on_utf_8,
    named,
    note_clock,
    pause_of,
    target_of,
    what_happened,
)

# A repeat that helps is nobody's business; one that does not is told once, by whoever asked.
stamina.instrumentation.set_on_retry_hooks(())

_JSON: msgspec.json.Decoder[object] = msgspec.json.Decoder(object, float_hook=Decimal)
_BOM = b"\xef\xbb\xbf"
_UNRESERVED = "/%?=&:@,;+$!*'()~-._"
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_HOPS = 4
_KEPT_ALIVE = 4.0
"""Seconds an idle connection is kept: less than the 5 after which a Node server closes it."""
_LONGEST_PAUSE = 900.0
"""Seconds after which a shop is asked again, even if it wanted a longer pause."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How long, how often and how much. Times are seconds, `body` is bytes after decompression."""

    connect: float = 3.0
    read: float = 8.0
    """For the whole answer to one try."""
    total: float = 15.0
    """For one `ask`, with its repeats and pauses."""
    tries: int = 3
    body: int = 2_000_000
    outage: float = 15.0
    """How long a broken circuit stays open."""
    failures: int = 5
    """How many calls in a row must fail to break the circuit."""
    connections: int = 100


@dataclass(frozen=True, slots=True)
class Answer:
    """What the shop said. `json` is `None` where a body is empty, or where a refusal's body is no JSON.

    Numbers with a point are `Decimal`, and with a `kind` asked for, a success is an instance of it. `headers`
    are found in any spelling. Neither is shown by `repr`.
    """

    status: int
    json: object = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)

    @property
    def ok(self) -> bool:
        """Whether the status is one of success."""
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers


@dataclass(slots=True, repr=False)
class _Request:
    method: str
    url: URL
    body: bytes | None
    headers: dict[str, str] | None
    decoder: msgspec.json.Decoder[object] = _JSON


class ShopSession:
    """Talks JSON to one shop. Opened by the first call, in its event loop.

    `base_url` is what every path is appended to; `headers` go with every call; `verify=False` switches the
    check of certificates off. Raises `ValueError` where an argument makes no request.
    """

    def __init__(
        self,
        base_url: str,
        *,
        headers: Mapping[str, str] | None = None,
        limits: Limits | None = None,
        verify: bool = True,
    ) -> None:
        self._base = checked_base(base_url)
        self._host = named(URL(self._base))
        self._headers = {"Accept": "application/json", "User-Agent": "rescind"} | checked_headers(
            headers or {}
        )
        self._limits = limits or Limits()
        self._verify = verify
        self._client: aiohttp.ClientSession | None = None
        self._closed = False
        self._circuit = Circuit(self._limits.failures, self._limits.outage, time.monotonic)
        self._budget = RepeatBudget()
        self._held_until = 0.0
        self._usual_total = self._limits.connect + self._limits.read
        self._usual = _within(self._usual_total, self._limits.connect)
        self._decoders: dict[type[object], msgspec.json.Decoder[object]] = {}

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: object | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool,
        kind: type[object] | None = None,
    ) -> Answer:
        """The shop's answer with a status of 2xx or 4xx.

        `path` begins with '/', and its parts are quoted already. Calls that are `safe` change nothing the
        second time, and are repeated where no answer came; any other is sent once. `kind` is what msgspec
        reads a success as, at half the cost of converting what was read without it.
        Raises `ShopUnreachable` (no answer, 408 or 5xx), `CredentialsRefused` (401, 403), `Throttled` (429),
        and `ContractBroken` (an answer too long, not in UTF-8, not JSON, of another form than `kind`, or a
        redirect elsewhere).
        """
        request = self._request(method, path, body, params, headers)
        if kind is not None:
            request.decoder = self._decoder(kind)
        deadline = asyncio.get_running_loop().time() + self._limits.total
        self._budget.earn()
        outcome = await self._attempt(request, deadline)
        if isinstance(outcome, Answer):
            return outcome
        if safe:
            return await self._repeated(request, deadline, outcome)
        raise outcome.with_traceback(None)  # its frames know the whole address

    def hold(self, seconds: float) -> None:
        """Send nothing for so long: the shop said so in some way of its own."""
        pause = min(seconds, _LONGEST_PAUSE)
        self._held_until = max(self._held_until, time.monotonic() + pause)

    async def close(self) -> None:
        """Let go of the connections. May come twice; whoever asks afterwards is told `ShopUnreachable`."""
        self._closed = True
        if self._client is not None:
            await self._client.close()

    def _request(
        self,
        method: str,
        path: str,
        body: object | None,
        params: Mapping[str, str] | None,
        headers: Mapping[str, str] | None,
    ) -> _Request:
        try:
            url = URL(self._base + quote(path, safe=_UNRESERVED), encoded=True)
            if params:
                "".join(params.values()).encode()  # the URL's own way is to drop half characters
                url = url.update_query(params)
            own = checked_headers(headers) if headers else None
            data = None if body is None else msgspec.json.encode(body)
        except ValueError:
            pass  # half a character, or a header that would end early
        else:
            if data is not None:
                own = {"Content-Type": "application/json", **(own or {})}
            return _Request(method, url, data, own)
        raise ContractBroken(f"{self._host}: this cannot be asked over HTTP")

    async def _repeated(self, request: _Request, deadline: float, outcome: ShopUnreachable) -> Answer:
        """What repeats make of a failure. Calls that succeed at once do without stamina's 30 µs."""
        latest: Answer | ShopUnreachable = outcome
        async for attempt in stamina.retry_context(
            on=partial(self._again, deadline=deadline),
            attempts=self._limits.tries,
            timeout=None,
            wait_initial=0.05,
            wait_jitter=0.2,
            wait_max=2.0,
        ):
            with attempt:
                if attempt.num > 1:
                    latest = await self._attempt(request, deadline)
                if isinstance(latest, Answer):
                    return latest
                raise latest.with_traceback(None)
        raise AssertionError("an attempt ends in an answer or an error")

    def _decoder(self, kind: type[object]) -> msgspec.json.Decoder[object]:
        known = self._decoders.get(kind)
        if known is None:
            known = self._decoders[kind] = msgspec.json.Decoder(kind, float_hook=Decimal)
        return known

    def _again(self, error: Exception, *, deadline: float) -> bool | float:
        """Whether to repeat: `True` after the usual pause, a number after so many seconds."""
        if type(error) not in {ShopUnreachable, Throttled} or self._closed or self._circuit.closed_for:
            return False
        left = deadline - asyncio.get_running_loop().time()
        if isinstance(error, Throttled):
            # `_attempt` keeps the pause, together with whoever else wants to ask.
            return 0.0 if error.seconds < left and self._budget.spend() else False
        return left > 0 and self._budget.spend()

    async def _attempt(self, request: _Request, deadline: float) -> Answer | ShopUnreachable:
        """One call. Failures are values, to be raised where no other error is handled and would hang on."""
        if self._closed:
            return ShopUnreachable(f"{self._host}: the connection was closed on our side")
        wait = max(0.0, self._held_until - time.monotonic()) if self._held_until else 0.0
        left = deadline - asyncio.get_running_loop().time()
        if wait and wait >= left:
            return Throttled(wait)
        if not self._circuit.admit():
            return ShopUnreachable(
                f"{self._host}: gave no answer lately; to be asked again in {self._circuit.closed_for:.0f} s"
            )
        try:
            if wait:  # and those who waited together do not come back together
                await asyncio.sleep(min(left, wait + random.uniform(0, 0.1 + wait / 10)))  # noqa: S311 - no secret
            outcome = await self._exchange(request, deadline)
        except BaseException:
            self._circuit.released()
            raise
        self._circuit.failed() if type(outcome) is ShopUnreachable else self._circuit.worked()
        if isinstance(outcome, Throttled):
            self.hold(outcome.seconds)
        return outcome

    async def _exchange(self, request: _Request, deadline: float) -> Answer | ShopUnreachable:
        try:
            return await self._followed(request, deadline)
        except ShopUnreachable as failure:
            return failure
        except (aiohttp.ClientError, OSError, ValueError) as error:
            return ShopUnreachable(f"{self._host}: {what_happened(error)}")

    async def _followed(self, request: _Request, deadline: float) -> Answer:
        url = request.url
        for _ in range(_HOPS):
            async with self._opened().request(
                request.method,
                url,
                data=request.body,
                headers=request.headers,
                allow_redirects=False,
                timeout=self._timeout(deadline),
            ) as response:
                if response.status not in _REDIRECTS:
                    return await self._answer(response, request.decoder)
                target = target_of(response)
            if target is None or target.origin() != url.origin() or request.method != "GET":
                where = "nowhere" if target is None else named(target)
                raise ContractBroken(f"{self._host}: redirects a {request.method} to {where}")
            url = target
        raise ContractBroken(f"{self._host}: redirects in circles")

    def _timeout(self, deadline: float) -> aiohttp.ClientTimeout:
        left = deadline - asyncio.get_running_loop().time()
        if left <= 0:
            raise TimeoutError
        return self._usual if left >= self._usual_total else _within(left, self._limits.connect)

    async def _answer(
        self, response: aiohttp.ClientResponse, decoder: msgspec.json.Decoder[object]
    ) -> Answer:
        status = response.status
        note_clock(response.headers)
        if not 200 <= status < 300:  # noqa: PLR2004 - HTTP's own numbers
            self._sort_out(status, response.headers)
        refused = status >= 400  # noqa: PLR2004 - HTTP's own number
        length = response.content_length
        if length is None or length > self._limits.body or "Content-Encoding" in response.headers:
            body = await self._bounded(response)
        else:
            body = await response.read()
        try:
            insist_on_utf_8(response, body)
            body = body.removeprefix(_BOM)
            told = (_JSON if refused else decoder).decode(body) if body else None
            return Answer(status, told, response.headers)
        except msgspec.ValidationError as error:
            problem = str(error).partition("'")[0]  # beyond it, the shop's own words are quoted
        except (msgspec.MsgspecError, ValueError, RecursionError) as error:
            problem = f"it is no JSON ({type(error).__name__})"
        if refused:
            return Answer(status, None, response.headers)
        raise ContractBroken(f"{self._host}: HTTP {status} with a body that cannot be used: {problem}")

    def _sort_out(self, status: int, headers: Mapping[str, str]) -> None:
        """Raise for every status but those with which a shop refuses what was asked."""
        if status in {401, 403}:
            raise CredentialsRefused(f"{self._host}: refuses our credentials (HTTP {status})")
        if status == 429:  # noqa: PLR2004 - HTTP's own number
            raise Throttled(pause_of(headers))
        if status >= 500 or status == 408:  # noqa: PLR2004 - HTTP's own numbers
            raise ShopUnreachable(f"{self._host}: HTTP {status}")
        if status < 400:  # noqa: PLR2004 - HTTP's own number
            raise ContractBroken(f"{self._host}: HTTP {status}")

    async def _bounded(self, response: aiohttp.ClientResponse) -> bytes:
        """The whole body, given up as soon as it is too long."""
        body = bytearray()
        async for piece in response.content.iter_any():
            body += piece
            if len(body) > self._limits.body:
                response.close()
                raise ContractBroken(f"{self._host}: an answer of more than {self._limits.body} bytes")
        return bytes(body)

    def _opened(self) -> aiohttp.ClientSession:
        if self._client is None:
            self._client = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    ssl=self._verify, limit=self._limits.connections, keepalive_timeout=_KEPT_ALIVE
                ),
                headers=self._headers,
                cookie_jar=aiohttp.DummyCookieJar(),
            )
            # It repeats a PUT by itself over a second connection. What is repeated is decided here.
            self._client._retry_connection = False  # noqa: SLF001 - there is no public way
        return self._client


def _within(total: float, connect: float) -> aiohttp.ClientTimeout:
    """Left to itself, the library would round up to whole seconds."""
    return aiohttp.ClientTimeout(total=total, sock_connect=connect, ceil_threshold=math.inf)
