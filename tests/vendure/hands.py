"""Hands inside a Vendure shop: customers who order and pay, and a merchant who packs, ships and cancels."""

import itertools
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from decimal import Decimal

import aiohttp

from bot.contracts.shop_bench import Placement
from dialogs.orders import Line, Payment, PaymentStatus, Stage

ADMIN = ("superadmin", "superadmin")
MAPPING = """
custom_fields = ["warehouse"]

[stages.picking]
stage = "allocated"
before = "paid"
when = { field = ["warehouse=picking"] }
only = { packed = ["none"] }

[stages.binding]
stage = "binding"
before = "paid"
when = { field = ["warehouse=packing"] }
only = { packed = ["none"] }

[stages.paid]
stage = "paid"
when = { state = ["PaymentAuthorized", "PaymentSettled", "PartiallyShipped"] }
only = { packed = ["none", "part"], field = [] }

[payments]
Awaited = "pending"

[not_cancellable]
variant_fields = ["madeToOrder"]
"""
"""A merchant's rows, by which this shop knows every stage."""

_STATES = {
    PaymentStatus.PENDING: "Awaited",
    PaymentStatus.AUTHORISED: "Authorized",
    PaymentStatus.CAPTURED: "Settled",
    PaymentStatus.FAILED: "Declined",
}
_WAREHOUSE = {Stage.ALLOCATED: "picking", Stage.BINDING: "packing", Stage.UNRECOGNISED: "artisan"}
_PARCELS = (Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED)
_PARCEL_STATES = {Stage.IN_LOGISTICS: "Shipped", Stage.DELIVERED: "Delivered"}
_ADDRESS = '{ fullName: "Ann", streetLine1: "Quay 1", city: "Kiel", postalCode: "24103", countryCode: "DE" }'

Json = dict[str, object]
_numbers = itertools.count(1)


class Refused(AssertionError):
    """Vendure did not do what these hands asked for."""


