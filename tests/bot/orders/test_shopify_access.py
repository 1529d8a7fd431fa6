"""What Shopify lets us ask: points, scopes, tokens, and settings that are safe."""

import asyncio
import time
from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr, ValidationError

from bot.orders.shopify import Shopify, ShopifySettings
from bot.orders.shopify_api import Cost, Points, ThrottleStatus
from bot.ports import CredentialsRefused, Throttled
from dialogs.orders import Stage
from tests.bot.orders.served import served
from tests.bot.orders.shopify_bench import make
from tests.bot.orders.shopify_shop import TOKEN, ShopifyShop
from tests.bot.orders.wire_faults import Wire


@pytest.fixture
def shop() -> ShopifyShop:
    return ShopifyShop()


@pytest.fixture
async def wire(shop: ShopifyShop) -> AsyncIterator[Wire]:
    async with served(shop.handle) as url, Wire(url) as opened:
        yield opened


@pytest.fixture
def unmapped() -> list[str]:
    return []


@pytest.fixture
async def adapter(wire: Wire, unmapped: list[str]) -> AsyncIterator[Shopify]:
    opened = make(wire, unmapped)
    yield opened
    await opened.close()


async def test_a_throttled_query_is_sent_again_once_it_fits(adapter: Shopify, shop: ShopifyShop) -> None:
    shop.put("#1001")
    shop.throttled = 1
    assert await adapter.find("1001") is not None


async def test_who_waits_too_long_for_points_is_throttled_without_asking(
    wire: Wire, shop: ShopifyShop, unmapped: list[str]
) -> None:
    shop.put("#1001")
    adapter = make(wire, unmapped, patience=0.2)
    assert await adapter.find("1001") is not None
    shop.available = 0
    with pytest.raises(Throttled):
        await adapter.find("1001")
    before, shop.available = len(shop.asked), 2000
    shop.cost = 500
    await asyncio.sleep(0.3)
    assert await adapter.find("1001") is not None
    assert len(shop.asked) == before + 2
    await adapter.close()


async def test_queries_sent_at_once_share_the_points(
    wire: Wire, shop: ShopifyShop, unmapped: list[str]
) -> None:
    shop.available, shop.restore = 15, 50
    adapter = make(wire, unmapped, patience=0)
    await adapter.ping()
    results = await asyncio.gather(adapter.ping(), adapter.ping(), return_exceptions=True)
    await adapter.close()
    assert [type(each) for each in results] == [type(None), Throttled]


def test_points_come_back_with_time_and_are_taken_by_who_asks() -> None:
    now = [100.0]
    points = Points(lambda: now[0])
    assert points.wait("a") == 0
    points.told("a", Cost(300.0, ThrottleStatus(350.0, 50.0)))
    assert points.wait("a") == 0
    points.take("a")
    assert points.wait("a") == 5
    now[0] += 2
    assert points.wait("a") == 3
    assert points.wait("never asked before") == 0


async def test_a_ping_names_the_scopes_that_are_missing(adapter: Shopify, shop: ShopifyShop) -> None:
    await adapter.ping()
    shop.scopes -= {"read_third_party_fulfillment_orders", "read_products"}
    with pytest.raises(CredentialsRefused, match="read_third_party_fulfillment_orders, read_products"):
        await adapter.ping()
    shop.scopes = {scope.replace("read_", "write_") for scope in (*shop.scopes, "read_products")}
    shop.scopes.add("write_third_party_fulfillment_orders")
    await adapter.ping()


async def test_a_token_that_may_only_read_is_told_at_the_cancellation(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    shop.put("#1001")
    shop.scopes.discard("write_orders")
    with pytest.raises(CredentialsRefused, match="write_orders"):
        await adapter.cancel("1001", expected=Stage.PAID, request_id="r")


async def test_a_wrong_token_is_refused_and_never_shown(wire: Wire, unmapped: list[str]) -> None:
    adapter = make(wire, unmapped, token=SecretStr("shpat_wrong"))
    with pytest.raises(CredentialsRefused) as raised:
        await adapter.find("1001")
    await adapter.close()
    assert "shpat" not in repr(raised.value)


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "http://shop.example"},
        {"url": "https://user:secret@shop.example"},
        {"url": "shop.example"},
        {"api_version": "2025-10"},
        {"api_version": "latest"},
        {"job_seconds": -1},
        {"colour": "red"},
    ],
)
def test_settings_that_would_do_harm_are_refused_without_showing_them(bad: dict[str, object]) -> None:
    good: dict[str, object] = {"url": "https://made-up.myshopify.com", "token": SecretStr(TOKEN)}
    assert TOKEN not in repr(ShopifySettings.model_validate(good))
    with pytest.raises(ValidationError) as raised:
        ShopifySettings.model_validate(good | bad)
    assert "secret" not in str(raised.value)


async def test_waiting_for_points_is_bounded_whatever_the_shop_says(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    shop.put("#1001")
    shop.available, shop.cost = -1e300, 1.0
    started = time.monotonic()
    with pytest.raises(Throttled) as raised:
        await adapter.find("1001")
    assert raised.value.seconds < 1000
    assert time.monotonic() - started < 5
