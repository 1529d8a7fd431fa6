"""Tokens of the API, as they are kept."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from storage_makers import HOUR, NOW, SECOND

from storage.api_tokens import ApiToken
from storage.store import Store

MINUTE = timedelta(minutes=1)
TOKEN = ApiToken(
    id="k3v9",
    name="warehouse script",
    digest="ab" * 32,
    scopes=frozenset({"stage:read", "refunds:read"}),
    created_at=NOW,
    expires_at=NOW + HOUR,
)


async def test_a_token_is_found_as_it_was_kept(store: Store) -> None:
    await store.add_api_token(TOKEN)
    endless = replace(TOKEN, id="zz", expires_at=None, scopes=frozenset({"stage:read"}))
    await store.add_api_token(endless)
    assert await store.api_token("k3v9") == TOKEN
    assert await store.api_token("zz") == endless
    assert await store.api_token("K3V9") is None
    assert await store.api_tokens() == (TOKEN, endless)


async def test_revoking_is_seen_by_another_process_at_once_and_keeps_its_first_time(
    store: Store, database_url: str
) -> None:
    await store.add_api_token(TOKEN)
    other = await Store.open(database_url, perform=False)
    revoked = await other.revoke_api_token("k3v9", NOW + SECOND)
    assert revoked == replace(TOKEN, revoked_at=NOW + SECOND)
    assert await store.api_token("k3v9") == revoked
    assert await other.revoke_api_token("k3v9", NOW + HOUR) == revoked
    assert await other.revoke_api_token("none", NOW) is None
    await other.close()


def test_a_token_works_until_it_expires_or_is_revoked() -> None:
    assert TOKEN.works(NOW)
    assert TOKEN.works(NOW + HOUR - SECOND)
    assert not TOKEN.works(NOW + HOUR)
    assert replace(TOKEN, expires_at=None).works(NOW + 9999 * HOUR)
    assert not replace(TOKEN, revoked_at=NOW).works(NOW)


async def test_use_is_noted_once_a_minute_however_many_use_it(store: Store) -> None:
    await store.add_api_token(TOKEN)
    at_once = [store.note_api_token_used("k3v9", NOW, MINUTE) for _ in range(8)]
    assert sum(await asyncio.gather(*at_once)) == 1
    assert not await store.note_api_token_used("k3v9", NOW + MINUTE - SECOND, MINUTE)
    assert await store.api_token("k3v9") == replace(TOKEN, used_at=NOW)
    assert await store.note_api_token_used("k3v9", NOW + MINUTE, MINUTE)
    assert await store.api_token("k3v9") == replace(TOKEN, used_at=NOW + MINUTE)
