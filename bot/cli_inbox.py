"""`rescind inbox`: a person answers from the command line and gives the chat back."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli_shared import console, examples, me, ready

if TYPE_CHECKING:
    from bot.desk.inbox import AtInbox, Inbox

T = TypeVar("T")

inbox_app = typer.Typer(
    no_args_is_help=True,
    help="Answer customers who wait for a person, in the store of the server that runs.",
    epilog=examples("rescind inbox list", "rescind inbox reply 7K2M-9QXD 'Hello, this is Kim.'"),
)

CaseArgument = Annotated[str, typer.Argument(metavar="CASE", help="The case's reference, as listed.")]
AgentOption = Annotated[
    str, typer.Option("--as", metavar="NAME", help="The name the customer sees. Default: your user name.")
]


@inbox_app.command("list", epilog=examples("rescind inbox list"))
def list_() -> None:
    """List who waits for a person or is with one, longest first."""
    from bot.inbox_views import waiting_table

    _printed(_look(lambda inbox: inbox.waiting()), waiting_table)


@inbox_app.command(epilog=examples("rescind inbox show 7K2M-9QXD"))
def show(case: CaseArgument) -> None:
    """Show a case: what is known, and what was said."""
    from bot.inbox_views import conversation

    _printed(_look(lambda inbox: inbox.show(case)), lambda found: conversation(case, *found))


@inbox_app.command(epilog=examples("rescind inbox reply 7K2M-9QXD 'Your parcel is on its way.' --as Kim"))
def reply(
    case: CaseArgument,
    text: Annotated[str, typer.Argument(help="What to say, word for word.")],
    agent: AgentOption = "",
) -> None:
    """Answer the customer; the bot is silent from then on."""
    if not text.strip():
        raise typer.BadParameter("say something to the customer", param_hint="TEXT")
    _act(agent, lambda person: person.reply(case, text))
    typer.echo("Sent as soon as the server takes it up; the chat is yours.")


@inbox_app.command(
    epilog=examples("rescind inbox back 7K2M-9QXD", "rescind inbox back 7K2M-9QXD --no-resume")
)
def back(
    case: CaseArgument,
    agent: AgentOption = "",
    resume: Annotated[bool, typer.Option(help="Go on with the request that was open.")] = True,
) -> None:
    """Give the chat back to the bot."""
    _act(agent, lambda person: person.back(case, resume=resume))
    typer.echo("The bot has the chat again.")


@inbox_app.command(epilog=examples("rescind inbox close 7K2M-9QXD"))
def close(case: CaseArgument, agent: AgentOption = "") -> None:
    """Settle the case; the customer is told."""
    _act(agent, lambda person: person.close(case))
    typer.echo("Closed.")


def _look(see: "Callable[[Inbox], Awaitable[T]]") -> T:
    """See something in the store, which is opened read-only."""
    from bot.assembly import open_store
    from bot.desk.inbox import Inbox

    async def run() -> T:
        async with open_store(ready("error"), read_only=True) as store:
            return await see(Inbox(store))

    return _run(run)


def _act(name: str, do: "Callable[[AtInbox], Awaitable[object]]") -> None:
    """Do something as an agent; what is said is sent by the process that serves."""
    from bot.assembly import open_agent

    async def run() -> None:
        async with open_agent(ready("error"), me(), name.strip()) as agent:
            await do(agent)

    _run(run)


def _run(work: Callable[[], Awaitable[T]]) -> T:
    from bot.desk.errors import BotHasIt, DeskRefusal, NoSuchCase

    async def run() -> T:
        return await work()

    try:
        return asyncio.run(run())
    except NoSuchCase as missing:
        typer.echo(f"No case has the reference {missing}. `rescind inbox list` shows who waits.", err=True)
    except BotHasIt as case:
        typer.echo(f"The bot has the chat of {case} already.", err=True)
    except DeskRefusal as refused:
        typer.echo(str(refused), err=True)
    raise typer.Exit(1)


def _printed(found: T, view: Callable[[T], object]) -> None:
    console().print(view(found))
