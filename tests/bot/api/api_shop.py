"""The stage API over a real HTTP server, with a shop and a clock of the test's own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aiohttp import ClientResponse, web
from aiohttp.test_utils import TestClient, TestServer

from bot.api.gate import Gate, Paces
from bot.api.stages import StageApi
from bot.api.tokens import new_token
from bot.web import application
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus
from dialogs.policy import default_policy
from storage.store import Store
from tests.bot.stage_command import Shelf

NOW = datetime(2026, 11, 3, 10, 0, tzinfo=UTC)
STAGE = "/v1/orders/1002/stage"
Json = dict[str, object]


@dataclass
class Shop(Shelf):
    """Orders with a refund; it fails as the test says."""

    trouble: BaseException | None = None
    never: asyncio.Event | None = None

    async def find(self, number: str) -> Order | None:
        if self.trouble is not None:
            raise self.trouble
        if self.never is not None:
            await self.never.wait()
        order = await super().find(number)
        if order is None:
            return None
        sent = Refund(Decimal("4.50"), RefundStatus.SENT, NOW)
        return replace(order, payments=(Payment("card", Decimal(7), PaymentStatus.CAPTURED, (sent,)),))


@dataclass
class Bench:
    """A served API: `token` opens everything, unless another is shown."""

    client: TestClient[web.Request, web.Application]
    store: Store
    shop: Shop
    token: str
    now: datetime = NOW

    async def ask(
        self,
        path: str = STAGE,
        *,
        method: str = "GET",
        token: str | None = None,
        data: bytes | None = None,
        **headers: str,
    ) -> ClientResponse:
        """Ask with a token; an empty one is not sent."""
        shown = self.token if token is None else token
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        told |= {"Authorization": f"Bearer {shown}"} if shown else {}
        response = await self.client.request(method, path, headers=told, data=data)
        await response.read()
        return response

    async def token_of(self, *scopes: str, expires_in: timedelta | None = None) -> str:
        expires_at = None if expires_in is None else self.now + expires_in
        text, token = new_token("a test", scopes, now=self.now, expires_at=expires_at)
        await self.store.add_api_token(token)
        return text

    def id_of(self, token: str) -> str:
        return token.split("_")[1]


@asynccontextmanager
async def bench(url: str, *, paces: Paces | None = None) -> AsyncIterator[Bench]:
    """Serve the API with a store at this URL."""
    store, shop = await Store.open(url), Shop()
    found: list[Bench] = []
    gate = Gate(store, paces or Paces(1000, 1000), lambda: found[0].now)
    api = StageApi(gate=gate, backend=shop, policy=default_policy(), clock=lambda: found[0].now)
    server = TestServer(application(api.routes(), {}))
    await server.start_server(access_log=None)  # as it is served in earnest
    async with TestClient(server) as client:
        found.append(Bench(client, store, shop, ""))
        found[0].token = await found[0].token_of("stage:read", "refunds:read")
        yield found[0]
    await store.close()


async def problem(response: ClientResponse) -> Json:
    """The problem document of a refused request."""
    assert response.content_type == "application/problem+json"
    told: Json = await response.json(content_type=None)
    assert set(told) == {"type", "title", "status", "detail"}
    assert told["status"] == response.status
    assert response.headers["Cache-Control"] == "no-store"
    return told
