"""Shopify as an `OrderBackend`, over its Admin GraphQL API.

An order is found in two steps: the search index, which is fuzzy and lags behind, gives ids of orders with
such a name; the record itself is read by its id. `orderCancel` cannot be undone, moves the money by itself,
and only begins a job. It has no condition on a version, so the record is read just before.

Orders older than 60 days are found only with the scope read_all_orders.
"""

import asyncio
import re
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.orders.answers import OrderLocks, ShopAddress, understood
from bot.orders.numbers import askable
from bot.orders.shopify_api import CANCEL, FIND, JOB, READ, REFUND, SCOPES, AdminApi, Points
from bot.orders.shopify_record import FACTS, Mapping, Reader, Record, Transaction
from bot.orders.stage_rows import StageRows, read_mapping
from bot.ports import (
    CancelReport,
    Capabilities,
    ContractBroken,
    CredentialsRefused,
    RefundReport,
    ShopUnreachable,
)
from bot.shop_session import Limits, ShopSession
from dialogs.orders import Order, Payment, Stage, same_number

SCOPES_NEEDED = (
    "read_orders",
    "write_orders",
    "read_merchant_managed_fulfillment_orders",
    "read_third_party_fulfillment_orders",
)
"""The least a token needs. Without the last two, fulfilment that has begun stays hidden."""

_NEVER = frozenset({Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED, Stage.CANCELLED})
_MOST_PAGES = 10
_MOST_JOBS = 1000
_LONGEST_NOTE = 255


class ShopifySettings(BaseModel):
    """Settings of a Shopify shop; times are seconds."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    url: ShopAddress
    """The shop's own address, as https://NAME.myshopify.com."""
    token: SecretStr
    """The Admin API access token of an app installed in the shop, with the scopes read_orders, write_orders,
    read_merchant_managed_fulfillment_orders, read_third_party_fulfillment_orders, and read_products where the
    mapping looks for marks on products, as the one that comes along does."""
    api_version: str = Field(default="2026-10", pattern=r"^20(2[6-9]|[3-9]\d)-(01|04|07|10)$")
    """A quarterly version, 2026-01 or later; Shopify serves each for at least a year."""
    mapping: Path | None = None
    """A file whose rows lie over those of shopify.toml."""
    restock: bool = True
    """Let Shopify put the goods of a cancelled order back into stock."""
    notify_customer: bool = False
    """Let Shopify send its own e-mail about the cancellation as well."""
    job_seconds: float = Field(default=8.0, ge=0)
    """Seconds that a cancellation that was accepted is watched before it is left to the next reading."""
    patience: float = Field(default=4.0, ge=0)
    """Seconds that a query waits for points before the shop counts as throttled."""


class _Found(msgspec.Struct, rename="camel"):
    class _Node(msgspec.Struct):
        id: str
        name: str

    class _Page(msgspec.Struct, rename="camel"):
        has_next_page: bool

    nodes: list[_Node]
    page_info: _Page


class _FoundData(msgspec.Struct):
    orders: _Found


class _ReadData(msgspec.Struct):
    order: Record | None


class _Job(msgspec.Struct):
    id: str
    done: bool


class _JobData(msgspec.Struct):
    job: _Job | None


class _CancelError(msgspec.Struct):
    code: str | None = None


class _Cancelled(msgspec.Struct, rename="camel"):
    order_cancel_user_errors: list[_CancelError]
    job: _Job | None = None


class _CancelData(msgspec.Struct, rename="camel"):
    order_cancel: _Cancelled


class _Refunded(msgspec.Struct, rename="camel"):
    user_errors: list[object]
    refund: dict[str, str] | None = None


class _RefundData(msgspec.Struct, rename="camel"):
    refund_create: _Refunded


class _Scope(msgspec.Struct):
    handle: str


class _Installation(msgspec.Struct, rename="camel"):
    access_scopes: list[_Scope]


class _ScopesData(msgspec.Struct, rename="camel"):
    current_app_installation: _Installation


