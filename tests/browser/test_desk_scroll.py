"""What was said last is what an agent sees first."""

from pathlib import Path

import pytest
from chatting import Visit
from desk_people import desk_product, line, sign_in
from playwright.async_api import expect

from tests.telegram_server import TOKEN, TelegramServer

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_a_long_chat_opens_at_its_end_and_stays_there_until_the_agent_looks_back(
    tmp_path: Path, visit: Visit
) -> None:
    async with (
        TelegramServer() as telegram,
        desk_product(tmp_path, TELEGRAM_BOT_TOKEN=TOKEN, TELEGRAM_API_URL=telegram.url) as product,
    ):
        customer = telegram.customer(7)
        customer.say("I want to talk to a person")
        await customer.reads()
        for number in range(30):
            customer.say(f"Something to read, number {number:02}")
        page = await visit(f"{product.url}/desk/", viewport={"width": 1440, "height": 700})
        await sign_in(page, "kim")
        await page.locator("#rows a").click()
        await expect(line(page, "number 29")).to_be_in_viewport(ratio=1)
        await page.set_viewport_size({"width": 1440, "height": 560})
        await expect(line(page, "number 29")).to_be_in_viewport(ratio=1)
        await line(page, "number 03").scroll_into_view_if_needed()
        await page.set_viewport_size({"width": 1440, "height": 700})
        await expect(line(page, "number 03")).to_be_in_viewport()
