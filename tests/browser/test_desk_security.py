"""What strangers write, at the console in real Chromium: it is text, nothing runs, nothing is made of it."""

# ruff: noqa: E402  where the makers are is said before they are imported

import sys
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, expect

for folder in ("", "desk", "console"):  # the makers of these tests: a desk, and a console in front of it
    sys.path.insert(0, str(Path(__file__).parents[1] / "bot" / folder))

from console_makers import PASSWORD, At, at_console
from desk_makers import house_over
from shell_makers import ORDER, Shop

from storage.desk_records import Role
from storage.store import Store

pytestmark = pytest.mark.asyncio(loop_scope="session")

RUNS = "window.taken=(window.taken||0)+1"
EVIL = (
    f"<script data-evil>{RUNS}</script>",
    f'<img data-evil src=x onerror="{RUNS}">',
    f'"><svg data-evil onload="{RUNS}">',
    f"' autofocus onfocus='{RUNS}' data-evil='",
    f"</textarea></title></style></script><iframe data-evil srcdoc='<script>parent.{RUNS}</script>'>",
    f"javascript:{RUNS}",
    f"[here](javascript:{RUNS})",
    f"{{{{ 7*7 }}}} ${{{RUNS}}} <b data-evil>bold</b>",
    "\u202egnp.<i data-evil>\u0000\u2028</i>&lt;b data-evil&gt;",
)
ALL = " ".join(EVIL).replace("\0", "")
_WATCH = """
window.broken = [];
document.addEventListener("securitypolicyviolation", e => broken.push(`${e.violatedDirective} ${e.sample}`));
"""


@dataclass
class Watched:
    """A signed-in page, and what its browser complained about."""

    page: Page
    at: At
    errors: list[str] = field(default_factory=list)

    def hears(self, message: ConsoleMessage) -> None:
        missing = "status of 404" in message.text  # a case that is not there
        if (message.type == "error" and not missing) or "Content Security Policy" in message.text:
            self.errors.append(message.text)

    async def harmless(self) -> None:
        """No script ran, no element was made of words, and the policy had nothing to stop."""
        assert await self.page.evaluate("window.taken") is None
        assert await self.page.locator("[data-evil]").count() == 0
        assert await self.page.locator("a[href^='javascript' i], iframe, object, embed").count() == 0
        assert await self.page.evaluate("window.broken") == []
        assert self.errors == []


Come = Callable[[Role], Awaitable[Watched]]


@pytest_asyncio.fixture(loop_scope="session")
async def at(tmp_path: Path) -> AsyncIterator[At]:
    store = await Store.open(f"sqlite:///{tmp_path / 'store.sqlite3'}")
    odd = replace(ORDER, lines=(replace(ORDER.lines[0], title=ALL),), email=f"a{EVIL[1]}@shop.test")
    async with at_console(house_over(store, shop=Shop([odd]))) as served:
        yield served
    await store.close()


@pytest_asyncio.fixture(loop_scope="session")
async def come(at: At, browser: Browser) -> AsyncIterator[Come]:
    contexts = []

    async def signed_in(role: Role) -> Watched:
        name = f"Kim {EVIL[0][:40]}"
        login = f"kim-{role.value}"
        await at.house.desk.accounts.add(at.house.boss, login=login, name=name, role=role, password=PASSWORD)
        context = await browser.new_context(viewport={"width": 1440, "height": 900}, locale="en-GB")
        contexts.append(context)
        await context.add_init_script(_WATCH)
        watched = Watched(await context.new_page(), at)
        watched.page.on("console", watched.hears)
        watched.page.on("pageerror", lambda error: watched.errors.append(str(error)))
        await watched.page.goto(f"{at.base}/desk/sign-in")
        await watched.page.get_by_label("Sign-in name").fill(login)
        await watched.page.get_by_label("Password").fill(PASSWORD)
        await watched.page.get_by_role("button", name="Sign in").click()
        await expect(watched.page.locator("#rows-state")).not_to_have_text("Loading…")
        return watched

    yield signed_in
    for context in contexts:
        await context.close()


