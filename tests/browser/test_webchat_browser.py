"""What a customer sees and does in the chat, in real Chromium."""

import asyncio
import json
import re

import pytest
from chatting import GREETING, Picture, Visit, bubbles, focused, say, shown
from playwright.async_api import WebSocketRoute, expect
from webchat_fakes import House
from wire import Wire

pytestmark = pytest.mark.asyncio(loop_scope="session")


async def test_the_support_page_opens_with_a_greeting_and_choices(visit: Visit, picture: Picture) -> None:
    page = await visit()
    await expect(page.get_by_role("dialog", name="Order support")).to_be_visible()
    await shown(page, GREETING)
    await expect(page.get_by_role("button", name="Cancel an order")).to_be_visible()
    await picture(page, "page")


async def test_a_whole_chat_by_keyboard_alone(visit: Visit, site: str, shop_site: str, house: House) -> None:
    page = await visit(f"{shop_site}/?widget={site}/chat/widget.js")
    keyboard = page.keyboard
    await keyboard.press("Tab")
    assert await focused(page) == "A link"
    await keyboard.press("Tab")
    assert await focused(page) == "Open chat"
    await keyboard.press("Enter")
    await shown(page, GREETING)
    assert await focused(page) == "Write a message…"
    await keyboard.press("Shift+Tab")
    await keyboard.press("Shift+Tab")
    assert await focused(page) == "Cancel an order"
    await keyboard.press("Enter")
    await shown(page, "Which order is it?")
    assert await focused(page) == "Write a message…"
    await keyboard.type("1042")
    await keyboard.press("Shift+Enter")
    await keyboard.type("ann@example.com")
    await keyboard.press("Enter")
    await shown(page, "Cancel it?")
    await keyboard.press("Shift+Tab")
    await keyboard.press("Shift+Tab")
    assert await focused(page) == "Yes, cancel it"
    await keyboard.press("Space")
    await shown(page, "Done: order 1042 is cancelled.")
    assert await bubbles(page) == [
        GREETING,
        "Cancel an order",
        "Which order is it? Please send its number and the e-mail you bought with.",
        "1042\nann@example.com",
        "Order 1042 (2 items, EUR 54.00) has been paid and is not yet packed. Cancel it?",
        "Yes, cancel it",
        "Done: order 1042 is cancelled.\nYou can follow the refund at https://shop.test/orders/1042.",
    ]
    assert len(house.seen) == 4


