"""Where an order stands, for one order or many, over any `OrderBackend`. Knows no files and no terminal."""

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import TypeAlias

from bot.ports import OrderBackend, ShopUnreachable
from bot.rows import BadRow
from dialogs.orders import Cancellable, Order, RefundStatus, Stage, same_number
from dialogs.policy import Policy, Verdict

DESCRIPTIONS = {
    Stage.PLACED: "ordered, not paid yet",
    Stage.PAID: "paid, not yet being prepared",
    Stage.ALLOCATED: "goods are being set aside for it",
    Stage.BINDING: "being locked in for fulfilment; the live record decides whether it can be cancelled",
    Stage.CONFIRMED: "locked in for fulfilment",
    Stage.IN_LOGISTICS: "handed to logistics",
    Stage.DELIVERED: "delivered",
    Stage.CANCELLED: "cancelled",
    Stage.ON_HOLD: "on hold in the shop",
    Stage.UNRECOGNISED: "in a status of the shop that nobody has mapped",
}

RETRY_PAUSES = (0.2, 1.0)
"""Seconds before an unanswered look-up of a batch is tried again."""


@dataclass(frozen=True, slots=True)
class RefundSeen:
    """A refund that the record shows; `method` is the shop's code of the payment it belongs to."""

    method: str
    amount: Decimal
    currency: str
    status: RefundStatus
    sent_at: datetime | None


@dataclass(frozen=True, slots=True)
class StageFound:
    """What the record showed at `read_at`, and what the policy says of it. Nothing tells whose order it is.

    `number` is as the shop writes it, `status` the shop's own word for the stage.
    """

    number: str
    stage: Stage
    status: str
    partly_fulfilled: bool
    cancellable: Cancellable
    verdict: Verdict
    refunds: tuple[RefundSeen, ...]
    read_at: datetime


@dataclass(frozen=True, slots=True)
class StageMissing:
    """No such order, or not of that e-mail address: nobody is told which."""


StageAnswer: TypeAlias = StageFound | StageMissing


@dataclass(frozen=True, slots=True)
class Query:
    """One order of a batch and the line of the input that asks for it."""

    line: int
    number: str
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What became of one query; `answer` is `None` where the shop stayed unreachable, for `error`."""

    query: Query
    answer: StageAnswer | None
    error: ShopUnreachable | None = None


async def look_up(
    backend: OrderBackend, number: str, email: str | None, *, policy: Policy, now: Callable[[], datetime]
) -> StageAnswer:
    """Where the order stands. Number, and e-mail where given, are matched here, whatever the shop gave.

    The verdict is what `policy` says of a request to cancel it now; nothing is attempted.

    Raises `ShopUnreachable`.
    """
    order = await backend.find(number)
    read_at = now()
    if order is None or not same_number(order.number, number):
        return StageMissing()
    if email is not None and not order.belongs_to(number, email):
        return StageMissing()
    return StageFound(
        number=order.number,
        stage=order.stage,
        status=order.status,
        partly_fulfilled=order.partly_fulfilled,
        cancellable=order.cancellable,
        verdict=policy.decide(order),
        refunds=tuple(_refunds(order)),
        read_at=read_at,
    )


def _refunds(order: Order) -> Iterator[RefundSeen]:
    for payment in order.payments:
        for refund in payment.refunds:
            yield RefundSeen(payment.method, refund.amount, order.currency, refund.status, refund.sent_at)


async def batch(
    backend: OrderBackend,
    queries: AsyncIterator[Query | BadRow],
    *,
    policy: Policy,
    now: Callable[[], datetime],
    concurrency: int = 8,
    pauses: tuple[float, ...] = RETRY_PAUSES,
) -> AsyncGenerator[Answered | BadRow, None]:
    """The answers in the order of the queries, at most `concurrency` look-ups under way and kept at a time.

    A line that was no query is passed on in its place. Look-ups are tried again after `pauses` seconds,
    until one stayed unanswered: from then on once each, until the shop answers again.
    """
    worker = _Worker(backend, policy, now, pauses)
    under_way: deque[asyncio.Task[Answered | BadRow]] = deque()
    try:
        async for query in queries:
            under_way.append(asyncio.create_task(worker.answer(query)))
            if len(under_way) >= concurrency:
                yield await under_way.popleft()
        while under_way:
            yield await under_way.popleft()
    finally:
        for task in under_way:
            task.cancel()
        await asyncio.gather(*under_way, return_exceptions=True)


class _Worker:
    """Looks up, and remembers whether the shop is worth waiting for."""

    def __init__(
        self,
        backend: OrderBackend,
        policy: Policy,
        now: Callable[[], datetime],
        pauses: tuple[float, ...],
    ) -> None:
        self._backend = backend
        self._policy = policy
        self._now = now
        self._pauses = pauses
        self._patient = True

    async def answer(self, query: Query | BadRow) -> Answered | BadRow:
        if isinstance(query, BadRow):
            return query
        latest: ShopUnreachable | None = None
        for pause in (*self._pauses, None):
            try:
                answer = await look_up(
                    self._backend, query.number, query.email, policy=self._policy, now=self._now
                )
            except ShopUnreachable as error:
                latest = error
                if pause is None or not self._patient:
                    break
                await asyncio.sleep(pause)
            else:
                self._patient = True
                return Answered(query, answer)
        self._patient = False
        return Answered(query, None, latest)
