"""Each way into the console, asked by whoever has no business there; the router says which there are."""

import asyncio
import json
from http import HTTPStatus

import pytest
from aiohttp import CookieJar
from console_makers import At, Browser, at_console
from console_routes import Scene, Way, ask, everything, ways
from desk_makers import House, house_over

from bot.console import gate
from bot.desk.rights import Rights
from storage.desk_records import Role
from storage.store import Store

FORBIDDEN, OK = HTTPStatus.FORBIDDEN, HTTPStatus.OK
EVIL = "https://evil.test"


async def test_every_way_refuses_a_stranger_and_tells_nothing(at: At, house: House) -> None:
    scene, stranger = await Scene.of(house), await at.stranger()
    before = await everything(house)
    for way in ways(at, scene):
        if way.open:
            continue
        response = await ask(stranger, way, "0" * 64, at.base)
        text = await response.text()
        if response.status == HTTPStatus.SEE_OTHER:
            assert response.headers["Location"].startswith("/desk/sign-in"), way
        else:
            assert (response.status, json.loads(text)["code"]) == (401, "signed_out"), way
        assert "secret" not in text
        assert scene.reference not in text
    assert await everything(house) == before


@pytest.mark.parametrize("origin", [EVIL, "null", None, "http://localhost", "http://127.0.0.1"])
async def test_every_change_refuses_another_sites_page(at: At, house: House, origin: str | None) -> None:
    scene, ada = await Scene.of(house), await at.agent("Ada", Role.ADMIN)
    before = await everything(house)
    for way in ways(at, scene):
        if way.method != "GET":
            response = await ask(ada, way, ada.csrf, origin)
            assert response.status == FORBIDDEN, way
            assert gate._FOREIGN in await response.text(), way
    assert await everything(house) == before
    assert (await ada.get("/desk/"))[0] == OK, "still signed in"


async def test_every_change_refuses_without_the_sessions_own_token(at: At, house: House) -> None:
    scene, ada = await Scene.of(house), await at.agent("Ada", Role.ADMIN)
    eve = await at.agent("Eve", Role.ADMIN)
    before = await everything(house)
    asked = 0
    for way in ways(at, scene):
        if way.method == "GET" or way.open:
            continue
        for token in (None, "", "0" * 64, eve.csrf):
            response = await ask(ada, way, token, at.base)
            assert response.status == FORBIDDEN, way
            assert gate._STALE in await response.text(), way
            asked += 1
    assert asked > 80
    assert await everything(house) == before


async def test_nothing_that_is_read_changes_anything(at: At, house: House) -> None:
    scene, ada = await Scene.of(house), await at.agent("Ada", Role.ADMIN)
    before = await everything(house)
    for way in ways(at, scene):
        if way.method == "GET":
            assert (await ask(ada, way, None, None)).status < 400, way
    assert await everything(house) == before


MAY_NOT: dict[Role, set[str]] = {
    Role.AGENT: {
        "GET /desk/case/{reference}/record",
        "GET /desk/api/chats/{key}/trail",
        "POST /desk/answers",
        "POST /desk/answers/{shortcut}/delete",
        "POST /desk/agents",
        *(f"POST /desk/agents/{{id}}/{act}" for act in ("role", "disable", "enable", "password", "link")),
    },
    Role.SUPERVISOR: {
        "POST /desk/agents",
        *(f"POST /desk/agents/{{id}}/{act}" for act in ("role", "disable", "enable", "password", "link")),
    },
    Role.ADMIN: set(),
}
"""What is not allowed to each role, of all there is. Chats that others hold stand below."""
_HELD = ("claim", "reply", "cancel")
"""Of a chat that somebody holds not even a supervisor takes these out of their hands."""


@pytest.mark.parametrize("role", list(Role))
async def test_every_way_is_open_to_its_roles_and_no_others(at: At, house: House, role: Role) -> None:
    scene, me = await Scene.of(house), await at.agent("Me", role)
    refused = set[str]()
    for way in ways(at, scene):
        if "sign-" in way.path or way.path == "/desk/profile/password":
            continue  # these end one's own session, and are for everybody
        fresh = await ask(me, way, me.csrf, at.base)
        if fresh.status == FORBIDDEN:
            refused.add(f"{way.method} {way.name}")
        elif way.method == "POST" and "/api/chats/" in way.path:
            overrules = role is not Role.AGENT and not way.path.endswith(_HELD)
            allowed = way.path.endswith("/note") or overrules
            assert (fresh.status != HTTPStatus.CONFLICT) or not allowed, (way, await fresh.text())
            assert allowed or fresh.status == HTTPStatus.CONFLICT, (way, await fresh.text())
            await _lee_has_it(house, scene)
    assert refused == MAY_NOT[role]


async def _lee_has_it(house: House, scene: Scene) -> None:
    if await house.holder(scene.key) != "Lee":
        await house.desk.chats.claim(scene.other, scene.key)


@pytest.fixture
async def narrow(sqlite_url: str) -> At:  # type: ignore[misc]
    """A desk with DESK_SEE_ALL=false."""
    store = await Store.open(sqlite_url)
    async with at_console(house_over(store, rights=Rights(see_all=False))) as served:
        yield served
    await store.close()


async def test_anothers_chat_is_closed_on_every_way_where_agents_see_their_own(narrow: At) -> None:
    scene, kim = await Scene.of(narrow.house), await narrow.agent("Kim")
    before = await everything(narrow.house)
    for way in ways(narrow, scene):
        if "{key}" in way.name or way.name == "/desk/api/cases/{reference}":
            response = await ask(kim, way, kim.csrf, narrow.base)
            assert response.status == FORBIDDEN, (way, await response.text())
            assert "secret" not in await response.text()
    assert await everything(narrow.house) == before


