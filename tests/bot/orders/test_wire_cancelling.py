"""Every fault on the wire, at each step of a cancellation, over every adapter.

Whatever fails, and wherever: the end is a defined outcome, never an untrue "cancelled", and the money given
back is never more than was paid; once the wire is sound, the same attempt is taken up and ends well.
"""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager

import pytest
from pydantic import SecretStr

from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from dialogs.events import Outcome
from dialogs.orders import RefundStatus
from tests.bot.orders import http_shop_bench
from tests.bot.orders.served import served
from tests.bot.orders.shopify_bench import ShopifyBench
from tests.bot.orders.shopify_bench import make as shopify
from tests.bot.orders.shopify_shop import ShopifyShop
from tests.bot.orders.wire_cancelling import Case, attempt, taken_up, true, wanted
from tests.bot.orders.wire_faults import QUICK, WITHOUT_EFFECT, Fault, Heard, Wire
from tests.bot.orders.woocommerce_shop import KEY, SECRET, WooCommerceBench, WooCommerceShop

SPOILING = sorted(set(Fault) - {Fault.REFUSED}, key=lambda each: each.name)
"""One at a time on the wire; a wire that is cut is cut for all."""


Open = Callable[[], AbstractAsyncContextManager[Case]]


def _posts(end: str) -> Callable[[Heard], bool]:
    return lambda heard: heard.method == "POST" and heard.target.endswith(end)


def _says(word: bytes) -> Callable[[Heard], bool]:
    return lambda heard: word in heard.body


@asynccontextmanager
async def _http(*, refunds_itself: bool) -> AsyncIterator[Case]:
    async with http_shop_bench.bench(refunds_itself=refunds_itself) as at:
        yield Case(at, at.wire, _posts("/cancel"), _posts("/refunds"))


def _http_that_refunds() -> AbstractAsyncContextManager[Case]:
    return _http(refunds_itself=True)


def _http_that_leaves_it() -> AbstractAsyncContextManager[Case]:
    return _http(refunds_itself=False)


@asynccontextmanager
async def _shopify() -> AsyncIterator[Case]:
    shop = ShopifyShop()
    async with served(shop.handle) as url, Wire(url) as wire:
        adapter = shopify(wire, [], job_seconds=0.2)
        try:
            yield Case(
                ShopifyBench(adapter, shop, wire), wire, _says(b"orderCancel("), _says(b"refundCreate(")
            )
        finally:
            await adapter.close()


@asynccontextmanager
async def _woocommerce() -> AsyncIterator[Case]:
    shop = WooCommerceShop()
    async with served(shop.handle) as url, Wire(url) as wire:
        settings = WooCommerceSettings(
            url=wire.url, consumer_key=SecretStr(KEY), consumer_secret=SecretStr(SECRET)
        )
        adapter = WooCommerce(settings, unmapped=pytest.fail, limits=QUICK)
        at = WooCommerceBench(adapter, shop, wire)
        try:
            yield Case(at, wire, lambda heard: heard.method == "PUT", _posts("/refunds"))
        finally:
            await adapter.close()


SHOPS: dict[str, Open] = {
    "http": _http_that_refunds,
    "http-leaving-refunds": _http_that_leaves_it,
    "shopify": _shopify,
    "woocommerce": _woocommerce,
}
LEAVING = ["http-leaving-refunds", "woocommerce"]


@pytest.mark.parametrize("fault", Fault, ids=lambda each: each.name)
@pytest.mark.parametrize("shop", SHOPS)
async def test_a_fault_on_everything_attempts_nothing(shop: str, fault: Fault) -> None:
    async with SHOPS[shop]() as case:
        asked = await wanted(case)
        async with case.wire.failing(fault):
            ended = await attempt(case, asked)
        assert ended is None
        await true(case, asked, ended)


