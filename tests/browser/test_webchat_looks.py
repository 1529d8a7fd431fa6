"""How the chat looks and is heard: markup, contrast, phones, languages, motion."""

import pytest
from chatting import GREETING, Picture, Visit, bubbles, say, shown
from playwright.async_api import Page, expect
from webchat_fakes import House

pytestmark = pytest.mark.asyncio(loop_scope="session")

CONTRAST = """(selectors) => {
  const root = document.querySelector("#rescind-chat").shadowRoot;
  const parse = text => text.match(/[\\d.]+/g).map(Number);
  const light = text => {
    const linear = v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
    const [r, g, b] = parse(text).slice(0, 3).map(v => linear(v / 255));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ground = node => {
    for (let at = node; at; at = at.parentElement || at.getRootNode().host) {
      const colour = getComputedStyle(at).backgroundColor;
      if (parse(colour)[3] !== 0) return colour;
    }
    return "rgb(255, 255, 255)";
  };
  return selectors.map(([selector, pseudo]) => {
    const node = root.querySelector(selector) || document.querySelector(selector);
    const [a, b] = [light(getComputedStyle(node, pseudo).color), light(ground(node))];
    return [selector, (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05)];
  });
}"""
PAIRS = [
    ["h2", None],
    ["header select", None],
    [".bot .bubble", None],
    [".customer .bubble", None],
    [".agent .bubble", None],
    [".agent .meta", None],
    [".bubble a", None],
    [".choices button", None],
    ["textarea", None],
    ["textarea", "::placeholder"],
    [".note", None],
    [".send", None],
    ["h1", None],
    [".hero p", None],
    [".start", None],
    [".stage", None],
    ["code", None],
    [".card .fine", None],
]


async def talked(page: Page, house: House) -> None:
    """A chat with something of everything in it."""
    await page.get_by_role("button", name="Cancel an order").click()
    await say(page, "1042, ann@example.com")
    await page.get_by_role("button", name="Yes, cancel it").click()
    await shown(page, "Done: order 1042")
    house.person_says(next(iter(house.entries)), "This is Maria. Can I help with anything else?")
    await shown(page, "This is Maria.")
    await say(page, "1043, ben@example.com")
    await expect(page.get_by_role("button", name="Yes, cancel it")).to_be_visible()


