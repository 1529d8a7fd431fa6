"""A Shopify shop in memory that plays the documented behaviour of the Admin API, and its hands.

A document is answered with exactly the fields it selects. What is played: a search by name that finds what
looks alike, cancellation as a job that refunds and voids by itself and gives up on what was accepted for
fulfilment, idempotent refunds, points, scopes, and the version header.
"""

import itertools
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from aiohttp import web
from graphql import (
    FieldNode,
    InlineFragmentNode,
    OperationDefinitionNode,
    SelectionSetNode,
    parse,
    value_from_ast_untyped,
)

from bot.contracts.shop_bench import Placement
from bot.orders.shopify import SCOPES_NEEDED
from dialogs.orders import Line, Payment, PaymentStatus, Stage

TOKEN = "shpat_made_up"
_START = datetime(2026, 11, 3, 9, 0, tzinfo=UTC)
_FULFILMENT = {
    Stage.BINDING: ("IN_PROGRESS", "OPEN", "SUBMITTED"),
    Stage.CONFIRMED: ("IN_PROGRESS", "IN_PROGRESS", "ACCEPTED"),
    Stage.IN_LOGISTICS: ("FULFILLED", "CLOSED", "ACCEPTED"),
    Stage.DELIVERED: ("FULFILLED", "CLOSED", "ACCEPTED"),
    Stage.ON_HOLD: ("ON_HOLD", "ON_HOLD", "UNSUBMITTED"),
}
_KINDS = {
    PaymentStatus.CAPTURED: ("SALE", "SUCCESS"),
    PaymentStatus.PENDING: ("SALE", "PENDING"),
    PaymentStatus.FAILED: ("SALE", "FAILURE"),
    PaymentStatus.UNKNOWN: ("SALE", "UNKNOWN"),
    PaymentStatus.AUTHORISED: ("AUTHORIZATION", "SUCCESS"),
    PaymentStatus.VOIDED: ("AUTHORIZATION", "SUCCESS"),
}
Json = dict[str, object]


def bag(amount: Decimal | str) -> Json:
    """An amount as Shopify writes it."""
    return {"presentmentMoney": {"amount": str(amount), "currencyCode": "EUR"}}


