"""`rescind stage`: where an order stands, for one order or a file of them.

The shop comes from `ctx.obj`, a function without arguments that gives an async context manager of `Stages`
(`OpenStages`): the command line's root sets it, and a test sets its own.
"""

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable, Coroutine, Iterable, Iterator
from contextlib import (
    AbstractAsyncContextManager,
    AbstractContextManager,
    aclosing,
    contextmanager,
    nullcontext,
)
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, BinaryIO, NoReturn, TypeAlias

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn
from rich.text import Text

from bot.ports import ShopUnreachable
from bot.rows import BadRow, Unreadable, opened, rows_of
from bot.shop_errors import reason, trouble
from bot.stage_batch import Tally, count_lines, encoded, go_on, queries_of, record_of, streamed
from bot.stage_lookup import Answered, Query, StageAnswer, StageFound, StageMissing
from bot.stage_record import MISSING, stage_record, unreachable, unreachable_record
from bot.stage_views import described, news_line
from bot.stage_watch import OFTENEST, Away, News
from dialogs.orders import Stage

if TYPE_CHECKING:
    from bot.stages import Stages

OpenStages: TypeAlias = "Callable[[], AbstractAsyncContextManager[Stages]]"

_MISSING = 1
_MALFORMED = 1
_USAGE = 2
_UNREACHABLE = 3
_READ_AT_ONCE = 256

_out = Console(soft_wrap=True, highlight=False)
_err = Console(stderr=True)


def stage(  # noqa: PLR0913  every option is one
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
    follow: Annotated[
        bool, typer.Option("--watch", help="Stay, and tell every change of the record.")
    ] = False,
    every: Annotated[
        float, typer.Option(metavar="SECONDS", min=OFTENEST, help="How often --watch reads the record.")
    ] = 2.0,
    until: Annotated[
        Stage | None, typer.Option(help="End --watch once the order is seen in this stage.")
    ] = None,
) -> None:
    """Tell where an order stands, by the shop's live record.

    Exit code 0: found. 1: no such order, or not of that e-mail address. 2: wrong usage. 3: the shop could
    not be reached.

    With --watch: a line now, and one whenever stage, status, verdict or refunds have changed; with --json
    one JSON object a line. It outlives a shop that is away. Ctrl-C ends it, with exit code 0.

    With --batch FILE: a CSV file with the columns number and email (optional), or JSON Lines with these
    fields; one JSON object a line comes out, in the order of the input. Exit code 0: every line was answered.
    1: some lines were malformed. 3: for some lines the shop stayed unreachable.
    """
    open_stages: OpenStages = ctx.obj
    if (number is None) == (file is None):
        raise typer.BadParameter("give either a NUMBER or --batch FILE")
    if until is not None and not follow:
        raise typer.BadParameter("--until goes with --watch")
    if file is None and out is not None:
        raise typer.BadParameter("--out goes with --batch")
    if file is not None:
        _of_one_only({"--email": email is not None, "--json": as_json, "--watch": follow})
        raise typer.Exit(_batch(open_stages, file, out, concurrency))
    if follow:
        watching = _watch(open_stages, number or "", email, every=every, until=until, as_json=as_json)
        raise typer.Exit(_run_watch(watching))
    raise typer.Exit(_one(open_stages, number or "", email, as_json=as_json))


def _of_one_only(given: dict[str, bool]) -> None:
    """Refuse options beside a batch whose orders cannot have them."""
    if wrong := [option for option, is_given in given.items() if is_given]:
        raise typer.BadParameter(
            f"with --batch there is no {' and no '.join(wrong)}: that goes with a NUMBER; "
            "a batch has an email column, and answers in JSON"
        )


def _run_watch(watching: Coroutine[object, object, int]) -> int:
    try:
        return asyncio.run(watching)
    except KeyboardInterrupt:
        return 0
    except ShopUnreachable as error:
        _show(unreachable(reason(error)))
        return _UNREACHABLE


