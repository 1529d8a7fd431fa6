"""The real `rescind`, in processes of its own."""

import asyncio
import json
import os
import re
import signal
import sys
import uuid
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import ClientSession, ClientWebSocketResponse, WSMsgType

RESCIND = Path(sys.executable).with_name("rescind")
PATIENCE = 60.0
Json = dict[str, object]


def environment(folder: Path, **variables: str) -> dict[str, str]:
    """Nothing of the machine's settings, everything in `folder`."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    own = {"DATA_DIR": str(folder / "data"), "HTTP_PORT": "0", "GUESS_PAUSE_SECONDS": "0", "COLUMNS": "200"}
    return kept | own | variables


@dataclass(frozen=True, slots=True)
class Ended:
    """How a program ended, and what it wrote."""

    code: int
    out: str
    err: str

    @property
    def records(self) -> list[Json]:
        """The output, a JSON object a line; anything else fails."""
        return [json.loads(line) for line in self.out.splitlines()]


async def start(folder: Path, *args: str, **variables: str) -> Process:
    """Start `rescind ARGS` in a folder."""
    return await asyncio.create_subprocess_exec(
        RESCIND, *args, cwd=folder, env=environment(folder, **variables), stdin=PIPE, stdout=PIPE, stderr=PIPE
    )


async def ended(process: Process, given: bytes = b"") -> Ended:
    """Give it the rest of its input, and wait for its end, which must come."""
    async with asyncio.timeout(PATIENCE):
        out, err = await process.communicate(given)
    assert process.returncode is not None
    return Ended(process.returncode, out.decode(), err.decode())


async def rescind(folder: Path, *args: str, given: str = "", **variables: str) -> Ended:
    """Run `rescind ARGS` to its end."""
    return await ended(await start(folder, *args, **variables), given.encode())


@dataclass(slots=True)
class Served:
    """A running `rescind serve`."""

    process: Process
    folder: Path
    variables: dict[str, str]
    port: int = 0
    banner: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def rescind(self, *args: str, given: str = "") -> Ended:
        """Another command with the same settings."""
        return await rescind(self.folder, *args, given=given, **self.variables)

    async def get(self, path: str) -> object:
        """What the web server answers, as JSON."""
        async with ClientSession(self.url) as session, session.get(path) as response:
            return await response.json()

    async def stop(self, by: signal.Signals = signal.SIGTERM) -> Ended:
        """Ask it to stop, and wait for that."""
        self.process.send_signal(by)
        return await ended(self.process)

    async def until_it_serves(self) -> None:
        assert self.process.stdout is not None
        async with asyncio.timeout(PATIENCE):
            while line := (await self.process.stdout.readline()).decode():
                self.banner.append(line)
                if found := re.search(r"http://[\d.]+:(\d+)/", line):
                    self.port = int(found[1])
                    return
        raise AssertionError(await ended(self.process))


@asynccontextmanager
async def serving(folder: Path, **variables: str) -> AsyncIterator[Served]:
    """`rescind serve` until the end of the block; stopped by then or killed."""
    served = Served(await start(folder, "serve", **variables), folder, variables)
    try:
        await served.until_it_serves()
        yield served
    finally:
        if served.process.returncode is None:
            served.process.kill()
            await served.process.wait()


class Visitor:
    """A customer in the web chat."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        self._socket = socket
        self.messages: list[Json] = []

    async def send(self, kind: str, **frame: str) -> None:
        await self._socket.send_json({"type": kind, "id": uuid.uuid4().hex} | frame)

    async def say(self, text: str) -> str:
        """Write, and wait for the next answer."""
        await self.send("message", text=text)
        return await self.hears()

    async def press(self, label: str) -> str:
        """Press a button of the last message, and wait for the next answer."""
        choices = self.messages[-1]["choices"]
        value = next(choice["value"] for choice in choices if choice["label"] == label)  # type: ignore[attr-defined]
        await self.send("press", value=value, label=label)
        return await self.hears()

    async def hears(self, seconds: float = 10.0) -> str:
        """The next message that is not the customer's."""
        async with asyncio.timeout(seconds):
            while True:
                received = await self._socket.receive()
                assert received.type is WSMsgType.TEXT, received
                frame: Json = json.loads(received.data)
                assert frame["type"] != "error", frame
                if frame["type"] == "message" and frame["author"] != "customer":
                    self.messages.append(frame)
                    return str(frame["text"])

    async def hears_nothing(self, seconds: float = 1.0) -> bool:
        try:
            await self.hears(seconds)
        except TimeoutError:
            return True
        return False


@asynccontextmanager
async def visitor(url: str, locale: str = "en") -> AsyncIterator[Visitor]:
    """Somebody opens the web chat, and is greeted."""
    async with ClientSession(url) as session:
        async with session.post("/chat/session") as response:
            token = (await response.json())["token"]
        async with session.ws_connect("/chat/ws") as socket:
            await socket.send_json({"type": "hello", "token": token, "after": 0, "locale": locale})
            found = Visitor(socket)
            await found.send("open")
            await found.hears()
            yield found
