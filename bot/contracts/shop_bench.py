"""What an adapter's tests provide, so that the contract suite can work with its shop."""

from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass
from decimal import Decimal
from typing import Protocol

from bot.ports import OrderBackend
from dialogs.orders import Line, Payment, PaymentStatus, Stage


@dataclass(frozen=True, slots=True)
class Placement:
    """An order that the suite wants in the shop, paid by `payments`."""

    stage: Stage
    email: str = "ann@shop.test"
    currency: str = "EUR"
    lines: tuple[Line, ...] = (Line("Mug", 2, Decimal("7.00")), Line("Poster", 1, Decimal("40.00")))
    payments: tuple[Payment, ...] = (Payment("card", Decimal("54.00"), PaymentStatus.CAPTURED),)

    @property
    def total(self) -> Decimal:
        """The sum of the lines."""
        return sum((line.quantity * line.unit_price for line in self.lines), Decimal(0))


class CannotPlace(Exception):
    """This shop cannot hold such an order: two payments, say, or a payment that is held and not taken."""


class ShopBench(Protocol):
    """A backend, and hands inside its shop. Give one, new for each test, as the fixture `shop_bench`.

    `stages` are those an order can be brought to in this shop: tests of other stages are skipped. Leave out
    only what the shop does not know. What the shop does by itself, the backend's `capabilities` tell.
    """

    @property
    def backend(self) -> OrderBackend:
        """What is tested."""

    @property
    def stages(self) -> frozenset[Stage]:
        """The stages this shop knows."""

    async def place(self, placement: Placement) -> str:
        """Put an order into the shop, by the shop's own means; the number it has there.

        Raises `CannotPlace` where the shop knows no such order: the test is skipped.
        """

    async def advance(self, number: str, to: Stage) -> None:
        """Bring the order to a later stage, by the shop's own means."""

    async def cancels(self, number: str) -> int:
        """How often the shop cancelled this order."""

    async def refunds(self, number: str) -> int:
        """How many refunds the shop made for this order."""

    def unreachable(self) -> AbstractAsyncContextManager[None]:
        """Cut the backend off from its shop for a while."""
