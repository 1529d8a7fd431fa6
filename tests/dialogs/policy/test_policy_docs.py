import re
from pathlib import Path

from typer.testing import CliRunner

from bot.cli_policy import policy_app
from dialogs.policy import default_policy
from dialogs.refunds import default_methods, default_rows, load

PAGE = (Path(__file__).parents[3] / "docs" / "policy.md").read_text(encoding="utf-8")
RULES, ROWS = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)


def test_the_rules_shown_in_the_documentation_pass_the_check_as_shown(tmp_path: Path) -> None:
    file = tmp_path / "my-policy.toml"
    file.write_text(RULES, encoding="utf-8")
    result = CliRunner().invoke(policy_app, ["check", str(file)])
    assert result.stdout.removeprefix(f"{tmp_path}/").strip() in PAGE
    assert result.exit_code == 0


def test_the_mistake_shown_in_the_documentation_is_reported_as_shown(tmp_path: Path) -> None:
    file = tmp_path / "my-policy.toml"
    file.write_text(RULES.replace('["confirmed"]', '["confirmd"]'), encoding="utf-8")
    result = CliRunner().invoke(policy_app, ["check", str(file)])
    assert result.stdout.removeprefix(f"{tmp_path}/").partition(" in_logistics")[0] in PAGE


def test_the_rows_shown_in_the_documentation_load() -> None:
    assert len(load(default_rows(), ROWS)) == len(default_methods()) + 1


def test_every_rule_is_in_the_table_of_clauses() -> None:
    table = PAGE[PAGE.index("## Clause by clause") : PAGE.index("## A file of your own")]
    assert all(f"`{rule.verdict.rule}`" in table for rule in default_policy().rules)
