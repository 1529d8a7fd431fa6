"""Exchanges from a file, played by a server that holds the adapter to the questions in it, one by one."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from graphql import OperationDefinitionNode, parse

from tests.bot.orders.served import served

FOLDER = Path(__file__).parent / "recordings"
Json = dict[str, object]


@dataclass
class Recording:
    """One file. `unexpected` is what was asked otherwise than the file says."""

    exchanges: list[Json]
    asked: int = 0
    unexpected: list[Json] = field(default_factory=list)

    async def handle(self, request: web.Request) -> web.Response:
        """Answer with the next exchange, if this is its question."""
        asked = await _asked(request)
        if self.asked == len(self.exchanges) or asked != self.exchanges[self.asked]["request"]:
            self.unexpected.append(asked)
            return web.Response(status=418)
        exchange = self.exchanges[self.asked]
        self.asked += 1
        status, headers = exchange["status"], exchange.get("headers", {})
        assert isinstance(status, int)
        assert isinstance(headers, dict)
        return web.json_response(exchange["response"], status=status, headers=headers)


@asynccontextmanager
async def played(shop: str, name: str) -> AsyncIterator[str]:
    """The address of a shop that answers as recorded, each exchange exactly once and in order."""
    recording = Recording(exchanges(FOLDER / shop / f"{name}.json"))
    async with served(recording.handle) as url:
        yield url
    assert recording.unexpected == []
    assert recording.asked == len(recording.exchanges)


def exchanges(path: Path) -> list[Json]:
    """What a file holds."""
    content = json.loads(path.read_text(encoding="utf-8"))
    assert content["source"].startswith(("Made by hand from the documented shapes", "Recorded from"))
    found: list[Json] = content["exchanges"]
    return found


async def _asked(request: web.Request) -> Json:
    body = await request.json() if request.can_read_body else None
    if isinstance(body, dict) and "query" in body:
        operation = parse(body["query"]).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        return {"operation": operation.name.value, "variables": body["variables"]}
    asked: Json = {
        "method": request.method,
        "path": request.path.removeprefix("/wp-json/wc/v3"),
        "params": dict(request.query),
    }
    return asked if body is None else asked | {"body": body}
