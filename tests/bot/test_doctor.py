"""`rescind doctor`: what it finds, what it advises, and that it shows no secret and changes nothing."""

import asyncio
import os
import re
import socket
import sqlite3
from pathlib import Path

import pytest
from aiohttp import web

from bot.assembly import secret_of
from bot.findings import State
from bot.house_rules import rules_of
from bot.settings import SettingsInvalid
from storage.store import Store
from tests import program
from tests.bot.bare_environment import nothing_set
from tests.bot.doctor_room import AT, examined, http_shop, made, one
from tests.bot.orders.served import served
from tests.program import rescind
from tests.telegram_server import TOKEN as TELEGRAM_TOKEN
from tests.telegram_server import TelegramServer

__all__ = ["nothing_set"]

# ---- the product by itself


async def test_before_the_first_start_all_is_well_and_nothing_is_made(nothing_set: Path) -> None:
    found = await examined(made())
    assert [each for every in found.values() for each in every if each.state is not State.OK] == []
    assert {"settings", "database", "secret key", "policy", "refunds", "order backend", "telegram"} <= set(
        found
    )
    assert os.listdir(nothing_set) == []  # noqa: PTH208  the other way blocks, too


async def test_a_database_that_was_named_and_is_not_there_is_worth_a_look(nothing_set: Path) -> None:
    found = await one(made(database_url=f"sqlite:///{nothing_set}/other.db"), "database")
    assert (found.state, found.remedy) == (State.WARNING, "Is DATABASE_URL right?")


async def test_a_database_of_this_release_is_well(database_url: str) -> None:
    await (await Store.open(database_url)).close()
    assert (await one(made(database_url=database_url), "database")).state is State.OK


@pytest.mark.parametrize(
    ("revision", "state", "told"),
    [("0001", State.WARNING, "older than this release"), ("9999", State.PROBLEM, "newer release")],
)
async def test_a_schema_that_is_not_this_releases_is_told(
    sqlite_url: str, revision: str, state: State, told: str
) -> None:
    await (await Store.open(sqlite_url)).close()
    with sqlite3.connect(sqlite_url.removeprefix("sqlite:///")) as database:
        database.execute("UPDATE alembic_version SET version_num = ?", (revision,))
    database.close()
    found = await one(made(database_url=sqlite_url), "database")
    assert found.state is state
    assert told in found.words


async def test_a_database_without_tables_is_brought_up_by_the_first_start(empty_database_url: str) -> None:
    if empty_database_url.startswith("sqlite"):
        await asyncio.to_thread(Path(empty_database_url.removeprefix("sqlite:///")).touch)
    found = await one(made(database_url=empty_database_url), "database")
    assert found.state is State.WARNING
    assert "start `rescind serve` once" in found.words


@pytest.mark.parametrize(
    "url", ["postgresql://ann:opensesame@127.0.0.1:1/shop", "mysql://ann:opensesame@db/x"]
)
async def test_a_database_that_cannot_be_reached_is_told_without_its_password(url: str) -> None:
    found = await one(made(database_url=url), "database")
    assert (found.state, found.remedy) == (State.PROBLEM, "Look at DATABASE_URL.")