@pytest.mark.parametrize("effect", [True, False], ids=["effect", "no effect"])
@pytest.mark.parametrize("fault", SPOILING, ids=lambda each: each.name)
@pytest.mark.parametrize("shop", SHOPS)
async def test_a_fault_on_the_cancel(shop: str, fault: Fault, *, effect: bool) -> None:
    async with SHOPS[shop]() as case:
        asked = await wanted(case)
        async with case.wire.failing(fault, matching=case.is_cancel, effect=effect):
            ended = await attempt(case, asked)
        await true(case, asked, ended)
        assert ended is not None
        done = effect and fault not in WITHOUT_EFFECT
        assert (await case.bench.cancels(asked.number) == 1) == done or shop == "shopify"
        if done and shop != "shopify":  # where a lost job's number leaves it to be carried out later
            assert ended.outcome is Outcome.CANCELLED
        if not done:
            assert ended.outcome in {Outcome.UNKNOWN, Outcome.REFUSED}
        assert len([heard for heard in case.wire.heard if case.is_cancel(heard)]) == 1
        await taken_up(case, asked)


@pytest.mark.parametrize("fault", SPOILING, ids=lambda each: each.name)
@pytest.mark.parametrize("shop", SHOPS)
async def test_a_fault_on_every_reading_after_the_cancel(shop: str, fault: Fault) -> None:
    async with SHOPS[shop]() as case:
        asked = await wanted(case)
        begun = False

        def after(heard: Heard) -> bool:
            nonlocal begun
            was, begun = begun, begun or case.is_cancel(heard)
            return was

        async with case.wire.failing(fault, matching=after):
            ended = await attempt(case, asked)
        assert ended is not None
        assert ended.outcome is Outcome.UNKNOWN
        assert not any(case.is_refund(heard) for heard in case.wire.heard)
        await true(case, asked, ended)
        await taken_up(case, asked)


@pytest.mark.parametrize("effect", [True, False], ids=["effect", "no effect"])
@pytest.mark.parametrize("fault", SPOILING, ids=lambda each: each.name)
@pytest.mark.parametrize("shop", LEAVING)
async def test_a_fault_on_the_refund(shop: str, fault: Fault, *, effect: bool) -> None:
    async with SHOPS[shop]() as case:
        asked = await wanted(case)
        async with case.wire.failing(fault, matching=case.is_refund, effect=effect):
            ended = await attempt(case, asked)
        await true(case, asked, ended)
        assert ended is not None
        assert ended.order is not None
        assert ended.outcome is Outcome.CANCELLED
        (payment,) = ended.order.payments
        done = effect and fault not in WITHOUT_EFFECT
        expected = {RefundStatus.SENT} if done else {RefundStatus.UNKNOWN, RefundStatus.FAILED}
        assert {each.status for each in payment.refunds} <= expected
        assert len(payment.refunds) == 1
        assert len([heard for heard in case.wire.heard if case.is_refund(heard)]) >= 1
        await taken_up(case, asked)
        assert await case.bench.refunds(asked.number) <= 1


@pytest.mark.parametrize("fault", SPOILING, ids=lambda each: each.name)
@pytest.mark.parametrize("shop", LEAVING)
async def test_a_fault_on_every_reading_after_the_refund(shop: str, fault: Fault) -> None:
    async with SHOPS[shop]() as case:
        asked = await wanted(case)
        begun = False

        def after(heard: Heard) -> bool:
            nonlocal begun
            was, begun = begun, begun or (heard.method == "POST" and case.is_refund(heard))
            return was

        async with case.wire.failing(fault, matching=after):
            ended = await attempt(case, asked)
        await true(case, asked, ended)
        assert ended is not None
        assert ended.order is not None
        (payment,) = ended.order.payments
        assert ended.outcome is Outcome.CANCELLED
        assert [each.status for each in payment.refunds] == [RefundStatus.PENDING]
        await taken_up(case, asked)
        assert await case.bench.refunds(asked.number) == 1
