"""Races for an order, in a shop that guards against none: `make races`, or `python -m benchmarks.races`.

A cancellation and a fulfilment are released together, on a live Vendure (from npm, SQLite in memory, refunds
of 30 ms) and on the demo shop: half of them with the customer's yes, half while our request is on its way.
Beside them is what the bare shop does, asked by its own interface. What is told is held against the record of
the shop: as it was when it was read for this, and as it is in the end. An order told as cancelled is looked
at again as the product does, only sooner; what is then found to contradict is told as a correction.
docs/races.md says how to read the tables.
"""

import argparse
import asyncio
import logging
import os
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.arenas import (
    LAG,
    PLACED,
    Arena,
    LaggingArena,
    Truth,
    VendureArena,
    a_moment,
    demo_arena,
    now,
    vendure_arena,
)
from bot.cancelling import Canceller
from bot.ports import Refunder
from bot.watching import Watching
from dialogs.effects import CancelOrder, WatchOrder
from dialogs.events import CancelEnded, Outcome, RecordContradicts
from dialogs.orders import Order
from dialogs.policy import default_policy
from tests.vendure.running import NodeMissing, vendure

TRIALS = 100
LOOKS = (timedelta(seconds=0.2), timedelta(seconds=1), timedelta(seconds=3))
"""When an order told as cancelled is looked at again; the product waits longer."""
GATEWAY_MS = 30
POLICY = default_policy()


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer was told of one race: `None` is nothing. `read` is the record it was told from."""

    number: str
    cancelled: bool | None
    fulfilled: bool | None
    read: Truth | None
    later: "asyncio.Task[RecordContradicts | None] | None" = None

    def beyond(self) -> bool:
        """Whether it says more than the record said then."""
        return self.read is not None and self.against(self.read)

    def against(self, record: Truth) -> bool:
        """Whether this record says otherwise."""
        return self.cancelled not in {None, record.cancelled} or self.fulfilled not in {
            None,
            record.fulfilled,
        }

    async def correction(self) -> RecordContradicts | None:
        """What the customer was told afterwards without asking."""
        return await self.later if self.later else None


_MEANING: dict[Outcome, tuple[bool | None, bool | None]] = {
    Outcome.CANCELLED: (True, False),
    Outcome.ALREADY_CANCELLED: (True, False),
    Outcome.CONFLICT: (True, True),
    Outcome.REFUSED: (False, None),
    Outcome.STAGE_MOVED: (False, None),
    Outcome.UNKNOWN: (None, None),
}
"""What each outcome tells: cancelled, and sent or packed."""


async def ours(arena: Arena, number: str, *, on_its_way: bool) -> Told:
    """Our cancellation and a fulfilment: released with the yes, or while the request is on its way."""
    seen = await arena.backend.find(number)
    assert seen is not None
    arena.sent.clear()
    if not on_its_way:
        arena.sent.set()

    async def cancel() -> CancelEnded:
        rule = POLICY.decide(seen).rule
        wanted = CancelOrder(1, number, seen.email, seen, rule, request_id=number)
        ended = await Canceller(arena.backend, POLICY, now).cancel(wanted, tried_before=False)
        arena.sent.set()
        assert isinstance(ended, CancelEnded)
        return ended

    async def fulfil() -> None:
        await arena.sent.wait()
        if on_its_way:
            await a_moment(arena.spread)
        await arena.fulfil(number)

    cancelling = asyncio.create_task(cancel())
    fulfilling = asyncio.create_task(fulfil())
    ended = await cancelling
    read = arena.read(number)
    await fulfilling
    return Told(number, *_MEANING[ended.outcome], read, asyncio.create_task(watch(arena, ended)))


async def watch(arena: Arena, ended: CancelEnded) -> RecordContradicts | None:
    """Look again at an order that was told as cancelled by us, as the performers do."""
    told = ended.order
    if ended.outcome is not Outcome.CANCELLED or told is None:
        return None
    watching = Watching(arena.backend, now)
    watched = WatchOrder(told.number, told.number, told.email, told, ended.at, LOOKS)
    result: RecordContradicts | datetime | None = ended.at + LOOKS[0]
    while isinstance(result, datetime):
        await asyncio.sleep((result - now()).total_seconds())
        result = await watching.look(watched)
    return result


async def bare(arena: Arena, number: str, *, on_its_way: bool) -> Told:
    """The shop's own cancel and a fulfilment; whoever asked believes the answer."""
    spread = arena.spread if on_its_way else 0

    async def cancel() -> tuple[bool, Truth]:
        await a_moment(spread)
        return await arena.bare_cancel(number), await arena.truth(number)

    async def fulfil() -> None:
        await a_moment(spread)
        await arena.fulfil(number)

    (cancelled, read), _ = await asyncio.gather(cancel(), fulfil())
    return Told(number, cancelled=cancelled, fulfilled=False if cancelled else None, read=read)


MEASURES = (
    "races",
    "cancelled",
    "fulfilled",
    "both",
    "told beyond the record then",
    "told, and contradicted later",
    "… and not corrected",
    "both, and told so at once",
    "both, and told so later",
    "both, and not noticed",
    "both, and money sent back",
    "paid back twice",
)


