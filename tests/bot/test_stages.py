"""Stages from Python: the public entry, its tutorial, and the example that uses it."""

import asyncio
import json
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

import bot.stages
from bot.rows import BadRow
from bot.stages import (
    Answered,
    Query,
    Settings,
    ShopUnreachable,
    Stage,
    StageFound,
    StageMissing,
    open_stages,
    stage_record,
)
from tests.program import PATIENCE, environment, rescind

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "examples" / "order_stages.py"


def order(number: str, stage: str) -> str:
    return json.dumps(
        {
            "number": number,
            "email": "ann@shop.test",
            "stage": stage,
            "placed_at": "2026-11-03T10:15:00Z",
            "currency": "EUR",
            "total": "7.00",
            "lines": [{"title": "Mug", "quantity": 1, "unit_price": "7.00"}],
            "payments": [{"method": "card", "amount": "7.00", "status": "captured"}],
        }
    )


@pytest.fixture
async def folder(tmp_path: Path) -> Path:
    """A folder whose demo shop has the orders 1042, paid, and 1043, cancelled."""
    file = tmp_path / "orders.jsonl"
    file.write_text(order("1042", "paid") + "\n" + order("1043", "cancelled") + "\n")
    (tmp_path / "data").mkdir()
    result = await rescind(tmp_path, "orders", "import", str(file))
    assert result.code == 0, result.err
    return tmp_path


def settings(folder: Path) -> Settings:
    return Settings(_env_file=None, data_dir=folder / "data")  # type: ignore[call-arg]


async def test_one_block_serves_many_look_ups_at_once(folder: Path) -> None:
    async with open_stages(settings(folder)) as stages:
        paid, missing, other, own = await asyncio.gather(
            stages.look_up("#1042"),
            stages.look_up("7"),
            stages.look_up("1042", "bob@shop.test"),
            stages.look_up("1042", "Ann@shop.test"),
        )
    assert isinstance(paid, StageFound)
    assert (paid.number, paid.stage, paid.verdict.ruling) == ("1042", Stage.PAID, "allow")
    assert missing == other == StageMissing()
    assert isinstance(own, StageFound)


async def test_the_json_form_is_that_of_the_command(folder: Path) -> None:
    async with open_stages(settings(folder)) as stages:
        here = stage_record("1043", await stages.look_up("1043"))
    (there,) = (await rescind(folder, "stage", "1043", "--json")).records
    assert str(here.pop("read_at")) < str(there.pop("read_at"))
    assert here == there


async def test_a_batch_answers_in_order(folder: Path) -> None:
    async def queries() -> AsyncIterator[Query | BadRow]:
        for line, number in enumerate(("1043", "7", "1042")):
            yield Query(line, number)

    async with open_stages(settings(folder)) as stages:
        answers = [each async for each in stages.batch(queries())]
    found = [each.answer for each in answers if isinstance(each, Answered)]
    assert [each.stage if isinstance(each, StageFound) else None for each in found] == [
        Stage.CANCELLED,
        None,
        Stage.PAID,
    ]


async def test_looking_makes_no_shop(tmp_path: Path) -> None:
    with pytest.raises(ShopUnreachable, match="no demo shop"):
        async with open_stages(settings(tmp_path)):
            pass
    assert list(tmp_path.iterdir()) == []  # noqa: ASYNC240  nobody waits


def test_what_is_promised_is_there() -> None:
    assert all(hasattr(bot.stages, name) for name in bot.stages.__all__)
    assert bot.stages.__all__ == sorted(bot.stages.__all__)


def python(folder: Path, *args: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # noqa: S603  our own program
        [sys.executable, *args],
        cwd=folder,
        env=environment(folder),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )


async def test_the_tutorial_does_what_it_says(folder: Path) -> None:
    assert bot.stages.__doc__ is not None
    lines = bot.stages.__doc__.splitlines()
    begin = lines.index("    import asyncio")
    code = "\n".join(line[4:] for line in lines[begin : lines.index("    asyncio.run(main())") + 1])
    result = await asyncio.to_thread(python, folder, "-c", code)
    assert (result.returncode, result.stderr) == (0, "")
    assert result.stdout.startswith("paid allow 20")


async def test_the_example_does_what_it_says(folder: Path) -> None:
    result = await asyncio.to_thread(python, folder, str(EXAMPLE), "1042", "1043", "7")
    assert (result.returncode, result.stderr) == (1, "")
    assert result.stdout.splitlines() == [
        "1042: paid: can still be cancelled by its customer, pack it last",
        "1043: cancelled: put it back on the shelf",
        "7: no such order",
    ]


async def test_the_example_waits_for_a_stage(folder: Path) -> None:
    waiting = await asyncio.create_subprocess_exec(
        sys.executable,
        EXAMPLE,
        "1042",
        "--wait-for",
        "confirmed",
        cwd=folder,
        env=environment(folder),
        stdout=asyncio.subprocess.PIPE,
    )
    assert waiting.stdout is not None
    async with asyncio.timeout(PATIENCE):
        assert b"paid" in await waiting.stdout.readline()
        assert (await rescind(folder, "orders", "advance", "1042", "--to", "confirmed")).code == 0
        out, _ = await waiting.communicate()
    assert (waiting.returncode, out) == (0, b"1042: confirmed: go on\n")


def test_the_example_is_type_checked(tmp_path: Path) -> None:
    checked = subprocess.run(  # noqa: S603  our own tools
        [
            sys.executable,
            "-m",
            "mypy",
            "--strict",
            f"--cache-dir={tmp_path}",
            "--follow-imports=silent",
            EXAMPLE,
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert checked.returncode == 0, checked.stdout
