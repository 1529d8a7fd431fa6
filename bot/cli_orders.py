"""`rescind orders`: look after the demo shop's record, and see what no shop's mapping knows."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.table import Table
from rich.text import Text

from bot.cli_shared import console, examples, read_settings
from bot.orders.demo_file import Attempt, NoSuchOrder, ShopFile
from bot.orders.demo_record import CannotMove
from bot.orders.demo_schema import Access
from bot.ports import ShopUnreachable
from bot.rows import BadRow, Unreadable
from dialogs.orders import Order, Stage

orders_app = typer.Typer(
    name="orders",
    help="Look after the demo shop's orders: bring in your own, list them, move them on. With any other "
    "shop, see which of its statuses nobody has mapped.",
    no_args_is_help=True,
    epilog=examples("rescind orders list", "rescind orders import my-orders.csv"),
)

_BAD_LINES = 1
_NO_ORDER = 1
_UNREADABLE = 2
_USAGE = 2
_UNREACHABLE = 3

ShopOption = Annotated[
    Path | None,
    typer.Option(
        "--shop",
        metavar="PATH",
        help="The demo shop's file. Default: the one that is served (DEMO_SHOP_PATH, DATA_DIR).",
        dir_okay=False,
    ),
]
JsonOption = Annotated[bool, typer.Option("--json", help="JSON for scripts, an order a line.")]
NumberArgument = Annotated[str, typer.Argument(metavar="NUMBER", help="The order number.")]


def _clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 - a command of its own is where the clock comes in


@orders_app.command(
    "import",
    epilog=examples("rescind orders import my-orders.csv", "rescind orders import fresh.jsonl --live"),
)
def import_orders(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="JSON Lines or CSV; see docs/orders.md.")],
    live: Annotated[
        bool, typer.Option("--live", help="Let the orders move on through the stages by themselves.")
    ] = False,
    shop: ShopOption = None,
) -> None:
    """Bring orders in. Good lines are kept, bad ones reported with their number and what to do.

    An order whose number is there already is replaced. Imported orders stand still unless --live.
    Exit code 0: all kept. 1: some lines were bad. 2: the file cannot be read. 3: the shop cannot.
    """
    from bot.orders.importing import Kept, import_file

    kept = replaced = bad = 0
    with _opened(shop, Access.CREATE) as record:
        for report in import_file(record, file, live=live):
            match report:
                case Kept():
                    kept += 1
                    replaced += report.replaced
                    if report.replaced:
                        typer.echo(
                            f"line {report.line}: order {report.number} was there and is replaced", err=True
                        )
                case BadRow():
                    bad += 1
                    typer.echo(f"line {report.line}: {report.reason}", err=True)
    typer.echo(f"{kept} kept ({replaced} of them replaced an order), {bad} bad")
    raise typer.Exit(_BAD_LINES if bad else 0)


@orders_app.command(
    "list", epilog=examples("rescind orders list --stage paid", "rescind orders list --json > kept.jsonl")
)
def list_orders(
    stage: Annotated[Stage | None, typer.Option("--stage", help="Only orders in this stage.")] = None,
    as_json: JsonOption = False,
    shop: ShopOption = None,
) -> None:
    """List the orders as the record shows them now. With --json in the form that import reads."""
    from bot.orders.records import record_of

    with _opened(shop, Access.LOOK) as record:
        found = (order for order in record.orders() if stage in {None, order.stage})
        if as_json:
            for order in found:
                typer.echo(_json(record_of(order)))
        else:
            console().print(_orders_table(found))


@orders_app.command("show", epilog=examples("rescind orders show 1001"))
def show_order(number: NumberArgument, as_json: JsonOption = False, shop: ShopOption = None) -> None:
    """Show one order, and every attempt to cancel it."""
    from bot.orders.records import record_of

    with _opened(shop, Access.LOOK) as record:
        order = record.find(number)
        attempts = record.attempts(number)
    if order is None:
        _fail("no such order", _NO_ORDER)
    if as_json:
        typer.echo(_json(record_of(order) | {"attempts": [_attempt_record(each) for each in attempts]}))
    else:
        _print_order(order, attempts)


@orders_app.command(
    "advance", epilog=examples("rescind orders advance 1001", "rescind orders advance 1001 --to in_logistics")
)
def advance_order(
    number: NumberArgument,
    to: Annotated[Stage | None, typer.Option("--to", help="The stage, if not the next one.")] = None,
    shop: ShopOption = None,
) -> None:
    """Move an order on to its next stage, or to any other. A cancelled order moves no more."""
    try:
        with _opened(shop, Access.CHANGE) as record:
            order = record.advance(number, to)
    except NoSuchOrder:
        _fail("no such order", _NO_ORDER)
    except CannotMove as error:
        _fail(str(error), _NO_ORDER)
    typer.echo(f"{order.number}: {order.stage.value}")


@orders_app.command("unmapped", epilog=examples("rescind orders unmapped", "rescind orders unmapped --json"))
def unmapped_statuses(
    as_json: Annotated[bool, typer.Option("--json", help="JSON for scripts, a status a line.")] = False,
    forget: Annotated[
        bool, typer.Option("--forget", help="Forget them, once mapped; what still is not comes back.")
    ] = False,
) -> None:
    """List the statuses of the configured shop that nobody has mapped: orders in one go to a person.

    Each is listed once, with the time it was first met since they were last forgotten. Exit code 0: listed,
    or there are none. 2: a setting is bad, or the store cannot be used.
    """
    from bot.unmapped_views import forgotten, listed, table

    settings = read_settings()
    if forget:
        typer.echo(f"{asyncio.run(forgotten(settings))} forgotten")
        return
    found = asyncio.run(listed(settings))
    if as_json:
        for each in found.statuses:
            typer.echo(_json({"status": each.status, "first_at": each.first_at.isoformat()}))
    else:
        console().print(table(found))


@contextmanager
def _opened(path: Path | None, access: Access) -> Iterator[ShopFile]:
    """The shop's file; where it or the file to import cannot be used, the command ends with the reason."""
    path = path or _demo_shop()
    file = ShopFile(path, now=_clock, access=access)
    try:
        yield file
    except Unreadable as error:
        _fail(str(error), _UNREADABLE)
    except ShopUnreachable as error:
        why = str(error) if path.exists() else f"there is no demo shop at {path}"
        _fail(f"{why}. Is --shop or DEMO_SHOP_PATH right?", _UNREACHABLE)
    finally:
        file.close()


