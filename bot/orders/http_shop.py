"""Any system as an `OrderBackend`, if it speaks the small HTTP contract in docs/http-shop.openapi.yaml.

A cancel names the stage and the version of the record read right before, so that the shop can compare and
cancel in one transaction. A 404 counts as "no such order" only with the contract's own words in it: a
wrong address answers 404, too.
"""

from collections.abc import Callable
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import TypeVar
from urllib.parse import quote

import msgspec
from pydantic import BaseModel, ConfigDict, Field, SecretStr

from bot.orders.answers import OrderLocks, ShopAddress
from bot.orders.http_shop_record import FACTS, Mapping, Reader, Record
from bot.orders.numbers import askable
from bot.orders.stage_rows import Once, StageRows, read_mapping
from bot.ports import CancelReport, Capabilities, ContractBroken, RefundReport
from bot.shop_session import Answer, Limits, ShopSession
from dialogs.orders import Order, Payment, Stage, same_number

T = TypeVar("T")

_NEVER = frozenset({Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED, Stage.CANCELLED})
_UNKNOWN_ORDER = "unknown_order"
_MISSING, _CONFLICT = 404, 409


class HttpShopSettings(BaseModel):
    """Settings of a system that speaks the HTTP contract."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    url: ShopAddress
    """The address in front of /orders, as https://erp.example/support."""
    token: SecretStr = Field(min_length=1)
    """The bearer token that goes with every call."""
    refunds_itself: bool = True
    """Whether a cancellation sends the money back by itself; otherwise we ask for each refund."""
    asynchronous_cancel: bool = False
    """Whether an accepted cancellation is carried out later."""
    mapping: Path | None = None
    """A file whose rows lie over those of http_shop.toml."""


class _Cancelled(msgspec.Struct):
    result: CancelReport


class _Refunded(msgspec.Struct):
    result: RefundReport


class HttpShop:
    """The adapter. `unmapped` is told each status that no row of the mapping fits, once.

    All methods raise `ShopUnreachable` or one of its children, and nothing else. Raises `MappingError` when
    constructed with a mapping that cannot be used.
    """

    capabilities = Capabilities(refunds_itself=True, versioned=True, refunds_once=True)
    settings_model = HttpShopSettings

    def __init__(
        self,
        settings: HttpShopSettings,
        *,
        unmapped: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        default = files("bot.orders").joinpath("http_shop.toml").read_text(encoding="utf-8")
        mapping = read_mapping(Mapping, default, settings.mapping).folded()
        once = Once(unmapped)
        self._reader = Reader(mapping, StageRows(mapping.stages, facts=FACTS, unmapped=once), once)
        self._session = ShopSession(
            settings.url,
            headers={"Authorization": f"Bearer {settings.token.get_secret_value().strip()}"},
            limits=limits,
        )
        self._locks = OrderLocks()
        self.capabilities = Capabilities(
            refunds_itself=settings.refunds_itself,
            asynchronous_cancel=settings.asynchronous_cancel,
            versioned=True,
            refunds_once=True,
        )

    async def find(self, number: str) -> Order | None:
        """The order as the record shows it now."""
        plain = askable(number)
        if plain is None:
            return None
        record = _told(await self._session.ask("GET", _path(plain), safe=True, kind=Record), Record)
        if record is None or not (record.number == plain or same_number(record.number, plain)):
            return None
        try:
            return self._reader.order(record)
        except (ValueError, ArithmeticError):
            pass
        raise ContractBroken("the shop's order has a time, an amount or a stage that makes no sense")

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        """Ask the shop to cancel what the record, read right before, shows to be in the expected stage."""
        plain = askable(number) or ""
        async with self._locks.of(plain.casefold()):
            order = await self.find(plain)
            if order is None or order.stage is not expected:
                return CancelReport.STAGE_MOVED
            if version and order.version != version:
                return CancelReport.STAGE_MOVED
            if order.stage in _NEVER:
                return CancelReport.REFUSED
            body = {
                "expected_stage": expected.value,
                "expected_status": order.status,
                "version": order.version or None,
                "request_id": request_id,
            }
            path = _path(plain, "/cancel")
            answer = await self._session.ask("POST", path, body=body, safe=False, kind=_Cancelled)
        if answer.status == _CONFLICT:
            return CancelReport.STAGE_MOVED
        told = _told(answer, _Cancelled)
        return CancelReport.STAGE_MOVED if told is None else told.result

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Ask the shop for a refund; it keeps the `key`. REFUSED where the shop refunds by itself."""
        plain = askable(number)
        if self.capabilities.refunds_itself or plain is None or not payment.id:
            return RefundReport.REFUSED
        body = {"payment_id": payment.id, "amount": f"{amount:f}", "key": key}
        path = _path(plain, "/refunds")
        answer = await self._session.ask("POST", path, body=body, safe=False, kind=_Refunded)
        if answer.status == _CONFLICT:
            return RefundReport.REFUSED
        told = _told(answer, _Refunded)
        return RefundReport.REFUSED if told is None else told.result

    async def ping(self) -> None:
        """Look whether the shop is there and accepts our token."""
        answer = await self._session.ask("GET", "/health", safe=True)
        if not answer.ok:
            raise ContractBroken(f"the shop answers /health with HTTP {answer.status}: is its address right?")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()


def _path(number: str, rest: str = "") -> str:
    return f"/orders/{quote(number, safe='')}{rest}"


def _told(answer: Answer, kind: type[T]) -> T | None:
    """What was asked for, or `None` where the shop says that it has no such order."""
    if isinstance(answer.json, kind):
        return answer.json
    said = answer.json
    if answer.status == _MISSING and isinstance(said, dict) and said.get("error") == _UNKNOWN_ORDER:
        return None
    raise ContractBroken(f"the shop answers HTTP {answer.status} where its contract knows no such answer")
