"""The second yes to a cancellation: bound to who, what, and how the order was; good once, for ten minutes."""

import hashlib
import secrets
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass, fields
from datetime import datetime, timedelta
from typing import Self

from itsdangerous import BadSignature, URLSafeSerializer

from bot.desk.errors import Changed
from bot.desk.views import Confirmation, OrderPanel
from dialogs.orders import Order
from storage.desk_records import Agent
from storage.store import Store

_LASTS = timedelta(minutes=10)
_PURPOSE = "cancel"
_INVALID = "this confirmation is not for this order"


@dataclass(frozen=True, slots=True)
class Stake:
    """What a confirmation is for, in words that can be shown where they differ."""

    agent: str
    chat: str
    order: str
    stage: str
    partly_fulfilled: str
    amount: str
    verdict: str
    rule: str
    version: str
    status: str
    reason: str

    @classmethod
    def of(cls, agent: Agent, key: str, panel: OrderPanel, order: Order, reason: str) -> Self:
        """What is at stake now."""
        return cls(
            agent=agent.id,
            chat=key,
            order=order.number,
            stage=order.stage.value,
            partly_fulfilled="yes" if order.partly_fulfilled else "no",
            amount=f"{panel.stake} {order.currency}",
            verdict=panel.verdict if panel.may_cancel else f"{panel.verdict} (override)",
            rule=panel.rule,
            version=order.version,
            status=order.status,
            reason=reason,
        )


@dataclass(frozen=True, slots=True)
class Confirming:
    """Makes confirmations and checks them. `secret` signs; the store knows which were used."""

    store: Store
    secret: bytes
    clock: Callable[[], datetime]

    async def ask(self, agent: Agent, stake: Stake, panel: OrderPanel) -> Confirmation:
        """A confirmation to show."""
        expires_at = self.clock() + _LASTS
        token = str(self._signer().dumps({**asdict(stake), "nonce": secrets.token_hex(8)}))
        await self.store.accounts.issue(
            _digest(token), purpose=_PURPOSE, agent=agent.id, expires_at=expires_at
        )
        return Confirmation(token, panel, not panel.may_cancel, expires_at)

    async def check(self, token: str, now: Stake) -> None:
        """Use a confirmation up. Raises `Changed`, and says what is no longer as confirmed."""
        try:
            before: dict[str, str] = self._signer().loads(token)
        except BadSignature:
            raise Changed([_INVALID]) from None
        if any(before.get(name) != getattr(now, name) for name in ("agent", "chat", "order")):
            raise Changed([_INVALID])
        if changes := list(_changes(before, now)):
            raise Changed(changes)
        if await self.store.accounts.use(_digest(token), purpose=_PURPOSE, now=self.clock()) is None:
            raise Changed(["this confirmation was used already, or ran out"])

    def _signer(self) -> URLSafeSerializer:
        return URLSafeSerializer(self.secret, salt="desk cancel", signer_kwargs=_STRONG)


_STRONG = {"digest_method": hashlib.sha256}


def _changes(before: dict[str, str], now: Stake) -> Iterator[str]:
    for each in fields(Stake):
        was, is_ = before.get(each.name, ""), getattr(now, each.name)
        if was != is_:
            yield f"{each.name.replace('_', ' ')}: {was or '-'} → {is_ or '-'}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
