"""`rescind policy check|show`: proves a merchant's rules, and prints what they decide."""

import json
from itertools import groupby
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from bot.cli_shared import console, examples
from dialogs.orders import Money
from dialogs.policy import (
    Facts,
    Policy,
    PolicyError,
    Problem,
    Verdict,
    check,
    default_policy,
    default_text,
    load,
    matrix,
)

policy_app = typer.Typer(
    name="policy",
    help="The cancellation policy: prove it, and see what it decides.",
    no_args_is_help=True,
    epilog=examples("rescind policy show", "rescind policy check my-policy.toml"),
)

TextFile = Annotated[
    Path | None,
    typer.Option("--text", help="The policy text whose clauses the rules name. Default: the product's own."),
]


@policy_app.command("check", epilog=examples("rescind policy check my-policy.toml"))
def check_file(
    file: Annotated[Path, typer.Argument(help="A rules file, like dialogs/policy/policy.toml.")],
    text: TextFile = None,
) -> None:
    """Prove that a rules file decides every order, holds no rule in vain, and gives reasons that have texts.

    Exit status: 0 proved; 1 with every problem as FILE:LINE: message; 2 the file cannot be read.
    """
    from bot.speech import unsaid  # no other command needs Babel and Fluent

    policy = _load(file, text)
    if problems := (*check(policy), *unsaid(policy)):
        raise _reported(file, problems)
    typer.echo(f"{file}: {len(policy.rules)} rules decide all {len(matrix(policy))} combinations.")


@policy_app.command(
    "show", epilog=examples("rescind policy show", "rescind policy show my-policy.toml --json")
)
def show(
    file: Annotated[Path | None, typer.Argument(help="A rules file. Default: the product's own.")] = None,
    text: TextFile = None,
    *,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
) -> None:
    """Print what the policy decides for every combination of facts.

    Exit status: 0 printed; 1 the rules cannot be used; 2 the file cannot be read.
    """
    policy = default_policy() if file is None and text is None else _load(file, text)
    if as_json:
        typer.echo(json.dumps({"policy": policy.hash, "matrix": _plain(policy)}, indent=2))
    else:
        console().print(_table(policy))


def _load(file: Path | None, text: Path | None) -> Policy:
    toml = default_policy().toml if file is None else _read(file)
    try:
        return load(toml, default_text() if text is None else _read(text))
    except PolicyError as error:
        raise _reported(file or Path("policy.toml"), error.problems) from None


def _read(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8-sig")
    except UnicodeDecodeError as error:
        typer.echo(f"{file}: this is not UTF-8 text (byte {error.start}). Save it as UTF-8.", err=True)
    except OSError as error:
        typer.echo(f"{file}: cannot be read: {error.strerror}.", err=True)
    raise typer.Exit(2)


def _reported(file: Path, problems: tuple[Problem, ...]) -> typer.Exit:
    for problem in problems:
        typer.echo(f"{file}:{problem}")
    return typer.Exit(1)


def _plain(policy: Policy) -> list[dict[str, str | bool]]:
    return [
        {
            "stage": facts.stage.value,
            "cancellable": facts.cancellable.value,
            "partly_fulfilled": facts.partly_fulfilled,
            "money": facts.money.value,
            "verdict": verdict.ruling.value,
            "reason": verdict.reason,
            "rule": verdict.rule,
            "clause": verdict.clause,
        }
        for facts, verdict in matrix(policy)
    ]


def _table(policy: Policy) -> Table:
    """The matrix, a block a stage; rows that differ in the money alone and agree are one row."""
    table = Table(box=None, padding=(0, 1), pad_edge=False, collapse_padding=True)
    for title in ("stage", "lines", "partly", "money", "verdict", "reason", "rule", "clause"):
        table.add_column(title, overflow="fold")
    for stage, of_stage in groupby(matrix(policy), key=lambda pair: pair[0].stage):
        name = stage.value
        for cells in _rows(list(of_stage)):
            table.add_row(name, *cells)
            name = ""
        table.add_row()
    return table


def _rows(pairs: list[tuple[Facts, Verdict]]) -> list[tuple[str, ...]]:
    rows: list[tuple[str, ...]] = []
    for (marks, partly, verdict), group in groupby(
        pairs, key=lambda pair: (pair[0].cancellable, pair[0].partly_fulfilled, pair[1])
    ):
        money = [facts.money for facts, _ in group]
        said = "any" if len(money) == len(Money) else ", ".join(money)
        shipped = "partly" if partly else "-"
        ruling = (verdict.ruling.value, verdict.reason, verdict.rule or "-", verdict.clause or "-")
        rows.append((marks.value, shipped, said, *ruling))
    return rows
