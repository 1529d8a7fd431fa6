"""What is WooCommerce's own: statuses set whatever the order is, one payment, refunds asked for, numbers."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest
from pydantic import SecretStr, ValidationError

from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from bot.ports import CancelReport, ContractBroken, CredentialsRefused, RefundReport, ShopUnreachable
from dialogs.orders import Line, Money, Order, Payment, PaymentStatus, Stage
from tests.bot.orders.served import served
from tests.bot.orders.wire_faults import QUICK, WITHOUT_EFFECT, Fault, Wire
from tests.bot.orders.woocommerce_shop import KEY, SECRET, WooCommerceShop

_ALL = Decimal("54.00")


@pytest.fixture
def shop() -> WooCommerceShop:
    return WooCommerceShop()


@pytest.fixture
async def wire(shop: WooCommerceShop) -> AsyncIterator[Wire]:
    async with served(shop.handle) as url, Wire(url) as opened:
        yield opened


@pytest.fixture
def unmapped() -> list[str]:
    return []


@pytest.fixture
async def adapter(wire: Wire, unmapped: list[str]) -> AsyncIterator[WooCommerce]:
    opened = make(wire, unmapped)
    yield opened
    await opened.close()


def make(wire: Wire, unmapped: list[str], **more: object) -> WooCommerce:
    given = {"url": wire.url, "consumer_key": SecretStr(KEY), "consumer_secret": SecretStr(SECRET)} | more
    return WooCommerce(WooCommerceSettings.model_validate(given), unmapped=unmapped.append, limits=QUICK)


async def found(adapter: WooCommerce, number: object) -> Order:
    order = await adapter.find(str(number))
    assert order is not None
    return order


def sent(shop: WooCommerceShop, method: str) -> int:
    return sum(asked == method for asked, _ in shop.asked)


# ---- cancelling


async def test_an_order_completed_between_reading_and_writing_shows_that_it_was_both(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    order = shop.put()
    shop.before = lambda method, _: shop.bring(order, "completed") if method == "PUT" else None
    report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r")
    assert report is CancelReport.ACCEPTED
    after = await found(adapter, 1001)
    assert (after.stage, after.partly_fulfilled) == (Stage.CANCELLED, True)


async def test_an_order_completed_before_reading_is_left_alone(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    shop.bring(shop.put(), "completed")
    report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r")
    assert report is CancelReport.STAGE_MOVED
    assert sent(shop, "PUT") == 0


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_fault_on_the_wire_never_cancels_twice_nor_invents_a_cancellation(
    adapter: WooCommerce, shop: WooCommerceShop, wire: Wire, fault: Fault
) -> None:
    shop.put()
    async with wire.failing(fault, matching=lambda heard: heard.method == "PUT"):
        try:
            report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r")
        except ShopUnreachable:
            report = None
    assert wire.elsewhere == []
    assert sent(shop, "PUT") == (0 if fault in WITHOUT_EFFECT else 1)
    after = await found(adapter, 1001)
    assert (after.stage is Stage.CANCELLED) == (fault not in WITHOUT_EFFECT)
    if report is not None:
        assert report is CancelReport.ACCEPTED
        assert after.stage is Stage.CANCELLED


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_fault_while_reading_is_of_the_family(
    adapter: WooCommerce, shop: WooCommerceShop, wire: Wire, fault: Fault
) -> None:
    shop.put()
    async with wire.failing(fault):
        with pytest.raises(ShopUnreachable) as raised:
            await adapter.find("1001")
    assert SECRET not in repr(raised.value)
    assert (await found(adapter, 1001)).stage is Stage.PAID


async def test_two_requests_at_once_write_once(adapter: WooCommerce, shop: WooCommerceShop) -> None:
    shop.put()
    both = (adapter.cancel("1001", expected=Stage.PAID, request_id=each) for each in ("one", "two"))
    assert sorted(await asyncio.gather(*both)) == [CancelReport.ACCEPTED, CancelReport.STAGE_MOVED]
    assert sent(shop, "PUT") == 1


# ---- refunds


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_refund_whose_answer_was_lost_is_not_made_again(
    adapter: WooCommerce, shop: WooCommerceShop, wire: Wire, fault: Fault
) -> None:
    shop.bring(shop.put(), "cancelled")
    (payment,) = (await found(adapter, 1001)).payments
    async with wire.failing(fault, matching=lambda heard: heard.method == "POST"):
        try:
            report = await adapter.refund("1001", payment=payment, amount=_ALL, key="k")
        except ShopUnreachable:
            report = None
    assert report in {None, RefundReport.ACCEPTED}
    assert len(shop.refunded[1001]) == (0 if fault in WITHOUT_EFFECT else 1)
    again = await adapter.refund("1001", payment=payment, amount=_ALL, key="k")
    assert again is RefundReport.ACCEPTED
    assert len(shop.refunded[1001]) == 1


@pytest.mark.parametrize(
    ("fields", "payment", "amount"),
    [
        ({"payment_method": "cod"}, "1001", _ALL),
        ({"payment_method": "bacs"}, "1001", _ALL),
        ({"payment_method": "uninstalled"}, "1001", _ALL),
        ({"payment_method": "../orders"}, "1001", _ALL),
        ({"date_paid_gmt": None}, "1001", _ALL),
        ({"meta_data": [{"key": "_stripe_charge_captured", "value": "no"}]}, "1001", _ALL),
        ({}, "1002", _ALL),
        ({}, "1001", Decimal("54.01")),
        ({}, "1001", Decimal(0)),
    ],
)
async def test_what_cannot_be_sent_back_is_refused_without_asking_for_it(
    adapter: WooCommerce, shop: WooCommerceShop, fields: dict[str, object], payment: str, amount: Decimal
) -> None:
    shop.put(status="cancelled", **fields)
    given = Payment("card", _ALL, PaymentStatus.CAPTURED, id=payment)
    assert await adapter.refund("1001", payment=given, amount=amount, key="k") is RefundReport.REFUSED
    assert sent(shop, "POST") == 0


async def test_a_key_that_may_not_see_gateways_still_refunds(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    shop.sees_gateways = False
    shop.put(status="cancelled")
    (payment,) = (await found(adapter, 1001)).payments
    report = await adapter.refund("1001", payment=payment, amount=Decimal("20.00"), key="k")
    assert report is RefundReport.ACCEPTED
    other = await adapter.refund("1001", payment=payment, amount=Decimal("20.00"), key="other")
    assert other is RefundReport.REFUSED
    assert len(shop.refunded[1001]) == 1


async def test_an_unknown_order_is_refused(adapter: WooCommerce) -> None:
    payment = Payment("card", _ALL, PaymentStatus.CAPTURED, id="1")
    assert await adapter.refund("1", payment=payment, amount=_ALL, key="k") is RefundReport.REFUSED


# ---- finding


@pytest.mark.parametrize(
    "number", ["01001", "1001x", "1001/refunds", "1001?x=1", "../1001", "-1001", "1" * 30]
)
async def test_what_is_no_id_is_not_asked_for(
    adapter: WooCommerce, shop: WooCommerceShop, number: str
) -> None:
    shop.put()
    assert await adapter.find(number) is None
    assert shop.asked == []


async def test_an_id_is_no_number_where_a_plugin_counts_otherwise(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    shop.put(number="A-7")
    assert await adapter.find("1001") is None


async def test_two_orders_of_one_number_are_nobodys_guess(
    wire: Wire, shop: WooCommerceShop, unmapped: list[str]
) -> None:
    adapter = make(wire, unmapped, numbers="number")
    shop.put(number="A-7")
    shop.put(number="a-7")
    with pytest.raises(ContractBroken, match="several"):
        await adapter.find("A-7")
    await adapter.close()


async def test_a_number_deep_in_a_search_is_found_and_a_search_without_an_end_is_told(
    wire: Wire, shop: WooCommerceShop, unmapped: list[str]
) -> None:
    adapter = make(wire, unmapped, numbers="number")
    shop.put(number="7")
    for number in range(120):
        shop.put(number=f"7{number:03d}")
    assert (await found(adapter, 7)).number == "7"
    for number in range(120):
        shop.put(number=f"8{number:03d}")
    with pytest.raises(ContractBroken, match="too many"):
        await adapter.find("0")
    await adapter.close()


# ---- what its words mean


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"payment_method": "cod", "date_paid_gmt": None}, Stage.PLACED),
        ({"status": "failed", "date_paid_gmt": None}, Stage.PLACED),
        ({"status": "pending", "date_paid_gmt": None}, Stage.PLACED),
        ({"status": "pending"}, Stage.UNRECOGNISED),
        ({"status": "wc-completed"}, Stage.IN_LOGISTICS),
        ({"status": "on-hold"}, Stage.ON_HOLD),
        ({"status": "refunded"}, Stage.UNRECOGNISED),
        ({"status": "Cancelled"}, Stage.CANCELLED),
        ({"status": "checkout-draft"}, Stage.UNRECOGNISED),
    ],
)
async def test_words_of_woocommerce_are_mapped_by_data(
    adapter: WooCommerce, shop: WooCommerceShop, fields: dict[str, object], stage: Stage
) -> None:
    shop.put(**fields)
    assert (await found(adapter, 1001)).stage is stage


async def test_an_unmapped_status_is_told_once(
    adapter: WooCommerce, shop: WooCommerceShop, unmapped: list[str]
) -> None:
    shop.put(status="at-the-printer")
    for _ in range(3):
        assert (await found(adapter, 1001)).status == "at-the-printer"
    assert unmapped == ["at-the-printer"]


async def test_a_merchants_file_maps_meta_and_marks(
    wire: Wire, shop: WooCommerceShop, unmapped: list[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("""
        [stages.picked]
        stage = "confirmed"
        when = { meta = ["_picked=true"], status = ["processing"] }
        before = "paid"
        [not_cancellable]
        product_tags = []
        product_meta = { final = ["YES"] }
        line_meta = { engraving = ["yes"] }
    """)
    engraved = shop.item(Line("Ring", 1, Decimal(40))) | {"meta_data": [{"key": "Engraving", "value": "Yes"}]}
    final, tagged = (shop.item(Line(name, 1, Decimal(7), cancellable=False)) for name in ("Sale", "Mug"))
    shop.products[int(str(final["product_id"]))]["meta_data"] = [{"key": "final", "value": "yes"}]
    order = shop.put(line_items=[engraved, final, tagged], meta_data=[{"key": "_picked", "value": True}])
    adapter = make(wire, unmapped, mapping=own)
    seen = await found(adapter, order["number"])
    await adapter.close()
    assert seen.stage is Stage.CONFIRMED
    assert [line.cancellable for line in seen.lines] == [False, False, True]


async def test_products_are_not_asked_for_where_no_mark_stands_on_them(
    wire: Wire, shop: WooCommerceShop, unmapped: list[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("[not_cancellable]\nproduct_tags = []\nproduct_meta = {}")
    adapter = make(wire, unmapped, mapping=own)
    order = shop.put()
    await found(adapter, order["number"])
    await adapter.close()
    assert shop.asked == [("GET", f"/orders/{order['id']}")]


async def test_a_line_costs_what_it_costs_with_its_taxes(adapter: WooCommerce, shop: WooCommerceShop) -> None:
    lines = [shop.item(Line("Mug", 3, Decimal("11.90")), tax=Decimal("1.90"))]
    order = shop.put(line_items=lines)
    (line,) = (await found(adapter, order["number"])).lines
    assert line == Line("Mug", 3, Decimal("11.90"))


async def test_an_order_that_costs_nothing_has_no_payment(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    shop.put(total="0.00")
    order = await found(adapter, 1001)
    assert (order.payments, order.money) == ((), Money.UNPAID)


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e30", "much"])
async def test_what_is_no_amount_is_told_instead_of_passed_on(
    adapter: WooCommerce, shop: WooCommerceShop, amount: str
) -> None:
    shop.put(total=amount)
    with pytest.raises(ContractBroken):
        await adapter.find("1001")


# ---- credentials and settings


async def test_a_key_that_may_only_read_is_told_at_the_cancellation(
    adapter: WooCommerce, shop: WooCommerceShop
) -> None:
    shop.put()
    shop.writes = False
    with pytest.raises(CredentialsRefused, match="read/write"):
        await adapter.cancel("1001", expected=Stage.PAID, request_id="r")


async def test_a_wrong_key_is_refused_and_never_shown(wire: Wire, unmapped: list[str]) -> None:
    adapter = make(wire, unmapped, consumer_secret=SecretStr("cs_wrong"))
    for attempt in (adapter.find("1001"), adapter.ping()):
        with pytest.raises(CredentialsRefused) as raised:
            await attempt
        assert "cs_wrong" not in repr(raised.value)
    await adapter.close()


@pytest.mark.parametrize(
    "bad",
    [
        {"url": "http://shop.example"},
        {"url": "http://127.0.0.1.shop.example"},
        {"url": "https://shop.example/?x=1"},
        {"url": "ftp://127.0.0.1"},
        {"numbers": "meta"},
        {"numbers": "id", "number_meta": "_order_number"},
        {"numbers": "guess"},
        {"colour": "red"},
    ],
)
def test_settings_that_would_do_harm_are_refused_without_showing_them(bad: dict[str, object]) -> None:
    good: dict[str, object] = {
        "url": "https://shop.example/blog/",
        "consumer_key": SecretStr(KEY),
        "consumer_secret": SecretStr(SECRET),
    }
    settings = WooCommerceSettings.model_validate(good)
    assert settings.url == "https://shop.example/blog"
    assert SECRET not in repr(settings)
    with pytest.raises(ValidationError) as raised:
        WooCommerceSettings.model_validate(good | bad)
    assert SECRET not in str(raised.value)
