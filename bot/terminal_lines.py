"""Lines of standard input, taken in beside an event loop."""

import asyncio
import sys
import threading
from collections.abc import AsyncIterator
from typing import BinaryIO

_AHEAD = 16
"""Lines read before they are asked for."""


async def lines() -> AsyncIterator[str]:
    """Each line without its end; what is not UTF-8 is replaced.

    Read by a daemon thread with a buffer of its own: neither Ctrl-C nor the end of the program has to wait
    for the line that is still to come, or for a lock that its reader holds.
    """
    loop = asyncio.get_running_loop()
    taken: asyncio.Queue[str | None] = asyncio.Queue()
    room = threading.Semaphore(_AHEAD)

    def pump(source: BinaryIO) -> None:
        try:
            for line in source:
                room.acquire()
                loop.call_soon_threadsafe(taken.put_nowait, _text(line))
            loop.call_soon_threadsafe(taken.put_nowait, None)
        except RuntimeError:
            return  # the loop is closed: nobody asks any more

    if (source := _source()) is None:
        return
    threading.Thread(target=pump, args=(source,), daemon=True, name="standard-input").start()
    while (line := await taken.get()) is not None:
        yield line
        room.release()


def _text(line: bytes) -> str:
    return line.decode("utf-8", "replace").removeprefix("\ufeff").rstrip("\r\n")


def _source() -> BinaryIO | None:
    if sys.stdin is None:  # it was closed before we were started
        return None
    try:
        return open(sys.stdin.fileno(), "rb", closefd=False)
    except OSError:  # no file of the system's, as in a test
        return sys.stdin.buffer
