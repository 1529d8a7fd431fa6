"""Requests that no page of ours sends: whatever stands in them, they are refused and nothing breaks."""

import json

import pytest
from console_makers import At, at_console
from desk_makers import House, house_over
from yarl import URL

from bot.console import frames
from storage.desk_records import Role
from storage.store import Store

ODD_ORIGINS = ("http://[", "http://[::1", "https://]", "http://\u2100.test", "null", "http://", "://", "[")
FORM = "application/x-www-form-urlencoded"
PARTS = "multipart/form-data; boundary=b"


def part(headers: str, body: bytes = b"kim") -> bytes:
    return b"--b\r\n" + headers.encode() + b"\r\n\r\n" + body + b"\r\n--b--\r\n"


LOGIN = 'Content-Disposition: form-data; name="login"'
GARBLED = {
    "no parts": (PARTS, b"garbage"),
    "no boundary": ("multipart/form-data", part(LOGIN)),
    "an empty boundary": ("multipart/form-data; boundary=", part(LOGIN)),
    "a part without a name": (PARTS, part("Content-Disposition: form-data")),
    "a part without headers": (PARTS, b"--b\r\n\r\nkim\r\n--b--\r\n"),
    "parts in a part": (PARTS, part(f"{LOGIN}\r\nContent-Type: multipart/mixed; boundary=c", b"--c--")),
    "an unknown transfer encoding": (PARTS, part(f"{LOGIN}\r\nContent-Transfer-Encoding: foo")),
    "a broken transfer encoding": (PARTS, part(f"{LOGIN}\r\nContent-Transfer-Encoding: base64", b"a")),
    "a part of an unknown charset": (PARTS, part(f"{LOGIN}\r\nContent-Type: text/plain; charset=nope")),
    "a part that is no text": (PARTS, part(LOGIN, b"\xff")),
    "a header that is none": (PARTS, part(f"{LOGIN}\r\nwithout a colon")),
    "a header of many pages": (PARTS, part(f"{LOGIN}\r\nX: {'x' * 100_000}")),
    "a part that is cut off": (PARTS, part(LOGIN)[:-12]),
    "an unknown charset": (f"{FORM}; charset=nope", b"login=kim"),
    "a charset that is no text's": (f"{FORM}; charset=base64", b"login=kim"),
    "a charset with a NUL": (f'{FORM}; charset="a\\0"', b"login=kim"),
    "a byte that is no text": (FORM, b"login=\xff"),
}
Garbled = tuple[str, bytes]


@pytest.fixture(params=GARBLED)
def garbled(request: pytest.FixtureRequest) -> Garbled:
    return GARBLED[request.param]


@pytest.mark.parametrize("origin", ODD_ORIGINS)
async def test_an_origin_that_is_no_address_is_a_foreign_one(at: At, origin: str) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    headers = {"Origin": origin, "X-CSRF-Token": kim.csrf}
    for path in ("sign-in", "sign-in/link", "sign-out", "agents", "api/chats/web:1/claim"):
        assert (await kim.post(f"/desk/{path}", headers=headers)).status == 403
    assert (await kim.get("/desk/ws", headers=headers))[0] == 403


async def test_a_form_that_cannot_be_read_signs_nobody_in(at: At, garbled: Garbled) -> None:
    kind, body = garbled
    response = await (await at.stranger()).post("/desk/sign-in", data=body, headers={"Content-Type": kind})
    assert (response.status, (await response.json())["code"]) == (400, "bad_body")
    assert "Set-Cookie" not in response.headers
    assert response.headers["X-Frame-Options"] == "DENY"


async def test_a_form_that_cannot_be_read_changes_nothing_and_says_so(
    at: At, house: House, garbled: Garbled
) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    kind, body = garbled
    response = await kim.post("/desk/agents", data=body, headers={"Content-Type": kind})
    assert (response.status, response.content_type) == (400, "text/html")
    assert "cannot be read" in await response.text()
    assert [agent.login for agent in await house.desk.accounts.all(house.boss)] == ["kim"]


async def test_a_body_that_is_not_packed_as_it_says_is_refused(at: At, house: House) -> None:
    kim = await at.agent("Kim", Role.ADMIN)
    key = await house.waits()
    headers = {"Content-Encoding": "gzip", "X-CSRF-Token": kim.csrf, "Content-Type": FORM}
    for path in ("sign-in", "sign-in/link", "agents", f"api/chats/{key}/claim"):
        response = await kim.post(f"/desk/{path}", data=b"no gzip at all", headers=headers)
        assert response.status == 400, path
    assert await house.holder(key) is None


@pytest.mark.parametrize("way", ["http://[", "//[", "http://\u2100.test/"])
async def test_a_way_on_that_is_no_address_leads_home(at: At, way: str) -> None:
    stranger = await at.stranger()
    assert (await stranger.get("/desk/sign-in", params={"next": way}))[0] == 200
    kim = await at.agent("Kim")
    async with kim.session.get(
        f"{at.base}/desk/sign-in", params={"next": way}, allow_redirects=False
    ) as response:
        assert (response.status, response.headers["Location"]) == (303, "/desk/")


@pytest.mark.parametrize(
    "frame",
    [{"type": "open", "key": "web:\0"}, {"type": "list", "view": 1, "cursor": "\0"}]
    + [{"type": "list", "view": 1, "sieve": {name: "a\0"}} for name in ("reason", "channel", "label")],
)
def test_a_frame_with_a_nul_is_none(frame: dict[str, object]) -> None:
    text = json.dumps(frame)
    assert frames.read(text.replace("\\u0000", "\\n"))
    with pytest.raises(ValueError, match="regex"):
        frames.read(text)


async def test_nothing_has_a_name_with_a_nul_which_postgresql_cannot_look_for(postgres_url: str) -> None:
    store = await Store.open(postgres_url)
    async with at_console(house_over(store)) as at:
        kim = await at.agent("Kim", Role.ADMIN)
        for path in ("case/%00/record", "api/cases/%00", "api/chats/a%00/trail", "api/chats/%00/summary"):
            async with kim.session.get(URL(f"{at.base}/desk/{path}", encoded=True)) as response:
                assert response.status == 404
        headers = {"Origin": at.base, "X-CSRF-Token": kim.csrf}
        form = {"csrf": kim.csrf}
        for path in ("api/chats/%00/claim", "agents/%00/link", "agents/a%00/disable", "answers/%00/delete"):
            where = URL(f"{at.base}/desk/{path}", encoded=True)
            more = {"json": {}} if path.startswith("api") else {"data": form}
            async with kim.session.post(where, headers=headers, **more) as response:  # type: ignore[arg-type]
                assert response.status == 404
    await store.close()