async def counts(arena: Arena, races: list[Told]) -> list[int]:
    """What all races of one kind came to, measure by measure."""
    corrected = {each.number: await each.correction() for each in races}
    ends = [(each, await arena.truth(each.number)) for each in races]
    both = [(each, end) for each, end in ends if end.cancelled and end.fulfilled]
    contradicted = [each for each, end in ends if not each.beyond() and each.against(end)]
    at_once = [each for each, _ in both if each.cancelled and each.fulfilled]
    later = [each for each, _ in both if corrected[each.number] is not None]
    return [
        len(races),
        sum(end.cancelled and not end.fulfilled for _, end in ends),
        sum(end.fulfilled and not end.cancelled for _, end in ends),
        len(both),
        sum(each.beyond() for each in races),
        len(contradicted),
        sum(corrected[each.number] is None for each in contradicted),
        len(at_once),
        len(later),
        len(both) - len(at_once) - len(later),
        sum(end.given_back > 0 for _, end in both),
        sum(end.given_back > PLACED.total for _, end in ends),
    ]


async def cancel_races(arena: Arena, trials: int, lagging: Arena | None = None) -> None:
    """Bare, then ours; released together, and while the request is on its way.

    With `lagging`, ours once more in a shop whose record shows a parcel late.
    """
    kinds = [
        ("bare, at once", arena, bare, False),
        ("bare, on its way", arena, bare, True),
        ("ours, at once", arena, ours, False),
        ("ours, on its way", arena, ours, True),
    ]
    if lagging is not None:
        kinds.append((f"ours, record {LAG:g} s late", lagging, ours, True))
    columns: list[list[int]] = []
    for _, where, race, on_its_way in kinds:
        numbers = [await where.place() for _ in range(trials)]
        told = [await race(where, number, on_its_way=on_its_way) for number in numbers]
        columns.append(await counts(where, told))
    rows = [[measure, *map(str, row)] for measure, *row in zip(MEASURES, *columns, strict=True)]
    show((f"cancel ‖ fulfil, {arena.name}", *(title for title, *_ in kinds)), rows)


# ---- refunds

Refund = Callable[[str], Awaitable[None]]


async def refund_races(title: str, arena: Arena, refunds: tuple[Refund, Refund], trials: int) -> list[str]:
    """Two refunds of one payment of a cancelled order, released together; what came back."""
    double = single = 0
    for _ in range(trials):
        number = await arena.place()
        await arena.bare_cancel(number)
        arena.sent.clear()
        await asyncio.gather(*(refund(number) for refund in refunds))
        back = (await arena.truth(number)).given_back
        double += back > PLACED.total
        single += back == PLACED.total
    return [title, str(trials), str(single), str(double)]


def by_us(refunder: Refunder, orders: Callable[[str], Awaitable[Order | None]], key: str) -> Refund:
    """A refund by the adapter, as after a cancellation, with a key of its own."""

    async def refund(number: str) -> None:
        order = await orders(number)
        assert order is not None
        for payment in order.payments:
            await refunder.refund(number, payment=payment, amount=payment.amount, key=key)

    return refund


async def vendure_refunds(arena: VendureArena, trials: int) -> list[list[str]]:
    """The bare shop's, ours, and ours against the merchant's."""
    shop = arena.backend
    one, two = by_us(shop, shop.find, "one"), by_us(shop, shop.find, "two")

    async def merchants(number: str) -> None:
        await arena.sent.wait()
        await arena.bare_refund(number)

    return [
        await refund_races("Vendure, bare ‖ bare", arena, (arena.bare_refund, arena.bare_refund), trials),
        await refund_races("Vendure, ours ‖ ours, two keys", arena, (one, two), trials),
        await refund_races("Vendure, ours ‖ ours, one key", arena, (one, one), trials),
        await refund_races("Vendure, ours ‖ the merchant's own hands", arena, (one, merchants), trials),
    ]


def show(heads: tuple[str, ...], rows: list[list[str]]) -> None:
    table = Table(*heads)
    for column in table.columns[1:]:
        column.justify = "right"
    for row in rows:
        table.add_row(*row)
    Console(width=132).print(table)


async def main(trials: int = TRIALS) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    load = ", ".join(f"{each:.1f}" for each in os.getloadavg())
    print(f"{now():%Y-%m-%d %H:%M} UTC, {os.cpu_count()} cores, load {load}")
    with tempfile.TemporaryDirectory() as folder:
        async with demo_arena(Path(folder)) as arena:
            await cancel_races(arena, trials)
    try:
        with vendure(GATEWAY_MS) as url:
            async with vendure_arena(url) as arena_of_vendure:
                await cancel_races(arena_of_vendure, trials, LaggingArena.beside(arena_of_vendure))
                refunds = await vendure_refunds(arena_of_vendure, max(1, trials // 5))
                show(("refund ‖ refund", "races", "paid back once", "paid back twice"), refunds)
    except NodeMissing as missing:
        print(f"NOT MEASURED on a live Vendure: {missing}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.races", description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    uvloop.run(main(parser.parse_args().trials))
