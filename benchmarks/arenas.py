"""Shops to race in: their adapters, hands inside them, and their records read without the adapter."""

import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import Protocol

from pydantic import SecretStr

from bot.contracts.shop_bench import Placement
from bot.orders.demo import DemoShop
from bot.orders.demo_file import ShopFile
from bot.orders.demo_record import CannotMove, kept
from bot.orders.vendure import Vendure, VendureSettings
from bot.ports import CancelReport, Capabilities, OrderBackend, RefundReport
from dialogs.orders import Order, Payment, Stage
from tests.vendure.hands import ADMIN, Catalogue, Hands, hands
from tests.vendure.tap import Json, Tap

PLACED = Placement(Stage.PAID)


def now() -> datetime:
    return datetime.now(UTC)  # noqa: TID251 — a script has the clock of its machine


@dataclass(frozen=True, slots=True)
class Truth:
    """What a record says: by the shop's own words, not the adapter's."""

    cancelled: bool
    fulfilled: bool
    given_back: Decimal


async def a_moment(longest: float) -> None:
    """Up to so many seconds."""
    await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 — no secret


class Arena(Protocol):
    """A shop, its adapter, and hands inside.

    `sent` is set when a request of ours is on its way, which takes up to `spread` seconds.
    """

    name: str
    backend: OrderBackend
    sent: asyncio.Event
    spread: float

    async def place(self) -> str:
        """A paid order."""

    async def fulfil(self, number: str) -> None:
        """Pack it, as the warehouse does."""

    async def bare_cancel(self, number: str) -> bool:
        """Ask the shop itself; whether it says that it has cancelled."""

    async def truth(self, number: str) -> Truth:
        """The record now."""

    def read(self, number: str) -> Truth | None:
        """The record as it was when the adapter read it last."""


@dataclass
class VendureArena:
    """A live Vendure."""

    hands: Hands
    tap: Tap
    backend: Vendure
    name: str = "Vendure"
    spread: float = 0.05
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    placed: dict[str, Json] = field(default_factory=dict)

    async def place(self) -> str:
        number = await self.hands.place(PLACED)
        self.placed[number] = await self.hands.order(number)  # or the warehouse would have to read first
        return number

    async def fulfil(self, number: str) -> None:
        await self.hands.fulfil_order(self.placed[number])

    async def bare_cancel(self, number: str) -> bool:
        answer = await self.hands.admin.reply(
            """mutation ($id: ID!) {
                cancelOrder(input: { orderId: $id, cancelShipping: true }) { __typename } }""",
            id=self.placed[number]["id"],
        )
        return answer.get("data") == {"cancelOrder": {"__typename": "Order"}}

    async def bare_refund(self, number: str) -> None:
        """Send the whole payment back, by the shop's own interface."""
        await self.hands.admin.reply(
            """mutation ($payment: ID!, $amount: Money!) { refundOrder(input: {
                paymentId: $payment, amount: $amount, lines: [], shipping: 0, adjustment: 0
            }) { __typename } }""",
            payment=_path(self.placed[number], "payments", 0, "id"),
            amount=int(PLACED.total * 100),
        )

    async def truth(self, number: str) -> Truth:
        return _raw(await self.hands.order(number))

    def read(self, number: str) -> Truth | None:
        for each in reversed(self.tap.exchanges):
            if each["operation"] == "RescindOrder":
                found = _list(_path(each["response"], "data", "orders"), "items")
                if found and _path(found[0], "code") == number:
                    return _raw(found[0])
        return None


LAG = 0.5
"""Seconds for which a record that lags shows no parcel of a cancelled order."""


@dataclass
class Lagging:
    """Vendure's adapter, on a record in which a parcel shows late: as it was seen on PostgreSQL."""

    shop: Vendure
    shown: dict[str, Order] = field(default_factory=dict)
    since: dict[str, datetime] = field(default_factory=dict)

    @property
    def capabilities(self) -> Capabilities:
        return self.shop.capabilities

    async def find(self, number: str) -> Order | None:
        order = await self.shop.find(number)
        if order is None:
            return None
        if order.partly_fulfilled:
            at = now()
            if (at - self.since.setdefault(number, at)).total_seconds() < LAG:
                order = replace(order, partly_fulfilled=False)
        self.shown[number] = order
        return order

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        return await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        return await self.shop.refund(number, payment=payment, amount=amount, key=key)

    async def ping(self) -> None:
        await self.shop.ping()

    async def close(self) -> None:
        await self.shop.close()


