"""`rescind serve` in a process of its own, on a core of its own where there are two."""

import asyncio
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from bot.channels.webchat_visitors import Visitors

SECRET = "benchmark"
HERE = Path(__file__).parents[1]
TICK = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True, slots=True)
class Served:
    """A running server. `ready_after`: seconds from its start until /readyz said ok."""

    pid: int
    port: int
    ready_after: float

    @property
    def cpu(self) -> float:
        """Seconds of processor time it has used, in all its threads."""
        fields = Path(f"/proc/{self.pid}/stat").read_text("ascii").rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / TICK

    @property
    def memory(self) -> int:
        """Bytes of its resident memory."""
        return int(Path(f"/proc/{self.pid}/statm").read_text("ascii").split()[1]) * _PAGE

    def token(self) -> str:
        """A new visitor's token, as `POST /chat/session` would give it."""
        return Visitors(SECRET.encode(), days=365).invite()


@asynccontextmanager
async def served(database_url: str, folder: Path, **settings: str) -> AsyncIterator[Served]:
    """Serve from a data folder. This process moves to the other core, with all that it starts later."""
    port = int(settings.pop("HTTP_PORT", 0)) or free_port()
    environment = {
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(HERE),  # this checkout, wherever the installed one is
        "DATA_DIR": str(folder),
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "HTTP_PORT": str(port),
        "LOG_LEVEL": "error",
        **settings,
    }
    began = time.perf_counter()
    process = await asyncio.create_subprocess_exec(
        Path(sys.executable).with_name("rescind"),
        "serve",
        env=environment,
        cwd=folder,
        stdout=asyncio.subprocess.DEVNULL,
    )
    os.sched_setaffinity(process.pid, cores()[0])
    try:
        await _until_ready(process, port)
        yield Served(process.pid, port, time.perf_counter() - began)
    finally:
        if process.returncode is None:
            process.send_signal(signal.SIGTERM)
        await process.wait()


def cores() -> tuple[set[int], set[int]]:
    """The server's core, and everybody else's; the same one where there is only one."""
    every = sorted(_ALL)
    return {every[0]}, {every[-1]}


_ALL = os.sched_getaffinity(0)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


async def _until_ready(process: asyncio.subprocess.Process, port: int) -> None:
    while not await asyncio.to_thread(_is_ready, port):
        if process.returncode is not None:
            raise RuntimeError(f"rescind serve ended with {process.returncode}")
        await asyncio.sleep(0.01)


def _is_ready(port: int) -> bool:
    try:
        with urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5) as response:
            return bool(response.status == 200)
    except (URLError, OSError):
        return False
