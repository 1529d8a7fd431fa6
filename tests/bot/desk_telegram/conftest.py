import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent))
sys.path.insert(0, str(Path(__file__).parents[1] / "desk"))  # the makers of the desk, and of the shell
sys.path.insert(0, str(Path(__file__).parents[1]))

from agents_makers import GROUP, World, product

from tests.telegram_server import TelegramServer

SQLITE_ALONE = ("test_topics_pace", "test_topics_set_up", "test_topics_reading", "test_topics_erased")
"""What is not about what is kept."""


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Every test runs on each engine, where the store matters."""
    alone = metafunc.module.__name__.rpartition(".")[2] in SQLITE_ALONE
    metafunc.parametrize("engine", ["sqlite"] if alone else ["sqlite", "postgresql"], indirect=True)


@pytest.fixture(autouse=True)
def engine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """The database that the product finds in its settings."""
    if request.param == "postgresql":
        monkeypatch.setenv("DATABASE_URL", request.getfixturevalue("postgres_url"))
    return request.param


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
