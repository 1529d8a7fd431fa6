"""Every conversation file, on both engines: what the product says is what the documentation shows."""

import asyncio
from pathlib import Path

import pytest

from tests.player import FOLDER, play

FILES = sorted(FOLDER.rglob("*.chat"))


@pytest.mark.parametrize("file", FILES, ids=[str(file.relative_to(FOLDER)) for file in FILES])
def test_the_conversation_goes_as_written(file: Path, database_url: str, tmp_path: Path) -> None:
    asyncio.run(play(file.read_text("utf-8"), tmp_path, database_url))
