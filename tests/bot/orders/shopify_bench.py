"""A Shopify shop in memory on the contract suite's bench, and adapters that are patient for a moment only."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from pydantic import SecretStr

from bot.contracts.shop_bench import Placement
from bot.orders.shopify import Shopify, ShopifySettings
from dialogs.orders import Stage
from tests.bot.orders.shopify_shop import TOKEN, ShopifyShop, bag
from tests.bot.orders.wire_faults import QUICK, Fault, Wire


def make(wire: Wire, unmapped: list[str], **more: object) -> Shopify:
    """An adapter at the end of this wire; `more` are settings."""
    given = {"url": wire.url, "token": SecretStr(TOKEN), "job_seconds": 0.5} | more
    return Shopify(ShopifySettings.model_validate(given), unmapped=unmapped.append, limits=QUICK)


def times(shop: ShopifyShop, name: str) -> int:
    """How often the shop was asked this document."""
    return sum(asked == name for asked, _ in shop.asked)


@dataclass
class ShopifyBench:
    """Hands inside the shop, as the contract suite uses them."""

    backend: Shopify
    shop: ShopifyShop
    wire: Wire
    stages: frozenset[Stage] = frozenset(Stage) - {Stage.UNRECOGNISED}

    async def place(self, placement: Placement) -> str:
        number = f"AB{1000 + len(self.shop.orders) + 1}"
        lines = [self.shop.item(line) for line in placement.lines]
        order = self.shop.put(f"#{number}", lineItems=lines, totalPriceSet=bag(placement.total))
        self.shop.pay(order, placement.payments)
        self.shop.bring(order, placement.stage)
        return number

    async def advance(self, number: str, to: Stage) -> None:
        self.shop.bring(self.shop.named(number), to)

    async def cancels(self, number: str) -> int:
        return self.shop.cancelled.count(str(self.shop.named(number)["id"]))

    async def refunds(self, number: str) -> int:
        steps = self.shop.named(number)["transactions"]
        assert isinstance(steps, list)
        return sum(step["kind"] == "REFUND" for step in steps)

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        async with self.wire.failing(Fault.REFUSED):
            yield
