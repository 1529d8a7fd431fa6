"""Which pages may use the chat: those of its own origin, and those the shop allowed.

A visitor is known by a token, never by a cookie, so a foreign page has nobody's chat to take over. The check
keeps other sites from running their support on this shop's bot. Browsers name the origin on every WebSocket
and POST; what sends none is no browser, and shows a token like everybody else.
"""

from collections.abc import Sequence
from urllib.parse import urlsplit

from aiohttp import web


class Origins:
    """The origins that may use the chat, besides the server's own."""

    def __init__(self, allowed: Sequence[str]) -> None:
        self._allowed = frozenset(allowed)

    def allows(self, request: web.Request) -> bool:
        """Whether the page that sends this may. A `null` origin (a sandbox, a file) is foreign."""
        origin = request.headers.get("Origin")
        return origin is None or origin.lower() in self._allowed or self._own(origin, request)

    def grant(self, request: web.Request) -> dict[str, str]:
        """The CORS headers of a response to an allowed foreign page; none for anybody else."""
        origin = request.headers.get("Origin")
        if origin is None or origin.lower() not in self._allowed:
            return {"Vary": "Origin"}
        return {"Access-Control-Allow-Origin": origin, "Vary": "Origin"}

    def preflight(self, request: web.Request) -> dict[str, str]:
        """The CORS headers that let an allowed foreign page ask further."""
        granted = self.grant(request)
        if "Access-Control-Allow-Origin" not in granted:
            return granted
        return granted | {
            "Access-Control-Allow-Methods": "GET, POST",
            "Access-Control-Allow-Headers": "Authorization, Content-Type",
            "Access-Control-Max-Age": "7200",
        }

    @staticmethod
    def _own(origin: str, request: web.Request) -> bool:
        """The same host and port; the scheme is not compared, since a proxy may end TLS before us."""
        try:
            parts = urlsplit(origin)
        except ValueError:  # no browser writes such a one
            return False
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower()
