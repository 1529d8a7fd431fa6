"""Where orders stand, from Python: what to do with each of them in the warehouse.

    python examples/order_stages.py 1001 1042
    python examples/order_stages.py 1042 --wait-for confirmed

Settings come from the environment or `.env`, as for `rescind stage`. To try it with the demo shop, start
`rescind serve` once. Exit code 0: every order was found. 1: some were not. 3: the shop gave no answer.
"""

import argparse
import asyncio
from contextlib import aclosing

from bot.stages import Away, Ruling, ShopUnreachable, Stage, StageFound, Stages, open_stages

HALT = {Ruling.ALLOW, Ruling.ATTEMPT, Ruling.NOTHING_TO_REFUND}
"""Rulings under which a customer may still cancel: packing can wait for those that cannot."""


def advice(found: StageFound) -> str:
    """What the packers are told."""
    if found.stage is Stage.CANCELLED:
        return "cancelled: put it back on the shelf"
    if found.verdict.ruling in HALT:
        return f"{found.stage}: can still be cancelled by its customer, pack it last"
    return f"{found.stage}: go on"


async def tell(stages: Stages, number: str) -> bool:
    """Print one line about an order; whether there is such an order."""
    answer = await stages.look_up(number)
    found = isinstance(answer, StageFound)
    print(f"{number}: {advice(answer) if isinstance(answer, StageFound) else 'no such order'}")
    return found


async def wait_for(stages: Stages, number: str, stage: Stage) -> None:
    """Print every change of an order until it is in a stage."""
    async with aclosing(stages.watch(number, every=0.5, until=stage)) as news:
        async for each in news:
            if isinstance(each, StageFound):
                print(f"{number}: {advice(each)}", flush=True)
            elif isinstance(each, Away):
                print(f"{number}: the shop is away ({each.error}); waiting", flush=True)


async def main(numbers: list[str], stage: Stage | None) -> int:
    """Look up, or wait; the exit code."""
    try:
        async with open_stages() as stages:
            if stage is None:
                found = [await tell(stages, number) for number in numbers]
                return 0 if all(found) else 1
            await asyncio.gather(*(wait_for(stages, number, stage) for number in numbers))
    except ShopUnreachable as error:
        print(f"The shop gave no answer. {error}")
        return 3
    return 0


if __name__ == "__main__":
    arguments = argparse.ArgumentParser(description="Where orders stand.")
    arguments.add_argument("numbers", nargs="+", metavar="NUMBER")
    arguments.add_argument("--wait-for", type=Stage, metavar="STAGE")
    given = arguments.parse_args()
    raise SystemExit(asyncio.run(main(given.numbers, given.wait_for)))
