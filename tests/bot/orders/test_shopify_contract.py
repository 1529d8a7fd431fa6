"""The Shopify adapter keeps the contract, over HTTP, against a shop in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.contracts.order_backend import OrderBackendContract
from bot.orders.shopify import Shopify, ShopifySettings
from bot.shop_session import Limits
from tests.bot.orders.served import served
from tests.bot.orders.shopify_bench import ShopifyBench
from tests.bot.orders.shopify_shop import TOKEN, ShopifyShop
from tests.bot.orders.wire_faults import Wire

MERCHANT = """
[stages.allocated]
stage = "allocated"
when = { tag = ["allocated"], fulfilment = ["UNFULFILLED"] }
before = "paid"
"""


@pytest.fixture
async def shop_bench(tmp_path: Path) -> AsyncIterator[ShopifyBench]:
    shop = ShopifyShop()
    mapping = tmp_path / "merchant.toml"
    mapping.write_text(MERCHANT)
    async with served(shop.handle) as url, Wire(url) as wire:
        settings = ShopifySettings(url=wire.url, token=SecretStr(TOKEN), mapping=mapping)
        adapter = Shopify(settings, unmapped=pytest.fail, limits=Limits(outage=0, tries=2))
        yield ShopifyBench(adapter, shop, wire)
        await adapter.close()


class TestShopify(OrderBackendContract):
    pass
