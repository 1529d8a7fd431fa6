"""`rescind erase`: what is held of a customer is found, shown, and erased for good."""

import asyncio
from collections.abc import Sequence
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli_shared import console, examples, me, ready

if TYPE_CHECKING:
    from storage.holdings import Holding

EPILOG = examples(
    "rescind erase ann@shop.test",
    "rescind erase 7K2M-9QXD --yes --because 'asked by e-mail on 3 May'",
    "rescind erase telegram:123456789",
)
_SHORTEST = 3
"""Fewer letters stand in too many conversations to be anybody's."""


def erase(
    words: Annotated[
        str,
        typer.Argument(
            help="A case's reference or a chat (web:..., telegram:...); or else an e-mail address, an order "
            "number or a name: every conversation in which it stands."
        ),
    ],
    *,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    because: Annotated[str, typer.Option(help="Why, for the audit log. Name nobody in it.")] = "",
) -> None:
    """Erase conversations for good: what was said, noted and decided in them, and who it was.

    They are listed first. One that a person has, or in which something is still on its way, is left. In the
    audit log it stays that something was erased, when and by whom. The order at the shop is not touched.
    Exit code 0: all were erased. 1: none is known, or you said no. 3: some are left.
    """
    from bot.inbox_views import holdings_table

    if len(words := words.strip()) < _SHORTEST:
        raise typer.BadParameter(f"give at least {_SHORTEST} letters", param_hint="WORDS")
    held = asyncio.run(_find(words))
    if not held:
        typer.echo(f"No conversation is known by “{words}”. Is DATABASE_URL that of the server?", err=True)
        raise typer.Exit(1)
    console().print(holdings_table(held))
    free = [each.key for each in held if each.held is None]
    if free and not yes and not typer.confirm(f"Erase {_counted(len(free))} for good?"):
        raise typer.Exit(1)
    _tell(asyncio.run(_erase(free, because.strip())) if free else 0, of=len(held))


def _tell(erased: int, *, of: int) -> None:
    """What became of it; some may be left."""
    if erased:
        typer.echo(
            f"Erased {_counted(erased)}. Copies of the database made before still hold what was in it."
        )
    if left := of - erased:
        typer.echo(
            f"{_counted(left)} left: settle at the desk what is open there; what is on its way is done in "
            "some minutes, or in a day where a shop or a channel does not answer. Then run this again.",
            err=True,
        )
        raise typer.Exit(3)


def _counted(number: int) -> str:
    return "1 conversation" if number == 1 else f"{number} conversations"


async def _find(words: str) -> "Sequence[Holding]":
    from bot.assembly import open_store

    async with open_store(ready("error"), read_only=True) as store:
        return await store.erasures.find(words)


async def _erase(keys: Sequence[str], because: str) -> int:
    """How many were erased: something may have been said meanwhile."""
    from bot.assembly import open_store, utc_now
    from bot.desk.service import operator
    from storage.audit import Record
    from storage.erasing import Erasure
    from storage.times import micros

    agent, details = operator(me(), now := utc_now()), {"because": because} if because else {}
    async with open_store(ready("error"), perform=False) as store:
        ends = []
        for key in keys:
            record = Record(key, micros(now), agent.id, agent.name, "", details)
            ends.append(await store.erasures.erase(record))
        await store.erasures.scrub()
    return ends.count(Erasure.ERASED)
