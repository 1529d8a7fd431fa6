"""Statuses that nobody mapped, on both engines."""

from datetime import UTC, datetime, timedelta

import pytest

from storage.errors import StoreError
from storage.store import Store
from storage.unmapped import UnmappedStatus

AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


async def test_each_status_is_kept_once_with_its_first_time_earliest_first(store: Store) -> None:
    await store.note_unmapped("vendure", {"Teleported": AT + timedelta(hours=1), "Lost": AT})
    await store.note_unmapped("vendure", {"Teleported": AT + timedelta(hours=9)})
    assert await store.unmapped("vendure") == (
        UnmappedStatus("Lost", AT),
        UnmappedStatus("Teleported", AT + timedelta(hours=1)),
    )


async def test_statuses_of_another_shop_are_not_this_ones(store: Store) -> None:
    await store.note_unmapped("vendure", {"Lost": AT})
    await store.note_unmapped("shopify", {"Lost": AT, "Found": AT})
    assert await store.forget_unmapped("shopify") == 2
    assert [each.status for each in await store.unmapped("vendure")] == ["Lost"]
    assert await store.unmapped("shopify") == ()


async def test_a_status_that_is_hardly_text_is_kept_as_text_can_be(store: Store) -> None:
    await store.note_unmapped(
        "http", {"a\0b": AT, "half \ud800": AT, "half ?": AT + timedelta(days=1), "": AT}
    )
    assert {each.status for each in await store.unmapped("http")} == {"a\ufffdb", "half ?", ""}


async def test_one_that_only_looks_keeps_nothing(sqlite_url: str) -> None:
    await (await Store.open(sqlite_url)).close()
    looking = await Store.open(sqlite_url, read_only=True)
    try:
        with pytest.raises(StoreError, match="read-only"):
            await looking.note_unmapped("http", {"x": AT})
        assert await looking.unmapped("http") == ()
    finally:
        await looking.close()
