import json
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result

from bot.cli_policy import policy_app
from dialogs.policy import default_policy, matrix

GOOD = '[[rule]]\nid = "rest"\nthen = "person"\nreason = "no-rule"\nclause = "1"\n'
HELD = """[[rule]]
id = "held"
when = { stage = ["on_hold"] }
then = "refuse"
reason = "on-hold"
clause = "4"
"""


def run(*arguments: str) -> Result:
    return CliRunner().invoke(policy_app, arguments)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "rules.toml"


def test_a_good_file_is_proved_with_exit_0(file: Path) -> None:
    file.write_text(default_policy().toml, encoding="utf-8")
    result = run("check", str(file))
    assert (result.exit_code, "13 rules decide all 180 combinations" in result.stdout) == (0, True)


def test_problems_are_printed_with_file_line_and_remedy_and_exit_1(file: Path) -> None:
    file.write_text(GOOD.replace('"person"', '"persona"'), encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    assert result.stdout.startswith(f'{file}:3: `then` cannot be "persona". Remedy: Use one of: allow,')


def test_a_gap_is_exit_1_and_names_the_combination(file: Path) -> None:
    file.write_text(GOOD.replace("then", 'when = { stage = ["paid"] }\nthen'), encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    assert result.stdout.count("No rule decides stage =") == 162


def test_clauses_are_looked_up_in_the_merchants_own_text(file: Path, tmp_path: Path) -> None:
    text = tmp_path / "policy.txt"
    text.write_text("1. One\n2. Two\n3. Three\n4. F\n5. F\n6. S\n7. Seven\n", encoding="utf-8")
    file.write_text(GOOD.replace('"1"', '"7"'), encoding="utf-8")
    assert run("check", str(file)).exit_code == 1
    assert run("check", str(file), "--text", str(text)).exit_code == 0


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_missing_file_is_exit_2_without_a_traceback(command: str, file: Path) -> None:
    result = run(command, str(file))
    assert result.exit_code == 2
    assert "cannot be read" in result.stderr
    assert "Traceback" not in result.output


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_folder_is_exit_2(command: str, tmp_path: Path) -> None:
    assert run(command, str(tmp_path)).exit_code == 2


@pytest.mark.parametrize("command", ["check", "show"])
def test_a_file_that_is_not_utf8_is_exit_2_and_says_so(command: str, file: Path) -> None:
    file.write_bytes(GOOD.encode() + b"# caf\xe9\n")
    result = run(command, str(file))
    assert (result.exit_code, "not UTF-8" in result.stderr) == (2, True)


def test_a_file_nested_too_deeply_is_reported_with_its_line(file: Path) -> None:
    file.write_text("# one\na = " + "[" * 20_000)
    result = run("check", str(file))
    assert result.exit_code == 1
    assert f"{file}:2: Tables or lists are nested more than 50 deep." in result.output


def test_a_byte_order_mark_does_no_harm(file: Path) -> None:
    file.write_text(GOOD, encoding="utf-8-sig")
    assert run("check", str(file)).exit_code == 0


def test_show_prints_the_whole_matrix_within_100_columns() -> None:
    result = run("show")
    lines = result.stdout.splitlines()
    assert result.exit_code == 0
    assert max(map(len, lines)) <= 100
    money = {"any": 3, "held, taken": 2, "unpaid": 1, "held": 1, "taken": 1}
    assert sum(money[cell] for line in lines[1:] for cell in money if f" {cell} " in line) == 180 + sum(
        # "held, taken" also holds " taken "
        " held, taken " in line
        for line in lines
    )


def test_show_never_cuts_a_word_that_a_rule_is_known_by() -> None:
    shown = run("show").stdout
    for _, verdict in matrix(default_policy()):
        assert f" {verdict.ruling} " in shown
        assert f" {verdict.reason} " in shown
        assert f" {verdict.rule} " in shown


def test_show_json_is_the_matrix_with_the_hash() -> None:
    shown = json.loads(run("show", "--json").stdout)
    assert shown["policy"] == default_policy().hash
    assert len(shown["matrix"]) == 180
    assert {
        "stage": "paid", "cancellable": "all", "partly_fulfilled": False, "money": "taken",
        "verdict": "allow", "reason": "not-yet-bound", "rule": "not-yet-bound", "clause": "2",
    } in shown["matrix"]  # fmt: skip


def test_show_prints_a_merchants_file_gaps_included(file: Path) -> None:
    file.write_text(GOOD.replace("then", 'when = { stage = ["paid"] }\nthen'), encoding="utf-8")
    result = run("show", str(file))
    assert result.exit_code == 0
    assert "no-rule" in result.stdout


def test_show_says_what_is_wrong_with_a_merchants_file(file: Path) -> None:
    file.write_text("[[rule]]\nid = 1\n", encoding="utf-8")
    result = run("show", str(file))
    assert result.exit_code == 1
    assert f"{file}:2: `id` cannot be 1." in result.stdout


def test_a_reason_that_no_text_can_tell_is_a_problem_with_its_line(file: Path) -> None:
    file.write_text(GOOD.replace('reason = "no-rule"', 'reason = "full-moon"'), encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    assert f"{file}:1: The reason of the rule `rest` has no message `reason-full-moon`." in result.stdout
    assert "Add it to dialogs/texts/en.ftl" in result.stdout


def test_a_refusal_that_names_no_way_out_is_a_problem_too(file: Path) -> None:
    file.write_text(HELD + GOOD, encoding="utf-8")
    result = run("check", str(file))
    assert result.exit_code == 1
    for language in ("en", "es"):
        assert f"Add it to dialogs/texts/{language}.ftl" in result.stdout
    assert result.stdout.count("has no message `instead-on-hold`.") == 2
    assert "reason-on-hold" not in result.stdout  # it is there
