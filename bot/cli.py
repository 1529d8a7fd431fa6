"""`rescind`: the command line. Each command imports what it needs when it runs, so that `--help` is quick."""

import asyncio
import sys
import tempfile
from collections.abc import Coroutine
from contextlib import AbstractAsyncContextManager
from typing import Annotated, TypeVar

import typer
from rich.console import Console

from bot.cli_inbox import inbox_app
from bot.cli_orders import orders_app
from bot.cli_policy import policy_app
from bot.cli_stage import stage
from bot.ports import OrderBackend

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Settles order cancellations by the shop's live record.\n\n"
    "Start with `rescind serve`, or chat right here with `rescind chat`.",
)
app.add_typer(orders_app, name="orders")
app.add_typer(policy_app, name="policy")
app.add_typer(inbox_app, name="inbox")
app.command()(stage)

err = Console(stderr=True)
T = TypeVar("T")


@app.callback()
def root(ctx: typer.Context) -> None:
    """Give the commands that look orders up the shop they are to ask."""

    def backend() -> AbstractAsyncContextManager[OrderBackend]:
        from bot.assembly import open_backend
        from bot.settings import read_settings

        return open_backend(read_settings())

    ctx.obj = backend


@app.command()
def serve() -> None:
    """Serve the web chat, and Telegram where a token is set.

    Settings come from the environment or a `.env` file; `.env.example` lists them all.
    """
    from bot import logs
    from bot.assembly import House
    from bot.banner import banner
    from bot.serving import serve as serve_house
    from bot.settings import read_settings

    settings = read_settings()
    logs.set_up(settings.log_format, settings.log_level)

    async def started(house: House, port: int) -> None:
        await banner(Console(), house, port)

    _run_fast(serve_house(settings, started))


@app.command()
def chat(
    *,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="For scripts: lines in on standard input, one JSON object a reply out."),
    ] = False,
    locale: Annotated[str, typer.Option(help="The customer's language: en, es, en-GB...")] = "en",
) -> None:
    """Chat with the bot in this terminal.

    The chat has a store of its own, gone at its end, unless DATABASE_URL is set.
    A line is text, or the number of a button. With --json a line may also be {"press": "<value>"}.
    """
    from bot import logs
    from bot.settings import read_settings

    settings = read_settings()
    logs.set_up(settings.log_format, "error")
    if settings.database_url:
        _run(_chat(settings.database_url, as_json=as_json, locale=locale))
        return
    with tempfile.TemporaryDirectory(prefix="rescind-chat-") as folder:
        _run(_chat(f"sqlite:///{folder}/chat.sqlite3", as_json=as_json, locale=locale))


async def _chat(url: str, *, as_json: bool, locale: str) -> None:
    import secrets

    from bot.assembly import House, open_house, utc_now
    from bot.channels.terminal import Terminal
    from bot.orders.demo import DemoShop
    from bot.orders.demo_seed import seed, top_up
    from bot.settings import read_settings
    from bot.terminal_chat import talk, talk_json

    terminals: list[Terminal] = []

    def channels(house: House) -> list[Terminal]:
        terminals.append(Terminal(house.store, house.feed, utc_now, secrets.token_hex(8), locale))
        return terminals

    settings = read_settings().model_copy(update={"database_url": url})
    async with open_house(settings, channels) as house:
        if isinstance(house.backend, DemoShop):
            await seed(house.backend)
            await top_up(house.backend)
        if as_json:
            await talk_json(terminals[0])
        else:
            from bot.banner import orders_to_try

            console = Console()
            await orders_to_try(console, house)
            await talk(terminals[0], console)


@app.command()
def explain(
    reference: Annotated[str, typer.Argument(metavar="CASE", help="The reference the customer quotes.")],
) -> None:
    """Show why a case was decided as it was, and derive the decision again from the record."""
    from bot.cli_explain import explain_case

    raise typer.Exit(_run(explain_case(reference)))


def _run(work: Coroutine[object, object, T]) -> T:
    return asyncio.run(work)


def _run_fast(work: Coroutine[object, object, T]) -> T:
    """As `_run`, on uvloop where there is one: it saves a fifth of what a message costs."""
    try:
        import uvloop
    except ImportError:
        return _run(work)
    return uvloop.run(work)


def main() -> None:
    """Run the command line; what an operator can mend is told in a sentence, not in a traceback."""
    from bot.settings import SettingsInvalid
    from storage.errors import StoreError

    try:
        app()
    except (SettingsInvalid, StoreError) as error:
        err.print(f"[red]rescind:[/] {error}", highlight=False, markup=True)
        sys.exit(2)
    except KeyboardInterrupt:
        sys.exit(130)
