"""`rescind agents`: who works at the desk. A password comes from a prompt or standard input, no argument."""

import asyncio
import sys
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli_shared import console, examples, me, ready
from storage.desk_records import Agent, Role

if TYPE_CHECKING:
    from bot.desk.accounts import Accounts
    from bot.desk.links import Links

T = TypeVar("T")

agents_app = typer.Typer(
    no_args_is_help=True,
    help="Add and manage the people at the desk. Start `rescind serve` once before, to make the store.",
    epilog=examples("rescind agents add kim --name Kim --role admin", "rescind agents sign-in-link kim"),
)
LoginArgument = Annotated[str, typer.Argument(metavar="LOGIN", help="The name they sign in with.")]
RoleOption = Annotated[Role, typer.Option(help="What they may do; an admin manages agents, too.")]


@agents_app.command(
    epilog=examples(
        "rescind agents add kim --name Kim --role admin",
        "rescind agents add lee --name Lee < password.txt",
        "rescind agents add max --name Max --no-password",
    )
)
def add(
    login: LoginArgument,
    name: Annotated[str, typer.Option(help="The name customers see. Default: the sign-in name.")] = "",
    role: RoleOption = Role.AGENT,
    password: Annotated[
        bool, typer.Option(help="Ask for a password; without one they sign in by a link.")
    ] = True,
) -> None:
    """Add an agent; the password is asked for, or read as a line from standard input."""
    given = _password() if password else None

    def do(accounts: "Accounts", by: Agent) -> Awaitable[Agent]:
        return accounts.add(by, login=login, name=name or login, role=role, password=given)

    added = _run(do)
    typer.echo(f"{added.name} is {_article(added.role)} and signs in as {added.login}.")


@agents_app.command("list", epilog=examples("rescind agents list"))
def list_() -> None:
    """List everybody, disabled ones too."""
    from bot.inbox_views import agents_table

    console().print(agents_table(_run(lambda accounts, by: accounts.all(by))))


@agents_app.command(epilog=examples("rescind agents disable kim"))
def disable(login: LoginArgument) -> None:
    """Let an agent no longer sign in; who is signed in is out at once, their chats return to the queue."""
    _manage(login, lambda accounts, by, agent: accounts.disable(by, agent.id))
    typer.echo(f"{login} is disabled, and signed out everywhere.")


@agents_app.command(epilog=examples("rescind agents enable kim"))
def enable(login: LoginArgument) -> None:
    """Let an agent sign in again."""
    _manage(login, lambda accounts, by, agent: accounts.enable(by, agent.id))
    typer.echo(f"{login} may sign in again.")


@agents_app.command(epilog=examples("rescind agents role kim supervisor"))
def role(login: LoginArgument, role: Annotated[Role, typer.Argument(help="The new role.")]) -> None:
    """Change what an agent may do, at once."""
    _manage(login, lambda accounts, by, agent: accounts.set_role(by, agent.id, role))
    typer.echo(f"{login} is {_article(role)} now.")


@agents_app.command(
    epilog=examples("rescind agents password kim", "rescind agents password kim < password.txt")
)
def password(login: LoginArgument) -> None:
    """Set a password, asked for or read from standard input; it signs the agent out everywhere."""
    given = _password()
    _manage(login, lambda accounts, by, agent: accounts.set_password(by, agent.id, given))
    typer.echo(f"{login} has a new password, and is signed out everywhere.")


@agents_app.command("sign-in-link", epilog=examples("rescind agents sign-in-link kim"))
def sign_in_link(
    login: LoginArgument,
    url: Annotated[str, typer.Option(help="Where the desk is. Default: this machine.")] = "",
) -> None:
    """Print a link that signs an agent in once, within 15 minutes. Whoever has it is that agent."""
    from bot.cli_shared import read_settings

    token = _manage(login, lambda accounts, by, agent: accounts.sign_in_token(by, agent.id))
    settings = read_settings()
    base = url.rstrip("/") or f"http://{settings.http_host}:{settings.http_port}"
    typer.echo(f"{base}/desk/sign-in#{token}")


@agents_app.command(epilog=examples("rescind agents link kim"))
def link(login: LoginArgument) -> None:
    """Print a code that makes whoever sends it this agent in Telegram, once, within 30 minutes."""
    code = _linked(login, lambda links, by, agent: links.code(by, agent))
    typer.echo(f"Send this to the bot in private, within 30 minutes:\n/link {code}")


@agents_app.command(epilog=examples("rescind agents unlink kim"))
def unlink(login: LoginArgument) -> None:
    """Nobody in Telegram is this agent any more, at once."""
    was = _linked(login, lambda links, by, agent: links.unlink(by, agent))
    typer.echo(f"{login} is nobody in Telegram now." if was else f"{login} was nobody in Telegram.")


def _linked(login: str, do: "Callable[[Links, Agent, Agent], Awaitable[T]]") -> T:
    """Do something with the links of the agent of this sign-in name."""

    async def run(accounts: "Accounts", by: Agent, agent: Agent) -> T:
        from bot.desk.links import Links

        return await do(Links(accounts.ground), by, agent)

    return _manage(login, run)


def _manage(login: str, do: "Callable[[Accounts, Agent, Agent], Awaitable[T]]") -> T:
    """Do something with the agent of this sign-in name."""

    async def run(accounts: "Accounts", by: Agent) -> T:
        from bot.desk.errors import BadInput

        found = [one for one in await accounts.all(by) if one.login.casefold() == login.casefold()]
        if not found:
            raise BadInput(f"Nobody signs in as {login}. `rescind agents list` shows who does.")
        return await do(accounts, by, found[0])

    return _run(run)


def _run(do: "Callable[[Accounts, Agent], Awaitable[T]]") -> T:
    from bot.assembly import open_ground, utc_now
    from bot.desk.accounts import Accounts
    from bot.desk.errors import DeskRefusal
    from bot.desk.passwords import Passwords
    from bot.desk.service import operator

    async def run() -> T:
        async with open_ground(ready("error")) as ground:
            return await do(Accounts(ground, Passwords()), operator(me(), utc_now()))

    try:
        return asyncio.run(run())
    except DeskRefusal as refused:
        typer.echo(str(refused), err=True)
    raise typer.Exit(1)


def _password() -> str:
    """Asked for twice where there is a terminal, else the first line of standard input."""
    if sys.stdin.isatty():
        return str(typer.prompt("Password", hide_input=True, confirmation_prompt=True))
    return sys.stdin.readline().rstrip("\r\n")


def _article(role: Role) -> str:
    return f"{'a' if role is Role.SUPERVISOR else 'an'} {role.value}"
