"""What is Shopify's own: jobs, idempotent refunds, a search that is fuzzy, and what its words mean."""

import asyncio
from collections.abc import AsyncIterator
from decimal import Decimal
from pathlib import Path

import pytest

from bot.orders.shopify import Shopify
from bot.orders.stage_rows import MappingError
from bot.ports import CancelReport, ContractBroken, RefundReport, ShopUnreachable
from dialogs.orders import Cancellable, Line, Money, Payment, PaymentStatus, Stage
from tests.bot.orders.served import served
from tests.bot.orders.shopify_bench import make, times
from tests.bot.orders.shopify_shop import TOKEN, ShopifyShop, bag
from tests.bot.orders.wire_faults import WITHOUT_EFFECT, Fault, Wire


@pytest.fixture
def shop() -> ShopifyShop:
    return ShopifyShop()


@pytest.fixture
async def wire(shop: ShopifyShop) -> AsyncIterator[Wire]:
    async with served(shop.handle) as url, Wire(url) as opened:
        yield opened


@pytest.fixture
def unmapped() -> list[str]:
    return []


@pytest.fixture
async def adapter(wire: Wire, unmapped: list[str]) -> AsyncIterator[Shopify]:
    opened = make(wire, unmapped)
    yield opened
    await opened.close()


# ---- cancelling


async def test_a_job_that_takes_longer_is_accepted_and_not_begun_twice(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    shop.polls = 1000
    shop.put("#1001")
    for _ in range(2):
        assert await adapter.cancel("1001", expected=Stage.PAID, request_id="r") is CancelReport.ACCEPTED
    assert times(shop, "CancelOrder") == 1
    shop.run_jobs()
    order = await adapter.find("1001")
    assert order is not None
    assert order.stage is Stage.CANCELLED
    assert await adapter.cancel("1001", expected=Stage.PAID, request_id="r") is CancelReport.STAGE_MOVED


async def test_an_order_fulfilled_while_the_job_waited_is_refused(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    order = shop.put("#1001")
    shop.before = lambda name: shop.bring(order, Stage.IN_LOGISTICS) if name == "CancelJob" else None
    assert await adapter.cancel("1001", expected=Stage.PAID, request_id="r") is CancelReport.REFUSED
    assert shop.cancelled == []


async def test_a_job_that_cannot_be_watched_was_accepted_all_the_same(
    adapter: Shopify, shop: ShopifyShop, wire: Wire
) -> None:
    shop.put("#1001")
    async with wire.failing(Fault.SERVER_ERROR, matching=lambda heard: b"CancelJob" in heard.body):
        report = await adapter.cancel("1001", expected=Stage.PAID, request_id="r")
    assert report is CancelReport.ACCEPTED


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED])
async def test_what_is_bound_is_refused_without_asking_for_it(
    adapter: Shopify, shop: ShopifyShop, stage: Stage
) -> None:
    shop.bring(shop.put("#1001"), stage)
    assert await adapter.cancel("1001", expected=stage, request_id="r") is CancelReport.REFUSED
    assert times(shop, "CancelOrder") == 0


async def test_two_requests_at_once_begin_one_cancellation(adapter: Shopify, shop: ShopifyShop) -> None:
    shop.put("#1001")
    both = (adapter.cancel("1001", expected=Stage.PAID, request_id=each) for each in ("one", "two"))
    assert sorted(await asyncio.gather(*both)) == [CancelReport.ACCEPTED, CancelReport.STAGE_MOVED]
    assert times(shop, "CancelOrder") == 1


async def test_an_order_cancelled_and_sent_shows_both(adapter: Shopify, shop: ShopifyShop) -> None:
    order = shop.put("#1001")
    shop.bring(order, Stage.IN_LOGISTICS)
    shop.bring(order, Stage.CANCELLED)
    found = await adapter.find("1001")
    assert found is not None
    assert (found.stage, found.partly_fulfilled) == (Stage.CANCELLED, True)


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_fault_on_the_wire_never_begins_a_cancellation_twice_nor_invents_one(
    adapter: Shopify, shop: ShopifyShop, wire: Wire, fault: Fault
) -> None:
    shop.put("#1001")
    async with wire.failing(fault, matching=lambda heard: b"mutation" in heard.body):
        with pytest.raises(ShopUnreachable):
            await adapter.cancel("1001", expected=Stage.PAID, request_id="r")
    assert wire.elsewhere == []
    assert times(shop, "CancelOrder") == (0 if fault in WITHOUT_EFFECT else 1)
    shop.run_jobs()
    order = await adapter.find("1001")
    assert order is not None
    assert (order.stage is Stage.CANCELLED) == (fault not in WITHOUT_EFFECT)


