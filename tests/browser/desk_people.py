"""The product served with agents of every role, and what they do at the console in a browser."""

import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from playwright.async_api import Locator, Page, expect

from tests.program import Served, serving

PASSWORD = "a long enough one"
AGENTS = {"kim": "supervisor", "lee": "agent", "ada": "admin"}


@asynccontextmanager
async def desk_product(folder: Path, **variables: str) -> AsyncIterator[Served]:
    """The product with Kim (supervisor), Lee (agent) and Ada (admin)."""
    async with serving(folder, **variables) as running:
        for login, role in AGENTS.items():
            added = await running.rescind(
                *("agents", "add", login, "--name", login.title(), "--role", role), given=f"{PASSWORD}\n"
            )
            assert added.code == 0, added
        yield running


async def sign_in(page: Page, login: str) -> None:
    """By name and password, until the inbox is there."""
    await page.get_by_label("Sign-in name").fill(login)
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await page.wait_for_url("**/desk/**")
    await expect(page.locator("#rows-state")).not_to_have_text("Loading…")


def row(page: Page, reference: str) -> Locator:
    """A conversation in the list."""
    return page.locator("#rows a").filter(has_text=reference)


def line(page: Page, text: str) -> Locator:
    """A message or note in the open conversation."""
    return page.locator("#lines .line:not(.pending)").filter(has_text=text)


async def open_case(page: Page, reference: str) -> None:
    await row(page, reference).click()
    await expect(page.locator("#talk-state, #talk-heading").filter(has_text=reference).first).to_be_visible()
    await expect(page.locator("#lines .line").first).to_be_visible()


async def reference_of(customer: Page) -> str:
    """The reference that the customer was told last."""
    text = "\n".join(await customer.locator(".bubble").all_inner_texts())
    return re.findall(r"[2-9A-Z]{4}-[2-9A-Z]{4}", text)[-1]
