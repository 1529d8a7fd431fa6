"""The console over time: a server that starts anew, and a queue of a thousand."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
import pytest_asyncio

sys.path.insert(0, str(Path(__file__).parents[1] / "bot"))  # the makers of the shell's tests
sys.path.insert(0, str(Path(__file__).parents[1] / "bot" / "desk"))  # and those of the desk's

from chatting import Visit, bubbles, say, shown
from desk_makers import house_over
from desk_people import PASSWORD, desk_product, line, open_case, reference_of, sign_in
from playwright.async_api import expect

from storage.store import Store
from tests.program import Served, rescind, serving

pytestmark = pytest.mark.asyncio(loop_scope="session")
MANY = 1_000


async def test_a_server_that_starts_anew_is_survived_without_a_reload(tmp_path: Path, visit: Visit) -> None:
    async with desk_product(tmp_path) as first:
        customer = await visit(first.url)
        await say(customer, "I want to talk to a person")
        await shown(customer, "A person will answer here")
        kim = await visit(f"{first.url}/desk/", viewport={"width": 1440, "height": 900})
        await sign_in(kim, "kim")
        await open_case(kim, await reference_of(customer))
        await kim.locator("#words").fill("Before")
        await kim.locator("#words").press("Enter")
        await expect(line(kim, "Before")).to_be_visible()
        await kim.evaluate("window.sameAsBefore = true")
        port = first.port
        await first.stop()
    await expect(kim.locator("#offline")).to_be_visible()
    await kim.locator("#words").fill("While it was away")
    await kim.locator("#words").press("Enter")
    await kim.locator("#words").fill("Still a draft")
    await expect(kim.locator("#lines .pending")).to_contain_text("While it was away")
    async with serving(tmp_path, HTTP_PORT=str(port)):
        await expect(kim.locator("#offline")).to_be_hidden(timeout=30_000)
        await expect(kim.locator("#lines .pending")).to_have_count(0, timeout=30_000)
        await shown(customer, "While it was away")
        await say(customer, "I'm still here")
        await expect(line(kim, "I'm still here")).to_be_visible()
        said = list(await kim.locator("#lines .line .line-text").all_inner_texts())
        for each in ("Before", "While it was away", "I'm still here"):
            assert said.count(each) == 1, said
        assert (await bubbles(customer)).count("While it was away") == 1
        await expect(kim.locator("#words")).to_have_value("Still a draft")
        assert await kim.evaluate("window.sameAsBefore")


@pytest_asyncio.fixture(loop_scope="session")
async def crowded(tmp_path: Path) -> AsyncIterator[Served]:
    """The product with a thousand customers who wait for a person."""
    added = await rescind(
        tmp_path, *("agents", "add", "kim", "--name", "Kim", "--role", "admin"), given=f"{PASSWORD}\n"
    )
    if added.code:  # the store is made by whoever serves first
        async with desk_product(tmp_path) as once:
            await once.stop()
    store = await Store.open(f"sqlite:///{tmp_path}/data/rescind.sqlite3")
    house = house_over(store)
    await asyncio.gather(
        *(house.waits(f"web:{n:04}", said=[f"Question {n}"], customer=f"Ann {n:04}") for n in range(MANY))
    )
    await store.close()
    async with serving(tmp_path) as running:
        yield running


async def test_a_thousand_wait_and_each_is_reached_once(crowded: Served, visit: Visit) -> None:
    page = await visit(f"{crowded.url}/desk/", viewport={"width": 1440, "height": 900})
    await sign_in(page, "kim")
    await expect(page.locator("[data-count=all]")).to_have_text(str(MANY))
    assert await page.locator("#rows li").count() < 200  # no more than somebody looks at
    await page.wait_for_function(
        """wanted => { const list = document.querySelector("#list"); list.scrollTop = list.scrollHeight;
        return document.querySelectorAll("#rows li").length >= wanted; }""",
        arg=MANY,
        timeout=30_000,
    )
    names = await page.locator("#rows .row-who").all_text_contents()
    assert sorted(names) == [f"Ann {n:04}" for n in range(MANY)]
    await page.locator("#rows a").filter(has_text="Ann 0500").click()
    await expect(line(page, "Question 500")).to_be_visible()
    await page.keyboard.press("c")
    await expect(page.locator("#talk-state")).to_contain_text("you have it")
    await expect(page.locator("[data-count=mine]")).to_have_text("1")
    before = page.locator("#rows a").filter(has_text="Ann 0500")
    await expect(before.locator(".face")).to_have_text(re.compile("K"))
    await expect(page.locator("#rows li")).to_have_count(MANY)
