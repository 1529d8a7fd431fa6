"""WooCommerce as an `OrderBackend` and a `Refunder`, over its REST API (v3).

Nothing here is versioned: a `PUT` of a status takes effect whatever the order has become meanwhile, even
completed. So the record is read right before, and what became of it has to be read afterwards. Cancelling
moves no money, apart from holds that a gateway's plugin lifts by itself.
"""

import re
from base64 import b64encode
from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import Literal, Self, TypeVar

import msgspec
from pydantic import BaseModel, ConfigDict, SecretStr, model_validator

from bot.orders.answers import OrderLocks, ShopAddress, money, understood
from bot.orders.numbers import askable
from bot.orders.stage_rows import StageRows, read_mapping
from bot.orders.woocommerce_record import (
    CANCELLED_MARK,
    FACTS,
    REFUND_KEY,
    Mapping,
    Meta,
    Product,
    Reader,
    Record,
    RefundRecord,
    Whole,
)
from bot.ports import CancelReport, Capabilities, ContractBroken, CredentialsRefused, RefundReport
from bot.shop_session import Answer, Limits, ShopSession
from dialogs.orders import Order, Payment, PaymentStatus, Stage, same_number

T = TypeVar("T")

_NEVER = frozenset({Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED, Stage.CANCELLED})
_PAGE = 50
_MOST_PAGES = 4
_PRODUCTS = 100
_ID = re.compile(r"[1-9][0-9]{0,17}", re.ASCII)
_METHOD = re.compile(r"[\w-]{1,100}", re.ASCII)


class WooCommerceSettings(BaseModel):
    """Settings of a WooCommerce shop."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    url: ShopAddress
    """The address of the WordPress site, as https://shop.example."""
    consumer_key: SecretStr
    """A key with the permission Read/Write, made under WooCommerce, Settings, Advanced, REST API."""
    consumer_secret: SecretStr
    """The secret that was shown with that key."""
    numbers: Literal["id", "number", "meta"] = "id"
    """Where order numbers stand: the order's id; its `number`, as a plugin sets it; or a meta entry."""
    number_meta: str = ""
    """The key of that meta entry."""
    mapping: Path | None = None
    """A file whose rows lie over those of woocommerce.toml."""

    @model_validator(mode="after")
    def _meta_is_named(self) -> Self:
        if (self.numbers == "meta") != bool(self.number_meta):
            raise ValueError('set number_meta together with numbers = "meta", and only then')
        return self


class _Hit(msgspec.Struct):
    """An order among the results of a search."""

    id: int
    number: str | int
    meta_data: list[Meta] = []


class _Problem(msgspec.Struct):
    code: str | int = ""


class _Gateway(msgspec.Struct):
    method_supports: list[str] = []