class Shopify:
    """The adapter. `unmapped` is told each status that no row of the mapping fits, once.

    All methods raise `ShopUnreachable` or one of its children, and nothing else. Raises `MappingError` when
    constructed with a mapping that cannot be used.
    """

    capabilities = Capabilities(refunds_itself=True, asynchronous_cancel=True, refunds_once=True)
    settings_model = ShopifySettings

    def __init__(
        self,
        settings: ShopifySettings,
        *,
        unmapped: Callable[[str], None],
        limits: Limits | None = None,
        points: Points | None = None,
    ) -> None:
        default = files("bot.orders").joinpath("shopify.toml").read_text(encoding="utf-8")
        self._settings = settings
        self._mapping = read_mapping(Mapping, default, settings.mapping)
        self._reader = Reader(self._mapping, StageRows(self._mapping.stages, facts=FACTS, unmapped=unmapped))
        session = ShopSession(
            settings.url,
            headers={"X-Shopify-Access-Token": settings.token.get_secret_value()},
            limits=limits,
        )
        self._api = AdminApi(
            session, settings.api_version, patience=settings.patience, points=points or Points()
        )
        self._locks = OrderLocks()
        self._jobs: dict[str, str] = {}

    async def find(self, number: str) -> Order | None:
        """The order as the record shows it now."""
        record = await self._record(number)
        return None if record is None else self._order(record)

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,
        version: str = "",  # noqa: ARG002 - the shop knows no condition on it
    ) -> CancelReport:
        """Ask for the cancellation with its refunds, and watch its job for a while.

        ACCEPTED says that Shopify took the job on, no more.
        """
        async with self._locks.of(_key(number)):
            record = await self._record(number)
            if record is None:
                return CancelReport.STAGE_MOVED
            stage = self._order(record).stage
            if stage is not expected:
                return CancelReport.STAGE_MOVED
            if stage in _NEVER:
                return CancelReport.REFUSED
            if request_id not in self._jobs:
                refused = await self._begin(record.id, request_id)
                if refused:
                    return CancelReport.REFUSED
            return await self._watched(record.id, request_id)

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Refund once more what a cancellation failed to refund. Repeating a `key` has no further effect."""
        record = await self._record(number)
        step = _taken(record, payment.id) if record is not None else None
        if record is None or step is None or amount <= 0:
            return RefundReport.REFUSED
        transaction = {
            "orderId": record.id,
            "parentId": step.id,
            "gateway": step.gateway or "",
            "kind": "REFUND",
            "amount": str(amount),
        }
        spec = {
            "orderId": record.id,
            "currency": record.presentment_currency_code,
            "transactions": [transaction],
        }
        data = await self._api.ask(REFUND, {"input": spec, "key": key}, _RefundData)
        if data.refund_create.user_errors:
            return RefundReport.REFUSED
        if data.refund_create.refund is None:
            raise ContractBroken("Shopify names neither a refund nor an error")
        return RefundReport.ACCEPTED

    async def ping(self) -> None:
        """Look whether the token is good and has every scope that is needed."""
        data = await self._api.ask(SCOPES, {}, _ScopesData)
        granted = {scope.handle for scope in data.current_app_installation.access_scopes}
        granted |= {handle.replace("write_", "read_", 1) for handle in granted}
        products = ("read_products",) if self._mapping.not_cancellable.asks_products else ()
        if missing := [scope for scope in (*SCOPES_NEEDED, *products) if scope not in granted]:
            raise CredentialsRefused(f"Shopify's token lacks {', '.join(missing)}")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._api.close()

    def _order(self, record: Record) -> Order:
        with understood("Shopify's order"):
            return self._reader.order(record)

    async def _record(self, number: str) -> Record | None:
        found = await self._id(number)
        record = None if found is None else await self._read(found)
        return record if record is not None and same_number(record.name, number) else None

    async def _id(self, number: str) -> str | None:
        """The id of the one order with exactly this number."""
        plain = askable(number)
        if plain is None or "*" in plain or not re.search(r"\w", plain):
            return None  # no order has such a name, and the search takes some of it for an operator
        quoted = plain.replace("\\", "\\\\").replace('"', '\\"')
        found = (await self._api.ask(FIND, {"search": f'name:"{quoted}"'}, _FoundData)).orders
        exact = {node.id for node in found.nodes if same_number(node.name, number)}
        if len(exact) > 1:
            raise ContractBroken("Shopify has several orders of this number")
        if not exact and found.page_info.has_next_page:
            raise ContractBroken("Shopify finds too many orders like this number")
        return next(iter(exact), None)

    async def _read(self, order_id: str) -> Record | None:
        """The whole record, as its last page of lines showed it."""
        lines: list[list[object]] = []
        after: str | None = None
        for _ in range(_MOST_PAGES):
            record = (await self._api.ask(READ, self._variables(order_id, after), _ReadData)).order
            if record is None:
                return None
            if not record.complete():
                raise ContractBroken("Shopify's order has more parts than can be judged")
            lines.append(list(record.line_items.nodes))
            after = record.line_items.page_info.end_cursor
            if not record.line_items.page_info.has_next_page:
                every = [line for page in lines for line in page]
                items = msgspec.structs.replace(record.line_items, nodes=every)
                return msgspec.structs.replace(record, line_items=items)
        raise ContractBroken("Shopify's order has more lines than can be judged")

    def _variables(self, order_id: str, after: str | None) -> dict[str, object]:
        marks, fact = self._mapping.not_cancellable, self._mapping.metafield
        return {
            "id": order_id,
            "after": after,
            "products": marks.asks_products,
            "markNamespace": marks.product_namespace or None,
            "markKey": marks.product_key or "-",
            "fact": bool(fact.key),
            "factNamespace": fact.namespace or None,
            "factKey": fact.key or "-",
        }

    async def _begin(self, order_id: str, request_id: str) -> bool:
        """Start the job of this request; whether Shopify refused to."""
        variables: dict[str, object] = {
            "id": order_id,
            "restock": self._settings.restock,
            "notify": self._settings.notify_customer,
            "note": f"Cancelled at the customer's request ({request_id})"[:_LONGEST_NOTE],
        }
        answer = (await self._api.ask(CANCEL, variables, _CancelData, safe=False)).order_cancel
        codes = {error.code for error in answer.order_cancel_user_errors}
        if "NO_REFUND_PERMISSION" in codes:
            raise CredentialsRefused("Shopify's token may not refund: it needs the permission refund_orders")
        if "INTERNAL_ERROR" in codes:
            raise ShopUnreachable("Shopify failed on its side; the effect is unknown")
        if codes:
            return True
        if answer.job is None:
            raise ContractBroken("Shopify names neither a job nor an error")
        while len(self._jobs) >= _MOST_JOBS:
            self._jobs.pop(next(iter(self._jobs)))
        self._jobs[request_id] = answer.job.id
        return False

    async def _watched(self, order_id: str, request_id: str) -> CancelReport:
        """Wait for the job. Once it is done, an order that was fulfilled meanwhile was not cancelled."""
        try:
            if not await self._done(self._jobs[request_id]):
                return CancelReport.ACCEPTED
            self._jobs.pop(request_id, None)
            record = await self._read(order_id)
            fulfilled = record is not None and self._order(record).stage in _NEVER - {Stage.CANCELLED}
        except ShopUnreachable:
            return CancelReport.ACCEPTED  # it was; whoever reads the record next sees what became of it
        return CancelReport.REFUSED if fulfilled else CancelReport.ACCEPTED

    async def _done(self, job_id: str) -> bool:
        """Whether the job ended within the time there is."""
        loop = asyncio.get_running_loop()
        end, pause = loop.time() + self._settings.job_seconds, 0.1
        while True:
            job = (await self._api.ask(JOB, {"id": job_id}, _JobData)).job
            if job is None or job.done:
                return True
            if loop.time() + pause > end:
                return False
            await asyncio.sleep(pause)
            pause = min(2 * pause, 2.0)


def _key(number: str) -> str:
    return (askable(number) or "").casefold()


def _taken(record: Record, payment_id: str) -> Transaction | None:
    """The sale or capture of this id."""
    return next(
        (step for step in record.transactions if step.id == payment_id and step.kind in {"SALE", "CAPTURE"}),
        None,
    )
