"""What an answer tells of the shop's clock, to whoever watches."""

import email.utils
import time

import pytest
from aiohttp import web

from bot.ports import CredentialsRefused
from bot.shop_session import ShopSession
from bot.shop_wire import note_clock, watching_clocks
from tests.bot.orders.served import served


def dated(ahead: float, **more: str) -> dict[str, str]:
    return {"Date": email.utils.formatdate(time.time() + ahead, usegmt=True)} | more


@pytest.mark.parametrize("status", [200, 401])
async def test_the_clock_is_seen_in_every_answer_a_refusal_included(status: int) -> None:
    async def answer(_: web.Request) -> web.Response:
        return web.json_response({}, status=status, headers=dated(-300))

    async with served(answer) as url:
        session = ShopSession(url)
        with watching_clocks() as clocks:
            try:
                await session.ask("GET", "/", safe=True)
            except CredentialsRefused:
                assert status == 401
        await session.ask("GET", "/", safe=True) if status == 200 else None
        await session.close()
    assert len(clocks) == 1
    assert -303 < clocks[0] < -297


def test_what_lay_in_a_cache_is_taken_for_as_old_as_it_is() -> None:
    with watching_clocks() as clocks:
        note_clock(dated(-120, Age="120"))
    assert abs(clocks[0]) < 3


@pytest.mark.parametrize(
    "headers", [{}, {"Date": "soon"}, {"Date": ""}, dated(0, Age="old"), {"Date": "1 2 3"}]
)
def test_a_date_that_is_none_tells_nothing(headers: dict[str, str]) -> None:
    with watching_clocks() as clocks:
        note_clock(headers)
    assert clocks == []


def test_outside_of_a_watch_nothing_is_kept() -> None:
    with watching_clocks() as clocks:
        pass
    note_clock(dated(50))
    assert clocks == []