async def prepared(at: At) -> tuple[str, str]:
    """A chat in which every field that a stranger fills holds what should not run."""
    house = at.house
    said = [text.replace("\0", "") for text in EVIL]
    key = await house.waits(said=said, customer=ALL, matched=house.shop.shows[0])  # type: ignore[arg-type]
    boss = house.boss
    await house.desk.chats.note(boss, key, ALL)
    await house.desk.chats.set_labels(boss, key, [f"<b data-evil>{n}" for n in range(3)])
    await house.desk.canned.save(
        boss,
        shortcut="evil",
        title=EVIL[1],
        text=f"{ALL} {{customer}}".replace("{{ 7*7 }}", "49").replace(f"${{{RUNS}}}", ""),
    )
    return key, (await house.ground.seen(boss, key)).reference


async def test_words_of_strangers_are_text_wherever_the_console_shows_them(at: At, come: Come) -> None:
    key, reference = await prepared(at)
    kim = await come(Role.SUPERVISOR)
    page = kim.page
    await expect(page.locator(f"#rows a[href$='{reference}']")).to_be_visible()
    await kim.harmless()
    await page.locator(f"#rows a[href$='{reference}']").click()
    for text in EVIL[:6]:
        await expect(page.locator("#lines .line").filter(has_text=text).first).to_be_visible()
    await expect(page.locator("#case")).to_contain_text("<script data-evil>")  # what was ordered
    await kim.harmless()
    await page.locator("#words").fill("/evil")
    await expect(page.locator("#answers [role=option]")).to_have_count(1)
    await kim.harmless()
    await page.keyboard.press("Enter")
    await expect(page.locator("#words")).not_to_have_value("/evil")
    await page.locator("#words").fill(ALL[:600])
    await page.keyboard.press("Enter")
    await expect(page.locator("#lines .pending")).to_have_count(0)
    await at.house.desk.chats.note(at.house.boss, key, f"later {EVIL[0]}")
    await expect(page.locator("#lines .line").filter(has_text=f"later {EVIL[0]}")).to_be_visible()
    await kim.harmless()
    await page.locator("#search").fill("data-evil")
    await page.locator("#search").press("Enter")
    await expect(page.get_by_text("<img data-evil").first).to_be_visible()
    await kim.harmless()


async def test_every_page_of_an_admin_shows_them_as_text(at: At, come: Come) -> None:
    _, reference = await prepared(at)
    ada = await come(Role.ADMIN)
    for path in (
        "/desk/agents",
        "/desk/answers?edit=evil",
        "/desk/profile",
        f"/desk/case/{reference}/record",
        f"/desk/case/{reference}",
        "/desk/sign-in?next=javascript:alert(1)&again=1",
        "/desk/case/%3Cscript%20data-evil%3Ewindow.taken=1%3C%2Fscript%3E",
    ):
        await ada.page.goto(at.base + path)
        await ada.harmless()


async def test_the_browser_itself_would_stop_a_script_that_came_through(come: Come) -> None:
    """The second line of defence holds: what was inserted all the same would not run."""
    kim = await come(Role.AGENT)
    await kim.page.evaluate(
        """runs => {
          const made = document.createElement("div");
          document.body.append(made);
          try { made.innerHTML = `<img src=x onerror="${runs}">`; } catch { window.refused = true; }
          const script = document.createElement("script");
          try { script.text = runs; document.body.append(script); } catch { window.refusedToo = true; }
        }""",
        RUNS,
    )
    assert await kim.page.evaluate("[window.taken, window.refused, window.refusedToo]") == [None, True, True]


async def test_no_other_page_can_frame_the_console(at: At, come: Come, browser: Browser) -> None:
    del browser
    kim = await come(Role.AGENT)
    other = await kim.page.context.new_page()
    await other.route(
        "http://evil.test/",
        lambda route: route.fulfill(
            content_type="text/html", body=f"<iframe src='{at.base}/desk/'></iframe>"
        ),
    )
    await other.goto("http://evil.test/")
    framed = other.frames[-1]
    assert "Inbox" not in await framed.content()
    assert framed.url in {"chrome-error://chromewebdata/", "about:blank"}
