"""The command line as a whole: help, version, and what it needs to know of settings."""

import json
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from typer.testing import CliRunner

from bot.cli import app
from tests.program import RESCIND, environment, rescind

HEAVY = "aiogram aiohttp alembic asyncpg babel fluent holidays numpy pydantic sqlalchemy structlog wordllama"
ORDER = {
    "number": "A-7001",
    "email": "ann@shop.test",
    "stage": "paid",
    "placed_at": "2026-11-03T10:15:00Z",
    "currency": "EUR",
    "total": "9.00",
    "lines": [{"title": "Mug", "quantity": 1, "unit_price": "9.00", "cancellable": True}],
    "payments": [{"method": "card", "amount": "9.00", "status": "captured"}],
}
COMMANDS = (
    "",
    "serve",
    "chat",
    "stage",
    "explain",
    "doctor",
    "erase",
    "agents",
    "agents add",
    "agents list",
    "agents role",
    "agents password",
    "agents disable",
    "agents enable",
    "agents sign-in-link",
    "audit",
    "audit show",
    "audit verify",
    "api-tokens",
    "api-tokens add",
    "api-tokens list",
    "api-tokens revoke",
    "orders",
    "orders import",
    "orders list",
    "orders show",
    "orders advance",
    "orders unmapped",
    "policy",
    "policy check",
    "policy show",
    "inbox",
    "inbox list",
    "inbox show",
    "inbox reply",
    "inbox back",
    "inbox close",
)


def test_the_list_of_commands_is_whole() -> None:
    named = {command.partition(" ")[0] for command in COMMANDS} - {""}
    shown = CliRunner().invoke(app, ["--help"]).output
    for name in named:
        assert name in shown
    groups = {group.name for group in app.registered_groups}
    single = {
        command.name or getattr(command.callback, "__name__", "") for command in app.registered_commands
    }
    assert groups | single == named


@pytest.mark.parametrize("command", COMMANDS)
def test_help_teaches_by_an_example(command: str) -> None:
    result = CliRunner().invoke(app, [*command.split(), "--help"], env={"COLUMNS": "200"})
    assert result.exit_code == 0
    said, _, examples = result.output.partition("Example")
    assert f"rescind {command}".strip() in examples
    assert len(said.split("\n\n")) > 1 or len(said) > 100


def test_help_imports_nothing_that_it_does_not_need() -> None:
    code = (
        "import sys; from bot.cli import app\n"
        "try: app(['--help'])\n"
        "except SystemExit: pass\n"
        f"print([name for name in {HEAVY.split()!r} if name in sys.modules], file=sys.stderr)"
    )
    program = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert program.stderr == "[]\n"


def test_what_is_not_switched_on_is_not_imported() -> None:
    """aiogram alone costs 3 s and 130 MB; the embedding model is for who reads texts."""
    code = (
        "import sys, bot.serving, bot.cli_chat, bot.cli_explain\n"
        "print([name for name in ('aiogram', 'alembic', 'wordllama') if name in sys.modules])"
    )
    program = subprocess.run(  # noqa: S603  our own program
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    )
    assert program.stdout == "[]\n"


def test_help_is_there_within_a_second(tmp_path: Path) -> None:
    took = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run(  # noqa: S603  our own program
            [RESCIND, "--help"], env=environment(tmp_path), capture_output=True, check=True
        )
        took.append(time.perf_counter() - began)
    assert min(took) < 1


def test_the_version_is_that_of_the_package() -> None:
    result = CliRunner().invoke(app, ["--version"])
    assert (result.exit_code, result.output) == (0, "rescind 0.1.0\n")


async def test_what_only_looks_makes_nothing_and_says_what_to_do(tmp_path: Path) -> None:
    for command, code, told in (
        (("stage", "1001"), 3, "There is no demo shop at"),
        (("orders", "list"), 3, "there is no demo shop at"),
        (("explain", "7K2M-9QXD"), 2, "There is no database at"),
        (("inbox", "list"), 2, "There is no database at"),
        (("inbox", "show", "7K2M-9QXD"), 2, "There is no database at"),
        (("inbox", "reply", "7K2M-9QXD", "hello"), 2, "There is no database at"),
    ):
        result = await rescind(tmp_path, *command)
        assert (result.code, result.out) == (code, ""), command
        assert told in result.err, command
        assert "serve" in result.err or "DEMO_SHOP_PATH" in result.err, command
        assert "Traceback" not in result.err, command
    assert os.listdir(tmp_path) == []  # noqa: PTH208  the other way blocks, too


async def test_orders_and_stages_are_those_of_the_shop_that_is_served(tmp_path: Path) -> None:
    """By DATA_DIR, by DEMO_SHOP_PATH, from the environment or `.env`: every command finds the same file."""
    orders = tmp_path / "orders.jsonl"
    orders.write_text(json.dumps(ORDER))
    (tmp_path / ".env").write_text(f"DEMO_SHOP_PATH={tmp_path}/from-env.sqlite3\n")
    kept = await rescind(tmp_path, "orders", "import", str(orders))
    assert kept.code == 0, kept
    assert (tmp_path / "from-env.sqlite3").exists()
    found = await rescind(tmp_path, "stage", "A-7001", "--email", "ann@shop.test", "--json")
    assert (found.code, found.records[0]["stage"]) == (0, "paid")
    wrong = await rescind(tmp_path, "stage", "A-7001", "--email", "bob@shop.test")
    unknown = await rescind(tmp_path, "stage", "B-7001", "--email", "bob@shop.test")
    assert (wrong.code, wrong.out, wrong.err) == (unknown.code, unknown.out, unknown.err)
    assert wrong.code == 1
    chat = await rescind(tmp_path, "chat", "--json", given="cancel A-7001 ann@shop.test\nyes\n")
    assert '"outcome": "cancelled"' in chat.out
    listed = await rescind(tmp_path, "orders", "list", "--stage", "cancelled", "--json")
    assert "A-7001" in [record["number"] for record in listed.records]
    elsewhere = await rescind(
        tmp_path, "stage", "A-7001", DEMO_SHOP_PATH=str(tmp_path / "data" / "demo-shop.sqlite3")
    )
    assert elsewhere.code == 3


async def test_the_policy_of_the_settings_can_be_checked(tmp_path: Path) -> None:
    bad = tmp_path / "own.toml"
    bad.write_text('[[rule]]\nname = "all"\nverdict = "maybe"\n')
    serving = await rescind(tmp_path, "serve", POLICY_FILE=str(bad))
    assert serving.code == 2
    assert f"`rescind policy check {bad}` shows everything" in serving.err
    checked = await rescind(tmp_path, "policy", "check", str(bad))
    assert checked.code == 1
    assert checked.out.startswith(f"{bad}:")


async def test_a_policy_that_no_customer_could_be_told_of_is_found_before_one_meets_it(
    tmp_path: Path,
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(
        '[[rule]]\nid = "held"\nwhen = { stage = ["on_hold"] }\n'
        'then = "refuse"\nreason = "on-hold"\nclause = "4"\n'
        '[[rule]]\nid = "rest"\nthen = "person"\nreason = "no-rule"\nclause = "2"\n'
    )
    serving = await rescind(tmp_path, "serve", POLICY_FILE=str(own))
    assert serving.code == 2
    assert "line 1: The reason of the rule `held` has no message `instead-on-hold`" in serving.err
    assert f"`rescind policy check {own}` shows everything" in serving.err
