"""The web chat: a channel whose clients come by WebSocket or plain HTTP. See `docs/web-chat.md`.

Clients fetch the transcript by sequence number, so a reply is never pushed through the outbox: it arrives
exactly once, whatever the connection did meanwhile.
"""

from collections.abc import Awaitable, Callable
from http import HTTPStatus

from aiohttp import web
from aiohttp.typedefs import Handler

from bot.callers import Throttle
from bot.channels.webchat_frames import Code
from bot.channels.webchat_http import HttpChat, refused
from bot.channels.webchat_means import Means
from bot.channels.webchat_origins import Origins
from bot.channels.webchat_page import Examples, Page
from bot.channels.webchat_settings import WebChatSettings
from bot.channels.webchat_switchboard import Switchboard
from bot.channels.webchat_visitors import Visitors
from bot.ports import Door, Feed, Notice, Transcript
from storage.records import Entry


class WebChat:
    """The web chat as a `Channel`, and its routes for an aiohttp server."""

    name = "web"
    fetches = True

    def __init__(
        self,
        *,
        secret: bytes,
        transcript: Transcript,
        feed: Feed,
        settings: WebChatSettings,
        examples: Examples | None = None,
    ) -> None:
        self._transcript = transcript
        self._feed = feed
        self._settings = settings
        self._visitors = Visitors(secret, settings.session_days)
        self._origins = Origins(settings.allowed_origins)
        self._page = Page(settings, examples)
        self._http = HttpChat(settings)
        self._switchboard = Switchboard(settings)
        self._means: Means | None = None

    def routes(self) -> list[web.RouteDef]:
        """The routes of the chat, the widget and, unless switched off, the support page."""
        return [
            web.post("/chat/session", self._guarded(self._http.session)),
            web.options("/chat/session", self._preflight),
            web.get("/chat/messages", self._guarded(self._http.read)),
            web.post("/chat/messages", self._guarded(self._http.post)),
            web.options("/chat/messages", self._preflight),
            web.get("/chat/ws", self._guarded(self._switchboard.connect)),
            *self._page.routes(),
        ]

    # ---- Channel

    async def start(self, door: Door) -> None:
        """Begin to take updates in."""
        pace = Throttle(self._settings.frames_per_second, self._settings.frames_burst)
        self._means = Means(door, self._transcript, self._feed, self._visitors, pace, self._settings)

    async def stop(self) -> None:
        """Close every connection with 1001, so that clients come back; finish what was taken in."""
        self._means = None
        self._http.hurry()
        await self._switchboard.close()

    async def check(self) -> None:
        """Raise `RuntimeError` if the channel takes nothing in."""
        if self._means is None:
            raise RuntimeError("the web chat is not started")

    async def deliver(self, key: str, entry: Entry) -> None:
        """Tell whoever watches; clients fetch the rest."""
        self._feed.publish(key, Notice((entry,)))

    async def typing(self, key: str) -> None:
        """Show the typing sign to whoever watches."""
        self._feed.publish(key, Notice(typing=True))

    # ---- HTTP

    def _guarded(self, handler: Callable[[web.Request, Means], Awaitable[web.StreamResponse]]) -> Handler:
        """The handler, for pages that may ask it, while the channel is started."""

        async def guarded(request: web.Request) -> web.StreamResponse:
            if not self._origins.allows(request):
                return refused(HTTPStatus.FORBIDDEN, Code.FOREIGN_ORIGIN)
            if self._means is None:
                response: web.StreamResponse = refused(HTTPStatus.SERVICE_UNAVAILABLE, Code.UNAVAILABLE, 2.0)
            else:
                response = await handler(request, self._means)
            if not response.prepared:
                response.headers.update(self._origins.grant(request))
            return response

        return guarded

    async def _preflight(self, request: web.Request) -> web.Response:
        """Answer a browser that asks whether a page of another origin may go on."""
        return web.Response(status=HTTPStatus.NO_CONTENT, headers=self._origins.preflight(request))
