"""A batch that was interrupted is taken up where it stopped, however it was stopped."""

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner, Result

from tests.bot import stage_command
from tests.bot.stage_command import Shelf, program

SERVER = Path(__file__).parents[2] / "examples" / "http_shop_server.py"


@pytest.fixture
def orders(tmp_path: Path) -> Path:
    file = tmp_path / "orders.csv"
    file.write_text("number\n" + "\n".join(map(str, range(100, 160))))
    return file


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "stages.jsonl"


def run(shelf: Shelf, file: Path, out: Path) -> Result:
    return CliRunner().invoke(program(shelf.open), ["stage", "--batch", str(file), "--out", str(out)])


def numbers(out: Path) -> list[str]:
    return [json.loads(line)["number"] for line in out.read_text().splitlines()]


EXPECTED = [str(number) for number in range(100, 160)]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(cut=st.floats(0, 1))
def test_wherever_the_output_was_torn_it_is_completed_and_nothing_is_asked_twice(
    orders: Path, out: Path, cut: float
) -> None:
    out.unlink(missing_ok=True)
    assert run(Shelf(), orders, out).exit_code == 0
    whole = out.read_bytes()
    torn = whole[: int(len(whole) * cut)]
    out.write_bytes(torn)
    shelf = Shelf()
    assert run(shelf, orders, out).exit_code == 0
    assert numbers(out) == EXPECTED
    assert shelf.asked == EXPECTED[torn.count(b"\n") :]
    assert out.read_bytes().startswith(torn[: torn.rfind(b"\n") + 1])


def test_a_run_that_was_killed_is_completed(orders: Path, out: Path) -> None:
    command = [sys.executable, "-m", stage_command.__name__, "stage"]
    command += ["--batch", str(orders), "--out", str(out), "--concurrency", "2"]
    for lines_before_the_end in (5, 30):
        process = subprocess.Popen(command)  # noqa: S603 - our own interpreter and module
        while not out.exists() or out.read_bytes().count(b"\n") < lines_before_the_end:
            assert process.poll() is None
            time.sleep(0.001)
        process.send_signal(signal.SIGKILL)
        assert process.wait() == -signal.SIGKILL
        assert out.read_bytes().count(b"\n") < len(EXPECTED)
    assert subprocess.run(command, check=True).returncode == 0  # noqa: S603 - as above
    assert numbers(out) == EXPECTED


@pytest.fixture
def http_shop(tmp_path: Path) -> Iterator[dict[str, str]]:
    """The example server with 700 orders, in a process of its own, and the variables that choose it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = str(free.getsockname()[1])
    command = [sys.executable, str(SERVER), "--port", port, "--token", "a-token", "--count", "700"]
    with subprocess.Popen(command, stdout=subprocess.PIPE) as server:  # noqa: S603 - as above
        assert server.stdout is not None
        server.stdout.readline()  # it says so once it listens
        yield {
            **{name: value for name, value in os.environ.items() if name in {"PATH", "HOME", "LANG"}},
            "DATA_DIR": str(tmp_path / "data"),
            "ORDER_BACKEND": "http",
            "HTTP_SHOP_URL": f"http://127.0.0.1:{port}",
            "HTTP_SHOP_TOKEN": "a-token",
        }
        server.kill()


def test_the_real_command_over_http_is_killed_twice_and_completed(
    http_shop: dict[str, str], orders: Path, out: Path
) -> None:
    wanted = [f"H-{number}" for number in range(1000, 1700)]
    orders.write_text("number\n" + "\n".join(wanted))
    command = [sys.executable, "-c", "from bot.cli import main; main()", "stage"]
    command += ["--batch", str(orders), "--out", str(out), "--concurrency", "1"]
    begun = 0
    for lines_more in (20, 200):
        process = subprocess.Popen(command, env=http_shop)  # noqa: S603 - as above
        while not out.exists() or out.read_bytes().count(b"\n") < begun + lines_more:
            assert process.poll() is None
            time.sleep(0.001)
        process.kill()
        assert process.wait() == -signal.SIGKILL
        begun = out.read_bytes().count(b"\n")
        assert begun < len(wanted)
    before = out.read_bytes()
    assert subprocess.run(command, check=True, env=http_shop).returncode == 0  # noqa: S603 - as above
    assert numbers(out) == wanted
    assert out.read_bytes().startswith(before[: before.rfind(b"\n") + 1])


def test_a_finished_batch_asks_nothing_and_ends_with_the_same_exit_code(orders: Path, out: Path) -> None:
    orders.write_text("number\n2\n\n\n4,x\n6")
    first = run(Shelf(), orders, out)
    before = out.read_bytes()
    shelf = Shelf()
    assert (first.exit_code, run(shelf, orders, out).exit_code) == (1, 1)
    assert shelf.asked == []
    assert out.read_bytes() == before


def test_orders_added_to_the_input_are_answered_by_a_further_run(orders: Path, out: Path) -> None:
    run(Shelf(), orders, out)
    with orders.open("a") as file:
        file.write("\n500\n")
    shelf = Shelf()
    run(shelf, orders, out)
    assert (numbers(out), shelf.asked) == ([*EXPECTED, "500"], ["500"])


@pytest.mark.parametrize(
    "content",
    [
        "my notes\n",
        "my notes",
        '{"config": 1}',
        '{"line": 2, "number": "777", "found": false}\n',
        '{"line": 3, "number": "100", "found": false}\n',
        "[1]\n",
        "\n",
        "".join(f'{{"line": {n - 98}, "number": "{n}", "found": false}}\n' for n in range(100, 161)),
    ],
    ids=[
        "text",
        "text without end",
        "JSON without end",
        "other order",
        "other line",
        "other JSON",
        "blank",
        "longer",
    ],
)
def test_a_file_that_is_not_the_beginning_of_this_output_is_left_untouched(
    orders: Path, out: Path, content: str
) -> None:
    out.write_text(content)
    shelf = Shelf()
    result = run(shelf, orders, out)
    assert (result.exit_code, shelf.asked) == (2, [])
    assert "name another --out" in result.stderr
    assert out.read_text() == content