def _demo_shop() -> Path:
    """The demo shop's file, where that is the shop; otherwise the command ends."""
    settings = read_settings()
    if settings.order_backend != "demo":
        _fail(
            f"ORDER_BACKEND is {settings.order_backend}, and this looks after the demo shop only. To look an "
            "order up: `rescind stage NUMBER`. For a demo shop all the same, name its file: --shop PATH.",
            _USAGE,
        )
    return settings.demo_shop


def _fail(message: str, code: int) -> NoReturn:
    typer.echo(message, err=True)
    raise typer.Exit(code)


def _json(record: dict[str, object]) -> str:
    return json.dumps(record, ensure_ascii=False)


def _attempt_record(attempt: Attempt) -> dict[str, object]:
    return {
        "request_id": attempt.request_id,
        "expected": attempt.expected.value,
        "found": attempt.found.value if attempt.found else None,
        "report": attempt.report.value,
        "repeated": attempt.repeated,
        "at": attempt.at.isoformat(),
    }


def _orders_table(orders: Iterator[Order]) -> Table:
    table = Table("Number", "E-mail", "Stage", "Cancellable", "Total", "Paid by", box=None, pad_edge=False)
    for order in orders:
        cells = (
            order.number,
            order.email,
            order.stage.value + (", partly fulfilled" if order.partly_fulfilled else ""),
            order.cancellable.value,
            f"{order.total} {order.currency}",
            ", ".join(f"{payment.method} ({payment.status.value})" for payment in order.payments),
        )
        table.add_row(*map(Text, cells))
    return table


def _print_order(order: Order, attempts: list[Attempt]) -> None:
    console().print(_orders_table(iter([order])))
    for line in order.lines:
        mark = "" if line.cancellable else "  (not cancellable)"
        console().print(Text(f"  {line.quantity} x {line.title}, {line.unit_price} each{mark}"))
    for payment in order.payments:
        console().print(Text(f"  {payment.method}: {payment.amount} {payment.status.value}"))
        for refund in payment.refunds:
            sent = f" at {refund.sent_at:%Y-%m-%d %H:%M} UTC" if refund.sent_at else ""
            console().print(Text(f"    refund {refund.amount} {refund.status.value}{sent}"))
    for attempt in attempts:
        found = attempt.found.value if attempt.found else "no such order"
        again = ", a repetition" if attempt.repeated else ""
        console().print(
            Text(
                f"  cancel attempt {attempt.at:%Y-%m-%d %H:%M:%S} UTC: expected {attempt.expected.value},"
                f" found {found}: {attempt.report.value}{again} [{attempt.request_id}]"
            )
        )