@dataclass
class ShopifyShop:
    """The shop. `polls` is how often a job is looked at before it is carried out."""

    polls: int = 1
    scopes: set[str] = field(default_factory=lambda: {*SCOPES_NEEDED, "read_products"})
    version: str = "2026-10"
    cost: float = 12.0
    available: float = 2000.0
    restore: float = 100.0
    orders: dict[str, Json] = field(default_factory=dict)
    asked: list[tuple[str, Json]] = field(default_factory=list)
    cancelled: list[str] = field(default_factory=list)
    throttled: int = 0
    before: Callable[[str], None] = lambda _: None
    """Called with the name of each document before it is answered."""

    def __post_init__(self) -> None:
        self._ids = itertools.count(1)
        self._jobs: dict[str, tuple[str, int]] = {}
        self._refunds: dict[str, Json] = {}
        self._seconds = itertools.count(1)

    # ---- the merchant's hands

    def put(self, name: str, **fields: object) -> Json:
        """A paid order of this name; `fields` replace what it has."""
        order: Json = {
            "id": self._id("Order"),
            "name": name,
            "email": "ann@shop.test",
            "createdAt": self._now(),
            "updatedAt": self._now(),
            "cancelledAt": None,
            "tags": [],
            "presentmentCurrencyCode": "EUR",
            "displayFinancialStatus": "PAID",
            "displayFulfillmentStatus": "UNFULFILLED",
            "totalPriceSet": bag("54.00"),
            "metafield": None,
            "fulfillmentOrders": [{"status": "OPEN", "requestStatus": "UNSUBMITTED"}],
            "fulfillments": [],
            "transactions": [self.transaction("SALE", "SUCCESS", "card", "54.00")],
            "lineItems": [self.item(line) for line in Placement(Stage.PAID).lines],
            **fields,
        }
        self.orders[str(order["id"])] = order
        return order

    def transaction(
        self,
        kind: str,
        status: str,
        gateway: str,
        amount: Decimal | str,
        parent: object = None,
        **more: object,
    ) -> Json:
        """A step of a payment."""
        return {
            "id": self._id("OrderTransaction"),
            "kind": kind,
            "status": status,
            "gateway": gateway,
            "processedAt": self._now(),
            "amountSet": bag(amount),
            "totalUnsettledSet": None,
            "parentTransaction": None if parent is None else {"id": parent},
            "paymentDetails": None,
            **more,
        }

    def item(self, line: Line) -> Json:
        """A line; marked by a tag of its product."""
        tags = [] if line.cancellable else ["Not-Cancellable"]
        return {
            "name": line.title,
            "quantity": line.quantity,
            "currentQuantity": line.quantity,
            "originalUnitPriceSet": bag(line.unit_price),
            "customAttributes": [],
            "product": {"tags": tags, "metafield": None},
        }

    def pay(self, order: Json, payments: tuple[Payment, ...]) -> None:
        """Replace the transactions of an order."""
        steps = [self.transaction(*_KINDS[p.status], p.method, p.amount) for p in payments]
        order["transactions"] = steps
        taken = any(payment.status is PaymentStatus.CAPTURED for payment in payments)
        order["displayFinancialStatus"] = "PAID" if taken else "PENDING"

    def bring(self, order: Json, stage: Stage) -> None:
        """Move an order to a stage."""
        shown, status, request = _FULFILMENT.get(stage, ("UNFULFILLED", "OPEN", "UNSUBMITTED"))
        order["displayFulfillmentStatus"] = shown
        order["fulfillmentOrders"] = [{"status": status, "requestStatus": request}]
        order["tags"] = ["Allocated"] if stage is Stage.ALLOCATED else []
        if shown == "FULFILLED":
            arrived = "DELIVERED" if stage is Stage.DELIVERED else "IN_TRANSIT"
            order["fulfillments"] = [{"status": "SUCCESS", "displayStatus": arrived}]
        if stage is Stage.CANCELLED:
            order["cancelledAt"] = self._now()
        order["updatedAt"] = self._now()

    def named(self, number: str) -> Json:
        """The order of this number."""
        return next(order for order in self.orders.values() if str(order["name"]).lstrip("#") == number)

    # ---- the interface

    async def handle(self, request: web.Request) -> web.Response:
        """Answer one request."""
        headers = {"X-Shopify-API-Version": self.version}
        if request.headers.get("X-Shopify-Access-Token") != TOKEN:
            said = "[API] Invalid API key or access token (unrecognized login or wrong password)"
            return web.json_response({"errors": said}, status=401)
        if request.method != "POST" or not request.path.startswith("/admin/api/20"):
            return web.json_response({"errors": "Not Found"}, status=404)
        body = await request.json()
        return web.json_response(self.answer(body["query"], body.get("variables", {})), headers=headers)

    def answer(self, query: str, variables: Json) -> Json:
        """What the API says to a document."""
        operation = parse(query).definitions[0]
        assert isinstance(operation, OperationDefinitionNode)
        assert operation.name is not None
        name = operation.name.value
        self.asked.append((name, variables))
        self.before(name)
        bucket = {
            "maximumAvailable": 2000.0,
            "currentlyAvailable": self.available,
            "restoreRate": self.restore,
        }
        cost: Json = {"requestedQueryCost": self.cost, "actualQueryCost": 10, "throttleStatus": bucket}
        if self.throttled or self.cost > self.available:
            self.throttled = max(0, self.throttled - 1)
            error = {"message": "Throttled", "extensions": {"code": "THROTTLED"}}
            return {"errors": [error], "extensions": {"cost": cost | {"actualQueryCost": None}}}
        field_node = operation.selection_set.selections[0]
        assert isinstance(field_node, FieldNode)
        if missing := self._missing(field_node.name.value):
            return {"errors": [_denied(field_node.name.value, missing)], "data": None}
        root = {field_node.name.value: self._root(field_node, variables)}
        return {"data": _selected(root, operation.selection_set, variables), "extensions": {"cost": cost}}

    def _missing(self, root: str) -> str | None:
        needs = {"orders": "read_orders", "order": "read_orders", "job": None, "currentAppInstallation": None}
        scope = needs.get(root, "write_orders")
        return scope if scope is not None and scope not in self.scopes else None

    def _root(self, node: FieldNode, variables: Json) -> object:
        given = {
            argument.name.value: value_from_ast_untyped(argument.value, variables)
            for argument in node.arguments or ()
        }
        match node.name.value:
            case "orders":
                return self._found(str(given["query"]), int(given["first"]))
            case "order":
                return self._shown(self.orders.get(str(given["id"])), variables.get("after"))
            case "job":
                return self._job(str(given["id"]))
            case "orderCancel":
                return self._cancel(str(given["orderId"]), given)
            case "refundCreate":
                return self._refund(given["input"], str(_directives(node, variables)["idempotent"]))
            case "currentAppInstallation":
                return {"accessScopes": [{"handle": scope} for scope in sorted(self.scopes)]}
            case other:
                raise AssertionError(other)

    def _found(self, query: str, first: int) -> Json:
        """Whatever looks alike, as a search index does."""
        assert query.startswith('name:"')
        wanted = json.loads(query.removeprefix("name:")).casefold()
        alike = [
            order
            for order in self.orders.values()
            if wanted in str(order["name"]).casefold() or wanted == str(order["email"]).casefold()
        ]
        return {"nodes": alike[:first], "pageInfo": {"hasNextPage": len(alike) > first}}

    def _shown(self, order: Json | None, after: object) -> Json | None:
        """An order with 50 of its lines; the cursor is the number of lines before."""
        if order is None:
            return None
        lines, first = order["lineItems"], int(str(after or 0))
        assert isinstance(lines, list)
        more = {"hasNextPage": len(lines) > first + 50, "endCursor": str(first + 50)}
        work = {"nodes": order["fulfillmentOrders"], "pageInfo": {"hasNextPage": False}}
        page = {"nodes": lines[first : first + 50], "pageInfo": more}
        return order | {"fulfillmentOrders": work, "lineItems": page}

    def _cancel(self, order_id: str, given: Mapping[str, object]) -> Json:
        assert given["reason"] == "CUSTOMER"
        assert given["refundMethod"] == {"originalPaymentMethodsRefund": True}
        order = self.orders.get(order_id)
        if order is None or order["cancelledAt"] is not None:
            code = "NOT_FOUND" if order is None else "INVALID"
            return {"job": None, "orderCancelUserErrors": [{"code": code, "message": "", "field": None}]}
        job_id = self._id("Job")
        self._jobs[job_id] = (order_id, self.polls)
        return {"job": {"id": job_id, "done": False}, "orderCancelUserErrors": []}

    def _job(self, job_id: str) -> Json | None:
        if job_id not in self._jobs:
            return None
        order_id, polls = self._jobs[job_id]
        self._jobs[job_id] = (order_id, polls - 1)
        if polls == 1:
            self._carry_out(self.orders[order_id])
        return {"id": job_id, "done": polls <= 1}

    def run_jobs(self) -> None:
        """Carry out what is still waiting, with nobody looking."""
        for job_id, (order_id, polls) in list(self._jobs.items()):
            if polls > 0:
                self._jobs[job_id] = (order_id, 0)
                self._carry_out(self.orders[order_id])

    def _carry_out(self, order: Json) -> None:
        bound = {"ACCEPTED", "CANCELLATION_REQUESTED"}
        work = order["fulfillmentOrders"]
        assert isinstance(work, list)
        if order["cancelledAt"] or order["fulfillments"] or any(w["requestStatus"] in bound for w in work):
            return
        self.cancelled.append(str(order["id"]))
        steps = order["transactions"]
        assert isinstance(steps, list)
        for step in list(steps):
            if step["status"] == "SUCCESS" and step["kind"] in {"SALE", "CAPTURE", "AUTHORIZATION"}:
                kind = "VOID" if step["kind"] == "AUTHORIZATION" else "REFUND"
                amount = step["amountSet"]["presentmentMoney"]["amount"]
                steps.append(self.transaction(kind, "SUCCESS", step["gateway"], amount, step["id"]))
        self.bring(order, Stage.CANCELLED)

    def _refund(self, spec: object, key: str) -> Json:
        assert isinstance(spec, dict)
        if key in self._refunds:
            return self._refunds[key]
        order = self.orders[spec["orderId"]]
        steps = order["transactions"]
        assert isinstance(steps, list)
        (wanted,) = spec["transactions"]
        parent = next(step for step in steps if step["id"] == wanted["parentId"])
        back = [
            Decimal(step["amountSet"]["presentmentMoney"]["amount"])
            for step in steps
            if step["kind"] == "REFUND"
            and step["status"] == "SUCCESS"
            and step["parentTransaction"] == {"id": parent["id"]}
        ]
        taken = Decimal(parent["amountSet"]["presentmentMoney"]["amount"])
        if Decimal(wanted["amount"]) > taken - sum(back):
            return {"refund": None, "userErrors": [{"field": ["transactions"], "message": "too much"}]}
        steps.append(self.transaction("REFUND", "SUCCESS", wanted["gateway"], wanted["amount"], parent["id"]))
        self._refunds[key] = {"refund": {"id": self._id("Refund")}, "userErrors": []}
        return self._refunds[key]

    def _id(self, kind: str) -> str:
        return f"gid://shopify/{kind}/{next(self._ids)}"

    def _now(self) -> str:
        return (_START + timedelta(seconds=next(self._seconds))).strftime("%Y-%m-%dT%H:%M:%SZ")


