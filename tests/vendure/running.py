"""A real Vendure for the tests: installed from npm into a folder that git ignores, started, and ended."""

import contextlib
import fcntl
import hashlib
import json
import select
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

HERE = Path(__file__).parent
_LOCK = HERE / "package-lock.json"
_MODULES = HERE / "node_modules"
_STAMP = _MODULES / ".rescind-installed"
_INSTALLING = 150.0
_STARTING = 60.0


class NodeMissing(Exception):
    """There is no Node here."""


@contextlib.contextmanager
def vendure(gateway_ms: int = 0) -> Iterator[str]:
    """The address of a shop in memory that ends with the block.

    `gateway_ms` is how long the payment gateway takes for a refund or a void. Raises `NodeMissing`, and
    `RuntimeError` where npm cannot install Vendure, or Vendure does not start.
    """
    node = shutil.which("node")
    if node is None or shutil.which("npm") is None:
        raise NodeMissing("node and npm are not installed")
    _install()
    command = [node, "server.mjs", str(gateway_ms)]
    with subprocess.Popen(command, cwd=HERE, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as server:  # noqa: S603
        try:
            yield _address(server)
        finally:
            server.kill()


def _install() -> None:
    """What the lock file says, unless it is there; one process at a time."""
    wanted = hashlib.sha256(_LOCK.read_bytes()).hexdigest()
    with _LOCK.open() as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if _STAMP.exists() and _STAMP.read_text() == wanted:
            return
        done = subprocess.run(
            ["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],  # noqa: S607
            cwd=HERE,
            capture_output=True,
            text=True,
            timeout=_INSTALLING,
            check=False,
        )
        if done.returncode != 0:
            raise RuntimeError(f"npm could not install Vendure: {done.stderr.strip()[-300:]}")
        _STAMP.write_text(wanted)


def _address(server: "subprocess.Popen[bytes]") -> str:
    assert server.stdout is not None
    ready, _, _ = select.select([server.stdout], [], [], _STARTING)
    line = server.stdout.readline() if ready else b""
    if not line:
        raise RuntimeError("Vendure did not start")
    url: str = json.loads(line)["url"]
    return url
