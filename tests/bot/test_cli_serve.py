"""`rescind serve` as a process: its start, its end, and who else wants the same."""

import asyncio
import json
import os
import re
import signal
import socket
import subprocess
from asyncio.subprocess import Process
from pathlib import Path

import pytest
from aiohttp import ClientConnectionError, ClientSession

from tests.program import PATIENCE, RESCIND, ended, environment, rescind, serving, start, visitor


async def test_it_says_where_it_serves_logs_nothing_of_libraries_and_stops_when_asked_to(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path) as served:
        assert re.search(r"1005 +eva@example\.com +paid|\d{4} +\S+@\S+ +paid", "".join(served.banner))
        async with ClientSession(served.url) as session:
            async with session.get("/") as page:
                assert page.status == 200
            async with session.get("/readyz") as ready:
                assert (ready.status, (await ready.json())["status"]) == (200, "ok")
        async with visitor(served.url) as customer:
            await customer.say("cancel 1005 eva@example.com")
            result = await served.stop(signal.SIGTERM)
    assert result.code == 0
    for never in ("Traceback", "Task exception", "alembic", "Context impl", "wordllama", "eva@example.com"):
        assert never not in result.err


async def test_ctrl_c_stops_it_and_json_logs_are_json(tmp_path: Path) -> None:
    async with serving(tmp_path, LOG_FORMAT="json") as served:
        result = await served.stop(signal.SIGINT)
    assert result.code == 0
    assert [json.loads(line)["event"] for line in result.err.splitlines()] == ["stopping"]


async def test_who_wants_the_same_store_or_port_is_told_who_has_it(tmp_path: Path) -> None:
    async with serving(tmp_path) as served:
        store = await rescind(tmp_path, "serve")
        assert store.code == 2
        assert store.err.startswith(f"rescind: Process {served.process.pid} already works with the database")
        assert "Traceback" not in store.err
        own = {"DATABASE_URL": f"sqlite:///{tmp_path}/other.db", "HTTP_PORT": str(served.port)}
        port = await rescind(tmp_path, "serve", **own)
        assert (port.code, port.out) == (2, "")
        assert port.err.startswith(f"rescind: HTTP_PORT: another program listens on 127.0.0.1:{served.port}")
        async with visitor(served.url) as customer:
            assert await customer.say("hello")
        served.process.kill()
        await served.process.wait()
    async with serving(tmp_path) as served:  # a killed one leaves no lock behind
        assert served.port


@pytest.mark.parametrize(
    "command",
    ["serve", "inbox list", "agents list", "audit verify", "explain 7K2M-9QXD", "erase 7K2M-9QXD --yes"],
)
async def test_a_store_that_is_no_database_is_told_in_a_sentence_and_never_as_tampering(
    command: str, tmp_path: Path
) -> None:
    store = tmp_path / "store.db"
    store.write_bytes(b"no database of any kind" * 1_000)
    result = await rescind(tmp_path, *command.split(), DATABASE_URL=f"sqlite:///{store}")
    assert (result.code, result.out) == (2, "")
    assert result.err == (
        f"rescind: The database at {store} is damaged, or is no SQLite database; "
        "restore a copy: docs/operations.md#back-up-and-restore\n"
    )
    assert not store.with_name("store.db.lock").exists()


@pytest.mark.parametrize("command", [("orders", "list"), ("policy", "show"), ("--help",)])
async def test_a_reader_that_goes_away_gets_no_traceback(command: tuple[str, ...], tmp_path: Path) -> None:
    process = await start(tmp_path, *command)
    assert process.stdout is not None
    process.stdout._transport.close()  # type: ignore[attr-defined]
    result = await ended(process)
    assert "Traceback" not in result.err
    assert "Exception ignored" not in result.err


@pytest.mark.parametrize("where", ["a full disk", "a reader that went away", "nowhere"])
async def test_it_serves_though_nobody_can_be_told_where(where: str, tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    reading, writing = os.pipe()
    os.close(reading)
    closed = [] if where != "nowhere" else ["sh", "-c", 'exec "$0" "$@" >&-']
    with Path("/dev/full").open("wb") as full:  # noqa: ASYNC230  a device
        process = await asyncio.create_subprocess_exec(
            *closed,
            RESCIND,
            "serve",
            cwd=tmp_path,
            env=environment(tmp_path, HTTP_PORT=str(port)),
            stdout=full if where == "a full disk" else writing,
            stderr=subprocess.PIPE,
        )
    os.close(writing)
    try:
        assert await answers(f"http://127.0.0.1:{port}/readyz", process)
        process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(PATIENCE):
            _, logged = await process.communicate()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()
    assert process.returncode == 0
    assert [line for line in logged.splitlines() if b"stopping" not in line] == []


async def answers(url: str, process: Process) -> bool:
    """Whether it does, sooner or later; nothing tells when, for that is what the banner is for."""
    async with ClientSession() as session, asyncio.timeout(PATIENCE):
        while process.returncode is None:
            try:
                async with session.get(url) as ready:
                    return ready.status == 200
            except ClientConnectionError:
                await asyncio.sleep(0.1)
    return False


@pytest.mark.parametrize("command", ["orders list", "policy show"])
@pytest.mark.parametrize("closed", [">&-", ">&- 2>&- <&-"])
async def test_a_closed_stream_is_no_mistake(command: str, closed: str, tmp_path: Path) -> None:
    await rescind(tmp_path, "chat", "--json")  # makes the shop whose orders are listed
    process = await asyncio.create_subprocess_exec(
        "sh",
        "-c",
        f'"$0" {command} {closed}',
        RESCIND,
        cwd=tmp_path,
        env=environment(tmp_path),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    result = await ended(process)
    assert (result.code, result.err) == (0, "")


def test_a_full_disk_is_told_in_a_sentence() -> None:
    with Path("/dev/full").open("wb") as full:
        program = subprocess.run(  # noqa: S603  our own program
            [RESCIND, "policy", "show"], stdout=full, stderr=subprocess.PIPE, check=False
        )
    assert (program.returncode, program.stderr) == (2, b"rescind: [Errno 28] No space left on device\n")