async def test_markup_in_a_message_stays_text(visit: Visit, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    attack = "<img src=x onerror=\"document.title='owned'\"> <b>bold</b> javascript:alert(1)"
    await say(page, attack)
    await shown(page, f"You said: {attack}")
    house.person_says(next(iter(house.entries)), "see https://a.test/?q=<script>alert(1)</script>")
    await shown(page, "see https://a.test/")
    assert (await bubbles(page))[1:3] == [attack, f"You said: {attack}"]
    assert await page.locator(".bubble img, .bubble b, .bubble script").count() == 0
    assert await page.title() != "owned"
    assert await page.locator(".bubble a").evaluate_all("all => all.map(a => a.href)") == [
        "https://a.test/?q="
    ]


async def test_an_address_in_a_message_is_a_safe_link(visit: Visit, house: House) -> None:
    page = await visit()
    await shown(page, GREETING)
    text = "(see https://shop.test/a?b=1&c=ü#d), http://x.test. ftp://no.test www.no.test"
    house.person_says(next(iter(house.entries)), text)
    await shown(page, "ftp://no.test")
    links = page.locator(".bubble a")
    await expect(links).to_have_text(["https://shop.test/a?b=1&c=ü#d", "http://x.test"])
    for attribute, value in (("target", "_blank"), ("rel", "noopener noreferrer")):
        await expect(links.first).to_have_attribute(attribute, value)


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_every_text_has_a_contrast_of_at_least_4_5(
    visit: Visit, house: House, picture: Picture, scheme: str
) -> None:
    page = await visit(color_scheme=scheme, reduced_motion="reduce")
    await talked(page, house)
    await picture(page, f"chat-{scheme}")
    await page.evaluate(
        """() => document.querySelector("#rescind-chat").shadowRoot.querySelector(".customer")
             .insertAdjacentHTML("beforeend", "<div class=note>Sending…</div>")"""
    )
    ratios = await page.evaluate(CONTRAST, PAIRS)
    assert len(ratios) == len(PAIRS)
    assert [pair for pair in ratios if pair[1] < 4.5] == []


HEARD = """
  const append = Element.prototype.append;
  window.heard = [];
  Element.prototype.append = function (...nodes) {
    const log = this.getAttribute("role") === "log" && nodes.length;
    if (log) window.heard.push(this.getAttribute("aria-live"));
    return append.apply(this, nodes);
  };
"""


async def test_new_messages_are_announced_with_their_author_and_old_ones_are_not(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    await page.context.add_init_script(HEARD)
    await page.reload()
    await shown(page, GREETING)
    await expect(page.get_by_role("log")).to_have_attribute("aria-live", "polite")
    await say(page, "hi")
    await shown(page, "You said: hi")
    assert await page.evaluate("window.heard") == ["off", "polite", "polite"]
    authors = await page.get_by_role("log").locator(".sr").all_inner_texts()
    assert [text.strip() for text in authors] == ["Support:", "You:", "Support:"]


async def test_on_a_phone_the_chat_fills_the_screen_and_does_not_zoom(visit: Visit, picture: Picture) -> None:
    phone = {"viewport": {"width": 375, "height": 667}, "has_touch": True, "is_mobile": True}
    page = await visit(reduced_motion="reduce", **phone)
    await expect(page.get_by_role("dialog")).to_be_hidden()
    await picture(page, "phone-page")
    assert await page.evaluate("document.documentElement.scrollWidth") <= 375
    await page.get_by_role("button", name="Open chat").tap()
    await shown(page, GREETING)
    box = await page.get_by_role("dialog").bounding_box()
    assert box == {"x": 0, "y": 0, "width": 375, "height": 667}
    font = await page.get_by_role("textbox").evaluate("node => parseFloat(getComputedStyle(node).fontSize)")
    assert font >= 16
    await page.get_by_role("button", name="Cancel an order").tap()
    await shown(page, "Which order is it?")
    await expect(page.get_by_role("textbox")).not_to_be_focused()
    await say(page, "w" * 300)
    await shown(page, "You said: www")
    await picture(page, "phone-chat")
    assert await page.locator(".view").evaluate("node => node.scrollWidth <= node.clientWidth")
    small = await page.locator("button:visible, select:visible, textarea:visible").evaluate_all(
        "all => all.filter(n => n.getRootNode() !== document).map(n => n.getBoundingClientRect())"
        ".filter(r => r.height < 36 || r.width < 36).length"
    )
    assert small == 0


async def test_on_a_phone_the_keyboard_stays_in_the_chat(visit: Visit) -> None:
    page = await visit(viewport={"width": 375, "height": 667})
    await page.get_by_role("button", name="Open chat").click()
    await shown(page, GREETING)
    for _ in range(12):
        await page.keyboard.press("Tab")
        assert await page.evaluate("document.activeElement.id") == "rescind-chat"
    for _ in range(12):
        await page.keyboard.press("Shift+Tab")
        assert await page.evaluate("document.activeElement.id") == "rescind-chat"


async def test_the_language_menu_changes_the_widget_and_tells_the_bot(visit: Visit) -> None:
    page = await visit()
    await shown(page, GREETING)
    await page.get_by_label("Language").select_option("Español")
    await shown(page, "Language: es.")
    await expect(page.get_by_placeholder("Escribe un mensaje…")).to_be_visible()
    await page.reload()
    await expect(page.get_by_role("button", name="Cerrar el chat")).to_be_visible()


async def test_a_spanish_browser_gets_a_spanish_widget(visit: Visit, house: House) -> None:
    page = await visit(locale="es-MX")
    await shown(page, GREETING)
    await expect(page.get_by_role("button", name="Enviar")).to_be_visible()
    assert {update.locale for update in house.seen.values()} == {"es-MX"}


async def test_who_wants_less_motion_gets_none(visit: Visit) -> None:
    page = await visit(reduced_motion="reduce")
    await shown(page, GREETING)
    assert await page.get_by_role("dialog").evaluate("node => getComputedStyle(node).animationName") == "none"


async def test_the_style_of_a_shop_does_not_reach_into_the_widget(
    visit: Visit, site: str, shop_site: str, picture: Picture
) -> None:
    page = await visit(f"{shop_site}/?widget={site}/chat/widget.js")
    await page.get_by_role("button", name="Open chat").click()
    await shown(page, GREETING)
    await picture(page, "embedded")
    bubble = page.locator(".bot .bubble")
    assert await bubble.evaluate("node => getComputedStyle(node).fontSize") == "15px"
    assert await bubble.evaluate("node => getComputedStyle(node).color") != "rgb(255, 0, 0)"