async def test_anothers_chat_is_closed_over_the_live_connection_too(narrow: At) -> None:
    house = narrow.house
    scene, kim = await Scene.of(house), await narrow.agent("Kim")
    async with kim.live() as live:
        await live.send("list", view=1, sieve={"state": "claimed"})
        assert (await live.until("page"))["rows"] == []
        for after in (None, 0, 1):
            await live.send("open", key=scene.key, after=after)
            assert (await live.until("refused"))["problem"]["code"] == "not_allowed"
        await live.send("alive", looking=True, typing=True)
        await house.desk.chats.reply(scene.other, scene.key, "between Ann and me")
        await house.waits("web:2", said=["for everybody"])
        house.desk.feed.changed("web:2", *())
        await live.send("list", view=2)
        await live.until("page", view=2)
    shown = str([frame for frame in live.frames if frame["type"] != "refused"])
    assert scene.key not in shown
    assert "between Ann and me" not in shown
    assert "secret" not in shown
    assert house.desk.presence.who(scene.key) == ()


async def test_a_chat_passed_on_closes_at_once_on_the_screen_of_who_had_it(narrow: At) -> None:
    house = narrow.house
    kim = await narrow.agent("Kim")
    lee = await house.agent("Lee")
    key = await house.waits()
    await house.desk.chats.claim(kim.agent, key)
    async with kim.live() as live:
        await live.send("open", key=key)
        await live.until("chat", whole=True)
        await house.desk.chats.pass_on(kim.agent, key, lee.id)
        await house.desk.chats.reply(lee, key, "between Ann and Lee")
        await live.until("refused")
        await house.waits("web:2")
        await live.send("list", view=1)
        await live.until("page")
    assert "between Ann and Lee" not in str(live.frames)


async def test_a_live_connection_is_refused_without_an_origin(at: At) -> None:
    kim = await at.agent("Kim")
    async with kim.session.get(
        f"{at.base}/desk/ws",
        headers={
            "Upgrade": "websocket",
            "Connection": "Upgrade",
            "Sec-WebSocket-Version": "13",
            "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
        },
    ) as response:
        assert response.status == FORBIDDEN


async def test_every_answer_forbids_frames_foreign_code_guessing_and_keeping(at: At, house: House) -> None:
    scene, ada = await Scene.of(house), await at.agent("Ada", Role.ADMIN)
    asked = [(ada, way) for way in ways(at, scene)]
    asked += [(await at.stranger(), Way("GET", path, path)) for path in ("/desk/", "/desk/sign-in")]
    asked += [(ada, Way("GET", path, path)) for path in ("/desk/static/none.js", "/desk/api/cases/NONE")]
    for browser, way in asked:
        response = await ask(browser, way, None, None)
        policy = response.headers["Content-Security-Policy"].split("; ")
        assert {
            "default-src 'none'",
            "frame-ancestors 'none'",
            "base-uri 'none'",
            "form-action 'self'",
        } <= set(policy), way
        assert not any("unsafe" in part or "*" in part or "http" in part for part in policy), way
        assert response.headers["X-Frame-Options"] == "DENY", way
        assert response.headers["X-Content-Type-Options"] == "nosniff", way
        assert response.headers["Cross-Origin-Opener-Policy"] == "same-origin", way
        kept = response.headers["Cache-Control"]
        assert kept == ("no-cache" if response.status == OK and "/static/" in way.path else "no-store"), way


@pytest.mark.parametrize(
    "name",
    [
        "../gate.py",
        "..%2fgate.py",
        "%2e%2e%2fgate.py",
        "..%5cgate.py",
        "....//gate.py",
        "%252e%252e%252fgate.py",
        "/etc/passwd",
        "%2fetc%2fpasswd",
        "base.css%00.js",
        "templates/console.html",
        "../templates/console.html",
        "..%2f..%2f..%2fpyproject.toml",
    ],
)
async def test_nothing_but_the_consoles_own_files_is_served(at: At, name: str) -> None:
    host, port = at.base.removeprefix("http://").split(":")
    status = await _raw(host, int(port), f"/desk/static/{name}")
    assert status == HTTPStatus.NOT_FOUND


async def _raw(host: str, port: int, path: str) -> int:
    """The answer to a path just as it is written: no client tidies it up first."""
    reader, writer = await asyncio.open_connection(host, port)
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {host}:{port}\r\nConnection: close\r\n\r\n".encode())
    answer = await reader.read()
    writer.close()
    assert b"import" not in answer
    assert b"root:" not in answer
    return int(answer.split()[1])


async def test_a_browser_without_the_cookie_is_a_stranger_whatever_else_it_sends(
    at: At, house: House
) -> None:
    kim = await at.agent("Kim")
    token = next(iter(kim.session.cookie_jar)).value
    await house.waits()
    stranger: Browser = await at.stranger()
    assert isinstance(stranger.session.cookie_jar, CookieJar)
    for headers in (
        {"Authorization": f"Bearer {token}"},
        {"X-CSRF-Token": kim.csrf},
        {"Cookie": f"session={token}"},
    ):
        assert (await stranger.get("/desk/api/agents", headers=headers))[0] == 401
        assert (await stranger.get(f"/desk/api/agents?rescind-desk={token}", headers=headers))[0] == 401