async def test_statuses_that_nobody_mapped_are_counted(
    sqlite_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = await Store.open(sqlite_url)
    await store.note_unmapped("http", {"Lost": AT, "Found": AT})
    await store.close()
    async with http_shop(monkeypatch) as settings:
        found = await one(settings.model_copy(update={"database_url": sqlite_url}), "statuses")
    assert (found.state, found.words[0]) == (State.WARNING, "2")
    assert "rescind orders unmapped" in found.remedy


@pytest.mark.parametrize("folder", ["/proc/x", "file", "file/data", "d" * 300])
async def test_a_data_folder_that_cannot_be_is_a_problem(folder: str, nothing_set: Path) -> None:
    (nothing_set / "file").touch()
    settings = made(data_dir=Path(folder), secret_key="")
    with pytest.raises(SettingsInvalid, match=r"^DATA_DIR: "):
        secret_of(settings)
    told = await examined(settings)
    (found,) = told["data folder"]
    assert found.state is State.PROBLEM
    assert found.words.startswith(f"DATA_DIR: nothing can be kept in {folder}: ")
    assert not {"database", "secret key"} & set(told), "nothing is said of what would be in it"
    assert os.listdir(nothing_set) == ["file"]  # noqa: PTH208  the other way blocks, too


async def test_a_data_folder_in_which_nothing_is_kept_may_be_anything(
    database_url: str, nothing_set: Path
) -> None:
    await (await Store.open(database_url)).close()
    demo = nothing_set / "new" / "demo.sqlite3"
    settings = made(data_dir=Path("/proc/x"), database_url=database_url, demo_shop_path=demo)
    every = [each for found in (await examined(settings)).values() for each in found]
    assert [each for each in every if each.state is not State.OK] == []


@pytest.mark.parametrize("place", ["/proc/x/own", "file/own"])
async def test_a_file_that_was_named_where_none_can_be_is_a_problem(place: str, nothing_set: Path) -> None:
    (nothing_set / "file").touch()
    found = await one(made(demo_shop_path=Path(place)), "order backend")
    assert (found.state, found.remedy) == (State.PROBLEM, "Is DEMO_SHOP_PATH right?")
    found = await one(made(database_url=f"sqlite:///{place}"), "database")
    assert (found.state, found.remedy) == (State.PROBLEM, "Look at DATABASE_URL.")


async def test_a_key_that_can_be_guessed_or_read_by_others_is_worth_a_look(nothing_set: Path) -> None:
    short = await one(made(secret_key="opensesame"), "secret key")
    assert (short.state, "openssl" in short.remedy) == (State.WARNING, True)
    (nothing_set / "data").mkdir()
    file = nothing_set / "data" / "secret-key"
    file.write_text("k" * 64)
    for mode, state in ((0o644, State.WARNING), (0o600, State.OK)):
        file.chmod(mode)
        assert (await one(made(secret_key=""), "secret key")).state is state


@pytest.mark.parametrize(("content", "told"), [("", "is empty"), ("\n", "is empty"), ("k" * 31, "too short")])
async def test_a_kept_key_that_signs_nothing_is_a_problem(content: str, told: str, nothing_set: Path) -> None:
    (nothing_set / "data").mkdir()
    (nothing_set / "data" / "secret-key").write_text(content)
    found = await one(made(secret_key=""), "secret key")
    assert found.state is State.PROBLEM
    assert told in found.words
    assert "delete it" in found.words


async def test_a_kept_key_that_is_a_folder_is_a_problem(nothing_set: Path) -> None:
    (nothing_set / "data" / "secret-key").mkdir(parents=True)
    found = await one(made(secret_key=""), "secret key")
    assert found.state is State.PROBLEM
    assert "cannot be read: Is a directory" in found.words


async def test_bad_rules_are_told_each_by_itself(nothing_set: Path) -> None:
    (nothing_set / "policy.toml").write_text('[[rule]]\nname = "all"\nverdict = "maybe"\n')
    (nothing_set / "methods.toml").write_text("[card]\nmin = 'soon'\n")
    found = await examined(
        made(
            policy_file=nothing_set / "policy.toml",
            refund_methods_file=nothing_set / "methods.toml",
            desk_hours="mon-fri 9-17",
            webchat_origins="shop",
        )
    )
    for what, variable in (
        ("policy", "POLICY_FILE"),
        ("refunds", "REFUND_METHODS_FILE"),
        ("desk hours", "DESK_HOURS"),
        ("web chat", "WEBCHAT_ORIGINS"),
    ):
        (each,) = found[what]
        assert each.state is State.PROBLEM
        assert each.words.startswith(variable)


@pytest.mark.parametrize(
    "values",
    [
        {"shop_country": "XX"},
        {"shop_country": "XX", "desk_hours": "mon 09:00-17:00"},
        {"desk_hours": ";"},
        {"desk_hours": "mon 17:00-09:00"},
    ],
)
async def test_whatever_the_rules_cannot_be_made_of_is_a_problem(values: dict[str, str]) -> None:
    settings = made().model_copy(update=values)
    with pytest.raises(SettingsInvalid) as raised:
        rules_of(settings)
    told = [each for every in (await examined(settings)).values() for each in every]
    assert str(raised.value) in {each.words for each in told if each.state is State.PROBLEM}


async def test_hours_that_are_set_are_shown() -> None:
    found = await one(made(desk_hours="mon 09:00-17:00"), "desk hours")
    assert (found.state, found.words) == (State.OK, "mon 09:00-17:00")


@pytest.mark.parametrize(
    ("pattern", "example", "state"),
    [
        ("", "1042", State.OK),
        (r"W\d{7}", "W0001042", State.OK),
        (r"W\d{7}", "w0001042", State.OK),
        (r"W\d{7}", "1042", State.WARNING),
        (r"W\d{7}", "W00010421", State.WARNING),
    ],
)
async def test_an_example_that_is_no_order_number_is_worth_a_look(
    pattern: str, example: str, state: State
) -> None:
    found = await one(made(order_number_pattern=pattern, order_number_example=example), "order numbers")
    assert found.state is state
    assert ("ORDER_NUMBER_EXAMPLE" in found.words) == (state is State.WARNING)


async def test_a_refund_note_that_nobody_can_tell_is_a_problem(nothing_set: Path) -> None:
    file = nothing_set / "methods.toml"
    file.write_text(
        '[[method]]\nmethod = "card"\nnote = "does-not-exist"\nsource = "x"\nchecked_on = 2026-11-22\n'
    )
    found = await one(made(refund_methods_file=file), "refunds")
    assert found.state is State.PROBLEM
    assert "line 3: The note of the row `card` has no message" in found.words


async def test_a_port_that_is_taken_is_told_unless_it_is_ours(nothing_set: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        taken.close()
        assert (await one(made(http_port=port), "web port")).state is State.OK

    async def stranger(_: web.Request) -> web.Response:
        return web.Response(text="hello")

    async with served(stranger) as url:
        found = await one(made(http_port=int(url.rpartition(":")[2])), "web port")
    assert found.state is State.PROBLEM
    assert "HTTP_PORT" in found.words
    async with program.serving(nothing_set) as running:
        found = await one(made(http_port=running.port), "web port")
        assert (found.state, "Rescind is serving" in found.words) == (State.OK, True)


# ---- Telegram


async def test_telegram_is_asked_whether_the_token_is_good() -> None:
    async with TelegramServer() as server:
        good = await one(made(telegram_bot_token=TELEGRAM_TOKEN, telegram_api_url=server.url), "telegram")
        assert good.state is State.OK
        wrong = await one(made(telegram_bot_token="4242:opensesame", telegram_api_url=server.url), "telegram")
        assert wrong.state is State.PROBLEM
        assert "@BotFather" in wrong.words
        assert {call.method for call in server.calls} == {"getMe"}
    bad = await one(made(telegram_bot_token="opensesame"), "telegram")
    assert (bad.state, bad.words[:18]) == (State.PROBLEM, "TELEGRAM_BOT_TOKEN")


# ---- the command


async def test_the_command_tells_by_its_exit_code_and_by_json(nothing_set: Path) -> None:
    well = await rescind(nothing_set, "doctor")
    assert (well.code, well.err) == (0, "")
    assert "no problems, no warnings." in well.out
    assert all(re.match(r"(ok|warning|problem) +[a-z ]+  \S", line) for line in well.out.splitlines()[:-2])
    bad = await rescind(
        nothing_set,
        "doctor",
        "--json",
        ORDER_BACKEND="vendure",
        VENDURE_PASSWORD="opensesame",
        SECRET_KEY="short",
    )
    assert bad.code == 1
    states = {record["check"]: record["state"] for record in bad.records}
    assert (states["order backend"], states["secret key"], states["policy"]) == ("problem", "warning", "ok")
    assert "opensesame" not in bad.out + bad.err
    assert os.listdir(nothing_set) == []  # noqa: PTH208  the other way blocks, too


async def test_settings_that_cannot_be_read_are_the_first_problem(nothing_set: Path) -> None:
    bad = await rescind(nothing_set, "doctor", HTTP_PORT="opensesame", SHOP_COUNTRY="XX")
    assert bad.code == 1
    assert [line.split()[:3] for line in bad.out.splitlines()[:2]] == [
        ["problem", "settings", "HTTP_PORT:"],
        ["problem", "settings", "SHOP_COUNTRY:"],
    ]
    assert bad.out.endswith("2 problems, no warnings.\n")
    assert "opensesame" not in bad.out + bad.err
