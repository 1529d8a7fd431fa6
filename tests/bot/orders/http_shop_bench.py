"""The example server with the adapter before it, and hands inside."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from aiohttp import web
from pydantic import SecretStr

from bot.contracts.shop_bench import Placement
from bot.orders.http_shop import HttpShop, HttpShopSettings
from bot.shop_session import Limits
from dialogs.orders import Stage
from examples.http_shop_server import Order, Shop, application
from tests.bot.orders.wire_faults import QUICK, Fault, Wire

TOKEN = "tok-3b7a-never-to-be-seen"


@dataclass
class HttpBench:
    """The contract's bench. Stages are set in the server's own memory."""

    backend: HttpShop
    shop: Shop
    wire: Wire
    unmapped: list[str]
    stages: frozenset[Stage] = frozenset(Stage) - {Stage.UNRECOGNISED}
    placed: int = 0

    async def place(self, placement: Placement) -> str:
        self.placed += 1
        number = f"AB-{1000 + self.placed}"
        self.shop.put(told(number, placement))
        return number

    async def advance(self, number: str, to: Stage) -> None:
        self.shop.advance(number, to.value)

    async def cancels(self, number: str) -> int:
        return self.shop.cancelled.count(number)

    async def refunds(self, number: str) -> int:
        return sum(len(payment["refunds"]) for payment in self.shop.find(number)["payments"])

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        async with self.wire.failing(Fault.REFUSED):
            yield


def told(number: str, placement: Placement) -> Order:
    """The order in the contract's form."""
    return {
        "number": number,
        "email": placement.email,
        "stage": placement.stage.value,
        "placed_at": "2026-11-03T10:00:00+01:00",
        "currency": placement.currency,
        "total": str(placement.total),
        "lines": [
            {
                "title": line.title,
                "quantity": line.quantity,
                "unit_price": str(line.unit_price),
                "cancellable": line.cancellable,
            }
            for line in placement.lines
        ],
        "payments": [
            {
                "id": payment.id or f"{number}-{at}",
                "method": payment.method,
                "amount": str(payment.amount),
                "status": payment.status.value,
                "refunds": [],
            }
            for at, payment in enumerate(placement.payments, 1)
        ],
        "partly_fulfilled": False,
        "version": "",
    }


@asynccontextmanager
async def bench(
    *,
    limits: Limits = QUICK,
    refunds_itself: bool = True,
    mapping: Path | None = None,
    shop: Shop | None = None,
) -> AsyncIterator[HttpBench]:
    """A server, a wire to it, and an adapter that believes the wire to be its shop."""
    shop = shop or Shop(refunds_itself=refunds_itself)
    runner = web.AppRunner(application(shop, TOKEN), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    unmapped: list[str] = []
    async with Wire(f"http://127.0.0.1:{runner.addresses[0][1]}") as wire:
        settings = HttpShopSettings(
            url=wire.url, token=SecretStr(TOKEN), refunds_itself=refunds_itself, mapping=mapping
        )
        adapter = HttpShop(settings, unmapped=unmapped.append, limits=limits)
        try:
            yield HttpBench(adapter, shop, wire, unmapped)
        finally:
            await adapter.close()
            await runner.cleanup()
