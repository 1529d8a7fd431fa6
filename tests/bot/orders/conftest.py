from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from bot.orders.demo import DemoShop
from tests.bot.orders.shop_bench import Clock, DemoBench


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def shop_path(tmp_path: Path) -> Path:
    return tmp_path / "shop" / "demo-shop.sqlite3"


@pytest.fixture
async def shop(clock: Clock, shop_path: Path) -> AsyncIterator[DemoShop]:
    async with DemoShop(shop_path, now=clock, patience=2) as opened:
        yield opened


@pytest.fixture
def shop_bench(shop: DemoShop, shop_path: Path) -> DemoBench:
    return DemoBench(shop, shop_path.parent)
