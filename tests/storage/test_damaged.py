"""A SQLite file that is damaged, or is none: a sentence that says what helps, and nothing left beside it."""

import sqlite3
from collections.abc import Callable
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError
from storage_makers import turn

from storage.errors import StoreUnreachable
from storage.store import Store

Harm = Callable[[Path], object]
WAYS: tuple[dict[str, bool], ...] = ({}, {"perform": False}, {"read_only": True})


def truncated(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:6_000])


def nothing_but_its_beginning(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:50])


def garbage(path: Path) -> None:
    path.write_bytes(b"no database of any kind" * 1_000)


def one_line(path: Path) -> None:
    path.write_text("x\n")


def garbage_inside(path: Path) -> None:
    whole = path.read_bytes()
    path.write_bytes(whole[:200] + b"\xa5" * (len(whole) - 200))


HARMS = (truncated, nothing_but_its_beginning, garbage, one_line, garbage_inside)


async def stored(folder: Path) -> Path:
    """A store with one conversation, closed."""
    path = folder / "store.db"
    store = await Store.open(f"sqlite:///{path}")
    await store.save(turn())
    await store.close()
    return path


@pytest.mark.parametrize("harm", HARMS)
@pytest.mark.parametrize("way", WAYS)
async def test_a_damaged_store_is_told_as_damaged_and_where_a_copy_is_put_back(
    harm: Harm, way: dict[str, bool], tmp_path: Path
) -> None:
    path = await stored(tmp_path)
    harm(path)
    with pytest.raises(StoreUnreachable) as told:
        await Store.open(f"sqlite:///{path}", **way)
    assert str(told.value) == (
        f"The database at {path} is damaged, or is no SQLite database; "
        "restore a copy: docs/operations.md#back-up-and-restore"
    )


@pytest.mark.parametrize("harm", [garbage, one_line])
@pytest.mark.parametrize("way", WAYS)
async def test_nothing_is_changed_in_or_left_beside_a_file_that_is_no_database(
    harm: Harm, way: dict[str, bool], tmp_path: Path
) -> None:
    path = tmp_path / "letters.txt"
    harm(path)
    before = path.read_bytes()
    with pytest.raises(StoreUnreachable, match="damaged"):
        await Store.open(f"sqlite:///{path}", **way)
    assert [(each.name, each.read_bytes()) for each in tmp_path.iterdir()] == [(path.name, before)]  # noqa: ASYNC240


async def test_damage_that_is_met_later_is_told_as_well(
    tmp_path: Path,
) -> None:
    path = await stored(tmp_path)
    store = await Store.open(f"sqlite:///{path}", perform=False)
    try:
        garbage_inside(path)
        with pytest.raises(StoreUnreachable, match="is damaged"):
            await store.entries("web:1")
        with pytest.raises(StoreUnreachable, match="is damaged"):
            await store.save(turn("web:2"))
    finally:
        await store.close()


async def test_a_mistake_in_a_statement_is_not_taken_for_damage(sqlite_url: str) -> None:
    store = await Store.open(sqlite_url)
    try:
        with pytest.raises(DBAPIError) as told:
            await store.database.write(
                lambda connection: connection.execute(text("INSERT INTO conversations (key) VALUES (NULL)"))
            )
        assert isinstance(told.value.orig, sqlite3.IntegrityError)
        assert told.value.__cause__ is not told.value
    finally:
        await store.close()
