"""Every time that stands in a topic is the shop's, as in the web desk."""

import re
from datetime import timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from agents_makers import product

from bot.assembly import utc_now
from tests.telegram_server import TelegramServer

SHOP = ZoneInfo("Asia/Kolkata")
"""Half an hour off all others, and an hour that never changes."""
_TIME = re.compile(r"\b(?:(\d{4}-\d\d-\d\d) )?(\d\d:\d\d)(?::\d\d)?(?: ([A-Z]+))?")


async def test_times_in_a_topic_are_the_shops(
    tmp_path: Path, server: TelegramServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SHOP_TIMEZONE", SHOP.key)
    began = utc_now().astimezone(SHOP)
    async with product(tmp_path, server) as world:
        agent, kim = await world.agent("Kim", 501)
        customer, topic = await world.matched()
        kim.writes(world.forum, topic, "/order")
        await world.shown("▸ Order 1005, read ", topic=topic)
        kim.writes(world.forum, topic, "/cancel")
        await world.shown("Only you can confirm, until ", topic=topic)
        until = utc_now() + timedelta(days=40)
        await world.house.desk.chats.snooze(agent, customer.key, until)
        put_off = (
            f"➤ Put off until {until.astimezone(SHOP):%Y-%m-%d %H:%M} IST, or until the customer writes."
        )
        await world.until(lambda: any(put_off in text for text in topic.texts[1:]))
        await world.until(lambda: put_off in topic.texts[0])  # in the summary, too
        summary = await world.house.desk.chats.summary(agent, customer.key)
    assert all(f"{fact.label}: {fact.value}" in topic.texts[0] for fact in summary.facts)
    told = _TIME.findall(topic.whole)
    assert len(told) >= 5  # waiting since, read, read, read, until, put off
    assert {zone for _, _, zone in told} == {"IST"}
    days = {day for day, time, _ in told if day and time != f"{until.astimezone(SHOP):%H:%M}"}
    assert days <= {f"{moment.astimezone(SHOP):%Y-%m-%d}" for moment in (began, utc_now())}
