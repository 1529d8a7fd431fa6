"""Shopify's Admin API over GraphQL: envelope, errors, and the points each query costs.

The documents below are the whole use that is made of the API; a test holds them to its published schema.
Errors and cost come inside an answer of status 200: https://shopify.dev/docs/api/usage/limits
"""

import asyncio
import re
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from bot.orders.answers import understood
from bot.ports import ContractBroken, CredentialsRefused, ShopUnreachable, Throttled
from bot.shop_session import ShopSession

T = TypeVar("T")

_MOST_POINTS = 20_000.0
"""No plan has more; so no answer, however wrong, keeps us waiting for ever."""

FIND = """
query FindOrder($search: String!) {
  orders(first: 25, query: $search) { nodes { id name } pageInfo { hasNextPage } }
}
"""

READ = """
query ReadOrder(
  $id: ID!, $after: String, $products: Boolean!, $markNamespace: String, $markKey: String!,
  $fact: Boolean!, $factNamespace: String, $factKey: String!
) {
  order(id: $id) {
    id name email createdAt updatedAt cancelledAt tags presentmentCurrencyCode
    displayFinancialStatus displayFulfillmentStatus
    totalPriceSet { presentmentMoney { amount } }
    metafield(namespace: $factNamespace, key: $factKey) @include(if: $fact) { value }
    fulfillmentOrders(first: 50) { nodes { status requestStatus } pageInfo { hasNextPage } }
    fulfillments(first: 50) { status displayStatus }
    transactions(first: 50) {
      id kind status gateway processedAt
      amountSet { presentmentMoney { amount } }
      totalUnsettledSet { presentmentMoney { amount } }
      parentTransaction { id }
      paymentDetails {
        ... on CardPaymentDetails { wallet }
        ... on LocalPaymentMethodsPaymentDetails { paymentMethodName }
      }
    }
    lineItems(first: 50, after: $after) {
      nodes {
        name quantity currentQuantity
        originalUnitPriceSet { presentmentMoney { amount } }
        customAttributes { key value }
        product @include(if: $products) {
          tags metafield(namespace: $markNamespace, key: $markKey) { value }
        }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}
"""

CANCEL = """
mutation CancelOrder($id: ID!, $restock: Boolean!, $notify: Boolean!, $note: String!) {
  orderCancel(
    orderId: $id, reason: CUSTOMER, refundMethod: { originalPaymentMethodsRefund: true },
    restock: $restock, notifyCustomer: $notify, staffNote: $note
  ) {
    job { id done }
    orderCancelUserErrors { code }
  }
}
"""

JOB = """
query CancelJob($id: ID!) { job(id: $id) { id done } }
"""

REFUND = """
mutation RefundPayment($input: RefundInput!, $key: String!) {
  refundCreate(input: $input) @idempotent(key: $key) {
    refund { id }
    userErrors { field }
  }
}
"""

SCOPES = """
query Scopes { currentAppInstallation { accessScopes { handle } } }
"""

DOCUMENTS = (FIND, READ, CANCEL, JOB, REFUND, SCOPES)


class ThrottleStatus(msgspec.Struct, rename="camel"):
    """Points in the bucket, and how many come back a second."""

    currently_available: float
    restore_rate: float


class Cost(msgspec.Struct, rename="camel"):
    """What a document costs at most, and what is left."""

    requested_query_cost: float | None = None
    throttle_status: ThrottleStatus | None = None


class _Extensions(msgspec.Struct):
    cost: Cost | None = None


class _Details(msgspec.Struct, rename="camel"):
    code: str = ""
    required_access: str = ""


class _Error(msgspec.Struct):
    message: str = ""
    extensions: _Details = msgspec.field(default_factory=_Details)


class _Reply(msgspec.Struct):
    data: object = None
    errors: list[_Error] = []
    extensions: _Extensions | None = None


