"""The product as it is started, in real Chromium: a customer, a demo order, a person at the inbox."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio
from aiohttp import web
from chatting import Picture, Visit, bubbles, focused, say, shown
from playwright.async_api import Page, expect

from tests.program import Served, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")

EMBED = Path(__file__).parents[2] / "examples" / "embed.html"
PHONE = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    """The product, and at `variables["WEBCHAT_ORIGINS"]` a shop whose page embeds its chat."""
    folder: Path = tmp_path_factory.mktemp("product")
    page = EMBED.read_text("utf-8")

    async def show(_: web.Request) -> web.Response:
        return web.Response(text=page.replace("http://127.0.0.1:8080", running.url), content_type="text/html")

    shop = web.Application()
    shop.router.add_get("/embed.html", show)
    runner = web.AppRunner(shop, shutdown_timeout=1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    variables = {
        "ORDER_STATUS_URL": "https://shop.test/orders/{number}",
        "WEBCHAT_ORIGINS": f"http://127.0.0.1:{runner.addresses[0][1]}",
    }
    async with serving(folder, **variables) as running:
        yield running
        ended = await running.stop()
        assert (ended.code, "Traceback" in ended.err) == (0, False)
    await runner.cleanup()


async def order_on(page: Page, stage: str) -> tuple[str, str]:
    """Number and e-mail of an order in that stage, as the page shows it."""
    row = page.locator(".order").filter(has=page.get_by_text(stage, exact=True)).first
    return await row.locator("b").inner_text(), await row.locator("code").inner_text()


async def go_to(page: Page, name: str, key: str) -> None:
    """Press a key until the focus is there."""
    for _ in range(40):
        if await focused(page) == name:
            return
        await page.keyboard.press(key)
    raise AssertionError(f"{name!r} cannot be reached by {key}")


async def test_an_order_shown_on_the_page_is_cancelled_by_keyboard(
    product: Served, visit: Visit, picture: Picture
) -> None:
    page = await visit(product.url)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await picture(page, "real-1-page")
    number, email = await order_on(page, "paid")
    await go_to(page, "Write a message…", "Tab")
    await page.keyboard.type(f"I'd like to cancel order {number}")
    await page.keyboard.press("Enter")
    await shown(page, "e-mail address")
    await page.keyboard.type(email)
    await page.keyboard.press("Enter")
    await shown(page, "Shall I cancel it?")
    await picture(page, "real-2-question")
    await go_to(page, "Yes, cancel it", "Shift+Tab")
    await page.keyboard.press("Enter")
    await shown(page, f"now shows order {number} as cancelled")
    await expect(
        page.get_by_role("log").get_by_text(f"https://shop.test/orders/{number}").last
    ).to_be_visible()
    await page.evaluate("scrollTo(0, 0)")
    await picture(page, "real-3-outcome")
    text = "\n".join(await bubbles(page))
    assert re.search(r"between \w{3}.* and \w{3}|business days|right away|at once", text), text

    before = await bubbles(page)
    await page.reload()
    await shown(page, f"now shows order {number} as cancelled")
    assert await bubbles(page) == before

    record = await product.rescind("orders", "show", number, "--json")
    assert record.records[0]["stage"] == "cancelled"
    assert len(record.records[0]["attempts"]) == 1  # type: ignore[arg-type]


async def test_a_person_takes_over_and_their_words_appear(
    product: Served, visit: Visit, picture: Picture
) -> None:
    page = await visit(product.url)
    await say(page, "I want to talk to a person")
    await shown(page, "Your reference")
    reference = re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", "\n".join(await bubbles(page)))[-1]
    replied = await product.rescind(
        "inbox", "reply", reference, "Hello, this is Kim.\nHow can I help?", "--as", "Kim"
    )
    assert replied.code == 0, replied
    await expect(page.get_by_role("log").get_by_text("Hello, this is Kim.").last).to_be_visible(timeout=2000)
    await expect(page.locator(".agent .meta")).to_contain_text("Kim")
    before = await bubbles(page)
    await say(page, "Can I still change the address?")
    await expect(page.get_by_text("Sending…")).to_have_count(0)
    await picture(page, "real-4-person")
    assert len(await bubbles(page)) == len(before) + 1
    closed = await product.rescind("inbox", "close", reference)
    assert closed.code == 0
    await shown(page, reference)


async def test_a_customer_with_a_phone_who_speaks_spanish_is_refused_in_spanish(
    product: Served, visit: Visit, picture: Picture
) -> None:
    page = await visit(product.url, locale="es-ES", color_scheme="dark", **PHONE)
    number, email = await order_on(page, "in logistics")
    await picture(page, "real-5-phone-page")
    await page.get_by_role("button", name="Start a chat").click()
    await say(page, f"quiero cancelar el pedido {number}, {email}")
    await shown(page, f"pedido {number}")
    await picture(page, "real-6-phone-refusal")
    assert "pedido" in (await bubbles(page))[-1]
    record = await product.rescind("orders", "show", number, "--json")
    assert record.records[0]["attempts"] == []


async def test_the_words_around_the_chat_follow_the_language_that_the_customer_writes(
    product: Served, visit: Visit, picture: Picture
) -> None:
    page = await visit(product.url)
    await expect(page.get_by_role("dialog")).to_be_visible()
    await say(page, "quiero cancelar mi pedido")
    await shown(page, "número de pedido")
    await expect(page.get_by_placeholder("Escribe un mensaje…")).to_be_visible()
    await expect(page.get_by_label("Idioma")).to_have_value("es")
    await picture(page, "real-8-language-follows")
    await page.reload()
    await expect(page.get_by_role("button", name="Enviar")).to_be_visible()


async def test_the_example_page_embeds_the_chat_by_one_script_tag(
    product: Served, visit: Visit, picture: Picture
) -> None:
    assert EMBED.read_text("utf-8").count("<script") == 1
    page = await visit(f"{product.variables['WEBCHAT_ORIGINS']}/embed.html")
    await page.get_by_role("button", name="Ask about this order").click()
    await shown(page, "1005")
    await say(page, "eva@example.com")
    await picture(page, "real-7-embedded")
    stranger = await visit(f"{product.url}/")  # the other origin's chat is another one
    assert "eva@example.com" not in "\n".join(await bubbles(stranger))
