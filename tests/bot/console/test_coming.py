"""Signing in and out at the console, and who is let in without."""

from datetime import timedelta

import pytest
from aiohttp import ClientResponse, WSServerHandshakeError
from console_makers import PASSWORD, At, at_console
from desk_makers import House

from bot.console.site import Site
from storage.desk_records import Role

PAGES = ("/desk/", "/desk/agents", "/desk/answers", "/desk/profile", "/desk/case/AAAA-BBBB/record")


def cookie(response: ClientResponse) -> str:
    return response.headers.get("Set-Cookie", "")


@pytest.mark.parametrize("path", PAGES)
async def test_a_page_shows_a_stranger_the_way_to_sign_in_and_nothing_else(at: At, path: str) -> None:
    stranger = await at.stranger()
    async with stranger.session.get(at.base + path, allow_redirects=False) as response:
        assert response.status == 303
        assert response.headers["Location"].startswith("/desk/sign-in?next=%2Fdesk%2F")
        assert await response.text() == ""


async def test_the_api_tells_a_stranger_that_they_are_signed_out(at: At) -> None:
    stranger = await at.stranger()
    status, body = await stranger.look("search?q=ann")
    assert (status, body["code"]) == (401, "signed_out")
    status, body = await stranger.act("web:1", "claim")
    assert (status, body["code"]) == (401, "signed_out")


async def test_name_and_password_give_a_session_in_a_cookie_no_script_can_read(at: At) -> None:
    kim = await at.agent("Kim")
    kim.session.cookie_jar.clear()
    response = await kim.sign_in()
    assert response.headers["Location"] == "/desk/"
    kept = cookie(response)
    assert "HttpOnly" in kept
    assert "SameSite=Lax" in kept
    assert "Path=/" in kept
    assert "Secure" not in kept
    assert "__Host-" not in kept
    status, page = await kim.get("/desk/")
    assert status == 200
    assert "Kim" in page


async def test_over_https_the_cookie_belongs_to_this_host_alone(house: House) -> None:
    async with at_console(house, Site(trust_proxy=True)) as at:
        kim = await at.agent("Kim")
        response = await kim.post(
            "/desk/sign-in",
            data={"login": "kim", "password": PASSWORD},
            headers={"X-Forwarded-Proto": "https"},
        )
        kept = cookie(response)
        assert kept.startswith("__Host-rescind-desk=")
        assert "Secure" in kept
        assert "Path=/" in kept
        assert "Domain" not in kept


async def test_a_wrong_password_is_refused_in_words_and_the_name_stays_in_the_form(at: At) -> None:
    kim = await at.agent("Kim")
    other = await at.stranger()
    response = await other.post("/desk/sign-in", data={"login": "kim", "password": "wrong"})
    text = await response.text()
    assert response.status == 401
    assert "Name or password is wrong." in text
    assert 'value="kim"' in text
    assert cookie(response) == ""
    assert (await other.get("/desk/"))[0] == 303
    assert (await kim.get("/desk/"))[0] == 200


async def test_guessing_at_a_name_is_slowed_down_and_told(at: At) -> None:
    await at.agent("Kim")
    other = await at.stranger()
    answers = [
        (await other.post("/desk/sign-in", data={"login": "kim", "password": f"no{n}"})).status
        for n in range(7)
    ]
    assert answers[:5] == [401] * 5
    assert answers[-1] == 429


async def test_a_link_signs_in_once(at: At, house: House) -> None:
    lee = await house.agent("Lee")
    token = await house.desk.accounts.sign_in_token(house.boss, lee.id)
    browser = await at.stranger()
    response = await browser.post("/desk/sign-in/link", json={"token": token})
    assert response.status == 200
    assert (await browser.get("/desk/"))[0] == 200
    second = await (await at.stranger()).post("/desk/sign-in/link", json={"token": token})
    assert second.status == 401
    assert cookie(second) == ""


