"""A customer of Telegram who is gone: everybody who has the chat open sees what did not arrive."""

import re
from pathlib import Path

import pytest
from chatting import Visit
from desk_people import desk_product, line, open_case, sign_in
from playwright.async_api import Page, expect

from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="session")
NO_TIMERS = "for (let one = 0; one < 10_000; one++) clearInterval(one)"
"""The page looks again at what is on its way, for other processes may send it; here nothing may need that."""


async def watching(visit: Visit, url: str, login: str, reference: str) -> Page:
    page = await visit(f"{url}/desk/", viewport={"width": 1440, "height": 900})
    await sign_in(page, login)
    await open_case(page, reference)
    await page.evaluate(NO_TIMERS)
    return page


async def test_what_did_not_arrive_shows_at_once_to_all_who_look(tmp_path: Path, visit: Visit) -> None:
    async with (
        TelegramServer() as telegram,
        desk_product(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url) as product,
    ):
        customer = telegram.customer(7)
        customer.say("I want to talk to a person")
        (told,) = await customer.reads()
        (reference,) = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", told)
        kim, lee = [await watching(visit, product.url, login, reference) for login in ("kim", "lee")]
        telegram.slow_chat(7, 2.0)  # so that it is seen to be on its way
        telegram.blocked_by.add(7)
        await kim.locator("#words").fill("Hello?")
        await kim.locator("#words").press("Enter")
        for page in (kim, lee):
            await expect(line(page, "Hello?").locator(".line-became")).to_contain_text("Sending…")
        for page in (kim, lee):
            became = line(page, "Hello?").locator(".line-became.failed")
            await expect(became).to_contain_text("Not delivered (the chat is gone)", timeout=10_000)
            await expect(page.locator("#urgent")).to_have_text("Not delivered: Hello?")
            await expect(line(page, "Hello?")).to_have_count(1)
        telegram.blocked_by.clear()
        await lee.evaluate("window.sameAsBefore = true")
        await line(kim, "Hello?").get_by_role("button", name="Send again").click()
        await expect(line(lee, "Hello?").locator(".line-became.failed")).to_have_count(0)
        assert await lee.evaluate("window.sameAsBefore")
