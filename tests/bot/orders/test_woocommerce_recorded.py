"""What the WooCommerce adapter makes of exchanges in the documented shapes."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from pydantic import SecretStr

from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from bot.ports import CancelReport, ContractBroken, CredentialsRefused, RefundReport, ShopUnreachable
from bot.shop_session import Limits
from dialogs.orders import Line, Payment, PaymentStatus, Refund, RefundStatus, Stage
from tests.bot.orders.recorded import played

PAYMENT = Payment("stripe", Decimal("59.00"), PaymentStatus.CAPTURED, id="727")


@asynccontextmanager
async def shop(name: str, **more: str) -> AsyncIterator[WooCommerce]:
    async with played("woocommerce", name) as url:
        settings = WooCommerceSettings.model_validate(
            {"url": url, "consumer_key": SecretStr("ck_x"), "consumer_secret": SecretStr("cs_x")} | more
        )
        adapter = WooCommerce(settings, unmapped=pytest.fail, limits=Limits(tries=1))
        yield adapter
        await adapter.close()


async def test_an_order_is_read_with_the_marks_of_its_products() -> None:
    async with shop("paid") as adapter:
        order = await adapter.find("727")
    assert order is not None
    assert (order.number, order.email, order.stage) == ("727", "Ann@Shop.test", Stage.PAID)
    assert (order.currency, order.total, order.status) == ("EUR", Decimal("59.00"), "processing")
    assert order.placed_at == datetime(2026, 11, 20, 10, 15, tzinfo=UTC)
    assert order.version == "2026-11-20T10:15:06+00:00"
    assert order.lines == (
        Line("Mug", 2, Decimal("7.00")),
        Line("Poster", 3, Decimal("13.33"), cancellable=False),
    )
    assert order.payments == (PAYMENT,)


async def test_an_id_that_woocommerce_does_not_know_is_no_order() -> None:
    async with shop("unknown") as adapter:
        assert await adapter.find("727") is None


async def test_a_wordpress_without_the_api_is_not_a_shop_without_the_order() -> None:
    async with shop("no_rest_api") as adapter:
        with pytest.raises(ContractBroken):
            await adapter.find("727")


@pytest.mark.parametrize("more", [{"numbers": "number"}, {"numbers": "meta", "number_meta": "_order_number"}])
async def test_a_number_of_a_plugin_is_searched_for_and_matched_exactly(more: dict[str, str]) -> None:
    async with shop("number_of_a_plugin", **more) as adapter:
        order = await adapter.find("#1001")
    assert order is not None
    assert order.number == "1001"
    assert order.payments == (PAYMENT,)


async def test_an_order_we_cancelled_stays_cancelled_when_its_money_went_back() -> None:
    async with shop("refunded_after_cancel") as adapter:
        order = await adapter.find("727")
    assert order is not None
    assert (order.stage, order.status) == (Stage.CANCELLED, "refunded")
    sent = datetime(2026, 11, 20, 10, 20, tzinfo=UTC)
    assert order.payments[0].refunds == (Refund(Decimal("59.00"), RefundStatus.SENT, sent),)


async def test_a_refund_entered_by_hand_is_not_said_to_be_sent() -> None:
    async with shop("refunded_by_hand") as adapter:
        order = await adapter.find("727")
    assert order is not None
    assert order.payments[0].refunds == (Refund(Decimal("4.00"), RefundStatus.UNKNOWN),)


async def test_money_that_is_only_held_is_not_said_to_be_taken() -> None:
    async with shop("held") as adapter:
        order = await adapter.find("727")
    assert order is not None
    assert (order.stage, order.payments[0].status) == (Stage.ON_HOLD, PaymentStatus.AUTHORISED)


async def test_a_cancel_reads_first_and_leaves_our_mark() -> None:
    async with shop("cancelled") as adapter:
        report = await adapter.cancel("727", expected=Stage.PAID, request_id="r-1")
    assert report is CancelReport.ACCEPTED


async def test_a_key_that_may_only_read_is_named_so() -> None:
    async with shop("read_only_key") as adapter:
        with pytest.raises(CredentialsRefused, match="read/write"):
            await adapter.cancel("727", expected=Stage.PAID, request_id="r-1")


@pytest.mark.parametrize(
    ("name", "report"),
    [
        ("refund", RefundReport.ACCEPTED),
        ("refund_repeated", RefundReport.ACCEPTED),
        ("refund_by_another_hand", RefundReport.REFUSED),
        ("refund_cash_on_delivery", RefundReport.REFUSED),
        ("refund_unsupported", RefundReport.REFUSED),
    ],
)
async def test_money_is_sent_back_once_and_only_where_the_method_can(name: str, report: RefundReport) -> None:
    async with shop(name) as adapter:
        done = await adapter.refund("727", payment=PAYMENT, amount=Decimal("59.00"), key="r-1/727")
    assert done is report


async def test_a_gateway_that_failed_leaves_the_effect_unknown() -> None:
    async with shop("refund_gateway_failed") as adapter:
        with pytest.raises(ShopUnreachable):
            await adapter.refund("727", payment=PAYMENT, amount=Decimal("59.00"), key="r-1/727")
