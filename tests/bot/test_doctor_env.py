"""`rescind doctor` and `.env`: names that are no setting are told, and no secret is taken for a name."""

from pathlib import Path

import pytest

from bot.findings import State
from bot.settings import Settings
from tests.bot.bare_environment import nothing_set
from tests.bot.doctor_room import examined, made
from tests.env_example import PATH as EXAMPLE

__all__ = ["nothing_set"]


async def told(folder: Path, text: str, **values: object) -> list[tuple[str, str]]:
    (folder / ".env").write_text(text, "utf-8")
    first, *others = (await examined(made(**values)))["settings"]
    assert first.state is State.OK
    assert all(each.state is State.WARNING for each in others)
    return [(each.words.partition(" ")[0], each.remedy) for each in others]


@pytest.mark.parametrize(
    ("line", "near"),
    [
        ("POLICY_FIEL=own.toml", "POLICY_FILE"),
        ("SHOP_TIME_ZONE=Europe/Paris", "SHOP_TIMEZONE"),
        ("export TELEGRAM_TOKEN=opensesame", "TELEGRAM_BOT_TOKEN"),
        ("desk_hour=mon 09:00-17:00", "DESK_HOURS"),
        ("VENDUR_URL=https://shop.test", "VENDURE_URL"),
    ],
)
async def test_a_misspelt_name_is_told_with_the_one_it_resembles(
    line: str, near: str, nothing_set: Path
) -> None:
    name = line.removeprefix("export ").partition("=")[0]
    assert await told(nothing_set, line) == [(name, f"Did you mean {near}?")]


async def test_a_name_that_resembles_none_is_told(nothing_set: Path) -> None:
    ((name, remedy),) = await told(nothing_set, "QUITE_ANOTHER_PROGRAM=1")
    assert (name, ".env.example" in remedy) == ("QUITE_ANOTHER_PROGRAM", True)


async def test_every_setting_and_the_chosen_shops_are_known(nothing_set: Path) -> None:
    text = "".join(f"{name.upper()}=\n" for name in Settings.model_fields) + "shop_name=Ann\n"
    assert await told(nothing_set, text + "HTTP_SHOP_URL=https://a.test\n", order_backend="http") == []


async def test_settings_of_a_shop_that_is_not_chosen_ask_whether_it_should_be(nothing_set: Path) -> None:
    assert await told(nothing_set, "VENDURE_URL=https://a.test\n") == [
        ("VENDURE_URL", "Is ORDER_BACKEND right?")
    ]


@pytest.mark.parametrize("url", ["http://127.0.0.1:1", "no address"])
async def test_a_misspelt_name_of_the_chosen_shop_is_told_once(
    url: str, nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_SHOP_URL", url)
    monkeypatch.setenv("HTTP_SHOP_TOKEN", "opensesame")
    (nothing_set / ".env").write_text("HTTP_SHOP_MAPING=own.toml\n")
    found = await examined(made(order_backend="http"))
    every = [each.remedy for one in found.values() for each in one if "HTTP_SHOP_MAPING" in each.words]
    assert every == ["Did you mean HTTP_SHOP_MAPPING?"]


async def test_the_environment_is_nobodys_to_judge(
    nothing_set: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("POLICY_FIEL", "own.toml")
    assert await told(nothing_set, "") == []


@pytest.mark.parametrize(
    "line", ["opensesame4242", "OpensesameAndMore==", "opensesame/x=", "opensesame" * 5 + "="]
)
async def test_a_secret_that_stands_where_a_name_belongs_is_not_shown(line: str, nothing_set: Path) -> None:
    ((word, remedy),) = await told(nothing_set, line)
    assert (word, remedy) == ("A", "Mend or remove it.")


async def test_the_example_file_uncommented_holds_no_stranger(nothing_set: Path) -> None:
    lines = [
        line[1:] for line in EXAMPLE.read_text("utf-8").splitlines() if line[1:2].isupper() and "=" in line
    ]
    names = await told(nothing_set, "\n".join(lines))
    assert {remedy for _, remedy in names} <= {"Is ORDER_BACKEND right?"}
