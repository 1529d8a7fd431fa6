"""A Vendure of one order, made from a recorded one and changed by hand."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path

import msgspec
import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.orders.vendure import Vendure, VendureSettings
from tests.bot.orders.served import served
from tests.bot.orders.vendure_playing import recording
from tests.bot.orders.wire_faults import QUICK, Wire
from tests.vendure.tap import TOKEN, Json, operation_of

PASSWORD = "p-4711-secret"


@cache
def _one_order() -> bytes:
    """An order as recorded: paid, not packed."""
    exchanges = recording("a_payment_of_another_order_is_not_refunded")["exchanges"]
    found = msgspec.convert(exchanges, list[dict[str, object]])[1]["response"]
    return msgspec.json.encode(found)


def order_with(**changes: object) -> Json:
    found: Json = msgspec.json.decode(_one_order())
    order: Json = found["data"]["orders"]["items"][0]  # type: ignore[index,call-overload]
    del order["customFields"]
    return order | changes


class OneOrder:
    """Answers as Vendure does, to what the adapter asks of one order; `asked` are the operations."""

    def __init__(self, order: Json) -> None:
        self.order = order
        self.asked: list[str] = []
        self.answers: dict[str, object] = {}

    async def handle(self, request: web.Request) -> web.Response:
        body: Json = await request.json()
        operation = operation_of(body)
        self.asked.append(operation)
        if operation in self.answers:
            return web.json_response(self.answers[operation])
        match operation:
            case "RescindLogin":
                return _said({"login": {"__typename": "CurrentUser"}}, {TOKEN: "a-token"})
            case "RescindPermissions":
                return _said({"me": {"channels": [{"permissions": ["ReadOrder", "UpdateOrder"]}]}})
            case "RescindOrder":
                return _said({"orders": {"items": [self.order]}})
            case "RescindCancellations":
                return _said({"order": {"history": {"items": [{"data": {"reason": "customer request r1"}}]}}})
            case "RescindCancel":
                self.order = self.order | {"state": "Cancelled"}
                return _said({"cancelOrder": {"__typename": "Order"}})
        raise AssertionError(operation)


def _said(data: Json, headers: dict[str, str] | None = None) -> web.Response:
    return web.json_response({"data": data}, headers=headers)


NUMBER = str(order_with()["code"])


def settings_for(url: str, mapping: Path | None = None) -> VendureSettings:
    return VendureSettings(
        url=f"{url}/admin-api", username="bot", password=SecretStr(PASSWORD), mapping=mapping
    )


@asynccontextmanager
async def selling(
    shop: OneOrder, *, mapping: Path | None = None, unmapped: Callable[[str], None] = pytest.fail
) -> AsyncIterator[tuple[Vendure, Wire]]:
    async with served(shop.handle) as url, Wire(url) as wire:
        vendure = Vendure(settings_for(wire.url, mapping), unmapped=unmapped, limits=QUICK)
        yield vendure, wire
        await vendure.close()