def _one(open_stages: OpenStages, number: str, email: str | None, *, as_json: bool) -> int:
    async def ask() -> StageAnswer:
        async with open_stages() as stages:
            return await stages.look_up(number, email)

    try:
        answer = asyncio.run(ask())
    except ShopUnreachable as error:
        why = reason(error)
        _show(unreachable_record(number, why) if as_json else unreachable(why))
        return _UNREACHABLE
    found = isinstance(answer, StageFound)
    if as_json:
        _show(stage_record(number, answer))
    elif isinstance(answer, StageFound):
        for name, text in described(answer):
            _out.print(Text(f"{name:20}{text}"))
    else:
        _show(MISSING)
    return 0 if found else _MISSING


def _show(what: dict[str, object] | str) -> None:
    """A record for scripts, or a sentence for people about what went wrong."""
    if isinstance(what, str):
        typer.echo(what, err=True)
    else:
        typer.echo(json.dumps(what))


async def _watch(
    open_stages: OpenStages,
    number: str,
    email: str | None,
    *,
    every: float,
    until: Stage | None,
    as_json: bool,
) -> int:
    """Tell what is new until it ends; the exit code: 1 where there is no such order to begin with."""
    show = partial(_tell, number, as_json=as_json)
    async with (
        open_stages() as stages,
        aclosing(stages.watch(number, email, every=every, until=until)) as news,
    ):
        began = False
        async for each in news:
            show(each)
            if not began and isinstance(each, StageMissing):
                return _MISSING
            began = began or isinstance(each, StageFound)
    return 0


def _tell(number: str, news: News, *, as_json: bool) -> None:
    """One line; what is no record goes to standard error where people read."""
    if isinstance(news, Away):
        why = reason(news.error)
        again = f"{why} Trying again; Ctrl-C ends."
        _show(unreachable_record(number, why) if as_json else unreachable(again))
    elif as_json:
        _show(stage_record(number, news))
    elif isinstance(news, StageFound):
        _out.print(Text(news_line(news)))
    else:
        _show(MISSING)


def _batch(open_stages: OpenStages, file: Path, out: Path | None, concurrency: int) -> int:
    if out is not None and out.exists() and file.exists() and out.samefile(file):
        _stop("--out is the file to read: name another", _USAGE)
    tally = Tally()
    try:
        with _source(file) as lines, _sink(out) as sink, _progress() as progress:
            queries = queries_of(rows_of(lines, file.name, required=("number",)))
            done = go_on(sink, queries, tally) if out is not None else 0
            total = count_lines(file) if _is_counted(file) else None
            task = progress.add_task("orders", total=total, completed=done)
            complain = _Complaints()

            def take(result: Answered | BadRow) -> None:
                complain(result)
                record = record_of(result)
                sink.write(encoded(record))
                sink.flush()  # what is written outlives the process, however it ends
                tally.count(record)
                progress.advance(task)

            asyncio.run(_run(open_stages, streamed(queries, _at_once(file)), concurrency, take))
    except Unreadable as error:
        _stop(str(error), _USAGE)
    except ShopUnreachable as error:
        _stop(unreachable(reason(error)), _UNREACHABLE)
    return _UNREACHABLE if tally.unreachable else _MALFORMED if tally.malformed else 0


class _Complaints:
    """Says why a shop does not answer, once a kind of reason: the lines say only that it did not."""

    def __init__(self) -> None:
        self._said: set[type[ShopUnreachable]] = set()

    def __call__(self, result: Answered | BadRow) -> None:
        error = result.error if isinstance(result, Answered) else None
        if error is not None and type(error) not in self._said:
            self._said.add(type(error))
            typer.echo(trouble(error), err=True)


async def _run(
    open_stages: OpenStages,
    queries: AsyncIterator[Query | BadRow],
    concurrency: int,
    take: Callable[[Answered | BadRow], None],
) -> None:
    async with (
        open_stages() as stages,
        aclosing(stages.batch(queries, concurrency=concurrency)) as results,
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