@dataclass
class LaggingArena(VendureArena):
    """The same Vendure, read through a record that lags."""

    @classmethod
    def beside(cls, arena: VendureArena) -> "LaggingArena":
        """With the same hands."""
        late = cls(arena.hands, arena.tap, arena.backend, sent=arena.sent, placed=arena.placed)
        late.backend = Lagging(arena.backend)  # type: ignore[assignment]
        return late

    def read(self, number: str) -> Truth | None:
        assert isinstance(self.backend, Lagging)
        last = self.backend.shown.get(number)
        return _shown(last) if last else None


def _raw(order: object) -> Truth:
    """Vendure's own record."""
    parcels = [_path(parcel, "state") for parcel in _list(order, "fulfillments")]
    refunds = [each for payment in _list(order, "payments") for each in _list(payment, "refunds")]
    back = sum(
        (Decimal(str(_path(each, "total"))) for each in refunds if _path(each, "state") != "Failed"),
        Decimal(0),
    )
    return Truth(_path(order, "state") == "Cancelled", bool(set(parcels) - {"Cancelled"}), back / 100)


def _list(value: object, key: str) -> list[object]:
    found = _path(value, key) or []
    assert isinstance(found, list)
    return found


def _path(value: object, *keys: str | int) -> object:
    for key in keys:
        assert isinstance(value, dict | list)
        value = value[key]  # type: ignore[index,call-overload]
    return value


@asynccontextmanager
async def vendure_arena(url: str) -> AsyncIterator[VendureArena]:
    async def announce(_tap: Tap, operation: str, body: Json) -> Json:
        if operation in {"RescindCancel", "RescindRefund"}:
            arena.sent.set()
            await a_moment(arena.spread)
        return body

    async with hands(url, Catalogue()) as merchant, Tap(url, announce).listening() as tap:
        settings = VendureSettings(
            url=f"{tap.url}/admin-api", username=ADMIN[0], password=SecretStr(ADMIN[1])
        )
        adapter = Vendure(settings, unmapped=print)
        arena = VendureArena(merchant, tap, adapter)
        yield arena
        await adapter.close()


@dataclass
class Announcing:
    """The demo shop's adapter, and what it showed last of each order."""

    capabilities = DemoShop.capabilities

    shop: DemoShop
    sent: asyncio.Event
    last: dict[str, Order] = field(default_factory=dict)

    async def find(self, number: str) -> Order | None:
        order = await self.shop.find(number)
        if order is not None:
            self.last[number] = order
        return order

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        self.sent.set()
        await a_moment(DemoArena.spread)
        return await self.shop.cancel(number, expected=expected, request_id=request_id, version=version)

    async def ping(self) -> None:
        await self.shop.ping()

    async def close(self) -> None:
        await self.shop.close()


class DemoArena:
    """The demo shop, whose orders stand still here."""

    name = "the demo shop"
    spread = 0.003

    def __init__(self, shop: DemoShop) -> None:
        self.shop = shop
        self.sent = asyncio.Event()
        self._adapter = Announcing(shop, self.sent)
        self.backend: OrderBackend = self._adapter
        self._placed = 9000

    async def place(self) -> str:
        self._placed += 1
        number, lines, payments = str(self._placed), PLACED.lines, PLACED.payments
        order = Order(number, PLACED.email, Stage.PAID, now(), "EUR", PLACED.total, lines, payments)
        await self.shop.run(lambda file: file.put([kept(order, now(), None)]))
        return number

    async def fulfil(self, number: str) -> None:
        def advance(file: ShopFile) -> None:
            with suppress(CannotMove):
                file.advance(number, Stage.CONFIRMED)

        await self.shop.run(advance)

    async def bare_cancel(self, number: str) -> bool:
        report = await self.shop.cancel(number, expected=Stage.PAID, request_id=f"{now()}")
        return report is CancelReport.ACCEPTED

    async def truth(self, number: str) -> Truth:
        order = await self.shop.find(number)
        assert order is not None
        return _shown(order)

    def read(self, number: str) -> Truth | None:
        last = self._adapter.last.get(number)
        return _shown(last) if last else None


def _shown(order: Order) -> Truth:
    back = sum((refund.amount for each in order.payments for refund in each.refunds), Decimal(0))
    fulfilled = order.stage is Stage.CONFIRMED or order.partly_fulfilled
    return Truth(order.stage is Stage.CANCELLED, fulfilled, back)


@asynccontextmanager
async def demo_arena(folder: Path) -> AsyncIterator[DemoArena]:
    async with DemoShop(folder / "shop.sqlite3", now=now) as shop:
        yield DemoArena(shop)
