"""The record of one order as it changes, over any `OrderBackend`: asked for again and again."""

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeAlias

from bot.ports import OrderBackend, ShopUnreachable, Throttled
from bot.stage_lookup import StageAnswer, StageFound, look_up
from dialogs.orders import Stage
from dialogs.policy import Policy

OFTENEST = 0.5
"""Seconds that lie at least between two look-ups."""
RAREST = 60.0
"""Seconds that a watch waits at most by itself while the shop is away."""


@dataclass(frozen=True, slots=True)
class Away:
    """The shop does not answer. The watch goes on; the next answer is told in any case."""

    error: ShopUnreachable


News: TypeAlias = StageAnswer | Away


async def watch(
    backend: OrderBackend,
    number: str,
    email: str | None = None,
    *,
    policy: Policy,
    now: Callable[[], datetime],
    every: float = 2.0,
    until: Stage | None = None,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
) -> AsyncGenerator[News, None]:
    """The record now, and again whenever anything of it has changed; without end, or until a stage is seen.

    Asks every so many seconds. While the shop is away it says so once and asks ever more rarely, or as
    rarely as the shop wishes. Raises `ValueError` for less than `OFTENEST` seconds.
    """
    if not every >= OFTENEST:
        raise ValueError(f"at least {OFTENEST:g} seconds lie between two look-ups")
    told: News | None = None
    unanswered = 0
    while True:
        try:
            answer = await look_up(backend, number, email, policy=policy, now=now)
        except ShopUnreachable as error:
            if not unanswered:
                told = Away(error)
                yield told
            unanswered += 1
            await sleep(_patience(every, unanswered, error))
            continue
        unanswered = 0
        if not _same(told, answer):
            told = answer
            yield answer
        if isinstance(answer, StageFound) and answer.stage is until:
            return
        await sleep(every)


def _same(told: News | None, answer: StageAnswer) -> bool:
    """Whether nothing but the time of reading is new."""
    if isinstance(told, StageFound) and isinstance(answer, StageFound):
        return replace(answer, read_at=told.read_at) == told
    return told == answer


def _patience(every: float, unanswered: int, error: ShopUnreachable) -> float:
    own = min(every * 2.0 ** min(unanswered, 10), max(RAREST, every))
    return max(own, error.seconds) if isinstance(error, Throttled) else own