@dataclass(slots=True)
class Points:
    """What is left in the bucket of points, as the last answer told it. `clock` gives seconds."""

    clock: Callable[[], float] = time.monotonic
    _left: float | None = None
    _rate: float = 50.0
    _as_of: float = 0.0
    _costs: dict[str, float] = field(default_factory=dict)

    def wait(self, document: str) -> float:
        """Seconds until this document fits; 0 as long as nothing is known."""
        if self._left is None:
            return 0.0
        return max(0.0, (self._costs.get(document, 0.0) - self._now()) / self._rate)

    def take(self, document: str) -> None:
        """The document is being sent: others that want to be sent meanwhile see what it costs."""
        if self._left is not None:
            self._left, self._as_of = self._now() - self._costs.get(document, 0.0), self.clock()

    def told(self, document: str, cost: Cost) -> None:
        """What an answer said of the cost and of what is left."""
        if cost.requested_query_cost is not None:
            self._costs[document] = _within(0.0, cost.requested_query_cost, _MOST_POINTS)
        if (status := cost.throttle_status) is not None:
            self._left = _within(-_MOST_POINTS, status.currently_available, _MOST_POINTS)
            self._rate = _within(50.0, status.restore_rate, _MOST_POINTS)
            self._as_of = self.clock()

    def _now(self) -> float:
        return (self._left or 0.0) + (self.clock() - self._as_of) * self._rate


class AdminApi:
    """Sends documents to one shop. A query that does not fit is waited for, `patience` seconds at most."""

    def __init__(self, session: ShopSession, version: str, *, patience: float, points: Points) -> None:
        self._session = session
        self._path = f"/admin/api/{version}/graphql.json"
        self._version = version
        self._patience = patience
        self._points = points

    async def ask(
        self, document: str, variables: Mapping[str, object], kind: type[T], *, safe: bool = True
    ) -> T:
        """The `data` of the answer. Raises `ShopUnreachable` or one of its children.

        A document that was throttled was not carried out, so it may be sent again, whatever it does.
        """
        for last in (False, True):
            await self._fit(document)
            reply = await self._send(document, variables, safe=safe)
            codes = {error.extensions.code for error in reply.errors}
            if "THROTTLED" not in codes:
                break
            if last:
                raise Throttled(max(1.0, self._points.wait(document)))
        if reply.errors:
            raise _failure(reply.errors, codes)
        with understood("Shopify's answer"):
            return msgspec.convert(reply.data, kind)

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def _fit(self, document: str) -> None:
        wait = self._points.wait(document)
        if wait > self._patience:
            raise Throttled(wait)
        if wait:
            await asyncio.sleep(wait)
        self._points.take(document)

    async def _send(self, document: str, variables: Mapping[str, object], *, safe: bool) -> _Reply:
        answer = await self._session.ask(
            "POST", self._path, body={"query": document, "variables": variables}, safe=safe
        )
        if answer.status in {402, 423}:
            raise ShopUnreachable(f"Shopify has frozen or locked this shop (HTTP {answer.status})")
        if answer.status != 200:  # noqa: PLR2004 - HTTP's own number
            raise ContractBroken(
                f"Shopify knows no such shop, or no API {self._version}: HTTP {answer.status}"
            )
        served = answer.headers.get("X-Shopify-API-Version", self._version)
        if served != self._version:
            # Shopify answers with its oldest version once the asked one has been retired.
            raise ContractBroken(f"Shopify no longer serves the API {self._version}: set a newer api_version")
        with understood("Shopify's answer"):
            reply = msgspec.convert(answer.json, _Reply)
        if reply.extensions is not None and reply.extensions.cost is not None:
            self._points.told(document, reply.extensions.cost)
        return reply


def _within(least: float, value: float, most: float) -> float:
    return min(max(least, value), most)


def _failure(errors: list[_Error], codes: set[str]) -> ShopUnreachable:
    if "ACCESS_DENIED" in codes:
        said = " ".join(error.extensions.required_access or error.message for error in errors)
        scopes = re.findall(r"\b(?:read|write)_[a-z_]{1,60}\b", said, re.ASCII)[:6]
        needed = " or ".join(dict.fromkeys(scopes)) or "a permission it does not name"
        return CredentialsRefused(f"Shopify refuses our token: it needs {needed}")
    if codes & {"INTERNAL_SERVER_ERROR", "TIMEOUT"}:
        return ShopUnreachable("Shopify failed on its side; the effect is unknown")
    named = ", ".join(sorted(code for code in codes if re.fullmatch(r"\w{1,60}", code, re.ASCII)))
    return ContractBroken(f"Shopify refuses what was asked: {named or 'no code'}")
