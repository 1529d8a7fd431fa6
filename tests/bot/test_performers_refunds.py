"""Ended amid giving money back, and taken up by the next process: real store, dialogue, performers."""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from decimal import Decimal

import pytest
from shell_house import soon, texts, words
from shell_ledger import CARD, GIFT, Ledger
from shell_makers import NOW, Clock
from shell_performing import performing

from bot.performers import LEASE
from bot.ports import CancelReport, Press, RefundReport
from dialogs.orders import Payment, Stage
from dialogs.understanding import Understanding
from storage.store import Limits, Store


@dataclass
class Hanging(Ledger):
    """One call takes effect, or not, and never comes back."""

    hangs: str = ""
    effect: bool = True
    hung: asyncio.Event = field(default_factory=asyncio.Event)

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        if not self._hangs("cancel"):
            return await super().cancel(number, expected=expected, request_id=request_id, version=version)
        if self.effect:
            await super().cancel(number, expected=expected, request_id=request_id, version=version)
        return await self._for_ever()

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        if not self._hangs("refund"):
            return await super().refund(number, payment=payment, amount=amount, key=key)
        if self.effect:
            await super().refund(number, payment=payment, amount=amount, key=key)
        return await self._for_ever()

    def _hangs(self, what: str) -> bool:
        return self.hangs == what and not self.hung.is_set()

    async def _for_ever(self) -> CancelReport | RefundReport:  # type: ignore[override]
        self.hung.set()
        return await asyncio.get_running_loop().create_future()


@pytest.mark.parametrize("once", [False, True])
@pytest.mark.parametrize("effect", [False, True])
@pytest.mark.parametrize("hangs", ["cancel", "refund"])
async def test_what_was_ended_in_the_middle_pays_nothing_twice_and_is_told_as_it_is(
    database_url: str, hangs: str, *, effect: bool, once: bool
) -> None:
    shop, clock = Hanging(hangs=hangs, effect=effect, once=once), Clock()
    store = await Store.open(database_url, limits=Limits(lease=LEASE))
    async with performing(store, shop, None, understanding=Understanding(), clock=clock) as (door, running):
        await door.receive(words("cancel order 1042, ann@shop.test"))
        await soon(lambda: running.idle)
        yes = next(c.value for c in (await store.entries("web:1"))[-1].choices if c.value.startswith("yes:"))
        await door.receive(replace(words("", "2"), what=Press(yes, "Yes, cancel it")))
        await soon(shop.hung.is_set)
        await running.stop(0.01)
    await store.close()
    asked = len(shop.keys)
    clock.now = NOW + LEASE + timedelta(seconds=1)
    store = await Store.open(database_url, limits=Limits(lease=LEASE))
    async with performing(store, shop, None, understanding=Understanding(), clock=clock) as (_, running):
        await soon(lambda: running.idle)
    told = (await texts(store))[-1]
    await store.close()
    assert "now shows order 1042 as cancelled" in told
    assert shop.order.stage is Stage.CANCELLED
    for payment in (CARD, GIFT):
        paid = shop.paid[payment.id]
        assert paid in {Decimal(0), payment.amount}
        line = next(line for line in told.splitlines() if f"€{payment.amount}" in line)
        assert ("may or may not have been sent" in line) == (not paid), told
    assert once or len(shop.keys) == asked  # nobody knows what is on its way: it is not asked for again
    if once:
        assert shop.paid == {"p1": CARD.amount, "p2": GIFT.amount}
