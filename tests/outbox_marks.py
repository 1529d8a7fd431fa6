"""When the outbox shows what is done."""

import asyncio

from storage.store import Store


async def marks_written(store: Store) -> None:
    """Once every piece of work that was settled has left the outbox: marks gather for a moment first."""
    committer = store._committer
    async with asyncio.timeout(10):
        while committer._marks or committer._running is not None:  # noqa: ASYNC110  marks tell nobody
            await asyncio.sleep(0.005)
