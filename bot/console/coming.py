"""Signing in and out."""

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urlsplit

import msgspec
from aiohttp import web
from msgspec import Struct

from bot.console.answers import answer, go
from bot.console.bodies import fields_of
from bot.console.gate import Gate
from bot.console.pages import Pages
from bot.desk.errors import SignInRefused, TooManyAttempts
from bot.desk.service import Desk
from storage.desk_records import Session

HOME = "/desk/"


class _Link(Struct, frozen=True):
    token: str


@dataclass(frozen=True, slots=True)
class Coming:
    """The page where agents sign in, and what it posts."""

    desk: Desk
    gate: Gate
    pages: Pages

    def routes(self) -> list[web.RouteDef]:
        """The routes."""
        gate = self.gate
        return [
            web.get("/desk/sign-in", gate.open(self._show)),
            web.post("/desk/sign-in", gate.open(self._password)),
            web.post("/desk/sign-in/link", gate.open(self._link)),
            web.post("/desk/sign-out", gate.form(self._out)),
            web.post("/desk/sign-out-everywhere", gate.form(self._out_everywhere)),
        ]

    async def _show(self, request: web.Request) -> web.StreamResponse:
        signed_in = await self.gate.session(request) is not None
        if signed_in and "next" in request.query:
            return go(_way(request.query["next"]))
        # A link's token stands behind the #: the page's script uses it, whoever is signed in.
        return self._page(request, signed_in=signed_in)

    def _page(
        self,
        request: web.Request,
        *,
        problem: str = "",
        login: str = "",
        status: HTTPStatus = HTTPStatus.OK,
        signed_in: bool = False,
    ) -> web.Response:
        values = {
            "problem": problem,
            "login": login,
            "next": _way(request.query.get("next", "")),
            "signed_in": signed_in,
        }
        return self.pages.public("sign_in.html", values, status)

    async def _password(self, request: web.Request) -> web.StreamResponse:
        form = await fields_of(request)
        login, password = form.get("login", ""), form.get("password", "")
        try:
            session = await self.desk.sign_in.with_password(
                login,
                password,
                address=self.gate.site.address(request),
                before=self.gate.site.token(request),
            )
        except (SignInRefused, TooManyAttempts) as refused:
            many = isinstance(refused, TooManyAttempts)
            status = HTTPStatus.TOO_MANY_REQUESTS if many else HTTPStatus.UNAUTHORIZED
            return self._page(request, problem=str(refused), login=login[:200], status=status)
        response = go(_way(request.query.get("next", "")))
        self.gate.site.keep(request, response, session.token)
        return response

    async def _link(self, request: web.Request) -> web.StreamResponse:
        try:
            link = msgspec.json.decode(await request.read(), type=_Link)
        except msgspec.MsgspecError:
            raise SignInRefused("This link is not whole. Ask for a new one.") from None
        session = await self.desk.sign_in.with_token(
            link.token, address=self.gate.site.address(request), before=self.gate.site.token(request)
        )
        response = answer({"to": HOME})
        self.gate.site.keep(request, response, session.token)
        return response

    async def _out(self, request: web.Request, session: Session) -> web.StreamResponse:
        await self.desk.sign_in.sign_out(session.token)
        return self._gone(request)

    async def _out_everywhere(self, request: web.Request, session: Session) -> web.StreamResponse:
        await self.desk.sign_in.sign_out_everywhere(session.agent)
        return self._gone(request)

    def _gone(self, request: web.Request) -> web.Response:
        response = web.Response(
            status=HTTPStatus.SEE_OTHER,
            headers={"Location": "/desk/sign-in", "Clear-Site-Data": '"cache"'},
        )
        self.gate.site.forget(request, response)
        return response


def _way(to: str) -> str:
    """Where to go on: a page of the desk's own, whatever the address says."""
    try:
        parts = urlsplit(to)
    except ValueError:
        return HOME
    inside = not parts.scheme and not parts.netloc and parts.path.startswith("/desk/")
    return to if inside and "\\" not in to and to.isprintable() else HOME
