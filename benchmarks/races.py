"""Races for an order, in a shop that guards against none: `make races`, or `python -m benchmarks.races`.

A cancellation and a fulfilment are released together, on a live Vendure (from npm, SQLite in memory, refunds
of 30 ms) and on the demo shop: half of them with the customer's yes, half while our request is on its way.
Beside them is what the bare shop does, asked by its own interface. What is told is held against the record of
the shop: as it was when it was read for this, and as it is in the end.
"""

import argparse
import asyncio
import tempfile
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from pathlib import Path

import uvloop
from rich.console import Console
from rich.table import Table

from benchmarks.arenas import PLACED, Arena, Truth, VendureArena, a_moment, demo_arena, now, vendure_arena
from bot.cancelling import Canceller
from bot.ports import Refunder
from dialogs.effects import CancelOrder
from dialogs.events import CancelEnded, Outcome
from dialogs.orders import Order
from dialogs.policy import default_policy
from tests.vendure.running import NodeMissing, vendure

TRIALS = 100
GATEWAY_MS = 30
POLICY = default_policy()


@dataclass(frozen=True, slots=True)
class Told:
    """What a customer was told of one race: `None` is nothing. `read` is the record it was told from."""

    number: str
    cancelled: bool | None
    fulfilled: bool | None
    read: Truth | None

    def beyond(self) -> bool:
        """Whether it says more than the record said then."""
        return self.read is not None and self.against(self.read)

    def against(self, record: Truth) -> bool:
        """Whether this record says otherwise."""
        return self.cancelled not in {None, record.cancelled} or self.fulfilled not in {
            None,
            record.fulfilled,
        }


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
    told = Told(number, *_MEANING[ended.outcome], arena.read())
    await fulfilling
    return told


async def bare(arena: Arena, number: str) -> Told:
    """The shop's own cancel and a fulfilment; whoever asked believes the answer."""
    cancelled, _ = await asyncio.gather(arena.bare_cancel(number), arena.fulfil(number))
    read = await arena.truth(number)
    return Told(number, cancelled=cancelled, fulfilled=False if cancelled else None, read=read)


@dataclass(frozen=True, slots=True)
class Row:
    """What all races of one kind came to."""

    arena: Arena
    title: str
    told: list[Told]

    async def cells(self) -> list[str]:
        ends = [(each, await self.arena.truth(each.number)) for each in self.told]
        conflicts = [(each, end) for each, end in ends if end.cancelled and end.fulfilled]
        later = [order for each, _ in conflicts if (order := await self.arena.backend.find(each.number))]
        contradicted = [each for each, end in ends if not each.beyond() and each.against(end)]
        counts = (
            len(self.told),
            sum(end.cancelled and not end.fulfilled for _, end in ends),
            sum(end.fulfilled and not end.cancelled for _, end in ends),
            len(conflicts),
            sum(each.beyond() for each in self.told),
            len(contradicted),
            sum(bool(each.cancelled and each.fulfilled) for each, _ in conflicts),
            sum(order.partly_fulfilled for order in later),
        )
        return [f"{self.arena.name}, {self.title}", *map(str, counts)]


HEADS = (
    "cancel ‖ fulfil",
    "races",
    "cancelled",
    "fulfilled",
    "both",
    "told beyond the record",
    "contradicted later",
    "both, told at once",
    "both, seen by a later look",
)


async def cancel_races(arena: Arena, trials: int) -> list[Row]:
    """Bare, then ours in both ways."""
    half = trials // 2
    numbers = [await arena.place() for _ in range(trials + 2 * half)]
    alone = [await bare(arena, number) for number in numbers[:trials]]
    together = [await ours(arena, number, on_its_way=False) for number in numbers[trials : trials + half]]
    sent = [await ours(arena, number, on_its_way=True) for number in numbers[trials + half :]]
    return [
        Row(arena, "bare", alone),
        Row(arena, "ours, released with the yes", together),
        Row(arena, "ours, released on its way", sent),
    ]


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
    with tempfile.TemporaryDirectory() as folder:
        async with demo_arena(Path(folder)) as arena:
            show(HEADS, [await row.cells() for row in await cancel_races(arena, trials)])
    try:
        with vendure(GATEWAY_MS) as url:
            async with vendure_arena(url) as arena_of_vendure:
                rows = await cancel_races(arena_of_vendure, trials)
                show(HEADS, [await row.cells() for row in rows])
                refunds = await vendure_refunds(arena_of_vendure, max(1, trials // 5))
                show(("refund ‖ refund", "races", "paid back once", "paid back twice"), refunds)
    except NodeMissing as missing:
        print(f"NOT MEASURED on a live Vendure: {missing}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="python -m benchmarks.races", description=__doc__)
    parser.add_argument("--trials", type=int, default=TRIALS)
    uvloop.run(main(parser.parse_args().trials))
