"""How a request is judged: its origin, its address, its cookie, and the headers of every answer."""

from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from aiohttp import web

from bot.callers import address_of, neighbourhood

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "font-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; "
    "require-trusted-types-for 'script'; trusted-types 'none'"
)
HEADERS = {
    "Content-Security-Policy": POLICY,
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # `no-referrer` would make the origin of our own forms `null`
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_PLAIN, _HOST = "rescind-desk", "__Host-rescind-desk"
_LASTS = int(timedelta(days=365).total_seconds())
"""The cookie's own end; the session's is the server's affair and comes earlier."""


@dataclass(frozen=True, slots=True)
class Site:
    """`trust_proxy`: a proxy before us sets X-Forwarded-For and X-Forwarded-Proto."""

    trust_proxy: bool = False

    def address(self, request: web.Request) -> str:
        """The network address a request comes from, as far as it is counted as one: an IPv6 network is."""
        return neighbourhood(address_of(request, trust_proxy=self.trust_proxy))

    def own(self, request: web.Request) -> bool:
        """Whether a page of ours sends this. Browsers name the origin on every POST and WebSocket."""
        try:
            parts = urlsplit(request.headers.get("Origin", ""))
        except ValueError:  # no browser writes such a one
            return False
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == request.host.lower()

    def token(self, request: web.Request) -> str:
        """The session token that the browser came with; empty without one."""
        return request.cookies.get(self._name(request), "")

    def keep(self, request: web.Request, response: web.StreamResponse, token: str) -> None:
        """Let the browser keep a session token."""
        response.set_cookie(
            self._name(request),
            token,
            max_age=_LASTS,
            path="/",  # what the prefix __Host- asks for
            httponly=True,
            secure=self._secure(request),
            samesite="Lax",
        )

    def forget(self, request: web.Request, response: web.StreamResponse) -> None:
        """Let the browser forget it."""
        response.del_cookie(
            self._name(request), path="/", httponly=True, secure=self._secure(request), samesite="Lax"
        )

    def _secure(self, request: web.Request) -> bool:
        if self.trust_proxy:
            said = request.headers.get("X-Forwarded-Proto", "").rpartition(",")[2].strip().lower()
            if said:
                return said == "https"
        return request.secure

    def _name(self, request: web.Request) -> str:
        """Over https no other host and no plain page can have set it; plain http knows no such cookies."""
        return _HOST if self._secure(request) else _PLAIN