@pytest.mark.parametrize("fault", list(Fault))
async def test_a_fault_while_reading_is_of_the_family(
    adapter: Shopify, shop: ShopifyShop, wire: Wire, fault: Fault
) -> None:
    shop.put("#1001")
    async with wire.failing(fault):
        with pytest.raises(ShopUnreachable) as raised:
            await adapter.find("1001")
    assert TOKEN not in repr(raised.value)
    assert await adapter.find("1001") is not None


# ---- refunds


async def test_the_same_key_refunds_once_and_too_much_is_refused(adapter: Shopify, shop: ShopifyShop) -> None:
    shop.put("#1001")
    order = await adapter.find("1001")
    assert order is not None
    (payment,) = order.payments
    for _ in range(2):
        done = await adapter.refund("1001", payment=payment, amount=Decimal("50.00"), key="k")
        assert done is RefundReport.ACCEPTED
    more = await adapter.refund("1001", payment=payment, amount=Decimal("5.00"), key="other")
    assert more is RefundReport.REFUSED
    order = await adapter.find("1001")
    assert order is not None
    assert [refund.amount for refund in order.payments[0].refunds] == [Decimal(50)]


@pytest.mark.parametrize("amount", ["0", "-1.00"])
async def test_nothing_is_refunded_of_no_amount_or_of_a_hold(
    adapter: Shopify, shop: ShopifyShop, amount: str
) -> None:
    order = shop.put("#1001")
    shop.pay(order, (Payment("card", Decimal(54), PaymentStatus.AUTHORISED),))
    found = await adapter.find("1001")
    assert found is not None
    assert found.money is Money.HELD
    (hold,) = found.payments
    for payment, wanted in ((hold, Decimal(54)), (Payment("card", Decimal(1), hold.status), Decimal(amount))):
        report = await adapter.refund("1001", payment=payment, amount=wanted, key="k")
        assert report is RefundReport.REFUSED
    assert times(shop, "RefundPayment") == 0


async def test_a_refund_belongs_to_the_payment_it_names(adapter: Shopify, shop: ShopifyShop) -> None:
    one, two = (shop.transaction("SALE", "SUCCESS", "gift_card", "27.00") for _ in range(2))
    back = shop.transaction("REFUND", "SUCCESS", "gift_card", "5.00", two["id"])
    shop.put("#1001", transactions=[one, two, back])
    order = await adapter.find("1001")
    assert order is not None
    assert [len(payment.refunds) for payment in order.payments] == [0, 1]


# ---- finding


async def test_a_number_cannot_widen_the_search(adapter: Shopify, shop: ShopifyShop) -> None:
    shop.put("#1001")
    for number in ('x" OR name:"1001', "x\\", "*", "10*", 'name:"1001"'):
        assert await adapter.find(number) is None


async def test_two_orders_of_one_number_are_nobodys_guess(adapter: Shopify, shop: ShopifyShop) -> None:
    shop.put("#1001")
    shop.put("1001")
    with pytest.raises(ContractBroken, match="several"):
        await adapter.find("1001")