async def test_the_session_a_browser_came_with_ends_when_it_signs_in(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    planted = next(iter(kim.session.cookie_jar)).value
    await kim.sign_in()
    assert next(iter(kim.session.cookie_jar)).value != planted
    assert await house.desk.sign_in.session(planted) is None


async def test_signing_out_ends_the_session_on_the_server(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    token = next(iter(kim.session.cookie_jar)).value
    assert (await kim.form("/desk/sign-out")).status == 303
    assert await house.desk.sign_in.session(token) is None
    assert (await kim.get("/desk/"))[0] == 303


async def test_a_session_ends_by_itself(at: At, house: House) -> None:
    kim = await at.agent("Kim")
    house.clock.now += timedelta(hours=13)
    assert (await kim.get("/desk/"))[0] == 303


@pytest.mark.parametrize(
    ("way", "to"),
    [
        ("/desk/case/AAAA-BBBB", "/desk/case/AAAA-BBBB"),
        ("https://evil.test/desk/", "/desk/"),
        ("//evil.test/desk/", "/desk/"),
        ("/\\evil.test/desk/", "/desk/"),
        ("/chat/", "/desk/"),
        ("/desk/\r\nSet-Cookie: a=b", "/desk/"),
    ],
)
async def test_after_signing_in_one_goes_on_inside_the_desk_only(at: At, way: str, to: str) -> None:
    kim = await at.agent("Kim")
    response = await kim.post(
        "/desk/sign-in", params={"next": way}, data={"login": "kim", "password": PASSWORD}
    )
    assert response.headers["Location"] == to


async def test_a_form_of_another_site_changes_nothing(at: At, house: House) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    key = await house.waits()
    for origin in ("https://evil.test", "null", at.base.replace("http://127.0.0.1", "http://localhost")):
        foreign = {"Origin": origin}
        assert (await kim.post("/desk/sign-in", data={"login": "kim"}, headers=foreign)).status == 403
        data = {"csrf": kim.csrf, "login": "eve", "role": "admin"}
        assert (await kim.post("/desk/agents", data=data, headers=foreign)).status == 403
        claim = f"/desk/api/chats/{key}/claim"
        headers = foreign | {"X-CSRF-Token": kim.csrf}
        assert (await kim.post(claim, json={}, headers=headers)).status == 403
    async with kim.session.post(at.base + claim, json={}, headers={"X-CSRF-Token": kim.csrf}) as response:
        assert response.status == 403  # no browser sends a POST without an origin
    assert [agent.login for agent in await house.desk.accounts.all(house.boss)] == ["kim"]
    assert await house.holder(key) is None


async def test_a_form_without_the_sessions_token_changes_nothing(at: At, house: House) -> None:
    kim, lee = await at.agent("Kim", Role.ADMIN), await at.agent("Lee")
    key = await house.waits()
    for token in ("", "0" * 64, lee.csrf):
        response = await kim.post("/desk/agents", data={"csrf": token, "login": "eve", "role": "admin"})
        assert response.status == 403
        response = await kim.post(f"/desk/api/chats/{key}/claim", json={}, headers={"X-CSRF-Token": token})
        assert (response.status, (await response.json())["code"]) == (403, "csrf")
    assert len(await house.desk.accounts.all(house.boss)) == 2
    assert await house.holder(key) is None


async def test_a_live_connection_of_another_sites_page_is_refused(at: At) -> None:
    kim = await at.agent("Kim")
    with pytest.raises(WSServerHandshakeError) as refused:
        async with kim.live(origin="https://evil.test"):
            pass
    assert refused.value.status == 403


async def test_a_live_connection_needs_the_sessions_token(at: At) -> None:
    kim = await at.agent("Kim")
    async with kim.live(csrf="0" * 64) as live:
        assert await live.closed() == 1008


async def test_a_live_connection_without_a_session_is_sent_to_sign_in(at: At) -> None:
    stranger = await at.stranger()
    async with stranger.live() as live:
        assert await live.closed() == 4401


@pytest.mark.parametrize("path", ["/desk/sign-in", "/desk/", "/desk/agents", "/desk/static/inbox.js"])
async def test_every_page_forbids_foreign_code_frames_and_guessing(at: At, path: str) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    async with kim.session.get(at.base + path) as response:
        policy = response.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert "http" not in policy
        assert response.headers["X-Content-Type-Options"] == "nosniff"
        assert response.headers["Referrer-Policy"] == "same-origin"
        wanted = "no-cache" if "static" in path else "no-store"
        assert response.headers["Cache-Control"] == wanted


async def test_pages_hold_no_inline_code_and_name_no_other_host(at: At) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    for path in ("/desk/sign-in", "/desk/", "/desk/agents", "/desk/answers", "/desk/profile"):
        _, page = await kim.get(path)
        assert "<style" not in page
        assert " style=" not in page
        assert " onclick" not in page
        assert "<script>" not in page
        assert "http://" not in page.replace("http://www.w3.org", "")
        assert "https://" not in page
