"""`rescind api-tokens`: who may look stages up over HTTP."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Annotated, TypeVar

import typer

from bot.cli_shared import console, examples, ready

if TYPE_CHECKING:
    from rich.table import Table

    from storage.api_tokens import ApiToken
    from storage.store import Store

T = TypeVar("T")

api_tokens_app = typer.Typer(
    no_args_is_help=True,
    help="Make, list and revoke the tokens that open the HTTP API of the server that runs.",
    epilog=examples(
        "rescind api-tokens add 'warehouse script' --scope stage:read --expires-days 90",
        "rescind api-tokens revoke k3v9x0a2bc",
    ),
)


@api_tokens_app.command(epilog=examples("rescind api-tokens add 'warehouse script' --scope stage:read"))
def add(
    name: Annotated[str, typer.Argument(metavar="NAME", help="Who will use it, for the list.")],
    scope: Annotated[
        list[str], typer.Option("--scope", help="What it opens: stage:read, refunds:read. May be repeated.")
    ],
    expires_days: Annotated[
        int | None, typer.Option(min=1, max=3650, help="Days that it works. Default: until it is revoked.")
    ] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")] = False,
) -> None:
    """Make a token and show it, once: only a digest of it is kept.

    It works at once, also while the server runs. Exit code 0: made. 2: wrong usage, or the store cannot be
    used.
    """
    from bot.api.tokens import new_token
    from bot.assembly import utc_now

    now = utc_now()
    expires = None if expires_days is None else now + timedelta(days=expires_days)
    try:
        text, token = new_token(name, scope, now=now, expires_at=expires)
    except ValueError as error:
        raise typer.BadParameter(str(error)) from None
    _in_store(lambda store: store.add_api_token(token))
    if as_json:
        typer.echo(json.dumps({"token": text} | _record(token)))
        return
    typer.echo(text)
    until = "until it is revoked" if expires is None else f"until {_told(expires)}"
    typer.echo(
        f"Keep it safe: it is shown this once, and works {until}. "
        f"`rescind api-tokens revoke {token.id}` ends it.",
        err=True,
    )


@api_tokens_app.command("list", epilog=examples("rescind api-tokens list", "rescind api-tokens list --json"))
def list_(
    *, as_json: Annotated[bool, typer.Option("--json", help="One JSON object a line, for scripts.")] = False
) -> None:
    """List all tokens there ever were, oldest first; their secrets are known to nobody here."""
    tokens = _in_store(lambda store: store.api_tokens(), look=True)
    if as_json:
        for token in tokens:
            typer.echo(json.dumps(_record(token)))
        return
    if not tokens:
        typer.echo("There are none. `rescind api-tokens add NAME --scope stage:read` makes one.", err=True)
        return
    console().print(_table(tokens))


@api_tokens_app.command(epilog=examples("rescind api-tokens revoke k3v9x0a2bc"))
def revoke(
    token_id: Annotated[str, typer.Argument(metavar="ID", help="The token's id, as listed.")],
) -> None:
    """End a token, at once and for good, also while the server runs.

    Exit code 0: it opens nothing any more. 1: there is none of this id.
    """
    from bot.assembly import utc_now

    plain = token_id.removeprefix("rsc_").partition("_")[0]  # who pastes a whole token means its id
    token = _in_store(lambda store: store.revoke_api_token(plain, utc_now()))
    if token is None or token.revoked_at is None:
        typer.echo("No token has this id. `rescind api-tokens list` shows them.", err=True)
        raise typer.Exit(1)
    typer.echo(f"The token of {token.name} opens nothing since {_told(token.revoked_at)}.")


def _in_store(work: "Callable[[Store], Awaitable[T]]", *, look: bool = False) -> T:
    """Do something in the store beside the process that serves."""
    from bot.assembly import open_store

    async def run() -> T:
        async with open_store(ready("error"), perform=False, read_only=look) as store:
            return await work(store)

    return asyncio.run(run())


def _record(token: "ApiToken") -> dict[str, object]:
    return {
        "id": token.id,
        "name": token.name,
        "scopes": sorted(token.scopes),
        "created_at": token.created_at.isoformat(),
        "last_used_at": _iso(token.used_at),
        "expires_at": _iso(token.expires_at),
        "revoked_at": _iso(token.revoked_at),
    }


def _table(tokens: "tuple[ApiToken, ...]") -> "Table":
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, header_style="dim")
    for column in ("name", "id", "scopes", "created", "last used", "expires", "revoked"):
        table.add_column(column)
    for token in tokens:
        cells = (token.name, token.id, " ".join(sorted(token.scopes)), _told(token.created_at))
        ends = (_told(token.used_at), _told(token.expires_at), _told(token.revoked_at))
        table.add_row(*map(Text, cells + ends))
    return table


def _iso(at: datetime | None) -> str | None:
    return None if at is None else at.isoformat()


def _told(at: datetime | None) -> str:
    return "never" if at is None else f"{at:%Y-%m-%d %H:%M} UTC"
