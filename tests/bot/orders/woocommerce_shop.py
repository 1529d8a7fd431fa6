"""A WooCommerce shop in memory that plays the documented behaviour of its REST API, and its hands.

What is played: a status that can be set whatever the order is, a search that finds what looks alike, refunds
through gateways that may not support them (500, as WooCommerce answers), the move to "refunded" once all
money went back, keys that may only read, and WordPress's own 404.
"""

import itertools
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aiohttp import web

from bot.contracts.shop_bench import CannotPlace, Placement
from bot.orders.woocommerce import WooCommerce
from dialogs.orders import Line, PaymentStatus, Stage
from tests.bot.orders.wire_faults import Fault, Wire

KEY, SECRET = "ck_made_up", "cs_made_up"
_START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
_PREFIX = "/wp-json/wc/v3"
STATUS = {
    Stage.PLACED: "pending",
    Stage.PAID: "processing",
    Stage.ALLOCATED: "allocated",
    Stage.BINDING: "binding",
    Stage.CONFIRMED: "packed",
    Stage.IN_LOGISTICS: "completed",
    Stage.DELIVERED: "delivered",
    Stage.CANCELLED: "cancelled",
    Stage.ON_HOLD: "on-hold",
}
Json = dict[str, object]


class Refused(Exception):
    """An answer with an error of WooCommerce's."""

    def __init__(self, status: int, code: str) -> None:
        super().__init__(code)
        self.status = status
        self.code = code


@dataclass
class WooCommerceShop:
    """The shop. `gateways` are the features of each payment method."""

    writes: bool = True
    sees_gateways: bool = True
    gateways: dict[str, list[str]] = field(
        default_factory=lambda: {"card": ["products", "refunds"], "cod": ["products"], "broken": ["refunds"]}
    )
    orders: dict[int, Json] = field(default_factory=dict)
    refunded: dict[int, list[Json]] = field(default_factory=dict)
    products: dict[int, Json] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)
    cancelled: list[int] = field(default_factory=list)
    before: Callable[[str, str], None] = lambda *_: None
    """Called with method and path of each request before it is answered."""

    def __post_init__(self) -> None:
        self._ids = itertools.count(1001)
        self._seconds = itertools.count(1)

    # ---- the merchant's hands

    def put(self, **fields: object) -> Json:
        """A paid order; `fields` replace what it has."""
        order_id = next(self._ids)
        order: Json = {
            "id": order_id,
            "number": str(order_id),
            "status": "processing",
            "currency": "EUR",
            "date_created_gmt": self._now(),
            "date_modified_gmt": self._now(),
            "date_paid_gmt": self._now(),
            "date_completed_gmt": None,
            "total": "54.00",
            "billing": {"first_name": "Ann", "email": "ann@shop.test"},
            "payment_method": "card",
            "payment_method_title": "Card",
            "transaction_id": "",
            "meta_data": [],
            "line_items": [self.item(line) for line in Placement(Stage.PAID).lines],
            **fields,
        }
        self.orders[order_id] = order
        self.refunded[order_id] = []
        return order

    def item(self, line: Line, *, tax: Decimal = Decimal(0)) -> Json:
        """A line; marked by a tag of its product. `tax` is a part of its price."""
        product_id = next(self._ids)
        tags = [] if line.cancellable else [{"id": 7, "name": "Not cancellable", "slug": "not-cancellable"}]
        self.products[product_id] = {"id": product_id, "name": line.title, "tags": tags, "meta_data": []}
        return {
            "id": next(self._ids),
            "name": line.title,
            "product_id": product_id,
            "quantity": line.quantity,
            "total": str(line.quantity * (line.unit_price - tax)),
            "total_tax": str(line.quantity * tax),
            "meta_data": [],
            "price": 7.0,
        }

    def bring(self, order: Json, status: str) -> None:
        """Set a status, as the shop itself does."""
        if status == "completed" and order["date_completed_gmt"] is None:
            order["date_completed_gmt"] = self._now()
        order["status"] = status
        order["date_modified_gmt"] = self._now()

    # ---- the interface

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        if not request.path.startswith(_PREFIX):
            return _error(404, "rest_no_route")
        if request.headers.get("Authorization") != "Basic " + b64encode(f"{KEY}:{SECRET}".encode()).decode():
            return _error(401, "woocommerce_rest_authentication_error")
        if request.method != "GET" and not self.writes:
            return _error(401, "woocommerce_rest_cannot_edit")
        path = request.path.removeprefix(_PREFIX)
        self.asked.append((request.method, path))
        self.before(request.method, path)
        body = await request.json() if request.can_read_body else {}
        try:
            answer = self.answer(request.method, path.strip("/").split("/"), dict(request.query), body)
        except Refused as refused:
            return _error(refused.status, refused.code)
        return web.json_response(answer, status=201 if request.method == "POST" else 200)

    def answer(self, method: str, path: list[str], query: dict[str, str], body: Json) -> object:
        """What the API says."""
        match method, path:
            case "GET", ["orders"]:
                return self._searched(query)
            case "GET", ["orders", order_id]:
                return self._shown(self._order(order_id))
            case "PUT", ["orders", order_id]:
                return self._changed(self._order(order_id), body)
            case "GET", ["orders", order_id, "refunds"]:
                return self.refunded[int(str(self._order(order_id)["id"]))]
            case "POST", ["orders", order_id, "refunds"]:
                return self._refund(self._order(order_id), body)
            case "GET", ["products"]:
                wanted = {int(each) for each in query["include"].split(",")}
                return [product for key, product in self.products.items() if key in wanted]
            case "GET", ["payment_gateways", gateway]:
                if not self.sees_gateways:
                    raise Refused(403, "woocommerce_rest_cannot_view")
                if gateway not in self.gateways:
                    raise Refused(404, "woocommerce_rest_payment_gateway_invalid")
                return {"id": gateway, "method_supports": self.gateways[gateway]}
        raise Refused(404, "rest_no_route")

    def _order(self, order_id: str) -> Json:
        if not order_id.isdigit():
            raise Refused(404, "rest_no_route")
        if int(order_id) not in self.orders:
            raise Refused(404, "woocommerce_rest_shop_order_invalid_id")
        return self.orders[int(order_id)]

    def _searched(self, query: dict[str, str]) -> list[Json]:
        """Whatever holds the words anywhere, newest first."""
        words = query.get("search", "").casefold()
        alike = [self._shown(each) for each in self.orders.values() if words in str(each).casefold()][::-1]
        size, page = int(query.get("per_page", "10")), int(query.get("page", "1"))
        return alike[size * (page - 1) : size * page]

    def _shown(self, order: Json) -> Json:
        refunds = self.refunded[int(str(order["id"]))]
        return order | {
            "refunds": [{"id": r["id"], "reason": "", "total": f"-{r['amount']}"} for r in refunds]
        }

    def _changed(self, order: Json, body: Json) -> Json:
        status, meta = body.get("status"), body.get("meta_data", [])
        assert isinstance(meta, list)
        assert isinstance(order["meta_data"], list)
        order["meta_data"] += [{"id": next(self._ids), **entry} for entry in meta]
        if status is not None and status != order["status"]:
            if status == "cancelled":
                self.cancelled.append(int(str(order["id"])))
            self.bring(order, str(status))
        return self._shown(order)

    def _refund(self, order: Json, body: Json) -> Json:
        """WooCommerce's own way: the gateway is asked, and where it fails, the refund is deleted again."""
        at = int(str(order["id"]))
        amount = Decimal(str(body["amount"]))
        left = Decimal(str(order["total"])) - sum(Decimal(str(r["amount"])) for r in self.refunded[at])
        method = str(order["payment_method"])
        if amount > left or "refunds" not in self.gateways.get(method, []) or method == "broken":
            raise Refused(500, "woocommerce_rest_cannot_create_order_refund")
        refund: Json = {
            "id": next(self._ids),
            "date_created_gmt": self._now(),
            "amount": str(amount),
            "refunded_payment": body["api_refund"],
            "meta_data": body.get("meta_data", []),
        }
        self.refunded[at].append(refund)
        if amount == left:
            self.bring(order, "refunded")
        return refund

    def _now(self) -> str:
        return (_START + timedelta(seconds=next(self._seconds))).strftime("%Y-%m-%dT%H:%M:%S")


