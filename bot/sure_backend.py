"""A shop's adapter, taken at its word for what it answers and for nothing else."""

from collections.abc import Coroutine
from dataclasses import dataclass, field
from decimal import Decimal
from typing import TypeVar

import structlog

from bot.ports import CancelReport, Capabilities, OrderBackend, Refunder, RefundReport, ShopUnreachable
from bot.trouble_log import TroubleLog
from dialogs.orders import Order, Payment, Stage

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class SureBackend:
    """An `OrderBackend` that raises nothing but `ShopUnreachable`, and logs it with what to do about it.

    Whatever else an adapter raises is a mistake in it. It is logged, and to the customer it is what it
    amounts to: the shop gave no answer.
    """

    backend: OrderBackend
    log: TroubleLog = field(default_factory=TroubleLog)

    @property
    def capabilities(self) -> Capabilities:
        """What the shop does by itself."""
        return self.backend.capabilities

    async def find(self, number: str) -> Order | None:
        """The order as the shop records it now. Raises `ShopUnreachable`."""
        return await self._sure("find", self.backend.find(number))

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        """Ask the shop to cancel. Raises `ShopUnreachable`."""
        asked = self.backend.cancel(number, expected=expected, request_id=request_id, version=version)
        return await self._sure("cancel", asked)

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Ask the shop for a refund; one whose adapter cannot refuses. Raises `ShopUnreachable`."""
        if not isinstance(self.backend, Refunder):
            return RefundReport.REFUSED
        asked = self.backend.refund(number, payment=payment, amount=amount, key=key)
        return await self._sure("refund", asked)

    async def ping(self) -> None:
        """Answer whether the shop can be asked. Raises `ShopUnreachable`."""
        await self._sure("ping", self.backend.ping())

    async def close(self) -> None:
        """Let go of connections and files."""
        await self.backend.close()

    async def _sure(self, what: str, answer: Coroutine[object, object, T]) -> T:
        try:
            return await answer
        except ShopUnreachable as error:
            self.log(error, call=what)
            raise
        except Exception as error:
            _log.exception("the shop's adapter failed", call=what)
            raise ShopUnreachable(f"the adapter failed ({type(error).__name__})") from error
