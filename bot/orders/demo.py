"""The demo shop as an `OrderBackend`: a real record in a file of its own, whose orders move with the clock.

A look-up is one indexed read on a connection kept open: 20 to 30 µs, a third of what the way to a thread
and back costs alone, and a reader in WAL mode does not wait for writers. So it runs in the event loop. Only
where that read fails (a lock, a file that was replaced) is it repeated in the shop's thread, with patience.
A cancel waits for the disk, and always goes to that thread.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Self, TypeVar

from bot.orders.demo_file import ShopFile
from bot.orders.demo_schema import Access
from bot.ports import CancelReport, Capabilities, ShopUnreachable
from dialogs.orders import Order, Stage

T = TypeVar("T")


class DemoShop:
    """The reference order-status adapter. `now` gives aware UTC times; `access` says what may be done.

    Usable once constructed: the file is opened at the first call and again after an error. `open` asks for
    it at once. All methods belong to one event loop.
    """

    capabilities = Capabilities(refunds_itself=True, versioned=True)

    def __init__(
        self,
        path: Path,
        *,
        now: Callable[[], datetime],
        access: Access = Access.CREATE,
        patience: float = 5.0,
    ) -> None:
        looking = Access.CHANGE if access is Access.CREATE else access  # only `_file` makes the file
        self._reader = ShopFile(path, now=now, access=looking, patience=0)
        self._file = ShopFile(path, now=now, access=access, patience=patience)
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-shop")
        self._closed = False
        self.now = now

    async def __aenter__(self) -> Self:
        await self.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()

    async def open(self) -> None:
        """Open the file, and make it where that is allowed. Raises `ShopUnreachable`."""
        await self.ping()

    async def find(self, number: str) -> Order | None:
        """The order as the record shows it now. Raises `ShopUnreachable`."""
        try:
            return self._reader.find(number)
        except ShopUnreachable:
            return await self.run(partial(_find, number=number))

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        """Cancel if the order still is in the expected stage. Raises `ShopUnreachable`."""
        return await self.run(lambda file: file.cancel(number, expected, request_id, version))

    async def ping(self) -> None:
        """Look whether the file can be read. Raises `ShopUnreachable`."""
        await self.run(ShopFile.ping)

    async def close(self) -> None:
        """Let go of the file, after what was begun has ended."""
        if not self._closed:
            await self.run(ShopFile.close)
            self._closed = True
            self._reader.close()
            self._thread.shutdown()

    async def run(self, work: Callable[[ShopFile], T]) -> T:
        """Do something with the file in the shop's thread, one thing after the other."""
        return await asyncio.get_running_loop().run_in_executor(self._thread, work, self._file)


def _find(file: ShopFile, number: str) -> Order | None:
    return file.find(number)
