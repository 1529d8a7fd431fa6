from collections.abc import AsyncIterator

import pytest

from bot.shop_session import ShopSession
from tests.bot.orders.wire_faults import Wire
from tests.bot.shop_session.answering import Shop, asking, serving


@pytest.fixture
async def shop() -> AsyncIterator[Shop]:
    async with serving(Shop()) as up:
        yield up


@pytest.fixture
async def session(shop: Shop) -> AsyncIterator[ShopSession]:
    async with asking(shop.url) as opened:
        yield opened


@pytest.fixture
async def wire(shop: Shop) -> AsyncIterator[Wire]:
    async with Wire(shop.url) as up:
        yield up


@pytest.fixture
async def wired(wire: Wire) -> AsyncIterator[ShopSession]:
    async with asking(wire.url) as opened:
        yield opened
