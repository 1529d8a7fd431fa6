"""The adapter against what was recorded of a live Vendure, and against changes of an order made by hand."""

import asyncio
from copy import deepcopy
from decimal import Decimal
from pathlib import Path

import pytest

from bot.ports import CancelReport, ContractBroken, CredentialsRefused, RefundReport, ShopUnreachable
from dialogs.orders import Cancellable, Order, PaymentStatus, RefundStatus, Stage
from tests.bot.orders.vendure_one_order import (
    NUMBER,
    OneOrder,
    order_with,
    selling,
)
from tests.bot.orders.vendure_playing import Recorded, adapter, recording
from tests.bot.orders.vendure_scenarios import SCENARIOS, Scenario, found
from tests.vendure.hands import ADMIN
from tests.vendure.tap import Json


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda each: each.name)
async def test_recorded(scenario: Scenario, tmp_path: Path) -> None:
    """Every scenario, as it went on a live Vendure."""
    told = recording(scenario.name)
    exchanges = told["exchanges"]
    assert isinstance(exchanges, list)
    recorded = Recorded(exchanges)
    async with (
        recorded.listening() as url,
        adapter(url, tmp_path, ADMIN[0], scenario.password or "-") as shop,
    ):
        await scenario.act(shop, str(told["number"]))


async def _shown(order: Json, *, mapping: Path | None = None) -> Order:
    async with selling(OneOrder(order), mapping=mapping) as (vendure, _):
        return await found(vendure, NUMBER)


# ---- what is shown


def _parcels(*states: str, each: int = 3) -> list[Json]:
    return [{"state": state, "lines": [{"quantity": each}]} for state in states]


@pytest.mark.parametrize(
    ("state", "parcels", "stage", "partly"),
    [
        ("ArrangingPayment", [], Stage.PLACED, False),
        ("PaymentAuthorized", [], Stage.PAID, False),
        ("PaymentSettled", [], Stage.PAID, False),
        ("PaymentSettled", _parcels("Cancelled"), Stage.PAID, False),
        ("PaymentSettled", _parcels("Created"), Stage.BINDING, False),
        ("PaymentSettled", _parcels("Pending"), Stage.CONFIRMED, False),
        ("PaymentSettled", _parcels("Pending", "Cancelled"), Stage.CONFIRMED, False),
        ("PaymentSettled", _parcels("Pending", each=1), Stage.PAID, True),
        ("PaymentSettled", _parcels("Shipped"), Stage.IN_LOGISTICS, False),
        ("PaymentSettled", _parcels("Delivered"), Stage.DELIVERED, False),
        ("PartiallyShipped", _parcels("Shipped", each=2), Stage.PAID, True),
        (
            "PartiallyShipped",
            [*_parcels("Shipped", each=2), *_parcels("Pending", each=1)],
            Stage.CONFIRMED,
            True,
        ),
        ("PartiallyDelivered", _parcels("Delivered", each=1), Stage.PAID, True),
        ("Shipped", _parcels("Shipped"), Stage.IN_LOGISTICS, False),
        ("Delivered", _parcels("Delivered"), Stage.DELIVERED, False),
        ("Modifying", [], Stage.ON_HOLD, False),
        ("ArrangingAdditionalPayment", [], Stage.ON_HOLD, False),
        ("Cancelled", [], Stage.CANCELLED, False),
        ("Cancelled", _parcels("Pending"), Stage.CANCELLED, True),
        ("Cancelled", _parcels("Cancelled"), Stage.CANCELLED, False),
    ],
)
async def test_the_stage_is_that_of_the_part_that_is_least_advanced(
    state: str, parcels: list[Json], stage: Stage, *, partly: bool
) -> None:
    order = await _shown(order_with(state=state, fulfillments=parcels))
    assert (order.stage, order.partly_fulfilled) == (stage, partly)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"state": "AwaitingArtisan"}, "AwaitingArtisan"),
        ({"fulfillments": _parcels("Teleported")}, "PaymentSettled / Teleported"),
        (
            {"fulfillments": _parcels("Teleported", "Pending", each=1)},
            "PaymentSettled / Pending / Teleported",
        ),
    ],
)
async def test_an_unmapped_status_is_unrecognised_and_told_once(changes: Json, told: str) -> None:
    words: list[str] = []
    async with selling(OneOrder(order_with(**changes)), unmapped=words.append) as (vendure, _):
        for _ in range(3):
            order = await found(vendure, NUMBER)
            assert (order.stage, order.status) == (Stage.UNRECOGNISED, told)
        assert (
            await vendure.cancel(NUMBER, expected=Stage.UNRECOGNISED, request_id="r") is CancelReport.REFUSED
        )
    assert words == [told]


