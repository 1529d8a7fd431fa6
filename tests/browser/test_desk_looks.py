"""The console for everybody: what axe-core finds, keys, themes, small screens, a long queue."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from axe_core import violations
from chatting import Picture, Visit, say, shown
from desk_people import desk_product, line, open_case, reference_of, row, sign_in
from playwright.async_api import Page, expect

from tests.program import Served

pytestmark = pytest.mark.asyncio(loop_scope="session")
WIDE = {"viewport": {"width": 1440, "height": 900}}
THEMES = ("light", "dark")


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with desk_product(tmp_path_factory.mktemp("desk")) as running:
        yield running
        ended = await running.stop()
        assert (ended.code, "Traceback" in ended.err) == (0, False)


async def waits(product: Served, visit: Visit, first: str = "") -> tuple[Page, str]:
    customer = await visit(product.url)
    if first:
        await say(customer, first)
        await shown(customer, "e-mail")
    await say(customer, "I want to talk to a person")
    await shown(customer, "A person will answer here")
    return customer, await reference_of(customer)


async def clean(page: Page, what: str) -> None:
    """axe-core finds nothing, in either theme."""
    for theme in THEMES:
        await page.evaluate("theme => { document.documentElement.dataset.theme = theme }", theme)
        found = await violations(page)
        assert not found, "\n".join((f"{what}, {theme}:", *found))


async def test_axe_finds_nothing(product: Served, visit: Visit, picture: Picture) -> None:
    page = await visit(f"{product.url}/desk/", **WIDE)
    await clean(page, "sign-in")
    await picture(page, "desk-sign-in")
    await page.get_by_label("Sign-in name").fill("ada")
    await page.get_by_label("Password").fill("wrong")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await clean(page, "sign-in refused")
    await sign_in(page, "ada")
    await expect(page.locator("#rows-state")).to_have_text("Nobody waits. Well done.")
    await clean(page, "empty inbox")
    for _ in range(2):
        await waits(product, visit)
    _, reference = await waits(product, visit, "Cancel order 1042")
    await expect(row(page, reference)).to_be_visible()
    await clean(page, "inbox")
    await open_case(page, reference)
    await page.keyboard.press("c")
    await expect(page.locator("#talk-state")).to_contain_text("you have it")
    await page.keyboard.press("n")
    await page.keyboard.type("A note")
    await page.keyboard.press("Enter")
    await expect(line(page, "A note")).to_be_visible()
    await page.get_by_label("Add a label").fill("late parcel")
    await page.get_by_label("Add a label").press("Enter")
    await expect(page.locator(".labels .chip")).to_have_text(re.compile("late parcel"))
    await clean(page, "conversation")
    await page.locator("#words").fill("/")
    await page.get_by_text("Reply", exact=True).click()
    await page.locator("#words").press_sequentially("/")
    await expect(page.locator("#answers li").first).to_be_visible()
    await clean(page, "completion")
    await page.keyboard.press("Escape")
    await page.keyboard.press("Escape")
    for key in ("?", "e", "b", "s"):
        await page.keyboard.press(key)
        await expect(page.get_by_role("dialog")).to_be_visible()
        await clean(page, f"dialog {key}")
        if key == "?":
            await picture(page, "desk-help")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)
    await page.get_by_role("button", name="Settings").click()
    await expect(page.get_by_role("dialog")).to_be_visible()
    await clean(page, "settings")
    await page.keyboard.press("Escape")
    await page.get_by_label("Search conversations").fill("1042")
    await expect(page.locator("#found a").first).to_be_visible()
    await clean(page, "search")
    for path in ("agents", "answers?edit=hello", "profile", f"case/{reference}/record", "case/NONE/record"):
        await page.goto(f"{product.url}/desk/{path}")
        await clean(page, path)
        await picture(page, f"desk-page-{path.partition('?')[0].partition('/')[0]}")


async def test_everything_by_keyboard_and_nothing_while_writing(product: Served, visit: Visit) -> None:
    customer, reference = await waits(product, visit)
    page = await visit(f"{product.url}/desk/", **WIDE)
    await sign_in(page, "kim")
    await expect(row(page, reference)).to_be_visible()
    for _ in range(30):
        await page.keyboard.press("j")
        if reference in await page.evaluate("document.activeElement.href ?? ''"):
            break
    await page.keyboard.press("k")
    await page.keyboard.press("j")
    await page.keyboard.press("Enter")
    await expect(page.locator("#talk-heading")).to_be_focused()
    await expect(page.locator("#talk-heading")).to_have_text(reference)
    await page.keyboard.press("c")
    await expect(page.locator("#talk-state")).to_contain_text("you have it")
    await page.keyboard.press("r")
    every = "jkcrnebsp? each is a letter here"
    await page.keyboard.type(every)
    await expect(page.locator("#words")).to_have_value(every)
    assert await page.get_by_role("dialog").count() == 0
    await page.keyboard.press("Enter")
    await shown(customer, every)
    await page.keyboard.press("Escape")  # out of the field
    await expect(page.locator("#talk-heading")).to_be_focused()
    await page.keyboard.press("e")
    await expect(page.get_by_role("button", name="Resolve").last).to_be_focused()
    await page.keyboard.press("Escape")
    await expect(page.locator("#talk-heading")).to_be_focused()  # the focus comes back
    await page.keyboard.press("/")
    await expect(page.get_by_label("Search conversations")).to_be_focused()
    await page.keyboard.type(reference)
    await page.keyboard.press("Enter")
    await expect(page.locator("#found a").first).to_be_focused()


async def test_shortcuts_can_be_switched_off_and_stay_off(product: Served, visit: Visit) -> None:
    page = await visit(f"{product.url}/desk/", **WIDE)
    await sign_in(page, "lee")
    await page.get_by_role("button", name="Settings").click()
    await page.get_by_label("Single-key shortcuts").uncheck()
    await page.get_by_label("Dark").check()
    await page.get_by_role("dialog").get_by_role("button", name="Close").click()
    await page.reload()
    assert await page.evaluate("document.documentElement.dataset.theme") == "dark"
    await expect(page.locator("#rows-state")).not_to_have_text("Loading…")
    await page.keyboard.press("?")
    assert await page.get_by_role("dialog").count() == 0
    await page.get_by_role("button", name="Shortcuts").click()
    await expect(page.get_by_role("dialog")).to_contain_text("switched off")


async def test_the_title_counts_what_is_unread(product: Served, visit: Visit) -> None:
    customer, reference = await waits(product, visit)
    other, another = await waits(product, visit)
    page = await visit(f"{product.url}/desk/", **WIDE)
    await sign_in(page, "kim")
    await open_case(page, reference)
    await page.keyboard.press("c")
    await expect(page.locator("#talk-state")).to_contain_text("you have it")
    await open_case(page, another)
    await say(customer, "Are you still there?")
    await expect(page).to_have_title(re.compile(r"^\(\d+\) Inbox"))
    await expect(row(page, reference).locator(".dot")).to_be_visible()
    before = await page.title()
    await open_case(page, reference)
    await expect(row(page, reference).locator(".dot")).to_have_count(0)
    assert await page.title() != before
    await other.close()


async def test_what_a_customer_writes_is_text(product: Served, visit: Visit) -> None:
    customer, reference = await waits(product, visit)
    odd = "<img src=x onerror=\"document.title='taken'\"><script>document.title='taken'</script>&amp;"
    await say(customer, odd)
    page = await visit(f"{product.url}/desk/case/{reference}", **WIDE)
    await sign_in(page, "kim")
    await expect(line(page, odd).locator(".line-text")).to_have_text(odd)
    assert await page.locator("#lines img, #lines script, #rows img").count() == 0
    assert "taken" not in await page.title()


@pytest.mark.parametrize(("name", "width", "height"), [("tablet", 1024, 768), ("phone", 390, 844)])
async def test_it_fits_a_small_screen(
    product: Served, visit: Visit, picture: Picture, name: str, width: int, height: int
) -> None:
    _, reference = await waits(product, visit)
    page = await visit(f"{product.url}/desk/", viewport={"width": width, "height": height})
    await sign_in(page, "kim")
    await expect(row(page, reference)).to_be_visible()
    await picture(page, f"desk-{name}-list")
    await open_case(page, reference)
    for part in ("#talk-heading", "#words", "#send", "#back"):
        await expect(page.locator(part)).to_be_in_viewport()
    await page.wait_for_function("!document.querySelector('#case').textContent.includes('Reading…')")
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await picture(page, f"desk-{name}")
    await page.get_by_role("button", name="Back to the list").click()
    await expect(row(page, reference)).to_be_visible()
