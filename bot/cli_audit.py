"""`rescind audit`: whether the audit log is as it was written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_shared import console, examples, ready

if TYPE_CHECKING:
    from storage.desk_records import AuditEntry, Verified

audit_app = typer.Typer(
    no_args_is_help=True,
    help="Look at what was done at the desk, and check that nobody changed the record of it.",
    epilog=examples("rescind audit verify", "rescind audit show 7K2M-9QXD"),
)
CaseOption = Annotated[
    str, typer.Argument(metavar="[CASE]", help="A case's reference, or a chain as the check names it.")
]


@audit_app.command(epilog=examples("rescind audit verify", "rescind audit verify 7K2M-9QXD"))
def verify(case: CaseOption = "") -> None:
    """Check the record of one case, or everything.

    An entry that was edited, deleted, inserted or moved shows, and so does a missing end. Note the digest
    elsewhere: where nothing was added since, another digest tells that somebody rewrote the record as a
    whole. Exit code 0: it holds. 1: no such case. 3: it does not hold.
    """
    found = asyncio.run(_verified(case))
    for wrong in found.broken:
        typer.echo(f"{wrong.chain}: entry {wrong.seq}: {wrong.what}")
    erased = f", {found.erased} erased" if found.erased else ""
    what = f"{found.entries} entries in {found.chains} chains{erased}"
    wrongs = "1 thing is" if len(found.broken) == 1 else f"{len(found.broken)} things are"
    verdict = f"{wrongs} wrong" if found.broken else "all as it was written"
    typer.echo(f"{what}: {verdict}. Digest {found.digest}")
    if found.broken:
        raise typer.Exit(3)


@audit_app.command(epilog=examples("rescind audit show 7K2M-9QXD"))
def show(
    case: Annotated[str, typer.Argument(metavar="CASE", help="A case's reference, or a chain.")],
) -> None:
    """Show what was done with a case, oldest first."""
    from bot.inbox_views import audit_table

    console().print(audit_table(asyncio.run(_trail(case))))


async def _verified(case: str) -> "Verified":
    from bot.assembly import open_store

    async with open_store(ready("error"), read_only=True) as store:
        return await store.desk.verify(await _chain(store.find_by_reference, case) if case else None)


async def _trail(case: str) -> "tuple[AuditEntry, ...]":
    from bot.assembly import open_store

    async with open_store(ready("error"), read_only=True) as store:
        return await store.desk.trail(await _chain(store.find_by_reference, case))


async def _chain(find: Callable[[str], Awaitable[str | None]], case: str) -> str:
    """A chain's name has a colon in it, a reference has none."""
    chain = case if ":" in case else await find(case)
    if chain is None:
        typer.echo(f"No case has the reference {case}. `rescind inbox list` shows who waits.", err=True)
        raise typer.Exit(1)
    return chain
