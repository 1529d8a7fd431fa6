"""Vendure as an order-status adapter, over its Admin API (GraphQL). Seen live with 3.7.3.

Vendure cancels an order in every state it was tried in, shipped or not, and moves no money when it does. So
this adapter reads the order in the same sequence of calls, cancels only what is open, and is a `Refunder`:
what was taken is refunded, what is held is voided, one payment at a time. The needed permissions are
ReadOrder and UpdateOrder.
"""

import asyncio
from collections.abc import Callable
from collections.abc import Mapping as Mapped
from decimal import Decimal
from importlib.resources import files
from pathlib import Path
from typing import ClassVar, TypeVar

from msgspec import Struct, convert
from pydantic import BaseModel, ConfigDict, SecretStr

from bot.orders import vendure_documents as documents
from bot.orders.answers import OrderLocks, ShopAddress, understood
from bot.orders.numbers import askable
from bot.orders.stage_rows import Once, StageRows, read_mapping
from bot.orders.vendure_record import FACTS, Mapping, OrderRecord, PaymentRecord, Reader, fields
from bot.ports import (
    CancelReport,
    Capabilities,
    ContractBroken,
    CredentialsRefused,
    RefundReport,
    ShopUnreachable,
)
from bot.shop_session import Limits, ShopSession
from dialogs.orders import Order, Payment, PaymentStatus, RefundStatus, Stage, same_number

_OPEN = frozenset({Stage.PLACED, Stage.PAID, Stage.ALLOCATED, Stage.BINDING, Stage.ON_HOLD})
"""Stages in which Vendure is asked to cancel; in any other it must not be asked, since it would."""

_EMPTIED = frozenset({"EmptyOrderLineSelectionError", "QuantityTooGreatError"})
"""What Vendure answers where it finds less to cancel than there was a moment ago."""

_READ, _UPDATE = "ReadOrder", "UpdateOrder"
_TOKEN = "vendure-auth-token"  # noqa: S105 - the name of a header


class VendureSettings(BaseModel):
    """Settings of a Vendure shop."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )

    url: ShopAddress
    """The address of the Admin API, as https://shop.example/admin-api."""
    username: str
    """An administrator's name, often an e-mail address."""
    password: SecretStr
    """That administrator's. The role needs the permissions ReadOrder and UpdateOrder, and no other."""
    channel: SecretStr | None = None
    """The token of a channel other than the default one."""
    mapping: Path | None = None
    """A file whose rows lie over those of vendure.toml."""


class _Typename(Struct, frozen=True, rename={"name": "__typename"}):
    name: str


class _Login(Struct, frozen=True):
    login: _Typename


class _Channel(Struct, frozen=True):
    permissions: frozenset[str]


class _Me(Struct, frozen=True):
    channels: tuple[_Channel, ...]


class _Who(Struct, frozen=True):
    me: _Me | None


class _Orders(Struct, frozen=True):
    items: tuple[OrderRecord, ...]


class _Found(Struct, frozen=True):
    orders: _Orders


class _Cancellation(Struct, frozen=True):
    data: dict[str, object]


class _Cancellations(Struct, frozen=True):
    items: tuple[_Cancellation, ...]


class _Past(Struct, frozen=True):
    history: _Cancellations


class _History(Struct, frozen=True):
    order: _Past | None


class _Extensions(Struct, frozen=True):
    code: str = ""


class _Error(Struct, frozen=True):
    extensions: _Extensions = _Extensions()


class _Reply(Struct, frozen=True):
    data: dict[str, object] | None = None
    errors: tuple[_Error, ...] | None = None


T = TypeVar("T", bound=Struct)
Variables = Mapped[str, object]


