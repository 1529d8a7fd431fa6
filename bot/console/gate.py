"""Who comes in: pages and calls for whoever is signed in, and nothing that another site's page asks for."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import quote

import structlog
from aiohttp import web
from aiohttp.typedefs import Handler

from bot.console.answers import go, problem, refusal, told
from bot.console.bodies import fields_of
from bot.console.site import HEADERS, Site
from bot.desk.errors import DeskRefusal, NoSuchCase
from bot.desk.service import Desk
from bot.ports import Overloaded
from storage.desk_records import Session
from storage.errors import StoreError

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Signed = Callable[[web.Request, Session], Awaitable[web.StreamResponse]]
CSRF_HEADER = "X-CSRF-Token"
CSRF_FIELD = "csrf"
_FOREIGN = "This was not asked by a page of ours. Reload the page and try again."
_STALE = "This form is of an earlier session. Reload the page and try again."
_BUSY = "The server is busy. Try again in a moment."
_GARBLED = "What was sent cannot be read. Reload the page and try again."
_NOTHING = "There is nothing of this name."
_OUT = "Your session is over. Sign in again."


@dataclass(frozen=True, slots=True)
class Gate:
    """Wraps handlers. Every answer carries the headers of `site`."""

    desk: Desk
    site: Site
    told: Callable[[HTTPStatus, str], web.Response]
    """A page that says why something is not shown or done."""

    def open(self, handler: Handler) -> Handler:
        """For everybody; a POST has to come from a page of ours."""

        async def opened(request: web.Request) -> web.StreamResponse:
            if request.method == "POST" and not self.site.own(request):
                return problem(HTTPStatus.FORBIDDEN, "foreign_origin", _FOREIGN)
            return await handler(request)

        return self._guarded(opened)

    def page(self, handler: Signed) -> Handler:
        """A page for whoever is signed in; others are shown the way."""

        async def opened(request: web.Request) -> web.StreamResponse:
            session = await self.session(request)
            if session is None:
                return go(f"/desk/sign-in?next={quote(request.path_qs, safe='')}")
            return await handler(request, session)

        return self._guarded(opened, page=True)

    def form(self, handler: Signed) -> Handler:
        """What a form of ours posts, with the session's token in a hidden field."""

        async def opened(request: web.Request) -> web.StreamResponse:
            if not self.site.own(request):
                return self.told(HTTPStatus.FORBIDDEN, _FOREIGN)
            session = await self.session(request)
            if session is None:
                return go("/desk/sign-in")
            given = (await fields_of(request)).get(CSRF_FIELD, "")
            if not self.desk.sign_in.same_csrf(session, given):
                return self.told(HTTPStatus.FORBIDDEN, _STALE)
            return await handler(request, session)

        return self._guarded(opened, page=True)

    def ask(self, handler: Signed) -> Handler:
        """What our scripts read."""

        async def opened(request: web.Request) -> web.StreamResponse:
            session = await self.session(request)
            if session is None:
                return problem(HTTPStatus.UNAUTHORIZED, "signed_out", _OUT)
            return await handler(request, session)

        return self._guarded(opened)

    def act(self, handler: Signed) -> Handler:
        """What our scripts change, with the session's token in a header."""

        async def opened(request: web.Request) -> web.StreamResponse:
            if not self.site.own(request):
                return problem(HTTPStatus.FORBIDDEN, "foreign_origin", _FOREIGN)
            session = await self.session(request)
            if session is None:
                return problem(HTTPStatus.UNAUTHORIZED, "signed_out", _OUT)
            if not self.desk.sign_in.same_csrf(session, request.headers.get(CSRF_HEADER, "")):
                return problem(HTTPStatus.FORBIDDEN, "csrf", _STALE)
            return await handler(request, session)

        return self._guarded(opened)

    async def session(self, request: web.Request) -> Session | None:
        """Whose request this is."""
        return await self.desk.sign_in.session(self.site.token(request))

    def _guarded(self, handler: Handler, *, page: bool = False) -> Handler:
        """Refusals in words, for people as a page, and the headers on every answer."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            try:
                if any("\0" in name for name in request.match_info.values()):
                    raise NoSuchCase(_NOTHING)  # PostgreSQL would not even look for it
                response = await handler(request)
            except DeskRefusal as refused:
                response = self.told(told(refused)[0], str(refused)) if page else refusal(refused)
            except (StoreError, Overloaded) as error:
                _log.warning("the desk could not be served", error=type(error).__name__)
                busy = HTTPStatus.SERVICE_UNAVAILABLE
                response = self.told(busy, _BUSY) if page else problem(busy, "busy", _BUSY)
            except web.RequestPayloadError:
                bad = HTTPStatus.BAD_REQUEST
                response = self.told(bad, _GARBLED) if page else problem(bad, "bad_body", _GARBLED)
            except web.HTTPException as raised:
                response = problem(HTTPStatus(raised.status), "refused", raised.reason)
            if not response.prepared:
                for name, value in HEADERS.items():
                    response.headers.setdefault(name, value)
            return response

        return guarded
