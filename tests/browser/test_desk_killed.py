"""kill -9 of the server under an agent's hands, in real Chromium: drafts stay, what was sent arrives once."""

import socket
from contextlib import AsyncExitStack
from pathlib import Path

import pytest
from chatting import Visit, bubbles, say, shown
from desk_people import desk_product, line, open_case, reference_of, sign_in
from playwright.async_api import Page, expect

from tests.program import Served, serving

pytestmark = [pytest.mark.asyncio(loop_scope="session"), pytest.mark.faults]
KILLS = 3


def free_port() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return str(probe.getsockname()[1])


async def dies(product: Served) -> None:
    product.process.kill()
    await product.process.wait()


async def mode(page: Page, name: str) -> None:
    """What the next words are: a reply or a note."""
    await page.locator("#composer").get_by_text(name, exact=True).click()


async def test_drafts_and_answers_outlive_a_server_that_is_killed(tmp_path: Path, visit: Visit) -> None:
    port = free_port()
    async with AsyncExitStack() as lives:
        product = await lives.enter_async_context(desk_product(tmp_path, HTTP_PORT=port))
        customer = await visit(product.url)
        await say(customer, "I want to talk to a person")
        await shown(customer, "A person will answer here")
        reference = await reference_of(customer)
        kim = await visit(f"{product.url}/desk/", viewport={"width": 1440, "height": 900})
        await sign_in(kim, "kim")
        await open_case(kim, reference)
        answers, notes = [], []
        for life in range(KILLS):
            await kim.locator("#words").fill(f"answer {life} before the end")
            await kim.keyboard.press("Enter")
            await dies(product)  # whether it was kept before, nobody knows
            await kim.locator("#words").fill(f"answer {life} into the void")
            await kim.keyboard.press("Enter")
            await mode(kim, "Private note")
            await kim.locator("#words").fill(f"note {life} into the void")
            await kim.keyboard.press("Enter")
            answers += [f"answer {life} before the end", f"answer {life} into the void"]
            notes += [f"note {life} into the void"]
            await kim.locator("#words").fill(f"half a note {life}")
            await mode(kim, "Reply")
            await kim.locator("#words").fill(f"half an answer {life}")
            await say(customer, f"question {life} into the void")

            product = await lives.enter_async_context(serving(tmp_path, HTTP_PORT=port))
            await kim.reload()
            await expect(kim.locator("#words")).to_have_value(f"half an answer {life}")
            await mode(kim, "Private note")
            await expect(kim.locator("#words")).to_have_value(f"half a note {life}")
            await mode(kim, "Reply")
            for text in (*answers, *notes):
                await expect(line(kim, text)).to_have_count(1, timeout=30_000)
            await expect(kim.locator("#lines .pending")).to_have_count(0)
            await expect(line(kim, f"question {life} into the void")).to_have_count(1, timeout=30_000)
            await shown(customer, answers[-1])
            heard = await bubbles(customer)
            assert [text for text in heard if text.startswith("answer")] == answers
            assert [heard.count(f"question {n} into the void") for n in range(life + 1)] == [1] * (life + 1)
            assert not any("note" in text and "void" in text for text in heard)
            assert "half an answer" not in "\n".join(heard)
        assert (await product.rescind("audit", "verify")).code == 0
        held = await product.rescind("inbox", "show", reference)
        assert "Kim" in held.out
        ended = await product.stop()
        assert (ended.code, "Traceback" in ended.err) == (0, False)