class Api:
    """One GraphQL endpoint, as one visitor."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url
        self.token = ""
        self.headers: dict[str, str] = {}

    async def reply(self, document: str, **variables: object) -> Json:
        """The whole answer."""
        headers = self.headers | ({"Authorization": f"Bearer {self.token}"} if self.token else {})
        body = {"query": document, "variables": variables}
        async with self._session.post(self._url, json=body, headers=headers) as response:
            self.token = response.headers.get("vendure-auth-token", self.token)
            answer: Json = await response.json()
            return answer

    async def __call__(self, document: str, **variables: object) -> Json:
        """The data of the answer, where there was no error of any kind."""
        answer = await self.reply(document, **variables)
        data = answer.get("data")
        if answer.get("errors") or not isinstance(data, dict):
            raise Refused(str(answer.get("errors")))
        for name, value in data.items():
            if isinstance(value, dict) and "errorCode" in value:
                raise Refused(f"{name}: {value}")
        return data


@dataclass
class Catalogue:
    """What these hands have put into one shop already: it outlives a test."""

    methods: set[str] = field(default_factory=set)
    variants: dict[tuple[str, Decimal, bool], str] = field(default_factory=dict)
    shipping: str = ""
    mark: str = ""


@dataclass
class Hands:
    """One merchant and any number of customers of the shop at `url`."""

    session: aiohttp.ClientSession
    url: str
    catalogue: Catalogue
    admin: Api

    # ---- customers

    async def place(self, placement: Placement, *, code: str = "", **metadata: str) -> str:
        """An order in the wanted stage; its code. `metadata` tells the gateway what a refund comes to."""
        if not self.catalogue.shipping:
            await self._prepare()
        variants = [(await self._variant(line), line.quantity) for line in placement.lines]
        for payment in placement.payments:
            await self._method(payment.method)
        shop = Api(self.session, f"{self.url}/shop-api")
        shop.headers = {"x-order-code": code} if code else {}
        code = await self._fill(shop, variants, placement.email)
        for payment in placement.payments:
            await self._pay(shop, payment, metadata)
        if placement.stage not in {Stage.PLACED, Stage.PAID}:
            await self.advance(code, placement.stage)
        return code

    async def _fill(self, shop: Api, variants: list[tuple[str, int]], email: str) -> str:
        (first, quantity), *others = variants
        add = "addItemToOrder(productVariantId: {}, quantity: {}) {{ __typename {} }}"
        error = "... on ErrorResult { errorCode message }"
        await shop(f"mutation {{ {add.format(first, quantity, error)} }}")
        more = " ".join(
            f"add{at}: {add.format(variant, many, error)}" for at, (variant, many) in enumerate(others)
        )
        person = f'emailAddress: "{email}", firstName: "Ann", lastName: "Lee"'
        data = await shop(f"""mutation {{
            {more}
            setCustomerForOrder(input: {{ {person} }}) {{ __typename {error} }}
            setOrderShippingAddress(input: {_ADDRESS}) {{ __typename {error} }}
            setOrderShippingMethod(shippingMethodId: [{self.catalogue.shipping}]) {{ __typename {error} }}
            transitionOrderToState(state: "ArrangingPayment") {{ ... on Order {{ code }} {error} }}
        }}""")
        return str(_at(data, "transitionOrderToState", "code"))

    async def _pay(self, shop: Api, payment: Payment, extra: dict[str, str]) -> None:
        metadata = {"amount": int(payment.amount * 100), "state": _STATES[payment.status], **extra}
        answer = await shop.reply(
            """mutation ($method: String!, $metadata: JSON!) {
                addPaymentToOrder(input: { method: $method, metadata: $metadata }) {
                    __typename ... on ErrorResult { errorCode message }
                }
            }""",
            method=payment.method,
            metadata=metadata,
        )
        if answer.get("errors"):
            raise Refused(str(answer))

    # ---- the merchant

    async def advance(self, code: str, to: Stage) -> None:
        """Bring an order to a later stage."""
        if to in _WAREHOUSE:
            await self.mark(code, warehouse=_WAREHOUSE[to])
        elif to is Stage.CANCELLED:
            await self.cancel(code)
        elif to is Stage.ON_HOLD:
            await self._transition(code, "Modifying")
        else:
            for stage in _PARCELS[: _PARCELS.index(to) + 1]:
                await self._parcel(code, stage)

    async def _parcel(self, code: str, stage: Stage) -> None:
        order = await self.order(code)
        parcels = _list(order, "fulfillments")
        if stage is Stage.CONFIRMED:
            if not parcels:
                await self.fulfil(code)
        elif parcels[0]["state"] not in ("Delivered", _PARCEL_STATES[stage]):
            await self.admin(
                """mutation ($id: ID!, $state: String!) {
                    transitionFulfillmentToState(id: $id, state: $state) {
                        __typename ... on ErrorResult { errorCode message } } }""",
                id=parcels[0]["id"],
                state=_PARCEL_STATES[stage],
            )

    async def fulfil(self, code: str, *, lines: int | None = None, ship: bool = False) -> str:
        """Put the order (its first `lines` only) into a parcel, as the warehouse does; the type answered."""
        order = await self.order(code)
        return await self.fulfil_order(order, lines=lines, ship=ship)

    async def fulfil_order(self, order: Json, *, lines: int | None = None, ship: bool = False) -> str:
        """As `fulfil`, of an order read before."""
        chosen = _chosen(order, lines)
        answer = await self.admin.reply(
            """mutation ($lines: [OrderLineInput!]!) {
                addFulfillmentToOrder(input: {
                    lines: $lines,
                    handler: { code: "manual-fulfillment", arguments: [
                        { name: "method", value: "Post" }, { name: "trackingCode", value: "" }] }
                }) { __typename ... on Fulfillment { id } ... on ErrorResult { errorCode message } } }""",
            lines=chosen,
        )
        data = answer.get("data")
        made = data.get("addFulfillmentToOrder") if isinstance(data, dict) else None
        if not isinstance(made, dict):
            return "an error"
        if ship and "id" in made:
            await self.admin.reply(
                """mutation ($id: ID!) {
                    transitionFulfillmentToState(id: $id, state: "Shipped") { __typename } }""",
                id=made["id"],
            )
        return str(made["__typename"])

    async def cancel(self, code: str, *, lines: int | None = None) -> None:
        """Cancel an order (its first `lines` only) as the merchant's people do: Vendure lets them, always."""
        order = await self.order(code)
        chosen = _chosen(order, lines)
        await self.admin(
            """mutation ($id: ID!, $lines: [OrderLineInput!]) {
                cancelOrder(input: {
                    orderId: $id, lines: $lines, reason: "by the shop", cancelShipping: true
                }) { __typename ... on ErrorResult { errorCode message } } }""",
            id=order["id"],
            lines=None if lines is None else chosen,
        )

    async def mark(self, code: str, **fields: object) -> None:
        """Set custom fields of an order."""
        await self.admin(
            """mutation ($id: ID!, $fields: UpdateOrderCustomFieldsInput!) {
                setOrderCustomFields(input: { id: $id, customFields: $fields }) { id } }""",
            id=(await self.order(code))["id"],
            fields=fields,
        )

    async def order(self, code: str) -> Json:
        """What the admin API says of an order."""
        data = await self.admin(
            """query ($code: String!) { orders(options: { filter: { code: { eq: $code } } }) { items {
                id code state lines { id quantity } fulfillments { id state }
                payments { id method amount state refunds { id total state reason } }
                history(options: { take: 100 }) { items { type data } } } } }""",
            code=code,
        )
        return _list(_at(data, "orders"), "items")[0]

    async def settle(self, refund: str) -> None:
        """Settle a pending refund, as only the merchant may."""
        await self.admin(
            """mutation ($id: ID!) { settleRefund(input: { id: $id, transactionId: "t" }) {
                __typename ... on ErrorResult { errorCode message } } }""",
            id=refund,
        )

    async def end_session(self, token: str) -> None:
        """End every session of this token's user, as Vendure does when the user logs out anywhere."""
        somebody = Api(self.session, f"{self.url}/admin-api")
        somebody.token = token
        await somebody("mutation { logout { success } }")

    async def administrator(self, *permissions: str) -> tuple[str, str]:
        """A user name and a password with these permissions alone."""
        name = f"helper{next(_numbers)}@shop.test"
        role = await self.admin(
            """mutation ($code: String!, $permissions: [Permission!]!) { createRole(input: {
                code: $code, description: "a test's", permissions: $permissions }) { id } }""",
            code=name,
            permissions=list(permissions),
        )
        await self.admin(
            """mutation ($name: String!, $role: ID!) { createAdministrator(input: { firstName: "A",
                lastName: "B", emailAddress: $name, password: "a-password", roleIds: [$role] }) { id } }""",
            name=name,
            role=_at(role, "createRole", "id"),
        )
        return name, "a-password"

    async def _transition(self, code: str, state: str) -> None:
        await self.admin(
            """mutation ($id: ID!, $state: String!) { transitionOrderToState(id: $id, state: $state) {
                __typename ... on ErrorResult { errorCode message } } }""",
            id=(await self.order(code))["id"],
            state=state,
        )

    # ---- the catalogue

    async def _prepare(self) -> None:
        data = await self.admin("{ activeChannel { id } shippingMethods { items { id } } }")
        await self.admin(
            """mutation ($id: ID!) { updateChannel(input: { id: $id, pricesIncludeTax: true,
                defaultCurrencyCode: EUR, availableCurrencyCodes: [EUR] }) {
                __typename ... on ErrorResult { errorCode message } } }""",
            id=_at(data, "activeChannel", "id"),
        )
        made = await self.admin(
            """mutation { createFacet(input: { code: "terms", isPrivate: false,
                translations: [{ languageCode: en, name: "Terms" }],
                values: [{ code: "not-cancellable", translations: [
                    { languageCode: en, name: "Cannot be cancelled" }] }] }) { values { id } } }"""
        )
        self.catalogue.mark = str(_list(_at(made, "createFacet"), "values")[0]["id"])
        self.catalogue.shipping = str(_list(_at(data, "shippingMethods"), "items")[0]["id"])

    async def _method(self, code: str) -> None:
        if code in self.catalogue.methods:
            return
        await self.admin(
            """mutation ($code: String!) { createPaymentMethod(input: { code: $code, enabled: true,
                handler: { code: "gateway", arguments: [] },
                translations: [{ languageCode: en, name: $code, description: "" }] }) { id } }""",
            code=code,
        )
        self.catalogue.methods.add(code)

    async def _variant(self, line: Line) -> str:
        key = (line.title, line.unit_price, line.cancellable)
        if key not in self.catalogue.variants:
            self.catalogue.variants[key] = await self._new_variant(line)
        return self.catalogue.variants[key]

    async def _new_variant(self, line: Line) -> str:
        marks = [] if line.cancellable else [self.catalogue.mark]
        product = await self.admin(
            """mutation ($name: String!, $slug: String!) { createProduct(input: { translations: [
                { languageCode: en, name: $name, slug: $slug, description: "" }] }) { id } }""",
            name=line.title,
            slug=f"article-{next(_numbers)}",
        )
        made = await self.admin(
            """mutation ($product: ID!, $name: String!, $sku: String!, $price: Money!, $marks: [ID!]!) {
                createProductVariants(input: [{ productId: $product, sku: $sku, price: $price,
                    trackInventory: FALSE, facetValueIds: $marks,
                    translations: [{ languageCode: en, name: $name }] }]) { id } }""",
            product=_at(product, "createProduct", "id"),
            name=line.title,
            sku=f"sku-{next(_numbers)}",
            price=int(line.unit_price * 100),
            marks=marks,
        )
        return str(_list(made, "createProductVariants")[0]["id"])


@asynccontextmanager
async def hands(url: str, catalogue: Catalogue) -> AsyncIterator[Hands]:
    """Hands that are logged in."""
    jar = aiohttp.DummyCookieJar()
    async with aiohttp.ClientSession(cookie_jar=jar) as session:
        admin = Api(session, f"{url}/admin-api")
        await admin(
            """mutation ($name: String!, $password: String!) { login(username: $name, password: $password) {
                __typename ... on ErrorResult { errorCode message } } }""",
            name=ADMIN[0],
            password=ADMIN[1],
        )
        yield Hands(session, url, catalogue, admin)


def _chosen(order: Json, lines: int | None) -> list[Json]:
    chosen = _list(order, "lines")[:lines]
    return [{"orderLineId": line["id"], "quantity": line["quantity"]} for line in chosen]


def _at(data: object, *path: str) -> Json:
    for key in path:
        assert isinstance(data, dict)
        data = data[key]
    return data  # type: ignore[return-value] # whoever asks knows the form


def _list(data: object, key: str) -> list[Json]:
    assert isinstance(data, dict)
    return list(data[key] or ())
