import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))  # the makers of the desk, and of the shell
sys.path.insert(0, str(Path(__file__).parents[1]))

from agents_makers import GROUP, World, product

from tests.telegram_server import TelegramServer


@pytest.fixture
async def server() -> AsyncIterator[TelegramServer]:
    """The emulated Bot API, with one group that our bot administers."""
    async with TelegramServer() as server:
        server.forums.add(GROUP)
        yield server


@pytest.fixture
async def world(tmp_path: Path, server: TelegramServer) -> AsyncIterator[World]:
    """The product, at work."""
    async with product(tmp_path, server) as world:
        yield world
