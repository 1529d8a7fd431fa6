"""Loads that come together share one SELECT; what was saved last is remembered."""

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

from sqlalchemy import Connection

from storage.codec import decode_conversation
from storage.database import Database
from storage.dialect import dialect
from storage.records import Contact, Stored
from storage.schema import conversations

_COLUMNS = ("key", "version", "last_seq", "state", "contact_name", "contact_address")


class Loader:
    """Reads conversations; the one read that waits is joined by all that come before it starts."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._wanted: dict[str, asyncio.Future[Stored | None]] = {}
        self._running: asyncio.Task[None] | None = None

    async def load(self, key: str) -> Stored | None:
        """The conversation as committed some time after the call."""
        answer = self._wanted.get(key)
        if answer is None:
            answer = self._wanted[key] = asyncio.get_running_loop().create_future()
        if self._running is None:
            self._running = asyncio.get_running_loop().create_task(self._run())
        return await asyncio.shield(answer)  # others may wait for the same

    async def _run(self) -> None:
        try:
            while self._wanted:
                wanted, self._wanted = self._wanted, {}
                await self._read(wanted)
        finally:
            self._running = None

    async def _read(self, wanted: dict[str, asyncio.Future[Stored | None]]) -> None:
        try:
            found = await self._database.read(partial(select, keys=sorted(wanted)))
        except Exception as error:  # noqa: BLE001 — whatever it is, it belongs to those who wait
            for answer in wanted.values():
                answer.set_exception(error)
            return
        for key, answer in wanted.items():
            answer.set_result(found.get(key))


def select(connection: Connection, keys: Sequence[str]) -> dict[str, Stored]:
    """Those of the conversations that there are, by key."""
    wanted = [(key,) for key in keys]
    rows = dialect(connection).matching(connection, conversations, _COLUMNS, ("key",), wanted)
    return {
        key: Stored(key, version, last_seq, decode_conversation(state), Contact(name, address))
        for key, version, last_seq, state, name, address in rows
    }


class Recent:
    """The conversations saved last, at most `size`. A hint: the write checks the version in any case."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Stored] = OrderedDict()

    def get(self, key: str) -> Stored | None:
        """As saved last by this process, if it is remembered."""
        if (stored := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
        return stored

    def keep(self, stored: Stored) -> None:
        """Remember it, unless a newer one is remembered already."""
        known = self._kept.get(stored.key)
        if known is None or known.version <= stored.version:
            self._kept[stored.key] = stored
            self._kept.move_to_end(stored.key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """It is no longer what the database has."""
        self._kept.pop(key, None)
