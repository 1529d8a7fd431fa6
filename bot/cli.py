"""`rescind`: the command line. Each command imports what it needs when it runs, so that `--help` is quick."""

import asyncio
import sys
import tempfile
from contextlib import AbstractAsyncContextManager
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_agents import agents_app
from bot.cli_api_tokens import api_tokens_app
from bot.cli_audit import audit_app
from bot.cli_doctor import EPILOG as DOCTOR_EPILOG
from bot.cli_doctor import doctor
from bot.cli_erase import EPILOG as ERASE_EPILOG
from bot.cli_erase import erase
from bot.cli_inbox import inbox_app
from bot.cli_orders import orders_app
from bot.cli_policy import policy_app
from bot.cli_shared import examples, ready, steady_output
from bot.cli_stage import stage

if TYPE_CHECKING:
    from bot.stages import Stages

app = typer.Typer(
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="markdown",
    context_settings={"help_option_names": ["-h", "--help"]},
    help="Settles order cancellations by the shop's live record.\n\n"
    "Start with `rescind serve`, or chat right here with `rescind chat`. Settings come from the environment "
    "or a `.env` file; `.env.example` lists them all.",
    epilog=examples("rescind serve", "rescind stage --help"),
)
app.add_typer(orders_app, name="orders")
app.add_typer(policy_app, name="policy")
app.add_typer(inbox_app, name="inbox")
app.add_typer(agents_app, name="agents")
app.add_typer(audit_app, name="audit")
app.add_typer(api_tokens_app, name="api-tokens")
app.command(
    epilog=examples(
        "rescind stage 1001",
        "rescind stage 1001 --email ann@shop.test --json",
        "rescind stage --watch 1001 --until cancelled",
        "rescind stage --batch orders.csv --out stages.jsonl",
    )
)(stage)
app.command(epilog=DOCTOR_EPILOG)(doctor)
app.command(epilog=ERASE_EPILOG)(erase)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"rescind {version('rescind')}")
        raise typer.Exit


@app.callback()
def root(
    ctx: typer.Context,
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and exit.")
    ] = False,
) -> None:
    """Give the commands that look orders up the shop they are to ask."""
    del version

    def stages() -> "AbstractAsyncContextManager[Stages]":
        from bot.stages import open_stages

        return open_stages(ready("warning"))  # which tells of statuses that nobody mapped

    ctx.obj = stages


@app.command(epilog=examples("rescind serve", "HTTP_PORT=9000 rescind serve"))
def serve() -> None:
    """Serve the web chat, and Telegram where a token is set; Ctrl-C stops it.

    The store and a demo shop are made in the folder `data`, unless DATABASE_URL, DEMO_SHOP_PATH or DATA_DIR
    say otherwise. Exit code 0: stopped. 2: a setting is bad, or the store or the port is taken.
    """
    import uvloop
    from rich.console import Console

    from bot.banner import banner
    from bot.serving import serve as serve_house

    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(serve_house(ready(), lambda house, port: banner(Console(), house, port)))


@app.command(
    epilog=examples(
        "rescind chat",
        "rescind chat --locale es",
        "printf 'cancel 1001\\nann@shop.test\\n' | rescind chat --json",
    )
)
def chat(
    *,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="For scripts: lines in on standard input, one JSON object a reply out."),
    ] = False,
    locale: Annotated[str, typer.Option(help="The customer's language: en, es, en-GB...")] = "en",
) -> None:
    """Chat with the bot in this terminal.

    A line is text, or the number of a button; with --json also an object with the field press (the value of a
    button) or text. The chat has a store of its own, gone at its end, unless DATABASE_URL is set; then
    `rescind explain CASE` tells later why it went as it did. Exit code 0: the input ended.
    """
    from bot.cli_chat import chat_in

    settings = ready("error")
    if settings.database_url:
        asyncio.run(chat_in(settings, as_json=as_json, locale=locale))
        return
    with tempfile.TemporaryDirectory(prefix="rescind-chat-") as folder:
        own = settings.model_copy(update={"database_url": f"sqlite:///{folder}/chat.sqlite3"})
        asyncio.run(chat_in(own, as_json=as_json, locale=locale))


@app.command(epilog=examples("rescind explain 7K2M-9QXD"))
def explain(
    reference: Annotated[str, typer.Argument(metavar="CASE", help="The reference the customer quotes.")],
) -> None:
    """Show why a case was decided as it was, and derive the decision again from the record.

    Exit code 0: the same decision comes out again. 1: no such case. 3: another one comes out, so somebody
    changed the record.
    """
    from bot.cli_explain import explain_case

    raise typer.Exit(asyncio.run(explain_case(ready("error"), reference)))


def main() -> None:
    """Run the command line; what an operator can mend is told in a sentence, not in a traceback."""
    steady_output()
    try:
        app()
    except Exception as error:
        if not _can_be_mended(error):
            raise
        typer.echo(f"rescind: {error}", err=True)
        sys.exit(2)


def _can_be_mended(error: Exception) -> bool:
    from bot.ports import ChannelNotReady, ShopUnreachable
    from bot.settings import SettingsInvalid
    from storage.errors import StoreError

    # An OSError is the system's: a full disk, a folder that must not be written.
    return isinstance(error, SettingsInvalid | StoreError | ChannelNotReady | ShopUnreachable | OSError)
