"""Between the adapter and Vendure: hears every exchange, keeps them without secrets, and can interfere."""

import json
import re
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from aiohttp import web

from tests.bot.orders.served import served

_OPERATION = re.compile(r"\s*(?:query|mutation)\s+(\w+)")
TOKEN = "vendure-auth-token"

Json = dict[str, object]
Interfere = Callable[["Tap", str, Json], Awaitable[Json]]


async def _pass(_tap: "Tap", _operation: str, body: Json) -> Json:
    return body


@dataclass
class Tap:
    """A proxy before a Vendure shop; `exchanges` are as a recording holds them.

    `interfere` is given each operation and its body before it is passed on, and returns the body to pass.
    Tokens are kept as `token-1` and so on, and what a login says is not kept.
    """

    upstream: str
    interfere: Interfere = _pass
    exchanges: list[Json] = field(default_factory=list)
    tokens: list[str] = field(default_factory=list)
    url: str = ""

    @asynccontextmanager
    async def listening(self) -> AsyncIterator["Tap"]:
        """Open for as long as the block lasts."""
        async with (
            aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar()) as self._client,
            served(self._handle) as self.url,
        ):
            yield self

    @property
    def operations(self) -> list[str]:
        """What was asked, in order."""
        return [str(each["operation"]) for each in self.exchanges]

    async def _handle(self, request: web.Request) -> web.Response:
        asked: Json = await request.json()
        operation = operation_of(asked)
        kept = {"document": asked["query"], "variables": asked["variables"]}
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        sent = await self.interfere(self, operation, asked)
        headers = {"Authorization": request.headers["Authorization"]} if bearer else {}
        url = f"{self.upstream}{request.path}"
        async with self._client.post(url, data=json.dumps(sent), headers=_JSON | headers) as response:
            body = await response.json()
            token = response.headers.get(TOKEN)
            status = response.status
        if token and token not in self.tokens:
            self.tokens.append(token)
        exchange: Json = {"operation": operation, "path": request.path}
        if operation == "RescindLogin":
            kept["variables"] = {}
        exchange |= {"token": self._named(bearer), **kept}
        exchange |= {"status": status, "gives": self._named(token or ""), "response": body}
        self.exchanges.append(exchange)
        return web.json_response(body, status=status, headers={TOKEN: token} if token else {})

    def _named(self, token: str) -> str:
        return f"token-{self.tokens.index(token) + 1}" if token in self.tokens else ""


_JSON = {"Content-Type": "application/json"}


def operation_of(body: Json) -> str:
    """The name of the operation in a GraphQL request."""
    match = _OPERATION.match(str(body["query"]))
    assert match is not None
    return match[1]
