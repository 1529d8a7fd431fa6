"""A live Vendure on the contract suite's bench."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from decimal import Decimal

from bot.contracts.shop_bench import Placement
from bot.orders.vendure import Vendure
from bot.ports import CancelReport, Capabilities, OrderBackend
from dialogs.orders import Order, PaymentStatus, RefundStatus, Stage
from tests.bot.orders.wire_faults import Fault, Wire
from tests.vendure.hands import Hands


@dataclass
class Refunding:
    """A shop that does not refund by itself, and one above it that does, under a lock after the cancel."""

    capabilities = Capabilities()

    shop: Vendure
    lock: asyncio.Lock

    async def find(self, number: str) -> Order | None:
        return await self.shop.find(number)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        async with self.lock:
            report = await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)
            order = await self.shop.find(number) if report is CancelReport.ACCEPTED else None
            if order and order.stage is Stage.CANCELLED and not order.partly_fulfilled:
                await self._pay_back(order, request_id)
        return report

    async def _pay_back(self, order: Order, request_id: str) -> None:
        for payment in order.payments:
            if payment.status in {PaymentStatus.CAPTURED, PaymentStatus.AUTHORISED}:
                back = [each.amount for each in payment.refunds if each.status is not RefundStatus.FAILED]
                owed = payment.amount - sum(back, Decimal(0))
                key = f"{request_id}/{payment.id}"
                await self.shop.refund(order.number, payment=payment, amount=owed, key=key)

    async def ping(self) -> None:
        await self.shop.ping()

    async def close(self) -> None:
        await self.shop.close()


@dataclass
class VendureBench:
    """Hands inside the shop, as the contract suite uses them."""

    backend: OrderBackend
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
