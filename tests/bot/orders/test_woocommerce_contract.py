"""The WooCommerce adapter keeps the contract, over HTTP, against a shop in memory."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.contracts.order_backend import OrderBackendContract
from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from bot.shop_session import Limits
from tests.bot.orders.served import served
from tests.bot.orders.wire_faults import Wire
from tests.bot.orders.woocommerce_shop import KEY, SECRET, WooCommerceBench, WooCommerceShop

MERCHANT = """
[stages]
allocated = { stage = "allocated", when = { status = ["allocated"] }, before = "paid" }
binding = { stage = "binding", when = { status = ["binding"] }, before = "paid" }
packed = { stage = "confirmed", when = { status = ["packed"] }, before = "paid" }
delivered = { stage = "delivered", when = { status = ["delivered"] }, before = "completed" }
"""


@pytest.fixture
async def shop_bench(tmp_path: Path) -> AsyncIterator[WooCommerceBench]:
    shop = WooCommerceShop()
    mapping = tmp_path / "merchant.toml"
    mapping.write_text(MERCHANT)
    async with served(shop.handle) as url, Wire(url) as wire:
        settings = WooCommerceSettings(
            url=wire.url, consumer_key=SecretStr(KEY), consumer_secret=SecretStr(SECRET), mapping=mapping
        )
        adapter = WooCommerce(settings, unmapped=pytest.fail, limits=Limits(outage=0, tries=2))
        yield WooCommerceBench(adapter, shop, wire)
        await adapter.close()


class TestWooCommerce(OrderBackendContract):
    pass
