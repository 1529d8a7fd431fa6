"""What the tests of `rescind doctor` share: settings, what was found, and a shop to find it in."""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime

import pytest
from aiohttp import web

from bot.doctor import findings
from bot.findings import Finding
from bot.settings import Settings
from examples.http_shop_server import Shop, application
from tests.bot.orders.served import served

TOKEN = "opensesame-of-the-shop"
AT = datetime(2026, 11, 3, tzinfo=UTC)
SECRET = "opensesame-and-32-letters-to-sign-with"


def made(**values: object) -> Settings:
    own = {"secret_key": SECRET, "http_port": 0} | values
    return Settings(_env_file=None, **own)  # type: ignore[arg-type]


async def examined(settings: Settings) -> dict[str, list[Finding]]:
    """What was found, by check. No word of it is a secret of these tests."""
    found: dict[str, list[Finding]] = {}
    async with aclosing(findings(settings)) as every:
        async for each in every:
            found.setdefault(each.what, []).append(each)
    assert "opensesame" not in repr(found)
    return found


async def one(settings: Settings, what: str) -> Finding:
    (found,) = (await examined(settings))[what]
    return found


@asynccontextmanager
async def http_shop(
    monkeypatch: pytest.MonkeyPatch,
    handle: Callable[[web.Request], Awaitable[web.StreamResponse]] | None = None,
) -> AsyncIterator[Settings]:
    """Settings of a system that speaks the HTTP contract, and that system."""
    monkeypatch.setenv("HTTP_SHOP_TOKEN", TOKEN)
    if handle is not None:
        async with served(handle) as url:
            monkeypatch.setenv("HTTP_SHOP_URL", url)
            yield made(order_backend="http")
        return
    runner = web.AppRunner(application(Shop(refunds_itself=True), TOKEN), access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    monkeypatch.setenv("HTTP_SHOP_URL", f"http://127.0.0.1:{runner.addresses[0][1]}")
    yield made(order_backend="http")
    await runner.cleanup()