async def test_a_search_that_finds_more_than_it_shows_is_not_an_unknown_number(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    for number in range(30):
        shop.put(f"#10{number:03d}")
    with pytest.raises(ContractBroken, match="too many"):
        await adapter.find("10")
    assert await adapter.find("99") is None


async def test_every_line_counts_however_many_there_are(adapter: Shopify, shop: ShopifyShop) -> None:
    lines = [Line(f"Mug {at}", 1, Decimal(1), cancellable=at != 119) for at in range(120)]
    shop.put("#1001", lineItems=[shop.item(line) for line in lines])
    order = await adapter.find("1001")
    assert order is not None
    assert order.lines == tuple(lines)
    assert order.cancellable is Cancellable.MIXED


@pytest.mark.parametrize("part", ["transactions", "fulfillments", "fulfillmentOrders"])
async def test_an_order_with_more_parts_than_are_read_is_not_judged(
    adapter: Shopify, shop: ShopifyShop, part: str
) -> None:
    one: dict[str, object] = {
        "transactions": shop.transaction("SALE", "SUCCESS", "card", "1.00"),
        "fulfillments": {"status": "SUCCESS", "displayStatus": None},
        "fulfillmentOrders": {"status": "OPEN", "requestStatus": "UNSUBMITTED"},
    }
    shop.put("#1001", **{part: [one[part]] * 50})
    with pytest.raises(ContractBroken, match="more parts"):
        await adapter.find("1001")


# ---- what its words mean


@pytest.mark.parametrize(
    ("fields", "stage"),
    [
        ({"displayFulfillmentStatus": "IN_PROGRESS", "fulfillmentOrders": []}, Stage.UNRECOGNISED),
        ({"displayFulfillmentStatus": "TELEPORTED"}, Stage.UNRECOGNISED),
        ({"displayFinancialStatus": None}, Stage.UNRECOGNISED),
        ({"displayFinancialStatus": "REFUNDED"}, Stage.UNRECOGNISED),
        ({"displayFinancialStatus": "AUTHORIZED"}, Stage.PLACED),
        ({"displayFulfillmentStatus": "SCHEDULED"}, Stage.PAID),
        ({"displayFulfillmentStatus": "REQUEST_DECLINED"}, Stage.ON_HOLD),
        ({"fulfillmentOrders": [{"status": "OPEN", "requestStatus": "SUBMITTED"}]}, Stage.BINDING),
        ({"fulfillmentOrders": [{"status": "OPEN", "requestStatus": "REJECTED"}]}, Stage.PAID),
        (
            {
                "fulfillmentOrders": [
                    {"status": "OPEN", "requestStatus": "UNSUBMITTED"},
                    {"status": "OPEN", "requestStatus": "ACCEPTED"},
                ]
            },
            Stage.CONFIRMED,
        ),
        (
            {"fulfillmentOrders": [{"status": "IN_PROGRESS", "requestStatus": "CANCELLATION_REJECTED"}]},
            Stage.CONFIRMED,
        ),
    ],
)
async def test_words_of_shopify_are_mapped_by_data(
    adapter: Shopify, shop: ShopifyShop, fields: dict[str, object], stage: Stage
) -> None:
    shop.put("#1001", **fields)
    order = await adapter.find("1001")
    assert order is not None
    assert order.stage is stage


async def test_an_unmapped_status_is_told_once(
    adapter: Shopify, shop: ShopifyShop, unmapped: list[str]
) -> None:
    shop.put("#1001", displayFulfillmentStatus="TELEPORTED")
    for _ in range(3):
        order = await adapter.find("1001")
        assert order is not None
    assert unmapped == ["OPEN, PAID, TELEPORTED, UNSUBMITTED"]


async def test_a_merchants_file_adds_a_metafield_and_marks(
    wire: Wire, shop: ShopifyShop, unmapped: list[str], tmp_path: Path
) -> None:
    own = tmp_path / "own.toml"
    own.write_text("""
        metafield = { namespace = "warehouse", key = "step" }
        [not_cancellable]
        product_tags = []
        product_key = "final"
        line_attributes = { Engraving = ["Yes"] }
        [stages.paid]
        stage = "allocated"
        when = { metafield = ["picked"] }
    """)
    adapter = make(wire, unmapped, mapping=own)
    engraved = shop.item(Line("Ring", 1, Decimal(40))) | {
        "customAttributes": [{"key": "engraving", "value": " yes"}]
    }
    final = shop.item(Line("Sale", 1, Decimal(7)))
    final["product"] = {"tags": ["not-cancellable"], "metafield": {"value": "true"}}
    tagged = shop.item(Line("Mug", 1, Decimal(7), cancellable=False))
    shop.put("#1001", metafield={"value": "Picked"}, lineItems=[engraved, final, tagged])
    order = await adapter.find("1001")
    await adapter.close()
    assert order is not None
    assert order.stage is Stage.ALLOCATED
    assert [line.cancellable for line in order.lines] == [False, False, True]


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[stages.mine]\nstage = 'paid'\nwhen = { tag = ['x'] }", "before"),
        ("[stages.paid]\nstage = 'paid'\nwhen = { colour = ['x'] }", "colour"),
        ("[stages.paid]\nstage = 'paid'", "condition"),
        ("[stages.paid]\nstage = 'posted'\nwhen = { tag = ['x'] }", "stages"),
        ("[unknown]\nx = 1", "unknown"),
        ("not toml", "own.toml"),
    ],
)
async def test_a_mapping_that_cannot_be_used_is_told(
    wire: Wire, unmapped: list[str], tmp_path: Path, text: str, told: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(text)
    with pytest.raises(MappingError, match=told):
        make(wire, unmapped, mapping=own)


async def test_units_removed_from_an_order_are_no_line_and_a_foreign_currency_is_the_customers(
    adapter: Shopify, shop: ShopifyShop
) -> None:
    removed = shop.item(Line("Mug", 2, Decimal(7))) | {"currentQuantity": 0}
    fewer = shop.item(Line("Poster", 3, Decimal(40))) | {"currentQuantity": 1}
    fields = {"lineItems": [removed, fewer], "presentmentCurrencyCode": "USD", "totalPriceSet": bag("44.10")}
    shop.put("#1001", **fields)
    order = await adapter.find("1001")
    assert order is not None
    assert order.lines == (Line("Poster", 1, Decimal(40)),)
    assert (order.currency, order.total) == ("USD", Decimal("44.10"))


@pytest.mark.parametrize("amount", ["NaN", "Infinity", "1e30", "much"])
async def test_what_is_no_amount_is_told_instead_of_passed_on(
    adapter: Shopify, shop: ShopifyShop, amount: str
) -> None:
    shop.put("#1001", totalPriceSet=bag(amount))
    with pytest.raises(ContractBroken):
        await adapter.find("1001")
