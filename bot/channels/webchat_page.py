"""The support page, and the files a browser needs: the widget, the page's own style and script."""

import gzip
import html
import json
import re
from collections.abc import Awaitable, Callable, Sequence
from hashlib import blake2b
from importlib.resources import files
from string import Template

from aiohttp import web

from bot.channels.webchat_settings import DemoOrder, WebChatSettings

Examples = Callable[[], Awaitable[Sequence[DemoOrder]]]
"""The demo orders as they are now."""

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
COMMON = {"X-Content-Type-Options": "nosniff", "Referrer-Policy": "strict-origin-when-cross-origin"}
FILES = {"widget.js": "text/javascript", "page.js": "text/javascript", "page.css": "text/css"}


class Page:
    """The page is filled in at each request, since its orders move on; the files are read once."""

    def __init__(self, settings: WebChatSettings, examples: Examples | None) -> None:
        self._settings = settings
        self._examples = examples
        static = files("bot.channels") / "static"
        self._page = Template((static / "page.html").read_text("utf-8"))
        self._files = {name: (static / name).read_bytes() for name in FILES}
        self._files["widget.js"] = _widget(
            self._files["widget.js"].decode(), (static / "widget.css").read_text("utf-8")
        )
        self._packed = {name: gzip.compress(body, mtime=0) for name, body in self._files.items()}

    def routes(self) -> list[web.RouteDef]:
        """The widget, and the page with its files unless it is switched off."""
        routes = [web.get(f"/chat/{name}", self._file) for name in FILES]
        return [*routes, web.get("/", self._show)] if self._settings.page else routes

    async def _show(self, _: web.Request) -> web.Response:
        orders = await self._examples() if self._examples else self._settings.examples
        text = self._page.substitute(
            shop=html.escape(self._settings.shop_name),
            title=f' data-title="{html.escape(self._settings.title)}"' if self._settings.title else "",
            orders="".join(map(_row, orders)),
            hidden="" if orders else "hidden",
        )
        headers = COMMON | {
            "Content-Security-Policy": POLICY,
            "X-Frame-Options": "DENY",
            "Cache-Control": "no-store",
        }
        return web.Response(text=text, content_type="text/html", headers=headers)

    async def _file(self, request: web.Request) -> web.Response:
        """A file; any site may embed the widget, and the chat itself checks the origin."""
        name = request.path.rpartition("/")[2]
        body = self._files[name]
        tag = f'W/"{blake2b(body, digest_size=8).hexdigest()}"'
        headers = COMMON | {
            "ETag": tag,
            "Cache-Control": "public, max-age=300",
            "Cross-Origin-Resource-Policy": "cross-origin",
            "Vary": "Accept-Encoding",
        }
        if request.headers.get("If-None-Match") == tag:
            return web.Response(status=304, headers=headers)
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body = self._packed[name]
            headers["Content-Encoding"] = "gzip"
        return web.Response(body=body, content_type=FILES[name], charset="utf-8", headers=headers)


def _widget(script: str, style: str) -> bytes:
    """The widget as one file: its style put in as a string, indentation and remarks left out."""
    bare = re.sub(r"(?<=[{};:,])\s+|\s+(?={)|/\*.*?\*/|\n\s*", "", style)
    packed = json.dumps(bare)
    return re.sub(r"(\n\s*// .*)*\n\s+", "\n", script.replace('"@widget.css@"', packed)).encode()


def _row(order: DemoOrder) -> str:
    """One demo order as a row of the page's table."""
    number, email, what, stage = (
        html.escape(value) for value in (order.number, order.email, order.description, order.stage)
    )
    badge = f'<span class="stage">{stage}</span>' if stage else ""
    return (
        f'<li class="order"><div class="what"><b>{number}</b> {badge}<span>{what}</span>'
        f"<code>{email}</code></div>"
        f'<button type="button" data-number="{number}">Ask about it<span class="sr"> '
        f"(order {number})</span></button></li>"
    )
