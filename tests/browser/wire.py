"""A wire between browser and server that tests can cut, or make deaf on the way back."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

CHUNK = 65536


class Wire:
    """Passes bytes on between its own port and the server's."""

    def __init__(self, target: int) -> None:
        self.port = 0
        self.swallow = False
        """Lose everything that comes from the server."""
        self.up = True
        """Take connections at all."""
        self._target = target
        self._writers: set[asyncio.StreamWriter] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    def cut(self) -> None:
        """Break every connection, as a dying server or a lost network does."""
        for writer in self._writers:
            writer.transport.abort()

    async def accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if not self.up:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._target)
        self._writers |= {writer, back}
        self._run(self._pass(reader, back, returning=False))
        self._run(self._pass(there, writer, returning=True))

    async def close(self) -> None:
        self.cut()
        await asyncio.gather(*self._tasks)

    def _run(self, passing: "asyncio._CoroutineLike[None]") -> None:
        task = asyncio.ensure_future(passing)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _pass(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, returning: bool
    ) -> None:
        try:
            while data := await reader.read(CHUNK):
                if not (returning and self.swallow):
                    writer.write(data)
                    await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()
            self._writers.discard(writer)


@asynccontextmanager
async def wired(target: int) -> AsyncIterator[Wire]:
    """A wire to a port of this machine."""
    wire = Wire(target)
    server = await asyncio.start_server(wire.accept, "127.0.0.1", 0)
    wire.port = server.sockets[0].getsockname()[1]
    yield wire
    server.close()
    await wire.close()
