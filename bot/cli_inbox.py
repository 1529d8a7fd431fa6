"""`rescind inbox`: a person answers from the command line and gives the chat back."""

import asyncio
import getpass
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, Annotated

import typer
from rich.console import Console
from rich.markup import escape
from rich.table import Table

if TYPE_CHECKING:
    from bot.desk.inbox import Inbox

inbox_app = typer.Typer(no_args_is_help=True, help="Answer customers who wait for a person.")

Case = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference, as listed.")]
Agent = Annotated[str, typer.Option("--as", metavar="NAME", help="The name the customer sees.")]


def _me() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "agent"


@asynccontextmanager
async def _inbox(agent: str) -> AsyncGenerator["Inbox"]:
    """The inbox of the store; what it says is sent by the process that serves."""
    from bot import speech
    from bot.assembly import open_store, rules_of, utc_now
    from bot.desk.inbox import Inbox
    from bot.feed import LocalFeed
    from bot.reception import Reception
    from bot.settings import read_settings
    from dialogs.engine import Dialogue
    from dialogs.understanding import Understanding

    settings = read_settings()
    async with open_store(settings, perform=False) as store:
        reception = Reception(
            dialogue=Dialogue(rules_of(settings)),
            understanding=Understanding(),
            speech=speech.load(settings.shop_timezone),
            store=store,
            feed=LocalFeed(),
            clock=utc_now,
            pushes=("web", "telegram"),  # the serving process carries it to their watchers
        )
        yield Inbox(store, reception, utc_now, agent)


def _with(agent: str, act: "Callable[[Inbox], Awaitable[None]]") -> None:
    from bot.desk.inbox import NoSuchCase

    async def run() -> None:
        async with _inbox(agent) as inbox:
            await act(inbox)

    try:
        asyncio.run(run())
    except NoSuchCase as missing:
        Console(stderr=True).print(
            f"No case has the reference {escape(str(missing))}. `rescind inbox list` shows who waits."
        )
        raise typer.Exit(1) from None


@inbox_app.command("list")
def list_() -> None:
    """List who waits for a person or is with one, longest first."""

    async def act(inbox: "Inbox") -> None:
        rows = await inbox.waiting()
        if not rows:
            Console().print("Nobody waits.")
            return
        table = Table(box=None, header_style="dim")
        for column in ("case", "state", "since (UTC)", "why", "channel", "agent"):
            table.add_column(column)
        for row in rows:
            channel = row.key.partition(":")[0]
            table.add_row(
                row.reference, row.mode, f"{row.since:%Y-%m-%d %H:%M}", row.reason, channel, row.agent or ""
            )
        Console().print(table)

    _with(_me(), act)


@inbox_app.command()
def show(case: Case) -> None:
    """Show a case: what is known, and what was said."""

    async def act(inbox: "Inbox") -> None:
        stored, entries = await inbox.show(case)
        c, console = stored.conversation, Console()
        reason = c.handoff.reason.value if c.handoff else "no handoff"
        console.print(f"[bold]{escape(case)}[/]  {c.mode.value}, {reason}")
        if c.order is not None and c.read_at is not None:
            order = c.order
            console.print(
                f"order {escape(order.number)}: {order.stage}, {order.total} {order.currency}, "
                f"read {c.read_at:%Y-%m-%d %H:%M:%S} UTC",
                highlight=False,
            )
        elif c.number:
            console.print(f"order {escape(c.number)} (not read, or not matched)", highlight=False)
        for entry in entries:
            who = entry.agent or entry.author.value
            console.print(
                f"[dim]{entry.at:%H:%M:%S}[/] [bold]{escape(who)}[/]  {escape(entry.text)}", highlight=False
            )

    _with(_me(), act)


@inbox_app.command()
def reply(
    case: Case, text: Annotated[str, typer.Argument(help="What to say, word for word.")], agent: Agent = ""
) -> None:
    """Answer the customer; the bot is silent from then on."""

    async def act(inbox: "Inbox") -> None:
        await inbox.reply(case, text)
        Console().print("Sent as soon as the server takes it up; the chat is yours.")

    _with(agent or _me(), act)


@inbox_app.command()
def back(
    case: Case,
    agent: Agent = "",
    resume: Annotated[bool, typer.Option(help="Go on with the request that was open.")] = True,
) -> None:
    """Give the chat back to the bot."""

    async def act(inbox: "Inbox") -> None:
        await inbox.back(case, resume=resume)
        Console().print("The bot has the chat again.")

    _with(agent or _me(), act)


@inbox_app.command()
def close(case: Case, agent: Agent = "") -> None:
    """Settle the case; the customer is told."""

    async def act(inbox: "Inbox") -> None:
        await inbox.close(case)
        Console().print("Closed.")

    _with(agent or _me(), act)
