"""A shop that leaves the money to us, checks nothing, and keeps a ledger of what it really paid."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, auto

from shell_makers import DOWN, NOW, ORDER

from bot.ports import CancelReport, Capabilities, RefundReport
from dialogs.orders import Order, Payment, PaymentStatus, Refund, RefundStatus, Stage

CARD = Payment("card", Decimal("40.00"), PaymentStatus.CAPTURED, id="p1")
GIFT = Payment("gift_card", Decimal("14.00"), PaymentStatus.CAPTURED, id="p2")
HOLD = Payment("card", Decimal("54.00"), PaymentStatus.AUTHORISED, id="p1")
PAID = replace(ORDER, payments=(CARD, GIFT))


class Killed(BaseException):
    """The process ends here."""


class Look(Enum):
    """What a reading shows."""

    NOW = auto()
    STALE = auto()
    """The record as it was in the beginning."""
    DOWN = auto()
    GONE = auto()
    SENT_TOO = auto()
    """Cancelled, and a part was sent."""
    SENT = auto()
    ANOTHERS = auto()


class Act(Enum):
    """What becomes of a request."""

    DONE = auto()
    SAID = auto()
    """Accepted, without effect."""
    REFUSED = auto()
    REFUSED_DONE = auto()
    LOST = auto()
    LOST_DONE = auto()
    KILLED = auto()
    KILLED_DONE = auto()


_EFFECT = {Act.DONE, Act.REFUSED_DONE, Act.LOST_DONE, Act.KILLED_DONE}
Shown = Order | Exception | None


@dataclass
class Ledger:
    """An `OrderBackend` and a `Refunder`. `looks` and `acts` are used up; then all is well.

    `paid` is what left by each payment, `log` the calls and what a reading showed, in order.
    """

    order: Order = PAID
    once: bool = False
    looks: Iterable[Look] = ()
    cancel_acts: Iterable[Act] = ()
    refund_acts: Iterable[Act] = ()
    moved: CancelReport = CancelReport.REFUSED
    before_refund: Callable[["Ledger"], None] = lambda _: None
    paid: Counter[str] = field(default_factory=Counter)
    keys: list[str] = field(default_factory=list)
    log: list[tuple[str, object]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.first = self.order
        self.known: set[str] = set()
        self.looks, self.cancel_acts = iter(self.looks), iter(self.cancel_acts)
        self.refund_acts = iter(self.refund_acts)

    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(refunds_itself=False, refunds_once=self.once)

    async def find(self, number: str) -> Order | None:  # noqa: ARG002  it has one order
        shown = self._shown(next(iter(self.looks), Look.NOW))
        self.log.append(("find", shown))
        if isinstance(shown, Exception):
            raise shown
        return shown

    def _shown(self, look: Look) -> Shown:
        match look:
            case Look.NOW:
                return self.order
            case Look.STALE:
                return self.first
            case Look.DOWN:
                return DOWN
            case Look.GONE:
                return None
            case Look.SENT_TOO:
                return replace(self.order, stage=Stage.CANCELLED, partly_fulfilled=True)
            case Look.SENT:
                return replace(self.order, stage=Stage.IN_LOGISTICS)
            case Look.ANOTHERS:
                return replace(self.order, email="bob@shop.test")

    async def cancel(
        self,
        number: str,  # noqa: ARG002
        *,
        expected: Stage,
        request_id: str,
        version: str = "",
    ) -> CancelReport:
        self.log.append(("cancel", (expected, request_id, version)))
        act = next(iter(self.cancel_acts), Act.DONE)
        if act in _EFFECT:
            self.order = replace(self.order, stage=Stage.CANCELLED)
        self._end(act)
        return self.moved if act in {Act.REFUSED, Act.REFUSED_DONE} else CancelReport.ACCEPTED

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:  # noqa: ARG002
        self.before_refund(self)
        self.log.append(("refund", (payment.id, amount)))
        self.keys.append(key)
        act = next(iter(self.refund_acts), Act.DONE)
        if act in _EFFECT and not (self.once and key in self.known):
            self._pay(payment, amount)
            self.known.add(key)
        self._end(act)
        return RefundReport.REFUSED if act in {Act.REFUSED, Act.REFUSED_DONE} else RefundReport.ACCEPTED

    def _pay(self, payment: Payment, amount: Decimal) -> None:
        self.paid[payment.id] += amount  # type: ignore[assignment]  # Decimals are counted as well
        self.order = replace(
            self.order,
            payments=tuple(
                _after(each, amount) if each.id == payment.id else each for each in self.order.payments
            ),
        )

    @staticmethod
    def _end(act: Act) -> None:
        if act in {Act.LOST, Act.LOST_DONE}:
            raise DOWN
        if act in {Act.KILLED, Act.KILLED_DONE}:
            raise Killed

    def asked(self, what: str) -> list[object]:
        """The calls of one kind."""
        return [told for call, told in self.log if call == what]

    async def ping(self) -> None:
        """Always well."""

    async def close(self) -> None:
        """Nothing is open."""


def _after(payment: Payment, amount: Decimal) -> Payment:
    if payment.status is PaymentStatus.AUTHORISED:
        return replace(payment, status=PaymentStatus.VOIDED)
    return replace(payment, refunds=(*payment.refunds, Refund(amount, RefundStatus.SENT, NOW)))
