"""Erasing, as a part of the store."""

from collections.abc import Callable
from datetime import datetime
from functools import partial

from storage import erasing, holdings
from storage.audit import Record
from storage.database import Database
from storage.erasing import Erasure
from storage.holdings import Holding
from storage.times import micros


class ErasureStore:
    """Reached as `Store.erasures`. Every method may raise `StoreUnreachable`."""

    def __init__(self, database: Database, forget: Callable[[str], None]) -> None:
        self._database = database
        self._forget = forget

    async def erase(self, record: Record, *, quiet_since: datetime | None = None) -> Erasure:
        """Erase the conversation that is `record.chain`, all or nothing, or say why not.

        `record` says who erased it and why. With `quiet_since` only if nothing was said from then on.
        """
        since = None if quiet_since is None else micros(quiet_since)
        erased = await self._database.write(partial(erasing.erase, record=record, quiet_since=since))
        if erased is Erasure.ERASED:
            self._forget(record.chain)
        return erased

    async def quiet(self, before: datetime, after: str) -> tuple[tuple[str, ...], str | None]:
        """Keys of conversations silent since `before`, among the next few thousand keys after `after`.

        And the key to go on after; `None` at the end.
        """
        return await self._database.read(partial(erasing.quiet, before=micros(before), after=after))

    async def find(self, words: str) -> tuple[Holding, ...]:
        """Of which conversations anything is kept under this key or reference, or else with these words."""
        return await self._database.read(partial(holdings.find, words=words))

    async def scrub(self) -> None:
        """Leave nothing of what was erased in the database's files, as far as we have a hand in it."""
        await self._database.scrub()
