"""Settings: where they come from, that all are documented, and what a bad one says."""

import os
import re
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from dotenv import dotenv_values
from typer.testing import CliRunner

from bot.assembly import open_agent, secret_of
from bot.cli import app
from bot.orders import plugged
from bot.serving import serving, telegram_settings, web_chat_settings
from bot.settings import Settings, SettingsInvalid, plain, read_settings
from bot.shops import found, variables
from storage.errors import StoreError
from storage.store import Store
from tests.env_example import PATH as EXAMPLE
from tests.env_example import rendered

SECRET = "4242:a-secret_that_nobody_may_see"


@pytest.fixture(autouse=True)
def no_settings_but_the_tests(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder without `.env`, and an environment without our variables."""
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def complaint(monkeypatch: pytest.MonkeyPatch, **variables: str) -> str:
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(SettingsInvalid) as raised:
        read_settings()
    return str(raised.value)


# ---- .env.example


def test_the_example_file_names_every_setting_once_with_its_default() -> None:
    lines = [line[1:] for line in EXAMPLE.read_text("utf-8").splitlines() if re.match("#[A-Z]", line)]
    named = [(line.partition("=")[0], line.partition("=")[2].strip('"')) for line in lines]
    own = [(name.upper(), plain(field.default)) for name, field in Settings.model_fields.items()]
    of_shops = [(each.name, each.default) for name in plugged.built_in() for each in variables(found(name))]
    assert named == own + of_shops
    assert len(dict(named)) == len(named)


def test_the_example_file_explains_every_setting_in_the_words_of_the_code() -> None:
    assert all(field.description for field in Settings.model_fields.values())
    assert EXAMPLE.read_text("utf-8") == rendered(), "run `python -m tests.env_example`"


def test_the_example_file_uncommented_is_the_defaults(no_settings_but_the_tests: Path) -> None:
    text = re.sub("^#(?=[A-Z])", "", EXAMPLE.read_text("utf-8"), flags=re.MULTILINE)
    (no_settings_but_the_tests / ".env").write_text(text, "utf-8")
    assert read_settings() == Settings(_env_file=None)  # type: ignore[call-arg]


def test_no_setting_is_secret_and_shown() -> None:
    assert not [line for line in rendered().splitlines() if re.search("(TOKEN|SECRET|KEY|PASSWORD)=.", line)]


# ---- where they come from


def test_the_env_file_is_read_and_the_environment_wins(
    no_settings_but_the_tests: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (no_settings_but_the_tests / ".env").write_text(
        'SHOP_NAME="Ann & Söhne"\nHTTP_PORT=9001\nORDER_NUMBER_PATTERN=W\\d{7}\n', "utf-8"
    )
    monkeypatch.setenv("HTTP_PORT", "9002")
    settings = read_settings()
    assert (settings.shop_name, settings.http_port) == ("Ann & Söhne", 9002)
    assert settings.order_number_pattern == r"W\d{7}"


@pytest.mark.parametrize("name", list(Settings.model_fields))
def test_an_empty_value_counts_as_unset(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(name.upper(), "")
    assert read_settings() == Settings(_env_file=None)  # type: ignore[call-arg]


def test_an_empty_value_in_the_env_file_counts_as_unset(no_settings_but_the_tests: Path) -> None:
    lines = [f"{name.upper()}=\n" for name in Settings.model_fields]
    (no_settings_but_the_tests / ".env").write_text("".join(lines))
    assert set(dotenv_values(".env").values()) == {""}
    assert read_settings() == Settings(_env_file=None)  # type: ignore[call-arg]


def test_an_env_file_that_is_not_utf8_is_named(no_settings_but_the_tests: Path) -> None:
    (no_settings_but_the_tests / ".env").write_bytes(b"SHOP_NAME=S\xf6hne\n")
    with pytest.raises(SettingsInvalid, match=r"\.env: this is not UTF-8"):
        read_settings()


def test_words_may_be_written_in_capitals(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LOG_LEVEL", "WARNING")
    monkeypatch.setenv("SHOP_COUNTRY", "us-CA")
    assert (read_settings().log_level, read_settings().shop_country) == ("warning", "US-CA")


# ---- what a bad one says


@pytest.mark.parametrize(
    ("name", "value", "remedy"),
    [
        ("HTTP_PORT", "eighty", "must be a whole number"),
        ("HTTP_PORT", "70000", "must be less than or equal to 65535"),
        ("TELEGRAM_MODE", "push", "must be polling, webhook or mounted"),
        ("LOG_FORMAT", "xml", "must be text or json"),
        ("LOG_LEVEL", "loud", "must be debug, info, warning or error"),
        ("WEBCHAT_TRUST_PROXY", "perhaps", "must be true or false"),
        ("REMIND_AFTER_MINUTES", "soon", "must be a number"),
        ("REMIND_AFTER_MINUTES", "inf", "must be less than or equal to"),
        ("CLOSE_AFTER_MINUTES", "0", "must be greater than 0"),
        ("GUESS_PAUSE_SECONDS", "-1", "must be greater than or equal to 0"),
        ("REFUND_LEGAL_DAYS", "1.5", "must be a whole number"),
        ("SHOP_TIMEZONE", "Mars/Olympus", "use a name such as Europe/Berlin"),
        ("SHOP_TIMEZONE", "../../etc/passwd", "use a name such as Europe/Berlin"),
        ("SHOP_COUNTRY", "XX", "use a country code such as DE"),
        ("SHOP_COUNTRY", "DE-NOWHERE", "or US-CA"),
        ("ORDER_STATUS_URL", "https://shop.example/orders", "{number} in it"),
        ("ORDER_STATUS_URL", "shop.example/{number}", "a web address"),
        ("ORDER_NUMBER_PATTERN", "W(", "is no regular expression"),
        ("ORDER_NUMBER_PATTERN", ".*", "matches a text without a number in it"),
        ("ORDER_NUMBER_PATTERN", ".+", "write what one number looks like"),
        ("ORDER_NUMBER_PATTERN", r"\d*", "write what one number looks like"),
        ("ORDER_NUMBER_PATTERN", "W?", "write what one number looks like"),
        ("ORDER_NUMBER_PATTERN", "^|$", "write what one number looks like"),
        ("ORDER_NUMBER_PATTERN", r"\s|W\d{7}", "write what one number looks like"),
        ("ORDER_NUMBER_PATTERN", ".{5,20}", "write what one number looks like"),
    ],
)
def test_a_bad_value_is_told_with_its_variable_and_the_remedy(
    name: str, value: str, remedy: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = complaint(monkeypatch, **{name: value})
    assert told.startswith(f"{name}: ")
    assert remedy in told
    assert "Input should" not in told


@pytest.mark.parametrize("pattern", [r"W\d{7}", r"\d+", r"\d{3} ?\d{4}", "[A-Z]{2}-[0-9A-F]{6}"])
def test_a_pattern_of_order_numbers_is_taken(pattern: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ORDER_NUMBER_PATTERN", pattern)
    assert read_settings().order_number_pattern == pattern


def test_all_bad_values_are_told_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    told = complaint(monkeypatch, HTTP_PORT="x", SHOP_COUNTRY="XX", TELEGRAM_MODE="x")
    assert [line.partition(":")[0] for line in told.splitlines()] == [
        "HTTP_PORT",
        "SHOP_COUNTRY",
        "TELEGRAM_MODE",
    ]


def made(**values: object) -> Settings:
    return Settings(_env_file=None, **values)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"telegram_bot_token": "no-token"}, "TELEGRAM_BOT_TOKEN is not a bot token: copy it whole"),
        ({"telegram_mode": "webhook"}, "TELEGRAM_WEBHOOK_URL must be the public https address"),
        (
            {"telegram_mode": "webhook", "telegram_webhook_url": "http://shop.example/hook"},
            "TELEGRAM_WEBHOOK_URL must be the public https address",
        ),
        (
            {"telegram_mode": "webhook", "telegram_webhook_url": "https://shop.example/hook"},
            "TELEGRAM_WEBHOOK_SECRET must be 1 to 256 characters",
        ),
        ({"telegram_api_url": "localhost:8081"}, "TELEGRAM_API_URL must be a URL"),
    ],
)
def test_telegram_settings_that_do_not_go_together_are_told(values: dict[str, str], told: str) -> None:
    with pytest.raises(SettingsInvalid) as raised:
        telegram_settings(made(**{"telegram_bot_token": SECRET} | values))
    assert str(raised.value).startswith(told)
    assert SECRET.partition(":")[2] not in str(raised.value)


def test_without_a_token_telegram_is_off_whatever_else_is_set() -> None:
    assert telegram_settings(made(telegram_mode="webhook")) is None


def test_an_origin_with_a_path_is_told_with_its_variable() -> None:
    with pytest.raises(SettingsInvalid, match=r"^WEBCHAT_ORIGINS: .*write it as https://shop\.example"):
        web_chat_settings(made(webchat_origins="https://a.example, https://b.example/shop"))


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://ann:opensesame@db/shop", "DATABASE_URL names 'mysql', which the store does not know"),
        ("opensesame", "DATABASE_URL is not a database URL; write it as sqlite:///"),
        ("sqlite://", "DATABASE_URL names no file"),
    ],
)
async def test_a_database_url_of_no_known_kind_is_told(url: str, told: str) -> None:
    with pytest.raises(StoreError) as raised:
        await Store.open(url)
    assert str(raised.value).startswith(told)
    assert "opensesame" not in str(raised.value)


def test_a_data_folder_that_cannot_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(SettingsInvalid, match=r"^DATA_DIR: .*cannot be made"):
        secret_of(made(data_dir=tmp_path / "file" / "data"))


async def test_a_port_in_use_is_told_with_the_variable(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(SettingsInvalid, match=f"^HTTP_PORT: another program listens on .*:{port}; "):
            async with serving(made(data_dir=tmp_path, http_port=port)):
                pass


async def test_an_address_of_another_machine_is_told_with_the_variable(tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=r"^HTTP_HOST: "):
        async with serving(made(data_dir=tmp_path, http_host="192.0.2.1", http_port=0)):
            pass


async def test_bad_settings_of_a_channel_stop_the_start_before_anything_is_made(tmp_path: Path) -> None:
    settings = made(data_dir=tmp_path / "data", webchat_origins="shop", telegram_bot_token="x")
    with pytest.raises(SettingsInvalid):
        async with serving(settings):
            pass
    assert not (tmp_path / "data").exists()


# ---- the key that signs


def test_the_secret_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    settings = made(data_dir=tmp_path)
    first = secret_of(settings)
    assert len(first) > 40
    assert secret_of(settings) == first
    assert (tmp_path / "secret-key").stat().st_mode & 0o077 == 0
    assert [path.name for path in tmp_path.iterdir()] == ["secret-key"]


@pytest.mark.parametrize("content", [b"", b"\n", b" " * 64, b"k" * 31])
def test_a_kept_secret_that_is_empty_or_too_short_signs_nothing(content: bytes, tmp_path: Path) -> None:
    (tmp_path / "secret-key").write_bytes(content)
    with pytest.raises(SettingsInvalid, match=r"^SECRET_KEY: .*secret-key is .* delete it"):
        secret_of(made(data_dir=tmp_path))
    assert (tmp_path / "secret-key").read_bytes() == content


def test_a_kept_secret_that_is_a_folder_is_told(tmp_path: Path) -> None:
    (tmp_path / "secret-key").mkdir()
    with pytest.raises(SettingsInvalid, match=r"^SECRET_KEY: .*cannot be used: Is a directory"):
        secret_of(made(data_dir=tmp_path))


def test_a_secret_that_is_set_is_taken_and_nothing_is_made(tmp_path: Path) -> None:
    assert secret_of(made(data_dir=tmp_path / "data", secret_key="mine")) == b"mine"
    assert not (tmp_path / "data").exists()


# ---- through the command line


async def test_a_person_at_the_inbox_makes_no_store(tmp_path: Path) -> None:
    with pytest.raises(StoreError, match=r"There is no database at .*start `rescind serve` once"):
        async with open_agent(made(data_dir=tmp_path / "data"), "root", "kim"):
            pass
    assert not (tmp_path / "data").exists()


def test_the_command_line_stops_before_it_does_anything(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("TELEGRAM_MODE", "push")
    monkeypatch.setenv("DATA_DIR", str(tmp_path / "data"))
    for command in (["serve"], ["chat", "--json"], ["stage", "1001"], ["inbox", "list"], ["explain", "X"]):
        result = CliRunner().invoke(app, command)
        assert isinstance(result.exception, SettingsInvalid), command
        assert result.output == ""
    assert not (tmp_path / "data").exists()


@pytest.mark.parametrize(
    ("variables", "told"),
    [
        ({"TELEGRAM_MODE": "push"}, "TELEGRAM_MODE: must be polling, webhook or mounted."),
        ({"TELEGRAM_BOT_TOKEN": "opensesame"}, "TELEGRAM_BOT_TOKEN is not a bot token"),
        ({"DATABASE_URL": "mysql://ann:opensesame@db/x"}, "DATABASE_URL names 'mysql'"),
    ],
)
def test_a_bad_setting_ends_the_program_with_2_a_sentence_and_no_secret(
    variables: dict[str, str], told: str, tmp_path: Path
) -> None:
    program = subprocess.run(
        [sys.executable, "-c", "from bot.cli import main; main()", "serve"],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(EXAMPLE.parent)} | variables,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert program.returncode == 2
    assert program.stdout == ""
    assert program.stderr.startswith(f"rescind: {told}")
    assert "Traceback" not in program.stderr
    assert "opensesame" not in program.stderr
