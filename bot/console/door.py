"""The console as a whole: its parts, its routes, and its end."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from http import HTTPStatus
from zoneinfo import ZoneInfo

from aiohttp import web

from bot.console.acts import Acts
from bot.console.admin import Admin
from bot.console.answers import go, problem
from bot.console.assets import Assets
from bot.console.coming import Coming
from bot.console.gate import Gate
from bot.console.hub import Hub
from bot.console.lookups import Lookups
from bot.console.pages import Pages
from bot.console.site import Site
from bot.console.socket import SIGNED_OUT, Connection
from bot.desk.service import Desk
from storage.desk_records import Session

_MOST = 2_000
"""Open consoles in this process."""
_STOP = 5.0


class Console:
    """The web console of a desk, as routes for an aiohttp server."""

    def __init__(
        self, desk: Desk, *, shop: str, zone: ZoneInfo, site: Site, clock: Callable[[], datetime]
    ) -> None:
        self._assets = Assets()
        self._pages = Pages(desk, shop, zone, self._assets)
        self._gate = Gate(desk, site, self._pages.told)
        self._hub = Hub(desk, clock)
        self._desk = desk
        self._open: dict[Connection, asyncio.Task[object] | None] = {}
        self._stopped = False

    def routes(self) -> list[web.RouteDef]:
        """The routes of the console, all under /desk/."""
        gate, lookups, acts = self._gate, Lookups(self._desk), Acts(self._desk)
        return [
            web.get("/desk", gate.open(self._home)),
            web.get("/desk/", gate.page(self._inbox)),
            web.get("/desk/case/{reference}", gate.page(self._inbox)),
            web.get("/desk/ws", gate.open(self._live)),
            web.get("/desk/static/{name}", self._assets.handle),
            web.get("/desk/api/search", gate.ask(lookups.search)),
            web.get("/desk/api/canned", gate.ask(lookups.canned)),
            web.get("/desk/api/agents", gate.ask(lookups.agents)),
            web.get("/desk/api/cases/{reference}", gate.ask(lookups.case)),
            web.get("/desk/api/chats/{key}/{what}", gate.ask(lookups.of_chat)),
            web.post("/desk/api/chats/{key}/{act}", gate.act(acts.handle)),
            *Coming(self._desk, gate, self._pages).routes(),
            *Admin(self._desk, gate, self._pages).routes(),
        ]

    async def stop(self) -> None:
        """Close every connection with 1001, so that pages come back; take no more in."""
        self._stopped = True
        tasks = [task for task in self._open.values() if task is not None]
        await asyncio.gather(*(each.leave() for each in list(self._open)), return_exceptions=True)
        if tasks:
            await asyncio.wait(tasks, timeout=_STOP)
        await self._hub.stop()

    async def _home(self, _: web.Request) -> web.StreamResponse:
        return go("/desk/", HTTPStatus.MOVED_PERMANENTLY)

    async def _inbox(self, request: web.Request, session: Session) -> web.StreamResponse:
        values = {"reference": request.match_info.get("reference", ""), "modules": self._assets.modules}
        return self._pages.show(session, "console.html", values)

    async def _live(self, request: web.Request) -> web.StreamResponse:
        """The live connection: from a page of ours, for whoever is signed in."""
        if not self._gate.site.own(request):
            return problem(HTTPStatus.FORBIDDEN, "foreign_origin", "Not from this page.")
        if self._stopped or len(self._open) >= _MOST:
            return problem(HTTPStatus.SERVICE_UNAVAILABLE, "busy", "The server is busy.")
        session = await self._gate.session(request)
        if session is None:
            # Said by a close code: a browser does not tell its page why a handshake failed.
            socket = web.WebSocketResponse()
            await socket.prepare(request)
            await socket.close(code=SIGNED_OUT)
            return socket
        connection = Connection(self._desk, self._hub, session)
        self._open[connection] = asyncio.current_task()
        try:
            return await connection.serve(request)
        finally:
            del self._open[connection]
