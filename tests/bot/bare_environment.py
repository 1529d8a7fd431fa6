"""Tests in which no adapter of a shop is set up: import `nothing_set`, and every test of the file has it."""

from pathlib import Path

import pytest

from bot import shops
from bot.orders import plugged


@pytest.fixture(autouse=True)
def nothing_set(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without `.env`, and an environment without an adapter's variables."""
    for name in plugged.built_in():
        for variable in shops.variables(shops.found(name)):
            monkeypatch.delenv(variable.name, raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path
