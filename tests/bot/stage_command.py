"""`rescind stage` with a backend of the test's own, as a function and as a program to be killed."""

import asyncio
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from decimal import Decimal

import typer

from bot.cli_stage import stage
from bot.ports import CancelReport, Capabilities, OrderBackend, ShopUnreachable
from bot.stages import Stages
from dialogs.orders import Line, Order, Stage
from dialogs.policy import default_policy

PLACED_AT = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)


def an_order(number: str) -> Order:
    return Order(
        number=number,
        email=f"buyer{number}@shop.test",
        stage=Stage.PAID,
        placed_at=PLACED_AT,
        currency="EUR",
        total=Decimal(7),
        lines=(Line("Mug", 1, Decimal(7)), Line("Ring", 1, Decimal(9), cancellable=False)),
        payments=(),
        partly_fulfilled=True,
        status="processing",
    )


@dataclass
class Shelf:
    """A backend that knows the even numbers up to a limit, and is slow or down where the test says so."""

    limit: int = 10_000
    capabilities = Capabilities()
    down: set[str] = field(default_factory=set)
    down_for: int = 10**9
    pauses: tuple[float, ...] = (0.0,)
    asked: list[str] = field(default_factory=list)
    at_once: int = 0
    most_at_once: int = 0

    async def find(self, number: str) -> Order | None:
        self.asked.append(number)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        await asyncio.sleep(self.pauses[len(self.asked) % len(self.pauses)])
        self.at_once -= 1
        if number in self.down and self.asked.count(number) <= self.down_for:
            raise ShopUnreachable
        plain = number.lstrip("#")
        known = plain.isdecimal() and int(plain) % 2 == 0 and int(plain) < self.limit
        return an_order(plain) if known else None

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        raise NotImplementedError(number, expected, request_id)

    async def ping(self) -> None:
        pass

    async def close(self) -> None:
        pass

    @asynccontextmanager
    async def open(self) -> AsyncIterator["Shelf"]:
        yield self


OpenBackend = Callable[[], AbstractAsyncContextManager[OrderBackend]]


def clock() -> datetime:
    return datetime.now(UTC)  # noqa: TID251  a program of the tests


def program(open_backend: OpenBackend) -> typer.Typer:
    """The command under a root that sets `ctx.obj`, as the real one does."""
    app = typer.Typer(pretty_exceptions_enable=False)
    app.command()(stage)

    @asynccontextmanager
    async def open_stages() -> AsyncIterator[Stages]:
        async with open_backend() as backend:
            yield Stages(backend, default_policy(), clock)

    @app.callback()
    def root(ctx: typer.Context) -> None:
        ctx.obj = open_stages

    return app


def _slow() -> AbstractAsyncContextManager[Shelf]:
    return Shelf(pauses=(0.002,)).open()


if __name__ == "__main__":
    program(_slow)(sys.argv[1:])
