"""`rescind doctor`: what is well, what is not, and what to do about it."""

import asyncio
import json
from collections import Counter
from typing import TYPE_CHECKING, Annotated

import typer
from rich.text import Text

from bot.cli_shared import console, examples, ready

if TYPE_CHECKING:
    from bot.findings import Finding

EPILOG = examples("rescind doctor", "rescind doctor --json")
_COLOURS = {"ok": "green", "warning": "yellow", "problem": "bold red"}


def doctor(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a check, for scripts.")] = False
) -> None:
    """Look at everything that serving needs, and say what to do where it is not well.

    Settings, database, key, policy, refund windows, the shop with its credentials and its clock, Telegram and
    the web port: a line each, `ok`, `warning` or `problem`. Changes nothing, shows no secret. Exit code 0:
    no problem, though perhaps warnings. 1: a problem.
    """
    raise typer.Exit(asyncio.run(_examine(as_json=as_json)))


async def _examine(*, as_json: bool) -> int:
    from bot.doctor import findings
    from bot.findings import State, problems
    from bot.settings import SettingsInvalid

    counted: Counter[str] = Counter()

    def take(found: "Finding") -> None:
        counted[found.state.value] += 1
        _show(found, as_json=as_json)

    try:
        settings = ready("error")
    except SettingsInvalid as error:
        for found in problems("settings", error):
            take(found)
    else:
        async for found in findings(settings):
            take(found)
    bad, doubtful = counted[State.PROBLEM], counted[State.WARNING]
    if not as_json:
        console().print(f"\n{_number(bad, 'problem')}, {_number(doubtful, 'warning')}.")
    return 1 if bad else 0


def _show(found: "Finding", *, as_json: bool) -> None:
    if as_json:
        record = {
            "check": found.what,
            "state": found.state.value,
            "words": found.words,
            "remedy": found.remedy,
        }
        typer.echo(json.dumps(record))
        return
    line = Text(f"{found.state.value:9}", style=_COLOURS[found.state.value])
    console().print(line + Text(f"{found.what:15}{found.words} {found.remedy}".rstrip(), style="default"))


def _number(count: int, what: str) -> str:
    return f"{count or 'no'} {what}{'' if count == 1 else 's'}"
