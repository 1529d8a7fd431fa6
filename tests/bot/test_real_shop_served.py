"""The whole product over a shop that is not the demo shop."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from aiohttp import ClientSession, web

from examples.http_shop_server import Shop, application
from tests.program import serving, visitor

TOKEN = "tok-never-to-be-seen"
ORDER = {
    "number": "H-1077",
    "email": "ann@shop.test",
    "stage": "paid",
    "placed_at": "2026-11-03T10:00:00Z",
    "currency": "EUR",
    "total": "9.00",
    "lines": [{"title": "Mug", "quantity": 1, "unit_price": "9.00"}],
    "payments": [{"id": "p1", "method": "paypal", "amount": "9.00", "status": "captured"}],
    "version": "1",
}


@asynccontextmanager
async def http_shop() -> AsyncIterator[tuple[Shop, dict[str, str]]]:
    """A shop with one order, and the variables that choose it."""
    shop = Shop(refunds_itself=True)
    shop.put(ORDER)  # type: ignore[arg-type]
    runner = web.AppRunner(application(shop, TOKEN), access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield shop, {"ORDER_BACKEND": "http", "HTTP_SHOP_URL": url, "HTTP_SHOP_TOKEN": TOKEN}
    finally:
        await runner.cleanup()


async def test_a_customer_cancels_an_order_of_a_shop_that_is_reached_over_http(tmp_path: Path) -> None:
    async with http_shop() as (shop, own), serving(tmp_path, **own) as served:
        assert "Orders of the demo shop" not in "".join(served.banner)
        async with ClientSession(served.url) as session, session.get("/") as page:
            assert not re.search("@example|H-1077|1001", await page.text())
        ready = await served.get("/readyz")
        assert ready == {"status": "ok", "checks": dict.fromkeys(ready["checks"], "ok")}  # type: ignore[index]
        async with visitor(served.url) as customer:
            asked = await customer.say("cancel H-1077, ann@shop.test")
            while "?" not in asked:
                asked = await customer.hears()
            told = await customer.say("yes")
            while "cancelled" not in told:
                told = await customer.hears()
        assert shop.cancelled == ["H-1077"]
        ended = await served.stop()
        assert not (tmp_path / "data" / "demo-shop.sqlite3").exists()
        assert TOKEN not in ended.err
