"""Plays a scenario on a live Vendure, or against what was recorded of it there."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from bot.orders.vendure import Vendure, VendureSettings
from bot.shop_session import Limits
from tests.bot.orders.served import served
from tests.bot.orders.vendure_scenarios import Scenario
from tests.vendure.hands import MAPPING, Hands
from tests.vendure.tap import TOKEN, Json, Tap, operation_of

RECORDINGS = Path(__file__).parent / "recordings" / "vendure"
LIMITS = Limits(outage=0, tries=2)


async def played(scenario: Scenario, hands: Hands, folder: Path) -> tuple[str, Tap]:
    """Prepare and act on a live shop; the order's number, and what passed between it and the adapter."""
    number = await scenario.prepare(hands)
    happened: list[str] = []

    async def interfere(tap: Tap, operation: str, body: Json) -> Json:
        if operation != scenario.at or happened:
            return body
        happened.append(operation)
        if scenario.meanwhile is not None:
            await scenario.meanwhile(hands, number)
        if scenario.ends_session:
            await hands.end_session(tap.tokens[-1])
        variables = body["variables"]
        assert isinstance(variables, dict)
        return body | {"variables": variables | {"id": "999999"}} if scenario.lost else body

    async with Tap(hands.url, interfere).listening() as tap:
        name, password = await scenario.account(hands)
        async with adapter(tap.url, folder, name, password) as shop:
            await scenario.act(shop, number)
    return number, tap


@asynccontextmanager
async def adapter(url: str, folder: Path, name: str, password: str) -> AsyncIterator[Vendure]:
    """The adapter, with a merchant's rows, for the shop at `url`."""
    mapping = folder / "merchant.toml"
    mapping.write_text(MAPPING)
    settings = VendureSettings(
        url=f"{url}/admin-api", username=name, password=SecretStr(password), mapping=mapping
    )
    shop = Vendure(settings, unmapped=lambda _: None, limits=LIMITS)
    yield shop
    await shop.close()


@dataclass
class Recorded:
    """A Vendure that answers as it was recorded, and only to what it was asked then."""

    exchanges: list[Json]
    problems: list[str] = field(default_factory=list)
    at: int = 0

    @asynccontextmanager
    async def listening(self) -> AsyncIterator[str]:
        """Its address; at the end everything recorded must have been asked."""
        async with served(self._handle) as url:
            yield url
        assert self.problems == []
        assert self.at == len(self.exchanges), "the recording goes on"

    async def _handle(self, request: web.Request) -> web.Response:
        asked: Json = await request.json()
        told = self.exchanges[self.at] if self.at < len(self.exchanges) else {}
        self.at += 1
        bearer = request.headers.get("Authorization", "").removeprefix("Bearer ")
        login = operation_of(asked) == "RescindLogin"
        heard = {
            "operation": operation_of(asked),
            "path": request.path,
            "token": bearer,
            "document": asked["query"],
            "variables": {} if login else asked["variables"],
        }
        self.problems += [
            f"exchange {self.at}: {key} is {value!r}, and was {told.get(key)!r}; "
            "if that is meant, record anew: python -m tests.vendure.record"
            for key, value in heard.items()
            if value != told.get(key)
        ]
        if self.problems:
            return web.Response(status=500)
        headers = {TOKEN: str(told["gives"])} if told["gives"] else {}
        status = told["status"]
        assert isinstance(status, int)
        return web.json_response(told["response"], status=status, headers=headers)


def recording(name: str) -> Json:
    """What was recorded of a scenario: `source`, `number` and `exchanges`."""
    whole: Json = json.loads((RECORDINGS / f"{name}.json").read_text())
    return whole
