"""`rescind api-tokens`, as it is typed, with a store but no server."""

import asyncio
import json
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_api_tokens import api_tokens_app
from storage.store import Store


@pytest.fixture(autouse=True)
def data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The settings' folder; a store is in it unless a test takes it away."""
    folder = tmp_path / "data"
    folder.mkdir()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("DATA_DIR", str(folder))
    monkeypatch.setattr("bot.logs.set_up", lambda *_: None)  # it is for the whole process, which goes on
    asyncio.run(_made(f"sqlite:///{folder / 'rescind.sqlite3'}"))
    return folder


async def _made(url: str) -> None:
    await (await Store.open(url)).close()


def api_tokens(*args: str) -> Result:
    return CliRunner().invoke(api_tokens_app, args, env={"COLUMNS": "200"})


def listed() -> list[dict[str, object]]:
    return [json.loads(line) for line in api_tokens("list", "--json").stdout.splitlines()]


@pytest.mark.parametrize(
    ("command", "code", "says"),
    [
        (("add", "x", "--scope", "stage:write"), 2, "stage:write"),
        (("add", " ", "--scope", "stage:read"), 2, "name"),
        (("add", "x"), 2, "--scope"),
        (("add", "x", "--scope", "stage:read", "--expires-days", "0"), 2, "--expires-days"),
        (("revoke", "nobody"), 1, "No token has this id"),
    ],
)
def test_wrong_usage_says_what_to_do_and_makes_nothing(
    command: tuple[str, ...], code: int, says: str
) -> None:
    result = api_tokens(*command)
    assert result.exit_code == code
    assert says in result.stderr
    assert listed() == []


def test_standard_output_is_the_token_alone_and_only_once() -> None:
    result = api_tokens("add", "a script", "--scope", "stage:read")
    token = result.stdout.strip()
    assert result.stdout == f"{token}\n"
    assert "shown this once" in result.stderr
    secret = token.split("_", 2)[2]
    assert secret not in result.stderr + api_tokens("list").output + str(listed())


def test_an_expiry_is_days_from_now() -> None:
    result = api_tokens("add", "x", "--scope", "stage:read", "--expires-days", "3", "--json")
    record = json.loads(result.stdout)
    made, ends = (datetime.fromisoformat(record[name]) for name in ("created_at", "expires_at"))
    assert ends - made == timedelta(days=3)
    assert [record] == [{"token": record["token"]} | each for each in listed()]


def test_a_whole_token_that_is_pasted_is_revoked_by_its_id() -> None:
    token = api_tokens("add", "x", "--scope", "stage:read").stdout.strip()
    assert api_tokens("revoke", token).exit_code == 0
    (record,) = listed()
    assert record["revoked_at"] is not None
    assert api_tokens("revoke", str(record["id"])).exit_code == 0
    assert listed() == [record], "revoked once and for all"


def test_nobody_is_listed_as_such() -> None:
    result = api_tokens("list")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "api-tokens add" in result.stderr


def test_the_table_shows_names_as_they_are_written() -> None:
    api_tokens("add", "[bold]x[/]", "--scope", "refunds:read", "--scope", "stage:read")
    table = api_tokens("list").stdout
    assert "[bold]x[/]" in table
    assert "refunds:read stage:read" in table