async def test_unmapped_payments_and_refunds_are_unknown_and_told_once() -> None:
    payments: list[Json] = deepcopy(order_with()["payments"])  # type: ignore[assignment]
    refund = {"total": 100, "state": "Lost", "updatedAt": "2026-11-23T00:00:00.000Z", "reason": None}
    payments[0] |= {"state": "Validating", "refunds": [refund]}
    words: list[str] = []
    async with selling(OneOrder(order_with(payments=payments)), unmapped=words.append) as (vendure, _):
        for _ in range(2):
            (payment,) = (await found(vendure, NUMBER)).payments
            assert (payment.status, payment.refunds[0].status) == (
                PaymentStatus.UNKNOWN,
                RefundStatus.UNKNOWN,
            )
    assert sorted(words) == ["payment Validating", "refund Lost"]


@pytest.mark.parametrize("kind", ["Seller", "Aggregate"])
async def test_a_part_of_an_order_from_several_sellers_goes_to_a_person(kind: str) -> None:
    assert (await _shown(order_with(type=kind))).stage is Stage.UNRECOGNISED


@pytest.mark.parametrize("state", ["Created", "AddingItems", "Draft"])
async def test_a_cart_is_no_order(state: str) -> None:
    async with selling(OneOrder(order_with(state=state))) as (vendure, _):
        assert await vendure.find(NUMBER) is None


