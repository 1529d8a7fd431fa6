"""`rescind stage`: where an order stands, for one order or a file of them.

The backend comes from `ctx.obj`, a function without arguments that gives an async context manager of an
`OrderBackend` (`OpenBackend`): the command line's root sets it, and a test sets its own.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    contextmanager,
    nullcontext,
)
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, BinaryIO, NoReturn, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from bot.ports import OrderBackend, ShopUnreachable
from bot.rows import BadRow, Unreadable, opened, rows_of
from bot.stage_batch import (
    UNREACHABLE,
    Tally,
    answer_record,
    count_lines,
    encoded,
    go_on,
    queries_of,
    record_of,
    streamed,
)
from bot.stage_lookup import DESCRIPTIONS, Answered, Query, StageAnswer, StageFound, batch, look_up

OpenBackend: TypeAlias = Callable[[], AbstractAsyncContextManager[OrderBackend]]

_MISSING = 1
_MALFORMED = 1
_USAGE = 2
_UNREACHABLE = 3
_READ_AT_ONCE = 256

_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True)


def stage(
    ctx: typer.Context,
    number: Annotated[str | None, typer.Argument(metavar="NUMBER", help="The order number.")] = None,
    *,
    email: Annotated[
        str | None, typer.Option("--email", metavar="E", help="Answer only if it is this purchase e-mail.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
    file: Annotated[
        Path | None,
        typer.Option("--batch", metavar="FILE", help="Many orders: CSV or JSON Lines; - for stdin."),
    ] = None,
    out: Annotated[
        Path | None,
        typer.Option("--out", metavar="FILE", help="Where a batch's answers go; a second run goes on here."),
    ] = None,
    concurrency: Annotated[int, typer.Option(min=1, max=256, help="Look-ups at a time in a batch.")] = 8,
) -> None:
    """Tell where an order stands, by the shop's live record.

    Exit code 0: found. 1: no such order, or not of that e-mail address. 2: wrong usage. 3: the shop could
    not be reached.

    With --batch FILE: a CSV file with the columns number and email (optional), or JSON Lines with these
    fields; one JSON object a line comes out, in the order of the input. Exit code 0: every line was answered.
    1: some lines were malformed. 3: for some lines the shop stayed unreachable.
    """
    open_backend: OpenBackend = ctx.obj
    if (number is None) == (file is None):
        raise typer.BadParameter("give either a NUMBER or --batch FILE")
    if file is None and out is not None:
        raise typer.BadParameter("--out goes with --batch")
    if file is not None and (email is not None or as_json):
        raise typer.BadParameter("--email and --json go with a NUMBER; a batch has an email column")
    if file is not None:
        raise typer.Exit(_batch(open_backend, file, out, concurrency))
    raise typer.Exit(_one(open_backend, number or "", email, as_json=as_json))


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a command of its own is where the clock comes in


def _one(open_backend: OpenBackend, number: str, email: str | None, *, as_json: bool) -> int:
    async def ask() -> StageAnswer:
        async with open_backend() as backend:
            return await look_up(backend, number, email, now=_clock)

    try:
        answer = asyncio.run(ask())
    except ShopUnreachable as error:
        message = _why(error)
        _show({"number": number, "error": "unreachable", "message": message}, as_json=as_json)
        return _UNREACHABLE
    if as_json or not isinstance(answer, StageFound):
        _show({"number": number} | answer_record(answer), as_json=as_json)
    else:
        _print(answer)
    return 0 if isinstance(answer, StageFound) else _MISSING


def _why(error: ShopUnreachable) -> str:
    return f"{UNREACHABLE} {error}".strip()


def _show(record: dict[str, object], *, as_json: bool) -> None:
    if as_json:
        typer.echo(json.dumps(record))
    else:
        typer.echo(record["message"], err=True)


def _print(found: StageFound) -> None:
    status = f" (the shop's word: {found.status})" if found.status not in {"", found.stage.value} else ""
    partly = "yes" if found.partly_fulfilled else "no"
    for name, text in (
        ("Order", found.number),
        ("Stage", f"{found.stage.value}: {DESCRIPTIONS[found.stage]}{status}"),
        ("Partly fulfilled", partly),
        ("Marked cancellable", found.cancellable.value),
        ("Read at", f"{found.read_at:%Y-%m-%d %H:%M:%S} UTC"),
    ):
        _out.print(Text(f"{name:20}{text}"))


def _batch(open_backend: OpenBackend, file: Path, out: Path | None, concurrency: int) -> int:
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        _stop("--out is the file to read: name another", _USAGE)
    tally = Tally()
    try:
        with _source(file) as lines, _sink(out) as sink, _progress() as progress:
            queries = queries_of(rows_of(lines, file.name, required=("number",)))
            done = go_on(sink, queries, tally) if out is not None else 0
            total = count_lines(file) if _is_counted(file) else None
            task = progress.add_task("orders", total=total, completed=done)

            def take(result: Answered | BadRow) -> None:
                record = record_of(result)
                sink.write(encoded(record))
                sink.flush()  # what is written outlives the process, however it ends
                tally.count(record)
                progress.advance(task)

            asyncio.run(_run(open_backend, streamed(queries, _at_once(file)), concurrency, take))
    except Unreadable as error:
        _stop(str(error), _USAGE)
    except ShopUnreachable as error:
        _stop(_why(error), _UNREACHABLE)
    return _UNREACHABLE if tally.unreachable else _MALFORMED if tally.malformed else 0


async def _run(
    open_backend: OpenBackend,
    queries: AsyncIterator[Query | BadRow],
    concurrency: int,
    take: Callable[[Answered | BadRow], None],
) -> None:
    async with (
        open_backend() as backend,
        aclosing(batch(backend, queries, now=_clock, concurrency=concurrency)) as results,
    ):
        async for result in results:
            take(result)


def _is_pipe(file: Path) -> bool:
    return str(file) == "-"


def _is_counted(file: Path) -> bool:
    return _err.is_terminal and not _is_pipe(file) and file.is_file()


def _at_once(file: Path) -> int:
    return 1 if _is_pipe(file) else _READ_AT_ONCE


def _source(file: Path) -> AbstractContextManager[Iterable[bytes]]:
    return nullcontext(sys.stdin.buffer) if _is_pipe(file) else opened(file)


@contextmanager
def _sink(out: Path | None) -> Iterator[BinaryIO]:
    if out is None:
        yield sys.stdout.buffer
        return
    try:
        sink = out.open("a+b")
    except OSError as error:
        raise Unreadable(f"{out} cannot be written: {error.strerror or error}") from error
    with sink:
        sink.seek(0)
        yield sink


def _progress() -> Progress:
    """A bar on a terminal, nothing elsewhere: stdout may carry the answers."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
    return Progress(*columns, console=_err, disable=not _err.is_terminal, transient=True)


def _stop(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)
