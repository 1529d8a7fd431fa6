"""What the Shopify adapter makes of exchanges in the documented shapes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import SecretStr

from bot.orders.shopify import Shopify, ShopifySettings
from bot.ports import CancelReport, ContractBroken, CredentialsRefused, Throttled
from bot.shop_session import Limits
from dialogs.orders import Line, Payment, PaymentStatus, Refund, RefundStatus, Stage
from tests.bot.orders.recorded import played

_TRANSACTION = "gid://shopify/OrderTransaction/"


@asynccontextmanager
async def shop(name: str) -> AsyncIterator[Shopify]:
    async with played("shopify", name) as url:
        settings = ShopifySettings(url=url, token=SecretStr("shpat_made_up"))
        adapter = Shopify(settings, unmapped=pytest.fail, limits=Limits(tries=1))
        yield adapter
        await adapter.close()


async def test_an_order_is_read_by_its_id_after_a_search_that_finds_more_than_it() -> None:
    async with shop("paid") as adapter:
        order = await adapter.find(" #1001")
    assert order is not None
    assert (order.number, order.email, order.stage) == ("#1001", "Ann@Shop.test", Stage.PAID)
    assert (order.currency, order.total) == ("EUR", Decimal("54.0"))
    assert order.placed_at == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
    assert order.version == "2026-11-20T10:15:06+00:00"
    assert order.status == "OPEN, PAID, UNFULFILLED, UNSUBMITTED"
    assert order.lines == (Line("Mug - Blue", 2, Decimal(7)), Line("Poster", 1, Decimal(40)))
    assert order.payments == (
        Payment("credit_card", Decimal(54), PaymentStatus.CAPTURED, id=f"{_TRANSACTION}1"),
    )
    assert not order.partly_fulfilled


async def test_a_cancellation_is_watched_until_its_job_is_done() -> None:
    async with shop("cancelled") as adapter:
        report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r-1")
    assert report is CancelReport.ACCEPTED


async def test_an_error_of_the_user_is_a_refusal() -> None:
    async with shop("cancel_refused") as adapter:
        report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r-1")
    assert report is CancelReport.REFUSED


async def test_a_token_that_may_not_refund_is_named_so() -> None:
    async with shop("no_refund_permission") as adapter:
        with pytest.raises(CredentialsRefused, match="refund_orders"):
            await adapter.cancel("1001", expected=Stage.PAID, request_id="r-1")


async def test_money_is_told_by_the_transactions() -> None:
    async with shop("money_in_every_state") as adapter:
        order = await adapter.find("1001")
    assert order is not None
    sent = datetime(2026, 11, 21, 8, tzinfo=UTC)
    back = Refund(Decimal(4), RefundStatus.SENT, sent)
    failed = Refund(Decimal(2), RefundStatus.FAILED)
    assert order.payments == (
        Payment("apple_pay", Decimal(10), PaymentStatus.AUTHORISED, id=f"{_TRANSACTION}2"),
        Payment("apple_pay", Decimal(20), PaymentStatus.CAPTURED, (back,), f"{_TRANSACTION}3"),
        Payment("gift_card", Decimal(14), PaymentStatus.CAPTURED, (failed,), f"{_TRANSACTION}4"),
        Payment("klarna", Decimal(10), PaymentStatus.PENDING, id=f"{_TRANSACTION}5"),
        Payment("paypal", Decimal(5), PaymentStatus.VOIDED, id=f"{_TRANSACTION}6"),
    )
    assert order.partly_fulfilled
    assert order.stage is Stage.PAID


async def test_access_denied_names_the_scope_that_is_missing() -> None:
    async with shop("access_denied") as adapter:
        with pytest.raises(CredentialsRefused, match="read_orders"):
            await adapter.find("1001")


async def test_throttled_says_when_the_query_will_fit() -> None:
    async with shop("throttled") as adapter:
        with pytest.raises(Throttled) as raised:
            await adapter.find("1001")
    assert 14 < raised.value.seconds <= 15


async def test_an_api_version_that_was_retired_is_told() -> None:
    async with shop("retired_version") as adapter:
        with pytest.raises(ContractBroken, match="api_version"):
            await adapter.find("1001")