class Vendure:
    """The adapter. `unmapped` is told each status that no row of the mapping fits, once.

    All methods raise `ShopUnreachable` or one of its children, and nothing else. Raises `MappingError` when
    constructed with a mapping that cannot be used.
    """

    capabilities: ClassVar[Capabilities] = Capabilities(refunds_itself=False)
    settings_model = VendureSettings

    def __init__(
        self,
        settings: VendureSettings,
        *,
        unmapped: Callable[[str], None],
        limits: Limits | None = None,
    ) -> None:
        default = files("bot.orders").joinpath("vendure.toml").read_text(encoding="utf-8")
        base, _, endpoint = settings.url.rpartition("/")
        channel = settings.channel.get_secret_value() if settings.channel else ""
        self._settings = settings
        self._mapping = read_mapping(Mapping, default, settings.mapping)
        rows = StageRows(self._mapping.stages, facts=FACTS, unmapped=unmapped)
        self._reader = Reader(self._mapping, rows, Once(unmapped))
        self._path = f"/{endpoint}"
        headers = {"vendure-token": channel} if channel else {}
        self._session = ShopSession(base, headers=headers, limits=limits)
        self._find = documents.FIND % fields(self._mapping)
        self._find_alike = documents.FIND_ALIKE % fields(self._mapping)
        self._locks = OrderLocks()
        self._token = ""
        self._entering = asyncio.Lock()

    async def find(self, number: str) -> Order | None:
        """The order as Vendure records it now. Raises `ShopUnreachable`."""
        record = await self._record(number)
        return self._order(record) if record else None

    async def cancel(
        self,
        number: str,
        *,
        expected: Stage,
        request_id: str,
        version: str = "",  # noqa: ARG002 - the shop knows no condition on it
    ) -> CancelReport:
        """Cancel the order if it is open and in the expected stage. Moves no money.

        A request that Vendure's history knows already is accepted again, without effect.
        """
        async with self._locks.of(_key(number)):
            record = await self._record(number)
            if record is None:
                return CancelReport.STAGE_MOVED
            order = self._order(record)
            if order.stage is Stage.CANCELLED:
                known = await self._knows(record.id, request_id)
                return CancelReport.ACCEPTED if known else CancelReport.STAGE_MOVED
            if order.stage is not expected:
                return CancelReport.STAGE_MOVED
            if order.stage not in _OPEN or order.partly_fulfilled:
                return CancelReport.REFUSED
            answer = await self._change(
                documents.CANCEL, {"id": record.id, "reason": self._reason(request_id)}
            )
            if answer in _EMPTIED:
                return await self._emptied(number)
            return CancelReport.ACCEPTED if answer == "Order" else CancelReport.REFUSED

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Send `amount` of a taken payment back, or void a held one.

        REFUSED while another refund of this payment is pending, and where all its refunds together would give
        back more than was paid. A `key` that Vendure knows already has no effect again.
        """
        async with self._locks.of(_key(number)):
            shown = await self._payment(number, payment.id)
            if shown is None:
                return RefundReport.REFUSED
            match self._reader.payment_status(shown):
                case PaymentStatus.VOIDED:
                    return RefundReport.ACCEPTED
                case PaymentStatus.AUTHORISED:
                    answer = await self._change(documents.VOID, {"payment": shown.id})
                    return RefundReport.ACCEPTED if answer == "Payment" else RefundReport.REFUSED
                case PaymentStatus.CAPTURED:
                    return await self._pay_back(number, shown, amount, key)
                case _:
                    return RefundReport.REFUSED

    async def ping(self) -> None:
        """Show that Vendure answers and grants what is needed. Raises `ShopUnreachable`."""
        who = await self._ask(_Who, documents.WHO, {}, permission="Authenticated")
        granted = {each for channel in (who.me.channels if who.me else ()) for each in channel.permissions}
        missing = {_READ, _UPDATE} - granted
        if missing:
            raise CredentialsRefused(f"Vendure does not grant {' and '.join(sorted(missing))}")

    async def close(self) -> None:
        """Let go of the connections."""
        await self._session.close()

    # ---- what the record says

    async def _record(self, number: str) -> OrderRecord | None:
        """The order of exactly this number, read now; carts and drafts are none."""
        plain = askable(number)
        if plain is None:
            return None
        spellings = {plain, plain.upper(), plain.lower()}
        codes = sorted(spellings | {f"#{each}" for each in spellings})
        same = await self._same(number, self._find, {"codes": codes})
        if not same and self._mapping.mixed_case_codes and plain.lower() != plain.upper():
            same = await self._same(number, self._find_alike, {"code": plain})
        if len(same) > 1:
            same = [each for each in same if each.code == plain]
            if not same:
                raise ContractBroken("Vendure knows several orders of one number")
        return same[0] if same else None

    async def _same(self, number: str, document: str, variables: Variables) -> list[OrderRecord]:
        """Those of the orders found that are of this number."""
        found = await self._ask(_Found, document, variables, permission=_READ)
        same = [each for each in found.orders.items if same_number(each.code, number)]
        return [each for each in same if each.state not in self._mapping.carts]

    async def _payment(self, number: str, payment_id: str) -> PaymentRecord | None:
        record = await self._record(number)
        payments = (record.payments or []) if record else []
        return next((each for each in payments if each.id == payment_id), None)

    def _order(self, record: OrderRecord) -> Order:
        with understood("Vendure's order"):
            return self._reader.order(record)

    async def _knows(self, order_id: str, request_id: str) -> bool:
        """Whether Vendure's history has a cancellation with this request's id."""
        past = await self._ask(_History, documents.CANCELLATIONS, {"id": order_id}, permission=_READ)
        reason = self._reason(request_id)
        entries = past.order.history.items if past.order else ()
        return any(entry.data.get("reason") == reason for entry in entries)

    async def _emptied(self, number: str) -> CancelReport:
        """Nothing was left to cancel: whether because somebody has cancelled it all."""
        record = await self._record(number)
        cancelled = record is not None and self._order(record).stage is Stage.CANCELLED
        return CancelReport.ACCEPTED if cancelled else CancelReport.REFUSED

    # ---- what changes it

    async def _pay_back(self, number: str, payment: PaymentRecord, amount: Decimal, key: str) -> RefundReport:
        ours = self._ours(payment, key)
        if ours is not None:
            return ours
        known = [(each, self._reader.refund_status(each)) for each in payment.refunds]
        if not {status for _, status in known} <= {RefundStatus.SENT, RefundStatus.FAILED}:
            return RefundReport.REFUSED
        with understood("Vendure's payment"):
            sent = [self._reader.amount(each.total) for each, status in known if status is RefundStatus.SENT]
            left = self._reader.amount(payment.amount) - sum(sent, Decimal(0))
        units = amount.scaleb(self._mapping.money_precision)
        if not 0 < amount <= left or units != int(units):
            return RefundReport.REFUSED
        variables = {"payment": payment.id, "amount": int(units), "reason": self._reason(key)}
        if await self._change(documents.REFUND, variables) == "Refund":
            return RefundReport.ACCEPTED
        # Vendure also answers with an error where it has made the refund, and could not move it on.
        now = await self._payment(number, payment.id)
        return (self._ours(now, key) if now else None) or RefundReport.REFUSED

    def _ours(self, payment: PaymentRecord, key: str) -> RefundReport | None:
        """What became of the refund with this key; `None` where there is none."""
        reason = self._reason(key)
        ours = {self._reader.refund_status(each) for each in payment.refunds if each.reason == reason}
        if not ours:
            return None
        return RefundReport.REFUSED if ours == {RefundStatus.FAILED} else RefundReport.ACCEPTED

    def _reason(self, request_id: str) -> str:
        return f"{self._mapping.reason} {request_id}"

    async def _change(self, document: str, variables: Variables) -> str:
        """Send a mutation, once; the name of the type that it answers with."""
        try:
            data = await self._answered(document, variables, safe=False, permission=_UPDATE)
        except _NotFound:
            return ""
        return _as(_Typename, next(iter(data.values()), None)).name

    # ---- over the wire

    async def _ask(self, kind: type[T], document: str, variables: Variables, *, permission: str) -> T:
        return _as(kind, await self._answered(document, variables, safe=True, permission=permission))

    async def _answered(
        self, document: str, variables: Variables, *, safe: bool, permission: str
    ) -> dict[str, object]:
        """The data of an answer. A session that has ended is begun anew, once: nothing was done in it."""
        token = self._token or await self._enter("")
        codes, data = await self._post(document, variables, token, safe=safe)
        if "FORBIDDEN" in codes:
            token = await self._enter(token)
            codes, data = await self._post(document, variables, token, safe=safe)
        if "FORBIDDEN" in codes:
            raise CredentialsRefused(f"Vendure refuses it to this administrator: it takes {permission}")
        if "ENTITY_NOT_FOUND" in codes:
            raise _NotFound("Vendure does not know what it was asked about")
        if "INTERNAL_SERVER_ERROR" in codes:
            raise ShopUnreachable("Vendure failed at it (INTERNAL_SERVER_ERROR)")
        if codes or data is None:
            raise ContractBroken(f"Vendure answered {', '.join(sorted(codes)) or 'without data'}")
        return data

    async def _enter(self, stale: str) -> str:
        """Log in, unless somebody did meanwhile; the token of the session. Raises `ShopUnreachable`."""
        async with self._entering:
            if self._token != stale:
                return self._token
            self._token = ""
            settings = self._settings
            who = {"username": settings.username, "password": settings.password.get_secret_value()}
            body = {"query": documents.LOGIN, "variables": who}
            answer = await self._session.ask("POST", self._path, body=body, safe=True)
            outcome = _as(_Login, _as(_Reply, answer.json).data).login.name
            if outcome != "CurrentUser":
                raise CredentialsRefused(f"Vendure refuses the login ({outcome[:64]})")
            token = answer.headers.get(_TOKEN, "")
            if not token.isprintable() or not token:
                raise ContractBroken("Vendure gives no token: authOptions.tokenMethod must hold 'bearer'")
            self._token = token
            return token

    async def _post(
        self, document: str, variables: Variables, token: str, *, safe: bool
    ) -> tuple[frozenset[str], dict[str, object] | None]:
        """The codes of an answer's errors, and its data."""
        body = {"query": document, "variables": variables}
        headers = {"Authorization": f"Bearer {token}"}
        answer = await self._session.ask("POST", self._path, body=body, headers=headers, safe=safe)
        reply = _as(_Reply, answer.json)
        return frozenset(error.extensions.code[:64] or "an error" for error in reply.errors or ()), reply.data


class _NotFound(ContractBroken):
    """Vendure has nothing of that id (any more)."""


def _key(number: str) -> str:
    return (askable(number) or "").casefold()


def _as(kind: type[T], data: object) -> T:
    with understood("Vendure's answer"):
        return convert(data, kind)
