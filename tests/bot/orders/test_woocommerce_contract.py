"""The WooCommerce adapter keeps the contract, over HTTP, against a shop in memory."""

from collections.abc import AsyncIterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr

from bot.contracts.order_backend import OrderBackendContract
from bot.contracts.shop_bench import Placement, ShopBench
from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from bot.shop_session import Limits
from dialogs.orders import Payment, PaymentStatus, Stage
from tests.bot.orders.served import served
from tests.bot.orders.wire_faults import Wire
from tests.bot.orders.woocommerce_shop import KEY, SECRET, Refunding, WooCommerceBench, WooCommerceShop

MERCHANT = """
[stages]
allocated = { stage = "allocated", when = { status = ["allocated"] }, before = "paid" }
binding = { stage = "binding", when = { status = ["binding"] }, before = "paid" }
packed = { stage = "confirmed", when = { status = ["packed"] }, before = "paid" }
delivered = { stage = "delivered", when = { status = ["delivered"] }, before = "completed" }
"""


@pytest.fixture
async def shop_bench(tmp_path: Path) -> AsyncIterator[WooCommerceBench]:
    shop = WooCommerceShop()
    mapping = tmp_path / "merchant.toml"
    mapping.write_text(MERCHANT)
    async with served(shop.handle) as url, Wire(url) as wire:
        settings = WooCommerceSettings(
            url=wire.url, consumer_key=SecretStr(KEY), consumer_secret=SecretStr(SECRET), mapping=mapping
        )
        adapter = WooCommerce(settings, unmapped=pytest.fail, limits=Limits(outage=0, tries=2))
        yield WooCommerceBench(Refunding(adapter), shop, wire)
        await adapter.close()


_PAID = Payment("card", Decimal("54.00"), PaymentStatus.CAPTURED)


class TestWooCommerce(OrderBackendContract):
    """With a Refunder's caller above it, since the suite expects the money to go back."""

    async def test_find_shows_every_payment_with_its_state(self, shop_bench: ShopBench) -> None:
        """As in the suite, but an order of WooCommerce has one payment, whose id is the order's."""
        held = Payment("card", Decimal("54.00"), PaymentStatus.PENDING)
        for stage, payment in ((Stage.PLACED, held), (Stage.PAID, _PAID)):
            number = await shop_bench.place(Placement(stage, payments=(payment,)))
            order = await shop_bench.backend.find(number)
            assert order is not None
            assert order.payments == (replace(payment, id=number),)

    async def test_a_cancel_gives_back_what_was_paid_and_no_more(self, shop_bench: ShopBench) -> None:
        """As in the suite, with one payment."""
        number = await shop_bench.place(Placement(Stage.PAID, payments=(_PAID,)))
        await shop_bench.backend.cancel(number, expected=Stage.PAID, request_id="first")
        order = await shop_bench.backend.find(number)
        assert order is not None
        (payment,) = order.payments
        assert [refund.amount for refund in payment.refunds] == [_PAID.amount]
