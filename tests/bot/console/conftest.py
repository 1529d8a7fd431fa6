import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1]))  # the makers of the shell's tests
sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))  # and those of the desk's

from console_makers import At, at_console
from desk_makers import House, house_over

from storage.store import Store


@pytest.fixture
async def house(sqlite_url: str) -> AsyncIterator[House]:
    """A desk over SQLite: what the engines differ in is tested below the console."""
    store = await Store.open(sqlite_url)
    yield house_over(store)
    await store.close()


@pytest.fixture
async def at(house: House) -> AsyncIterator[At]:
    """The console, served."""
    async with at_console(house) as served:
        yield served
