"""`GET /v1/orders/{number}/stage`, and the description of it, as routes of the web server."""

import asyncio
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import datetime
from importlib.resources import files

import structlog
from aiohttp import web

from bot.api.accept import takes_json
from bot.api.gate import Caller, Gate
from bot.api.problems import HEADERS, Kind, Problem, retry_after
from bot.api.questions import email_of, number_of
from bot.api.tokens import REFUNDS_READ, STAGE_READ
from bot.ports import ContractBroken, CredentialsRefused, OrderBackend, ShopUnreachable, Throttled
from bot.stage_lookup import StageAnswer, StageFound, look_up
from bot.stage_record import stage_record
from dialogs.policy import Policy

Handler = Callable[[web.Request], Awaitable[web.Response]]

METHODS = ("GET", "HEAD", "OPTIONS")
LONGEST_TARGET = 4096
"""Characters of path and query as they are sent: the longest number and e-mail, encoded, fit in."""
_AGAIN = 5.0
"""Seconds after which a shop that did not answer is worth another try."""
_SHOP_SECONDS = 20.0
"""Seconds that the shop has for its answer; adapters give up earlier by themselves."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class StageApi:
    """Stage look-ups over HTTP. What is answered is read from the shop then and there, and kept nowhere."""

    def __init__(
        self, *, gate: Gate, backend: OrderBackend, policy: Policy, clock: Callable[[], datetime]
    ) -> None:
        self._gate = gate
        self._backend = backend
        self._policy = policy
        self._clock = clock
        self._description = files("bot.api").joinpath("openapi.json").read_bytes()

    def routes(self) -> Iterator[web.RouteDef]:
        """Everything under `/v1`, whatever its method."""
        yield web.route("*", "/v1/orders/{number}/stage", _answered(self._stage))
        yield web.route("*", "/v1/openapi.json", _answered(self._openapi))
        for rest in ("/v1", "/v1/{rest:.*}"):
            yield web.route("*", rest, _answered(_nothing, methods=None))

    async def _openapi(self, request: web.Request) -> web.Response:
        _acceptable(request)
        return _json(self._description, {"Cache-Control": "public, max-age=300"})

    async def _stage(self, request: web.Request) -> web.Response:
        caller = await self._gate.admit(request)
        try:
            response = await self._found(request, caller)
        except Problem as problem:
            response = problem.response()
        response.headers.update(caller.headers)
        return response

    async def _found(self, request: web.Request, caller: Caller) -> web.Response:
        caller.needs(STAGE_READ)
        _acceptable(request)
        number, email = number_of(request), email_of(request)
        answer = await self._asked(number, email)
        if not isinstance(answer, StageFound):
            detail = (
                "No such order, or not of that e-mail address. Compare the number with the shop's record."
            )
            raise Problem(Kind.UNKNOWN_ORDER, detail)
        record = stage_record(number, answer)
        if REFUNDS_READ not in caller.token.scopes:
            del record["refunds"]
        return _json(json.dumps(record).encode())

    async def _asked(self, number: str, email: str | None) -> StageAnswer:
        try:
            async with asyncio.timeout(_SHOP_SECONDS):
                return await look_up(self._backend, number, email, policy=self._policy, now=self._clock)
        except TimeoutError as error:
            _log.warning("api: the shop gave no answer in time", seconds=_SHOP_SECONDS)
            raise _of_the_shop(error) from error
        except ShopUnreachable as error:  # logged where it is raised
            raise _of_the_shop(error) from error


def _of_the_shop(error: ShopUnreachable | TimeoutError) -> Problem:
    """What the caller is told; the adapter's own words stay inside."""
    match error:
        case Throttled(seconds=seconds):
            detail = "The shop wants no more questions for a while. Wait as long as Retry-After says."
            return Problem(Kind.SHOP_UNREACHABLE, detail, retry_after(seconds))
        case ContractBroken():
            detail = (
                "The shop answered what its interface does not allow. Tell the operator: it is in the log."
            )
            return Problem(Kind.SHOP_ANSWER_UNUSABLE, detail)
        case CredentialsRefused():
            detail = "The shop refuses Rescind's credentials. Tell the operator, who has to renew them."
            return Problem(Kind.SHOP_ANSWER_UNUSABLE, detail)
    detail = "Nobody knows now where the order stands. Try again later, as Retry-After says."
    return Problem(Kind.SHOP_UNREACHABLE, detail, retry_after(_AGAIN))


def _answered(handler: Handler, methods: tuple[str, ...] | None = METHODS) -> Handler:
    """The handler, for these methods; whatever goes wrong becomes a problem document."""

    async def answered(request: web.Request) -> web.Response:
        try:
            if refused := _unfit(request):
                return _closing(refused.response())
            if methods is None or request.method in {"GET", "HEAD"}:
                return await handler(request)
            if request.method == "OPTIONS":
                return web.Response(status=204, headers=HEADERS | {"Allow": ", ".join(methods)})
            return Problem(Kind.WRONG_METHOD, "Use GET.", {"Allow": ", ".join(methods)}).response()
        except Problem as problem:
            return problem.response()
        except Exception as error:  # noqa: BLE001 - whatever it is, the caller gets no internals
            # The kind alone: a traceback could show an address or a token.
            _log.error("api: a request failed", cause=type(error).__name__)
            return Problem(
                Kind.OUR_MISTAKE, "Try again; if it stays so, tell the operator: the log has the time."
            ).response()

    return answered


def _unfit(request: web.Request) -> Problem | None:
    """What is refused before anything of it is read."""
    if len(request.raw_path) > LONGEST_TARGET:
        return Problem(Kind.PATH_TOO_LONG, f"Keep path and query below {LONGEST_TARGET} characters.")
    if request.can_read_body and request.method in {"GET", "HEAD"}:
        return Problem(Kind.BODY_TOO_BIG, "A look-up has no body: leave it out.")
    return None


def _closing(response: web.Response) -> web.Response:
    """An answer after which the connection is closed: what else was sent on it stays unread."""
    response.force_close()
    return response


def _acceptable(request: web.Request) -> None:
    if not takes_json(request.headers.getall("Accept", [])):
        raise Problem(Kind.NOT_ACCEPTABLE, "Send Accept: application/json, or no Accept at all.")


def _json(body: bytes, headers: dict[str, str] | None = None) -> web.Response:
    return web.Response(body=body, content_type="application/json", headers=HEADERS | (headers or {}))


async def _nothing(request: web.Request) -> web.Response:
    del request
    raise Problem(Kind.NO_SUCH_PATH, "/v1/openapi.json describes what is served.")
