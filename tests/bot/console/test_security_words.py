"""Quotes and brackets in every field that reaches the database find nothing and break nothing."""

import pytest
from console_makers import At, Browser
from desk_makers import House

from storage.desk_records import Role

SQL = (
    "' OR 1=1 --",
    "x' UNION SELECT token_hash, 1, 2, 3, 4, 5, 6 FROM desk_sessions --",
    '" OR ""="',
    "'); DROP TABLE conversations; --",
    "%",
    "_______",
    "\\' OR 1=1 --",
    "a*",
    'NEAR("a" "b")',
    "customer:ann OR text:*",
    "😀\u0000'",
)


async def one_chat(house: House) -> str:
    return await house.waits("web:1", said=["Where is my parcel"], customer="Ann")


@pytest.mark.parametrize("text", SQL)
async def test_a_search_for_sql_finds_only_these_very_words(at: At, house: House, text: str) -> None:
    key, kim = await one_chat(house), await at.agent("Kim")
    assert await kim.look(f"search?q={_quoted(text)}") == (200, [])
    await house.writes(key, f"I typed {text.replace(chr(0), '')} here")
    await house.waits("web:2", said=["something else"], customer="Ben")
    status, found = await kim.look(f"search?q={_quoted(text)}")
    assert status == 200
    assert {one["key"] for one in found} <= {key}
    await whole(house, kim)


@pytest.mark.parametrize("text", SQL)
@pytest.mark.parametrize("field", ["reason", "channel", "label", "cursor"])
async def test_every_filter_of_the_list_takes_sql_for_words(
    at: At, house: House, field: str, text: str
) -> None:
    await one_chat(house)
    kim = await at.agent("Kim")
    text = text.replace("\0", "")  # with a NUL it would be no frame: test_unreadable.py
    async with kim.live() as live:
        if field == "cursor":
            await live.send("list", view=1, cursor=text)
            assert (await live.until("refused"))["problem"]["code"] == "bad_input"
        else:
            await live.send("list", view=1, sieve={field: text})
            assert (await live.until("page"))["rows"] == []
        await live.send("open", key=text)
        await live.until("refused")
        await live.send("list", view=2)
        assert len((await live.until("page", view=2))["rows"]) == 1
    await whole(house, kim)


@pytest.mark.parametrize("text", SQL)
async def test_every_name_in_an_address_takes_sql_for_words(at: At, house: House, text: str) -> None:
    key, ada = await one_chat(house), await at.agent("Ada", Role.ADMIN)
    quoted = _quoted(text)
    for path in (
        f"/desk/api/cases/{quoted}",
        f"/desk/api/chats/{quoted}/summary",
        f"/desk/api/chats/{key}/canned?shortcut={quoted}",
        f"/desk/api/chats/{key}/older?before={quoted}",
        f"/desk/api/chats/{key}/order?number={quoted}",
        f"/desk/case/{quoted}/record",
        f"/desk/answers?edit={quoted}",
    ):
        status, words = await ada.get(path)
        assert status < 500, (path, words)
        assert "SELECT" not in words.replace("UNION SELECT", "").upper().replace("<SELECT", "").replace(
            "</SELECT", ""
        ), path
    for path in (f"/desk/agents/{quoted}/disable", f"/desk/answers/{quoted}/delete"):
        assert (await ada.form(path)).status == (404 if "\0" in text else 422), path
    labels = await ada.act(key, "labels", labels=[text.replace("\0", "")[:32]])
    assert labels[0] == 200
    assert (await ada.post("/desk/sign-in", data={"login": text, "password": text})).status == 401
    await whole(house, ada)


async def whole(house: House, browser: Browser) -> None:
    """Nothing is gone, and nobody else is in."""
    assert len(await house.desk.accounts.all(house.boss)) == 1
    assert (await house.desk.trail.verify(house.boss)).broken == ()
    assert (await browser.get("/desk/"))[0] == 200
    assert await house.transcript("web:1")


def _quoted(text: str) -> str:
    return "".join(f"%{byte:02X}" for byte in text.encode())
