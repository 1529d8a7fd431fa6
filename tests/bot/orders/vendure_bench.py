"""A live Vendure on the contract suite's bench."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from bot.contracts.shop_bench import Placement
from bot.orders.vendure import Vendure
from dialogs.orders import Stage
from tests.bot.orders.wire_faults import Fault, Wire
from tests.vendure.hands import Hands


@dataclass
class VendureBench:
    """Hands inside the shop, as the contract suite uses them."""

    backend: Vendure
    hands: Hands
    wire: Wire
    stages: frozenset[Stage] = frozenset(Stage)

    async def place(self, placement: Placement) -> str:
        return await self.hands.place(placement)

    async def advance(self, number: str, to: Stage) -> None:
        await self.hands.advance(number, to)

    async def cancels(self, number: str) -> int:
        """How often the order came to be cancelled, other than by the merchant's own hands."""
        entries = (await self.hands.order(number))["history"]["items"]  # type: ignore[index,call-overload]
        ends = [each for each in entries if each["data"].get("to") == "Cancelled"]
        ours = [each for each in entries if each["data"].get("reason") == "by the shop"]
        return len([each for each in ends if each["type"] == "ORDER_STATE_TRANSITION"]) - len(ours)

    async def refunds(self, number: str) -> int:
        payments = (await self.hands.order(number))["payments"] or ()
        return sum(len(payment["refunds"]) for payment in payments)  # type: ignore[attr-defined,index]

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        async with self.wire.failing(Fault.REFUSED):
            yield
