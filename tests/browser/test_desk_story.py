"""Two agents and a customer in three browsers: from the call for a person to the reopened case."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from chatting import Picture, Visit, bubbles, say, shown
from desk_people import desk_product, line, open_case, reference_of, row, sign_in
from playwright.async_api import Page, expect

from tests.program import Served

pytestmark = pytest.mark.asyncio(loop_scope="session")
CLAIM_AT = "at => setTimeout(() => document.querySelector('#talk-acts .primary').click(), at - Date.now())"
WIDE = {"viewport": {"width": 1440, "height": 900}}


@pytest_asyncio.fixture(scope="module", loop_scope="session")
async def product(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Served]:
    async with desk_product(tmp_path_factory.mktemp("desk")) as running:
        yield running
        ended = await running.stop()
        assert (ended.code, "Traceback" in ended.err) == (0, False)


async def agent(product: Served, visit: Visit, login: str, **traits: object) -> Page:
    page = await visit(f"{product.url}/desk/", **(WIDE | traits))
    await sign_in(page, login)
    return page


async def order_in(product: Served, stage: str) -> tuple[str, str]:
    """Number and e-mail of a demo order that is in this stage now."""
    listed = await product.rescind("orders", "list", "--json")
    found = next(one for one in listed.records if one["stage"] == stage)
    return str(found["number"]), str(found["email"])


async def test_two_agents_and_a_customer(product: Served, visit: Visit, picture: Picture) -> None:
    number, email = await order_in(product, "in_logistics")
    for wish in ("where is order 1042?", "cancel order 1039, mia@example.com", "I was charged twice"):
        another = await visit(product.url)
        await say(another, wish)
        await say(another, "I want to talk to a person")
        await shown(another, "Your reference")
    customer = await visit(product.url)
    kim, lee = await agent(product, visit, "kim"), await agent(product, visit, "lee")
    await say(customer, f"cancel order {number}, {email}")
    await shown(customer, number)
    await say(customer, "I want to talk to a person")
    await shown(customer, "A person will answer here")  # with a reference of its own
    reference = await reference_of(customer)

    await both_look(kim, lee, reference)
    await both_claim(kim, lee, customer)
    await note_and_canned_answer(kim, lee, customer, number, picture)
    await override(product, kim, number, picture)
    await back_to_the_bot_and_resolved(kim, lee, customer, reference)

    await say(customer, "Hello? One more thing about that order, I want to talk to a person.")
    await expect(kim.locator("#talk-state")).to_contain_text("Open")  # again, for everybody
    await expect(lee.locator("#rows a").first).to_be_visible()
    said = "\n".join(await bubbles(customer))
    assert "Second parcel" not in said
    assert "carrier returned" not in said


async def both_look(kim: Page, lee: Page, reference: str) -> None:
    """It comes to both, and each sees the other look."""
    for page in (kim, lee):
        await expect(row(page, reference)).to_be_visible()
        await open_case(page, reference)
    await expect(kim.locator("#watchers")).to_contain_text("Lee is looking at this too")
    await expect(kim.locator("#case")).to_contain_text("asked for a person")
    await expect(kim.locator(".stage")).to_have_text("In logistics")


async def both_claim(kim: Page, lee: Page, customer: Page) -> None:
    """In the same moment: one wins, the other sees who. Afterwards Kim has it."""
    for page in (kim, lee):
        await expect(page.get_by_role("button", name="Claim")).to_be_visible()
    moment = await kim.evaluate("Date.now() + 400")
    for page in (kim, lee):
        await page.evaluate(CLAIM_AT, moment)
    for page in (kim, lee):
        await expect(page.locator("#talk-state")).to_contain_text(re.compile("ha(ve|s) it"))
    states = [await page.locator("#talk-state").inner_text() for page in (kim, lee)]
    won = ["you have it" in state for state in states]
    assert sorted(won) == [False, True], states
    loser, name = (lee, "Kim") if won[0] else (kim, "Lee")
    await expect(loser.locator("#talk-state")).to_contain_text(f"{name} has it")
    await expect(loser.locator(".toast")).to_contain_text(f"{name} has this chat.")
    await expect(loser.locator("#words")).to_be_disabled()
    await expect(loser.locator("#composer-hint")).to_have_text(f"{name} has this chat.")
    assert await loser.get_by_role("button", name="Claim").count() == 0
    await shown(customer, f"{name} is here")
    if not won[0]:  # what follows is a supervisor's: Lee passes it on, by keyboard
        await press(lee, "p")
        await lee.get_by_label("Agent").select_option(label="Kim")
        await lee.get_by_role("dialog").get_by_role("button", name="Pass on").click()
    await expect(kim.locator("#talk-state")).to_contain_text("you have it")


async def note_and_canned_answer(kim: Page, lee: Page, customer: Page, number: str, picture: Picture) -> None:
    """A note that both agents have and the customer never; an answer by `/`, filled from the case."""
    await press(kim, "n")
    await kim.keyboard.type("Second parcel this week that came late.")
    await kim.keyboard.press("Enter")
    for page in (kim, lee):
        await expect(line(page, "Second parcel this week")).to_contain_text("Private note")
    await kim.keyboard.press("Escape")
    await kim.keyboard.press("r")
    await kim.keyboard.type("/inter")
    await expect(kim.locator("#answer-preview")).to_contain_text(f"stop order {number}")
    await picture(kim, "desk-answers")
    answer = f"I've asked the warehouse to stop order {number}. Whether it works I'll write to you here."
    await kim.keyboard.press("Enter")
    await expect(kim.locator("#words")).to_have_value(answer)
    await kim.keyboard.press("Enter")
    await shown(customer, answer)
    await expect(line(kim, answer)).to_contain_text("Sent")
    await say(customer, "Thank you, Kim! Please do cancel it.")
    for page in (kim, lee):
        await expect(line(page, "Please do cancel it.")).to_be_visible()
    await expect(kim.locator(".toast")).to_have_count(0, timeout=15_000)
    await picture(kim, "desk-conversation")
    await kim.evaluate("document.documentElement.dataset.theme = 'dark'")
    await picture(kim, "desk-dark")
    await kim.evaluate("delete document.documentElement.dataset.theme")


async def override(product: Served, kim: Page, number: str, picture: Picture) -> None:
    """Marked as against the policy, a reason required, a second yes; one attempt, on record."""
    await kim.get_by_role("button", name="Override: cancel order").click()
    dialog = kim.get_by_role("dialog")
    await expect(dialog).to_contain_text("Against the policy.")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog.get_by_label("Reason, kept on record")).to_be_focused()  # no reason, no step
    await dialog.get_by_label("Reason, kept on record").fill("The carrier returned the parcel.")
    await picture(kim, "desk-override")
    await dialog.get_by_role("button", name="Go on").click()
    await expect(dialog).to_contain_text("Really cancel order")
    await expect(dialog).to_contain_text("The carrier returned the parcel.")
    await dialog.get_by_role("button", name="Cancel against the policy").click()
    await expect(kim.locator("#lines .note.desk").last).to_be_visible(timeout=15_000)
    record = await product.rescind("orders", "show", number, "--json")
    assert len(record.records[0]["attempts"]) == 1  # type: ignore[arg-type]
    await expect(kim.locator(".trail").last).to_contain_text("override")


async def back_to_the_bot_and_resolved(kim: Page, lee: Page, customer: Page, reference: str) -> None:
    """The bot waits for what the customer says; then a person again, who resolves."""
    await press(kim, "b")
    await kim.get_by_label("The bot waits for what the customer says next").check()
    await kim.get_by_role("dialog").get_by_role("button", name="Give back").click()
    await expect(kim.locator("#talk-state")).to_contain_text("With the bot")
    await expect(row(lee, reference)).to_have_count(0)
    await say(customer, "I want to talk to a person")
    await expect(kim.locator("#talk-state")).to_contain_text("Open")
    await press(kim, "c")
    await expect(kim.locator("#talk-state")).to_contain_text("you have it")
    await press(kim, "e")
    await kim.get_by_role("dialog").get_by_role("button", name="Resolve").click()
    await expect(kim.locator("#talk-state")).to_contain_text("Resolved")


async def press(page: Page, key: str) -> None:
    """A shortcut, with the focus in the conversation."""
    await page.locator("#talk-heading").focus()
    await page.keyboard.press(key)


async def test_a_draft_outlives_a_reload_and_an_answer_a_lost_connection(
    product: Served, visit: Visit
) -> None:
    customer = await visit(product.url)
    await say(customer, "I want to talk to a person")
    await shown(customer, "A person will answer here")
    kim = await agent(product, visit, "kim")
    await open_case(kim, await reference_of(customer))
    await kim.locator("#words").fill("A draft, half written")
    await kim.get_by_text("Private note", exact=True).click()
    await kim.locator("#words").fill("and a note")
    await kim.reload()
    await expect(kim.locator("#words")).to_have_value("A draft, half written")
    await kim.get_by_text("Private note", exact=True).click()
    await expect(kim.locator("#words")).to_have_value("and a note")
    await kim.get_by_text("Reply", exact=True).click()

    # The answer to the first attempt is lost: it is sent again by itself, and said once.
    lost: list[str] = []

    async def lose_the_first(route: object) -> None:
        if not lost:
            lost.append("once")
            await route.fetch()  # type: ignore[attr-defined]
            await route.abort()  # type: ignore[attr-defined]
        else:
            await route.continue_()  # type: ignore[attr-defined]

    await kim.route("**/reply", lose_the_first)
    await kim.locator("#words").press("Enter")
    await expect(line(kim, "A draft, half written")).to_have_count(1)
    await expect(kim.locator("#lines .pending")).to_have_count(0, timeout=10_000)
    assert lost == ["once"]
    await shown(customer, "A draft, half written")
    assert (await bubbles(customer)).count("A draft, half written") == 1
    await expect(kim.locator("#words")).to_have_value("")
    await kim.reload()
    await expect(kim.locator("#words")).to_have_value("and a note")  # the note is the draft that is left


async def test_what_is_written_while_the_server_is_away_arrives_once_when_it_is_back(
    product: Served, visit: Visit
) -> None:
    customer = await visit(product.url)
    await say(customer, "I want to talk to a person")
    await shown(customer, "A person will answer here")
    kim = await agent(product, visit, "kim")
    await open_case(kim, await reference_of(customer))
    await kim.context.set_offline(True)
    await kim.evaluate("dispatchEvent(new Event('offline'))")
    await kim.route("**/desk/api/**", lambda route: route.abort())
    await kim.locator("#words").fill("Written while away")
    await kim.locator("#words").press("Enter")
    await expect(kim.locator("#lines .pending")).to_contain_text("It is sent as soon as that works.")
    await kim.unroute("**/desk/api/**")
    await kim.context.set_offline(False)
    await expect(kim.locator("#lines .pending")).to_have_count(0, timeout=20_000)
    await shown(customer, "Written while away")
    assert (await bubbles(customer)).count("Written while away") == 1