async def test_escape_closes_and_the_focus_returns_to_where_it_came_from(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    await page.get_by_role("textbox").focus()
    await page.keyboard.press("Escape")
    await expect(page.get_by_role("dialog")).to_be_hidden()
    assert await focused(page) == "Open chat"
    await page.keyboard.press("Enter")
    assert await focused(page) == "Write a message…"
    await page.get_by_role("button", name="Close chat").click()
    assert await focused(page) == "Open chat"
    about = page.get_by_role("button", name="Ask about it (order 1043)")
    await about.press("Enter")
    assert await focused(page) == "Write a message…"
    await page.keyboard.press("Escape")
    await expect(about).to_be_focused()


async def test_every_stop_of_the_keyboard_can_be_seen_and_has_a_name(visit: Visit) -> None:
    page = await visit()
    await expect(page.locator(".choices button").first).to_be_visible()
    await page.get_by_label("Language").focus()
    names = []
    for _ in range(7):
        names.append(await focused(page))
        outline = await page.evaluate(
            "getComputedStyle(document.activeElement.shadowRoot.activeElement).outlineStyle"
        )
        assert outline == "solid", names[-1]
        await page.keyboard.press("Tab")
    assert names == [
        "Language",
        "Close chat",
        "Conversation",
        "Cancel an order",
        "Where is my order?",
        "Write a message…",
        "Send",
    ]


async def test_a_reload_brings_everything_back_and_doubles_nothing(visit: Visit, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    await say(page, "1042, ann@example.com")
    await shown(page, "Cancel it?")
    await page.get_by_role("textbox").fill("half a sentence")
    before = await bubbles(page)
    await page.reload()
    await shown(page, "Cancel it?")
    assert await bubbles(page) == before
    await expect(page.get_by_role("button", name="Yes, cancel it")).to_be_visible()
    await expect(page.get_by_role("textbox")).to_have_value("half a sentence")
    assert len(house.seen) == 2


async def test_a_broken_connection_comes_back_with_nothing_lost_or_doubled(
    visit: Visit, wire: Wire, house: House
) -> None:
    page = await visit()
    await shown(page, GREETING)
    wire.up = False
    wire.cut()
    await say(page, "first")
    await say(page, "second")
    await expect(page.get_by_text("Sending…")).to_have_count(2)
    await expect(page.get_by_text("Reconnecting…")).to_be_visible()
    house.person_says(next(iter(house.entries)), "while you were away")
    wire.up = True
    await shown(page, "You said: second")
    await expect(page.get_by_text("Sending…")).to_have_count(0)
    await expect(page.get_by_text("Reconnecting…")).to_be_hidden()
    assert await bubbles(page) == [
        GREETING,
        "while you were away",
        "first",
        "You said: first",
        "second",
        "You said: second",
    ]


async def test_a_message_whose_acceptance_was_lost_is_sent_again_and_taken_once(
    visit: Visit, wire: Wire, house: House
) -> None:
    page = await visit()
    await shown(page, GREETING)
    wire.swallow = True
    await say(page, "only once")
    async with asyncio.timeout(10):
        while len(house.seen) < 2:  # noqa: ASYNC110 - the fake has no event for this
            await asyncio.sleep(0.02)
    wire.cut()
    wire.swallow = False
    await shown(page, "You said: only once")
    await say(page, "and on")
    await shown(page, "You said: and on")
    assert await bubbles(page) == [
        GREETING,
        "only once",
        "You said: only once",
        "and on",
        "You said: and on",
    ]


async def test_frames_that_come_twice_or_not_at_all_change_nothing(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    lost: set[int] = set()

    async def stutter(route: WebSocketRoute) -> None:
        server = route.connect_to_server()

        def pass_on(message: str | bytes) -> None:
            seq = json.loads(message).get("seq", 0)
            if seq in {2, 3} - lost:
                lost.add(seq)
                return
            route.send(message)
            route.send(message)

        server.on_message(pass_on)

    await page.route_web_socket("**/chat/ws", stutter)
    await page.reload()
    await say(page, "one")
    await say(page, "two")
    await shown(page, "You said: two")
    assert lost == {2, 3}
    assert await bubbles(page) == [GREETING, "one", "You said: one", "two", "You said: two"]


async def test_what_was_not_sent_yet_survives_a_reload(visit: Visit, wire: Wire, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    wire.up = False
    wire.cut()
    await say(page, "keep this")
    await expect(page.get_by_text("Sending…")).to_be_visible()
    wire.up = True
    await page.reload()
    await shown(page, "You said: keep this")
    assert (await bubbles(page)).count("keep this") == 1
    assert len(house.seen) == 2


async def test_a_flood_is_slowed_and_nothing_of_it_is_lost(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    for n in range(24):
        await say(page, f"n{n:02}")
    await shown(page, "You said: n23")
    assert [text for text in await bubbles(page) if re.fullmatch(r"n\d\d", text)] == [
        f"n{n:02}" for n in range(24)
    ]


async def test_a_token_that_is_not_known_any_more_becomes_a_new_chat(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    await say(page, "old chat")
    await shown(page, "You said: old chat")
    await page.evaluate(
        """() => localStorage.setItem("rescind-chat", JSON.stringify({ token: "forged.x.y" }))"""
    )
    await page.reload()
    await shown(page, GREETING)
    assert await bubbles(page) == [GREETING]


async def test_two_tabs_show_one_chat(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    other = await page.context.new_page()
    await other.goto(page.url)
    await shown(other, GREETING)
    await say(other, "from the other tab")
    await shown(page, "You said: from the other tab")
    assert await bubbles(page) == await bubbles(other)


async def test_a_pressed_choice_is_gone_and_only_the_last_message_has_choices(visit: Visit) -> None:
    page = await visit()
    await page.get_by_role("button", name="Cancel an order").click()
    await shown(page, "Which order is it?")
    await expect(page.locator(".choices button")).to_have_count(0)
    await say(page, "1042, ann@example.com")
    await expect(page.locator(".choices button")).to_have_text(["Yes, cancel it", "No, keep it"])
    await say(page, "hm")
    await shown(page, "You said: hm")
    await expect(page.locator(".choices button")).to_have_count(0)


async def test_an_answer_to_a_closed_chat_is_counted_on_the_launcher(visit: Visit, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    await page.get_by_role("button", name="Close chat").click()
    house.person_says(next(iter(house.entries)), "Are you there?")
    launcher = page.get_by_role("button", name="Open chat (1 new messages)")
    await expect(launcher).to_have_text("1")
    await launcher.click()
    await shown(page, "Are you there?")
    await page.get_by_role("button", name="Close chat").click()
    await expect(page.get_by_role("button", name="Open chat", exact=True)).to_be_visible()


async def test_the_typing_sign_is_shown_until_the_answer(visit: Visit, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    house.delay = 0.5
    await say(page, "slow question")
    await expect(page.locator(".dots")).to_be_visible()
    await shown(page, "You said: slow question")
    await expect(page.locator(".dots")).to_be_hidden()


async def test_a_page_of_another_origin_that_is_not_allowed_gets_no_chat(
    visit: Visit, site: str, shop_site: str
) -> None:
    foreign = shop_site.replace("127.0.0.1", "localhost")
    page = await visit(f"{foreign}/?widget={site}/chat/widget.js")
    await page.get_by_role("button", name="Open chat").click()
    # A foreign page cannot read why it was refused, so the widget goes on trying.
    await expect(page.get_by_role("status")).to_be_visible()
    assert await bubbles(page) == []
