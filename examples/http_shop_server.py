"""A shop that speaks Rescind's HTTP contract (docs/http-shop.openapi.yaml). Its orders live in memory.

    python examples/http_shop_server.py --port 8099 --token change-me

Run it beside Rescind, or read it as a pattern for your own system. What matters: `cancel` compares and
changes in one step; a repeated `request_id` or `key` gets its first answer again; and {"error":
"unknown_order"} tells an order that nobody has from an address that is wrong.
"""

import argparse
import hmac
import itertools
import json
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import TypedDict

from aiohttp import web

Wanted = dict[str, str]
Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

STAGES = (
    "placed",
    "paid",
    "allocated",
    "binding",
    "confirmed",
    "in_logistics",
    "delivered",
    "cancelled",
    "on_hold",
)
CANCELLABLE = {"placed", "paid", "allocated", "binding"}


class Refund(TypedDict):
    """Money on its way back."""

    amount: str
    status: str
    sent_at: str


class Payment(TypedDict):
    """One payment of an order."""

    id: str
    method: str
    amount: str
    status: str
    refunds: list[Refund]


class Line(TypedDict):
    """One line of an order."""

    title: str
    quantity: int
    unit_price: str
    cancellable: bool


class Order(TypedDict):
    """An order as the contract shows it."""

    number: str
    email: str
    stage: str
    placed_at: str
    currency: str
    total: str
    lines: list[Line]
    payments: list[Payment]
    partly_fulfilled: bool
    version: str


class Refused(Exception):
    """An answer other than 200."""

    def __init__(self, status: int, error: str) -> None:
        super().__init__(error)
        self.status = status
        self.error = error


class Shop:
    """The orders, and what may be done with them. No method awaits, so each is one step to all others.

    In a database, put such a step into one transaction, and let the UPDATE name the stage and the version it
    expects.
    """

    def __init__(self, *, refunds_itself: bool = True) -> None:
        self.refunds_itself = refunds_itself
        self.cancelled: list[str] = []
        self._orders: dict[str, Order] = {}
        self._answers: dict[str, str] = {}
        self._versions = itertools.count(1)

    def put(self, order: Order) -> None:
        """Take an order in, in the form of docs/orders.md."""
        for at, payment in enumerate(order["payments"], 1):
            payment.setdefault("id", f"{order['number']}-{at}")
            payment.setdefault("refunds", [])
        order.setdefault("partly_fulfilled", False)
        self._orders[_key(order["number"])] = order
        self._touch(order)

    def find(self, number: str) -> Order:
        """The order of this number, compared without case, spaces and a leading '#'."""
        order = self._orders.get(_key(number))
        if order is None:
            raise Refused(404, "unknown_order")
        return order

    def advance(self, number: str, stage: str) -> None:
        """Move an order on, as the warehouse does."""
        order = self.find(number)
        order["stage"] = stage
        self._touch(order)

    def cancel(self, number: str, wanted: Wanted) -> str:
        """Compare and cancel; the answer is kept for a repeated request."""
        order = self.find(number)
        asked = f"cancel {_key(number)} {wanted['request_id']}"
        if asked not in self._answers:
            self._answers[asked] = self._cancel(order, wanted)
        return self._answers[asked]

    def refund(self, number: str, wanted: Wanted) -> str:
        """Send money of one payment back; a repeated key sends nothing more."""
        order = self.find(number)
        amount = _amount(wanted["amount"])  # a repeated key excuses no amount that is none
        asked = f"refund {_key(number)} {wanted['key']}"
        if asked not in self._answers:
            self._answers[asked] = self._refund(order, wanted["payment_id"], amount)
        return self._answers[asked]

    def _cancel(self, order: Order, wanted: Wanted) -> str:
        version = wanted.get("version")
        if order["stage"] != wanted["expected_stage"] or version not in {None, order["version"]}:
            return "stage_moved"
        if order["stage"] not in CANCELLABLE or order.get("partly_fulfilled"):
            return "refused"
        order["stage"] = "cancelled"
        self.cancelled.append(order["number"])
        for payment in order["payments"]:
            if payment["status"] == "authorised":
                payment["status"] = "voided"
            elif payment["status"] == "captured" and self.refunds_itself:
                _send_back(payment, _left(payment))
        self._touch(order)
        return "accepted"

    def _refund(self, order: Order, payment_id: str, amount: Decimal) -> str:
        for payment in order["payments"]:
            if (
                payment["id"] == payment_id
                and payment["status"] == "captured"
                and 0 < amount <= _left(payment)
            ):
                _send_back(payment, amount)
                self._touch(order)
                return "accepted"
        return "refused"

    def _touch(self, order: Order) -> None:
        """Every change makes another version."""
        order["version"] = str(next(self._versions))