def _denied(name: str, scope: str) -> Json:
    needed = f"`{scope}` access scope."
    message = f"Access denied for {name} field. Required access: {needed}"
    details = {"code": "ACCESS_DENIED", "requiredAccess": needed}
    return {"message": message, "path": [name], "extensions": details}


def _selected(value: object, chosen: SelectionSetNode | None, variables: Json) -> object:
    """Only what the document selects of a value."""
    if isinstance(value, list):
        return [_selected(each, chosen, variables) for each in value]
    if chosen is None or not isinstance(value, dict):
        return value
    result: Json = {}
    for node in chosen.selections:
        if isinstance(node, InlineFragmentNode):
            assert node.type_condition is not None
            if value.get("__typename") == node.type_condition.name.value:
                inner = _selected(value, node.selection_set, variables)
                result |= inner if isinstance(inner, dict) else {}
        elif isinstance(node, FieldNode) and _directives(node, variables).get("include", True):
            name = node.name.value
            result[name] = _selected(value[name], node.selection_set, variables)
    return result


def _directives(node: FieldNode, variables: Json) -> Json:
    """The one argument of each directive of a field."""
    return {
        directive.name.value: value_from_ast_untyped(argument.value, variables)
        for directive in node.directives or ()
        for argument in directive.arguments or ()
    }
