"""Real Chromium in front of a served web chat, with a wire between them that can be cut.

`served` is the one place that knows what is served: give it another server, and that is asked.
"""

import os
import shutil
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page, async_playwright

sys.path.insert(0, str(Path(__file__).parents[1] / "bot" / "channels" / "webchat"))  # the house in memory

from chatting import Picture, Visit
from webchat_fakes import House
from wire import Wire, wired

from bot.channels.webchat import WebChat
from bot.channels.webchat_settings import DemoOrder, WebChatSettings

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
CHROMIUM = next(filter(None, map(shutil.which, NAMES)), None)
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
ORDERS = (
    DemoOrder("1042", "ann@example.com", "Oak desk lamp, linen cushion · EUR 54.00 · PayPal", "Paid"),
    DemoOrder("1043", "ben@example.com", "Walnut stool · EUR 129.00 · card", "Being locked in"),
    DemoOrder("1044", "zoe@example.com", "Engraved board, not cancellable · EUR 38.50 · gift card", "Paid"),
    DemoOrder("1045", "li@example.com", "Wool throw · EUR 89.00 · bank transfer", "With the carrier"),
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser for all of them, in one worker; without one, each says so."""
    here = Path(__file__).parent
    missing = pytest.mark.skip(reason="NO BROWSER TESTED: no Chromium found on PATH")
    for item in items:
        if here in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))
            item.add_marker(pytest.mark.flaky(reruns=1))  # Chromium on a busy machine; -ra tells of it
            if CHROMIUM is None:
                item.add_marker(missing)


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


@pytest.fixture
def house() -> House:
    return House()


@pytest_asyncio.fixture(loop_scope="session")
async def shop_site() -> AsyncIterator[str]:
    """A shop's own page, at another origin, that embeds the widget of `?widget=`."""

    async def page(request: web.Request) -> web.Response:
        text = (
            "<!doctype html><html lang=en><meta charset=utf-8><title>A shop</title>"
            "<meta name=viewport content='width=device-width'>"
            "<style>* { color: red; font-size: 40px }</style>"
            f"<h1>A shop</h1><a href='#'>A link</a><script src='{request.query['widget']}' defer></script>"
        )
        return web.Response(text=text, content_type="text/html")

    app = web.Application()
    app.router.add_get("/", page)
    async for port in _listening(app):
        yield f"http://127.0.0.1:{port}"


@pytest_asyncio.fixture(loop_scope="session")
async def served(house: House, shop_site: str) -> AsyncIterator[int]:
    """The port of the served chat."""
    chat = WebChat(
        secret=b"a secret of the tests",
        transcript=house,
        feed=house,
        settings=WebChatSettings(examples=ORDERS, allowed_origins=(shop_site,)),
    )
    app = web.Application()
    app.add_routes(chat.routes())
    await chat.start(house)
    async for port in _listening(app):
        yield port
        await chat.stop()


@pytest_asyncio.fixture(loop_scope="session")
async def wire(served: int) -> AsyncIterator[Wire]:
    async with wired(served) as wire:
        yield wire


@pytest.fixture
def site(wire: Wire) -> str:
    return f"http://127.0.0.1:{wire.port}"


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, site: str) -> AsyncIterator[Visit]:
    """Open a page as a new visitor; its errors fail the test."""
    contexts: list[BrowserContext] = []
    errors: list[str] = []

    async def open_page(url: str = "", **traits: object) -> Page:
        settings = {"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | traits
        context = await browser.new_context(**settings)  # type: ignore[arg-type]
        context.set_default_timeout(10_000)
        contexts.append(context)
        page = await context.new_page()
        page.on("pageerror", lambda error: errors.append(str(error)))
        await page.goto(url or site)
        return page

    yield open_page
    for context in contexts:
        await context.close()
    assert errors == []


@pytest.fixture
def picture() -> Picture:
    """Keeps a screenshot where SCREENSHOTS names a folder."""
    folder = os.environ.get("SCREENSHOTS")

    async def take(page: Page, name: str) -> None:
        if folder:
            await page.screenshot(path=Path(folder) / f"{name}.png")

    return take


async def _listening(app: web.Application) -> AsyncIterator[int]:
    runner = web.AppRunner(app, shutdown_timeout=1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    yield runner.addresses[0][1]
    await runner.cleanup()
