"""Scripts, style and pictures: read once, packed once, known by what is in them.

Modules name each other by plain relative paths, so an address cannot carry a digest without rewriting them:
browsers ask each time whether a file is still the same, and are answered in a word.
"""

import gzip
from dataclasses import dataclass
from hashlib import blake2b
from importlib.resources import files

from aiohttp import web

from bot.console.site import HEADERS

_KINDS = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}


@dataclass(frozen=True, slots=True)
class _File:
    kind: str
    body: bytes
    packed: bytes
    tag: str


class Assets:
    """What lies in `static`."""

    def __init__(self) -> None:
        self._files: dict[str, _File] = {}
        for found in (files("bot.console") / "static").iterdir():
            kind = _KINDS.get(found.name[found.name.rfind(".") :])
            if kind is not None:
                body = found.read_bytes()
                tag = f'"{blake2b(body, digest_size=8).hexdigest()}"'
                self._files[found.name] = _File(kind, body, gzip.compress(body, mtime=0), tag)

    def address(self, name: str) -> str:
        """Where a file is served. Raises `KeyError` for one that is not there: a template is wrong."""
        self._files[name]
        return f"/desk/static/{name}"

    @property
    def modules(self) -> tuple[str, ...]:
        """The inbox's scripts, to be fetched at once instead of one after the other."""
        apart = {"theme.js", "sign_in.js"}
        return tuple(sorted(name for name in self._files if name.endswith(".js") and name not in apart))

    async def handle(self, request: web.Request) -> web.Response:
        """`GET /desk/static/{name}`."""
        file = self._files.get(request.match_info["name"])
        if file is None:
            return web.Response(status=404, text="There is no such file.", headers=HEADERS)
        headers = HEADERS | {"Cache-Control": "no-cache", "ETag": file.tag, "Vary": "Accept-Encoding"}
        if request.headers.get("If-None-Match", "") in (file.tag, f"W/{file.tag}"):
            return web.Response(status=304, headers=headers)
        body = file.body
        if "gzip" in request.headers.get("Accept-Encoding", ""):
            body, headers["Content-Encoding"] = file.packed, "gzip"
        return web.Response(body=body, content_type=file.kind, charset="utf-8", headers=headers)