def _error(status: int, code: str) -> web.Response:
    return web.json_response({"code": code, "message": "", "data": {"status": status}}, status=status)


@dataclass
class WooCommerceBench:
    """Hands inside the shop, as the contract suite uses them."""

    backend: WooCommerce
    shop: WooCommerceShop
    wire: Wire
    stages: frozenset[Stage] = frozenset(Stage) - {Stage.UNRECOGNISED}

    async def place(self, placement: Placement) -> str:
        if len(placement.payments) != 1:
            raise CannotPlace("one payment an order")
        (payment,) = placement.payments
        if payment.status is PaymentStatus.AUTHORISED:
            raise CannotPlace("a hold is a matter of the gateway's plugin")
        order = self.shop.put(
            line_items=[self.shop.item(line) for line in placement.lines],
            total=str(placement.total),
            payment_method=payment.method,
        )
        if payment.status is not PaymentStatus.CAPTURED:
            order["date_paid_gmt"] = None
        self.shop.bring(order, STATUS[placement.stage])
        return str(order["number"])

    async def advance(self, number: str, to: Stage) -> None:
        self.shop.bring(self.shop.orders[int(number)], STATUS[to])

    async def cancels(self, number: str) -> int:
        return self.shop.cancelled.count(int(number))

    async def refunds(self, number: str) -> int:
        return len(self.shop.refunded[int(number)])

    @asynccontextmanager
    async def unreachable(self) -> AsyncIterator[None]:
        async with self.wire.failing(Fault.REFUSED):
            yield