def _key(number: str) -> str:
    return "".join(number.split()).lstrip("#").casefold()


def _left(payment: Payment) -> Decimal:
    return Decimal(payment["amount"]) - sum(Decimal(refund["amount"]) for refund in payment["refunds"])


def _send_back(payment: Payment, amount: Decimal) -> None:
    if amount:
        sent_at = datetime.now(UTC).isoformat()  # noqa: TID251 - an example has no other clock
        payment["refunds"].append({"amount": str(amount), "status": "sent", "sent_at": sent_at})


def _amount(text: str) -> Decimal:
    if not re.fullmatch(r"\d{1,12}(\.\d{1,4})?", text, re.ASCII):
        raise Refused(422, "bad_amount")
    return Decimal(text)


# ---- the four calls


def application(shop: Shop, token: str) -> web.Application:
    """The contract over HTTP. Every call needs the bearer token."""

    async def show(request: web.Request) -> web.Response:
        return web.json_response(shop.find(request.match_info["number"]))

    async def cancel(request: web.Request) -> web.Response:
        wanted = await _wanted(request, "expected_stage", "request_id")
        return web.json_response({"result": shop.cancel(request.match_info["number"], wanted)})

    async def refund(request: web.Request) -> web.Response:
        wanted = await _wanted(request, "payment_id", "amount", "key")
        return web.json_response({"result": shop.refund(request.match_info["number"], wanted)})

    async def health(_: web.Request) -> web.Response:
        return web.json_response({"status": "ok"})

    @web.middleware
    async def guarded(request: web.Request, handler: Handler) -> web.StreamResponse:
        said = request.headers.get("Authorization", "")
        if not hmac.compare_digest(said.encode(), f"Bearer {token}".encode()):
            return web.json_response({"error": "unauthorised"}, status=401)
        try:
            return await handler(request)
        except Refused as refused:
            return web.json_response({"error": refused.error}, status=refused.status)

    app = web.Application(middlewares=[guarded])
    app.router.add_get("/orders/{number}", show)
    app.router.add_post("/orders/{number}/cancel", cancel)
    app.router.add_post("/orders/{number}/refunds", refund)
    app.router.add_get("/health", health)
    return app


async def _wanted(request: web.Request, *needed: str) -> Wanted:
    """The body, an object with these texts in it."""
    try:
        wanted = json.loads(await request.text())
    except (ValueError, RecursionError, LookupError):
        raise Refused(400, "no_json") from None
    if not isinstance(wanted, dict) or not all(isinstance(wanted.get(n), str) and wanted[n] for n in needed):
        raise Refused(422, "missing_field")
    if not all(isinstance(wanted.get(name), str | None) for name in ("version", "expected_status")):
        raise Refused(422, "not_text")
    return {name: value for name, value in wanted.items() if isinstance(value, str)}


# ---- something to look at


def sample(at: int, placed_at: datetime) -> Order:
    """One of many made-up orders."""
    return {
        "number": f"H-{1000 + at}",
        "email": f"customer{at}@shop.test",
        "stage": STAGES[at % len(STAGES)],
        "placed_at": placed_at.isoformat(),
        "currency": "EUR",
        "total": "54.00",
        "lines": [
            {"title": "Enamel mug", "quantity": 2, "unit_price": "7.00", "cancellable": True},
            {"title": "Linocut poster", "quantity": 1, "unit_price": "40.00", "cancellable": True},
        ],
        "payments": [
            {
                "method": "card",
                "amount": "54.00",
                "status": "captured" if at % 9 else "pending",
                "id": f"P-{at}",
                "refunds": [],
            }
        ],
        "partly_fulfilled": False,
        "version": "",
    }


def main() -> None:
    """Serve until interrupted."""
    arguments = argparse.ArgumentParser(description="An example shop that speaks Rescind's HTTP contract.")
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8099)
    arguments.add_argument("--token", default="change-me", help="the bearer token that callers need")
    arguments.add_argument("--orders", type=Path, help="a file of orders, one JSON object a line")
    arguments.add_argument("--count", type=int, default=20, help="how many orders to make up without a file")
    given = arguments.parse_args()
    shop = Shop()
    if given.orders:
        for line in given.orders.read_text(encoding="utf-8").splitlines():
            shop.put(json.loads(line, parse_float=str))
    else:
        now = datetime.now(UTC)  # noqa: TID251 - an example has no other clock
        for at in range(given.count):
            shop.put(sample(at, now - timedelta(minutes=at)))
    web.run_app(application(shop, given.token), host=given.host, port=given.port, access_log=None)


if __name__ == "__main__":
    main()