async def test_amounts_are_exact_in_the_shops_own_precision(tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text("money_precision = 4")
    lines: list[Json] = deepcopy(order_with()["lines"])  # type: ignore[assignment]
    lines[0]["discountedUnitPriceWithTax"] = 70001
    order = await _shown(order_with(lines=lines, totalWithTax=540002.5), mapping=mapping)
    assert (order.total, order.lines[0].unit_price) == (Decimal("54.00025"), Decimal("7.0001"))


@pytest.mark.parametrize(
    "marked",
    [
        {"facetValues": [{"code": "not-cancellable"}]},
        {"product": {"facetValues": [{"code": "not-cancellable"}]}},
        {"customFields": {"madeToOrder": True}},
        {"product": {"facetValues": [], "customFields": {"ticket": True}}},
    ],
)
async def test_a_marked_article_is_not_cancellable(marked: Json, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text('[not_cancellable]\nvariant_fields = ["madeToOrder"]\nproduct_fields = ["ticket"]')
    lines: list[Json] = deepcopy(order_with()["lines"])  # type: ignore[assignment]
    lines[0]["productVariant"] |= marked  # type: ignore[operator]
    order = await _shown(order_with(lines=lines), mapping=mapping)
    assert [line.cancellable for line in order.lines] == [False, True]
    assert order.cancellable is Cancellable.MIXED


async def test_a_similar_number_is_not_taken_for_the_order() -> None:
    async with selling(OneOrder(order_with())) as (vendure, _):
        for other in (f"{NUMBER}0", NUMBER[:-1], "ann@shop.test", "", "\x00", "\ud800", "#"):
            assert await vendure.find(other) is None


async def test_of_two_orders_that_differ_by_case_the_one_as_typed_is_shown() -> None:
    shop = OneOrder(order_with())
    twins = [order_with(code="AB1"), order_with(code="ab1", id="2")]
    shop.answers["RescindOrder"] = {"data": {"orders": {"items": twins}}}
    async with selling(shop) as (vendure, _):
        assert (await found(vendure, "ab1")).number == "ab1"
        with pytest.raises(ContractBroken, match="several"):
            await vendure.find("Ab1")


# ---- what is asked


@pytest.mark.parametrize("stage", [Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED])
async def test_vendure_is_never_asked_to_cancel_what_is_bound(stage: Stage) -> None:
    parcel = {Stage.CONFIRMED: "Pending", Stage.IN_LOGISTICS: "Shipped", Stage.DELIVERED: "Delivered"}[stage]
    shop = OneOrder(order_with(fulfillments=_parcels(parcel)))
    async with selling(shop) as (vendure, _):
        for expected, report in ((stage, CancelReport.REFUSED), (Stage.PAID, CancelReport.STAGE_MOVED)):
            assert await vendure.cancel(NUMBER, expected=expected, request_id="r") is report
    assert "RescindCancel" not in shop.asked


async def test_cancels_of_one_order_wait_for_one_another() -> None:
    shop = OneOrder(order_with())
    async with selling(shop) as (vendure, _):
        attempts = [vendure.cancel(NUMBER, expected=Stage.PAID, request_id=key) for key in ("r1", "r2", "r3")]
        reports = await asyncio.gather(*attempts)
    assert shop.asked.count("RescindCancel") == 1
    assert reports == [CancelReport.ACCEPTED, CancelReport.STAGE_MOVED, CancelReport.STAGE_MOVED]


async def test_one_login_serves_everybody_who_came_at_once() -> None:
    shop = OneOrder(order_with())
    async with selling(shop) as (vendure, _):
        await asyncio.gather(*(vendure.find(NUMBER) for _ in range(8)))
    assert (shop.asked.count("RescindLogin"), shop.asked.count("RescindOrder")) == (1, 8)


async def test_a_refund_finer_than_the_shops_money_is_refused() -> None:
    shop = OneOrder(order_with())
    async with selling(shop) as (vendure, _):
        (payment,) = (await found(vendure, NUMBER)).payments
        report = await vendure.refund(NUMBER, payment=payment, amount=Decimal("1.005"), key="k")
    assert report is RefundReport.REFUSED
    assert "RescindRefund" not in shop.asked


async def test_a_shop_without_bearer_tokens_is_told_what_to_set() -> None:
    shop = OneOrder(order_with())
    shop.answers["RescindLogin"] = {"data": {"login": {"__typename": "CurrentUser"}}}
    async with selling(shop) as (vendure, _):
        with pytest.raises(ContractBroken, match="tokenMethod"):
            await vendure.find(NUMBER)


@pytest.mark.parametrize("code", ["INTERNAL_SERVER_ERROR", "GRAPHQL_VALIDATION_FAILED", ""])
async def test_any_other_error_leaves_the_outcome_open(code: str) -> None:
    shop = OneOrder(order_with())
    shop.answers["RescindCancel"] = {"errors": [{"message": "x", "extensions": {"code": code}}], "data": None}
    async with selling(shop) as (vendure, _):
        with pytest.raises(ShopUnreachable):
            await vendure.cancel(NUMBER, expected=Stage.PAID, request_id="r")
    assert shop.asked.count("RescindCancel") == 1


async def test_a_cancel_that_is_forbidden_is_sent_again_once_after_a_new_login() -> None:
    shop = OneOrder(order_with())
    shop.answers["RescindCancel"] = {"errors": [{"extensions": {"code": "FORBIDDEN"}}], "data": None}
    async with selling(shop) as (vendure, _):
        with pytest.raises(CredentialsRefused, match="UpdateOrder"):
            await vendure.cancel(NUMBER, expected=Stage.PAID, request_id="r")
    assert (shop.asked.count("RescindCancel"), shop.asked.count("RescindLogin")) == (2, 2)
