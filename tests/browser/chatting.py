"""What a test does and sees in the chat."""

from collections.abc import Awaitable, Callable

from playwright.async_api import Page, expect

Visit = Callable[..., Awaitable[Page]]
Picture = Callable[[Page, str], Awaitable[None]]
GREETING = "Hello! I can check an order and cancel it while that is still possible."


async def bubbles(page: Page) -> list[str]:
    """Every message as shown, also those that are still on their way."""
    return await page.locator(".bubble").all_inner_texts()


async def say(page: Page, text: str) -> None:
    await page.get_by_role("textbox").fill(text)
    await page.get_by_role("textbox").press("Enter")


async def shown(page: Page, text: str) -> None:
    await expect(page.locator(".log .bubble").filter(has_text=text).last).to_be_visible()


async def focused(page: Page) -> str:
    """The accessible name or text of the element that has the focus, through shadow roots."""
    return str(
        await page.evaluate(
            """() => {
              let node = document.activeElement;
              while (node.shadowRoot?.activeElement) node = node.shadowRoot.activeElement;
              return node.getAttribute("aria-label") || node.textContent.trim() || node.tagName;
            }"""
        )
    )
