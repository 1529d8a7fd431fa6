"""The support page and its files, as a browser gets them."""

import re

import pytest
from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer
from webchat_client import Start
from webchat_fakes import House

from bot.channels.webchat import WebChat
from bot.channels.webchat_settings import DemoOrder, WebChatSettings

FILES = ("widget.js", "page.js", "page.css")


async def test_the_page_forbids_inline_scripts_foreign_content_and_frames(start: Start) -> None:
    client, _ = await start()
    response = await client.get("/")
    policy = response.headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "frame-ancestors 'none'" in policy
    assert "unsafe" not in policy
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    text = await response.text()
    assert not re.search(r"<script(?![^>]* src=)|<style| style=| on\w+=", text)


async def test_the_page_asks_no_other_server_for_anything(start: Start) -> None:
    client, _ = await start()
    page = await (await client.get("/")).text()
    for source in re.findall(r'(?:src|href)="([^"]*)"', page):
        assert not re.match(r"(https?:)?//", source), source
        if source.startswith("/chat"):
            assert (await client.get(source)).status == 200


async def test_the_demo_orders_are_shown_and_their_markup_is_inert(start: Start) -> None:
    order = DemoOrder("1042", "ann@shop.test", "<b onclick=x>2 items</b>", "paid")
    client, _ = await start(examples=(order,), shop_name='A & "B"', title='"><x>')
    page = await (await client.get("/")).text()
    assert "1042" in page
    assert "ann@shop.test" in page
    assert "&lt;b onclick=x&gt;2 items&lt;/b&gt;" in page
    assert "A &amp; &quot;B&quot;" in page
    assert 'data-title="&quot;&gt;&lt;x&gt;"' in page


async def test_the_orders_are_shown_as_they_are_at_each_visit(house: House) -> None:
    stages = iter(("paid", "confirmed"))

    async def now() -> list[DemoOrder]:
        return [DemoOrder("1042", "ann@shop.test", "a lamp", next(stages))]

    chat = WebChat(secret=b"s", transcript=house, feed=house, settings=WebChatSettings(), examples=now)
    app = web.Application()
    app.add_routes(chat.routes())
    async with TestClient(TestServer(app)) as client:
        assert ">paid<" in await (await client.get("/")).text()
        assert ">confirmed<" in await (await client.get("/")).text()


async def test_the_page_can_be_switched_off_and_the_widget_stays(start: Start) -> None:
    client, _ = await start(page=False)
    assert (await client.get("/")).status == 404
    assert (await client.get("/chat/widget.js")).status == 200


@pytest.mark.parametrize("name", FILES)
async def test_files_are_typed_cached_and_not_sent_again(start: Start, name: str) -> None:
    client, _ = await start()
    first = await client.get(f"/chat/{name}")
    assert first.content_type in {"text/javascript", "text/css"}
    assert first.headers["X-Content-Type-Options"] == "nosniff"
    again = await client.get(f"/chat/{name}", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status == 304


async def test_the_widget_is_small_and_writes_no_markup(start: Start) -> None:
    client, _ = await start()
    widget = await (await client.get("/chat/widget.js")).text()
    assert 1_000 < len(widget.encode()) < 21_000
    assert "@widget.css@" not in widget
    for dangerous in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert dangerous not in widget


@pytest.mark.parametrize(("accepted", "packed"), [("gzip, br", "gzip"), ("identity", None)])
async def test_files_are_packed_for_who_can_unpack_them(
    start: Start, accepted: str, packed: str | None
) -> None:
    client, _ = await start()
    response = await client.get("/chat/widget.js", headers={"Accept-Encoding": accepted})
    assert response.headers.get("Content-Encoding") == packed
    assert "RescindChat" in await response.text()
