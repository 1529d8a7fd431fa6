"""Adapters that each break one promise, as real ones did."""

from dataclasses import dataclass, field, replace
from decimal import Decimal

from bot.orders.demo import DemoShop
from bot.orders.demo_record import StoredOrder, kept
from bot.ports import CancelReport, Capabilities, ShopUnreachable
from dialogs.orders import Order, Payment, Refund, RefundStatus, Stage
from tests.bot.orders.shop_bench import START


@dataclass
class Sound:
    """Passes everything on."""

    capabilities = Capabilities()

    shop: DemoShop

    async def find(self, number: str) -> Order | None:
        return await self.shop.find(number)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        return await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)

    async def ping(self) -> None:
        await self.shop.ping()

    async def close(self) -> None:
        await self.shop.close()


@dataclass
class Remembering(Sound):
    """Shows an order as it was when it was first asked for."""

    seen: dict[str, Order | None] = field(default_factory=dict)

    async def find(self, number: str) -> Order | None:
        if number not in self.seen:
            self.seen[number] = await super().find(number)
        return self.seen[number]


class Fuzzy(Sound):
    """Takes the shop's search, which finds what looks alike."""

    async def find(self, number: str) -> Order | None:
        orders = await self.shop.run(lambda file: list(file.orders()))
        return next((order for order in orders if order.number.startswith(number[:6])), None)


class Literal(Sound):
    """Compares numbers letter by letter."""

    async def find(self, number: str) -> Order | None:
        order = await super().find(number)
        return order if order and order.number == number else None


class ByMail(Sound):
    """Searches everywhere, e-mail addresses included."""

    async def find(self, number: str) -> Order | None:
        orders = await self.shop.run(lambda file: list(file.orders()))
        return next((order for order in orders if number in {order.number, order.email}), None)


class Unguarded(Sound):
    """Cancels whatever the stage has become."""

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,
        version: str = "",  # noqa: ARG002
    ) -> CancelReport:
        order = await self.find(number)
        return await super().cancel(
            number, expected=order.stage if order else expected, request_id=request_id
        )


class Boasting(Sound):
    """Takes the shop's receipt of a request for its success."""

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        await super().cancel(number, expected=expected, request_id=request_id, version=version)
        return CancelReport.ACCEPTED


class Generous(Sound):
    """Refunds by itself, at every request, what the shop has refunded already."""

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        report = await super().cancel(number, expected=expected, request_id=request_id, version=version)
        order = await self.find(number)
        if order is not None and order.stage is Stage.CANCELLED and order.payments[0].refunds:
            await self.shop.run(lambda file: file.put([_refunded_again(order)]))
        return report


class Leaking(Sound):
    """Lets its library's errors through."""

    async def find(self, number: str) -> Order | None:
        try:
            return await super().find(number)
        except ShopUnreachable as error:
            raise ConnectionError from error


class Hiding(Sound):
    """Takes a shop that is down for a shop without the order."""

    async def find(self, number: str) -> Order | None:
        try:
            return await super().find(number)
        except ShopUnreachable:
            return None


def _refunded_again(order: Order) -> StoredOrder:
    first, *rest = order.payments
    again = Refund(Decimal("1.00"), RefundStatus.SENT, START)
    more = Payment(first.method, first.amount, first.status, (*first.refunds, again))
    return kept(replace(order, payments=(more, *rest)), START, None)