class WooCommerce:
    """The adapter. `unmapped` is told each status that no row of the mapping fits, once.

    All methods raise `ShopUnreachable` or one of its children, and nothing else. Raises `MappingError` when
    constructed with a mapping that cannot be used.
    """

    capabilities = Capabilities(refunds_itself=False, asynchronous_cancel=False, versioned=False)
    settings_model = WooCommerceSettings

    def __init__(
        self,
        settings: WooCommerceSettings,
        *,
        unmapped: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        default = files("bot.orders").joinpath("woocommerce.toml").read_text(encoding="utf-8")
        pair = f"{settings.consumer_key.get_secret_value()}:{settings.consumer_secret.get_secret_value()}"
        self._settings = settings
        self._mapping = read_mapping(Mapping, default, settings.mapping)
        self._reader = Reader(self._mapping, StageRows(self._mapping.stages, facts=FACTS, unmapped=unmapped))
        self._session = ShopSession(
            f"{settings.url}/wp-json/wc/v3",
            headers={"Authorization": "Basic " + b64encode(pair.encode()).decode()},
            limits=limits,
        )
        self._locks = OrderLocks()

    async def find(self, number: str) -> Order | None:
        """The order as the record shows it now."""
        record = await self._record(number)
        return None if record is None else await self._order(record)

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,  # noqa: ARG002 - WooCommerce knows no request ids: reading first is what keeps
        version: str = "",  # noqa: ARG002 - a repeat from acting; nor versions
    ) -> CancelReport:
        """Set the status, if the record read just before is in the expected stage. Moves no money."""
        async with self._locks.of(_key(number)):
            record = await self._record(number)
            stage = None if record is None else self._reader.stage(record)
            if record is None or stage is not expected:
                return CancelReport.STAGE_MOVED
            if stage in _NEVER:
                return CancelReport.REFUSED
            mark = {"key": CANCELLED_MARK, "value": "yes"}
            answer = await self._write(
                "PUT", f"/orders/{record.id}", {"status": "cancelled", "meta_data": [mark]}
            )
            return CancelReport.ACCEPTED if answer.ok else CancelReport.REFUSED

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Have the gateway send money back, if the record shows no refund yet.

        A `key` that has been used is ACCEPTED without effect. REFUSED where the order has another refund,
        where nothing was taken, or where the method cannot send money back by itself. WooCommerce answers
        500 when a gateway fails, and `ShopUnreachable` is raised: the money may have left all the same.
        """
        async with self._locks.of(_key(number)):
            record = await self._record(number)
            if record is None:
                return RefundReport.REFUSED
            refunds = await self._refunds(record)
            ours = Meta(REFUND_KEY, key)
            if any(ours == meta for refund in refunds for meta in refund.meta_data):
                return RefundReport.ACCEPTED
            if refunds or not await self._refundable(record, payment, amount):
                return RefundReport.REFUSED
            answer = await self._write(
                "POST",
                f"/orders/{record.id}/refunds",
                {
                    "amount": str(amount),
                    "api_refund": True,
                    "api_restock": False,  # the cancellation has done that
                    "meta_data": [{"key": REFUND_KEY, "value": key}],
                },
            )
            if not answer.ok:
                return RefundReport.REFUSED
            _told(answer, RefundRecord)  # anything else leaves it unknown
            return RefundReport.ACCEPTED

    async def ping(self) -> None:
        """Look whether the API is there and the key may read orders."""
        answer = await self._session.ask(
            "GET", "/orders", params={"per_page": "1", "_fields": "id"}, safe=True
        )
        if _told(answer, list[object]) is None:
            raise ContractBroken("WooCommerce's API is not at this address")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    async def _order(self, record: Record) -> Order:
        number = self._number(_Hit(record.id, record.number, record.meta_data))
        refunds = await self._refunds(record) if record.refunds else []
        whole = Whole(number or "", record, refunds, await self._products(record))
        with understood("WooCommerce's order"):
            return self._reader.order(whole)

    async def _record(self, number: str) -> Record | None:
        """The record of exactly this number."""
        order_id = await self._id(number)
        if order_id is None:
            return None
        answer = await self._session.ask("GET", f"/orders/{order_id}", safe=True)
        record = _told(answer, Record)
        if record is None:
            return None
        own = self._number(_Hit(record.id, record.number, record.meta_data))
        return record if own is not None and same_number(own, number) else None

    async def _id(self, number: str) -> str | None:
        plain = askable(number)
        if plain is None:
            return None
        if self._settings.numbers == "id":
            return plain if _ID.fullmatch(plain) else None
        return await self._searched(plain)

    async def _searched(self, plain: str) -> str | None:
        """The id of the one order with this number, among the many that a search finds."""
        exact: set[int] = set()
        for page in range(1, _MOST_PAGES + 1):
            params = {
                "search": plain,
                "per_page": str(_PAGE),
                "page": str(page),
                "_fields": "id,number,meta_data",
            }
            answer = await self._session.ask("GET", "/orders", params=params, safe=True)
            hits = _told(answer, list[_Hit]) or []
            numbers = ((hit.id, self._number(hit)) for hit in hits)
            exact |= {at for at, own in numbers if own is not None and same_number(own, plain)}
            if len(hits) < _PAGE:
                break
        else:
            if not exact:
                raise ContractBroken("WooCommerce finds too many orders like this number")
        if len(exact) > 1:
            raise ContractBroken("WooCommerce has several orders of this number")
        return str(exact.pop()) if exact else None

    def _number(self, hit: _Hit) -> str | None:
        """The number an order goes by, as the settings say where it stands."""
        if self._settings.numbers != "meta":
            return str(hit.number)
        entries = (meta.text for meta in hit.meta_data if meta.key == self._settings.number_meta)
        return next(entries, None)

    async def _refunds(self, record: Record) -> list[RefundRecord]:
        path = f"/orders/{record.id}/refunds"
        answer = await self._session.ask("GET", path, params={"per_page": "100"}, safe=True)
        refunds = _told(answer, list[RefundRecord])
        if refunds is None:
            raise ContractBroken("WooCommerce has an order without a list of refunds")
        return refunds

    async def _products(self, record: Record) -> list[Product]:
        """The products of the lines, where marks may stand on them; a deleted one is missing."""
        if not self._mapping.not_cancellable.asks_products:
            return []
        ids = sorted({item.product_id for item in record.line_items if item.product_id > 0})
        found: list[Product] = []
        for first in range(0, len(ids), _PRODUCTS):
            params = {
                "include": ",".join(str(each) for each in ids[first : first + _PRODUCTS]),
                "per_page": str(_PRODUCTS),
                "_fields": "id,tags,meta_data",
            }
            answer = await self._session.ask("GET", "/products", params=params, safe=True)
            found += _told(answer, list[Product]) or []
        return found

    async def _refundable(self, record: Record, payment: Payment, amount: Decimal) -> bool:
        """Whether this much was taken, by a method that can send it back."""
        with understood("WooCommerce's order"):
            taken = self._reader.payment_status(record) is PaymentStatus.CAPTURED
            total = money(record.total)
        if not taken or payment.id != str(record.id) or not 0 < amount <= total:
            return False
        method = record.payment_method or ""
        if method in self._mapping.payments.by_hand or not _METHOD.fullmatch(method):
            return False
        try:
            answer = await self._session.ask("GET", f"/payment_gateways/{method}", safe=True)
        except CredentialsRefused:
            return True  # the key's user may not see gateways, and still may refund
        gateway = _told(answer, _Gateway)
        return gateway is not None and "refunds" in gateway.method_supports

    async def _write(self, method: str, path: str, body: dict[str, object]) -> Answer:
        """Sent once. Raises `CredentialsRefused` that says which permission is missing."""
        try:
            return await self._session.ask(method, path, body=body, safe=False)
        except CredentialsRefused:
            pass
        raise CredentialsRefused("WooCommerce's key may not change orders: give it read/write permission")


def _key(number: str) -> str:
    return (askable(number) or "").casefold()


def _told(answer: Answer, kind: type[T]) -> T | None:
    """What was asked for, or `None` where WooCommerce says that it has no such thing.

    A 404 of WordPress itself, without WooCommerce's own code, is not such an answer.
    """
    with understood("WooCommerce's answer"):
        if answer.ok:
            return msgspec.convert(answer.json, kind)
        code = str(msgspec.convert(answer.json, _Problem).code)
    if answer.status == 404 and re.fullmatch(r"woocommerce_rest_\w{0,60}_?invalid(_id)?", code, re.ASCII):  # noqa: PLR2004 - HTTP's own number
        return None
    raise ContractBroken(f"WooCommerce answers HTTP {answer.status} where it should know what is asked")
