"""The Vendure adapter on a wire that fails, fed with nonsense, and set up wrongly."""

import asyncio
from collections.abc import Awaitable
from decimal import Decimal
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pydantic import SecretStr, ValidationError

from bot.orders.stage_rows import MappingError
from bot.orders.vendure import Vendure, VendureSettings
from bot.ports import ShopUnreachable
from dialogs.orders import Payment, PaymentStatus, Stage
from tests.bot.orders.served import served
from tests.bot.orders.vendure_one_order import (
    NUMBER,
    PASSWORD,
    OneOrder,
    order_with,
    selling,
    settings_for,
)
from tests.bot.orders.vendure_scenarios import found
from tests.bot.orders.wire_faults import QUICK, WITHOUT_EFFECT, Fault
from tests.vendure.tap import Json

# ---- when the wire fails


def _a_cancel(heard: object) -> bool:
    return b"RescindCancel(" in getattr(heard, "body", b"")


@pytest.mark.parametrize("fault", Fault)
async def test_a_cancel_on_a_failing_wire_ends_in_an_error_of_the_family_and_is_sent_once(
    fault: Fault,
) -> None:
    shop = OneOrder(order_with())
    async with selling(shop) as (vendure, wire):
        await vendure.find(NUMBER)
        everything = fault is Fault.REFUSED
        async with wire.failing(fault, matching=None if everything else _a_cancel):
            with pytest.raises(ShopUnreachable) as failure:
                await vendure.cancel(NUMBER, expected=Stage.PAID, request_id="r")
        assert PASSWORD not in str(failure.value)
        assert wire.elsewhere == []
        assert shop.asked.count("RescindCancel") == (0 if fault in WITHOUT_EFFECT else 1)
        took_effect = (await found(vendure, NUMBER)).stage is Stage.CANCELLED
        assert took_effect == (fault not in WITHOUT_EFFECT)


@pytest.mark.parametrize("fault", sorted(set(Fault) - {Fault.REFUSED}, key=lambda each: each.name))
async def test_a_read_on_a_failing_wire_shows_an_order_or_says_that_there_is_no_answer(fault: Fault) -> None:
    async with selling(OneOrder(order_with())) as (vendure, wire):
        async with wire.failing(fault):
            with pytest.raises(ShopUnreachable):
                await vendure.find(NUMBER)
        assert (await found(vendure, NUMBER)).stage is Stage.PAID


_ANY = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)


async def _problem(call: Awaitable[object]) -> str:
    try:
        await call
    except ShopUnreachable as failure:
        return str(failure)
    return ""


def _spoilt(value: object, at: int, by: object) -> tuple[object, int]:
    """The same with the value at one place replaced; counts places from `at` down."""
    if at == 0:
        return by, -1
    at -= 1
    match value:
        case dict():
            made: Json = {}
            for key, inner in value.items():
                made[key], at = (inner, at) if at < 0 else _spoilt(inner, at, by)
            return made, at
        case list():
            items = []
            for inner in value:
                item, at = (inner, at) if at < 0 else _spoilt(inner, at, by)
                items.append(item)
            return items, at
    return value, at


@settings(
    max_examples=150,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    operation=st.sampled_from(["RescindOrder", "RescindCancel", "RescindLogin"]),
    at=st.integers(0, 60),
    by=_ANY,
)
def test_nonsense_never_raises_anything_but_the_family(operation: str, at: int, by: object) -> None:
    whole: dict[str, object] = {
        "RescindOrder": {"data": {"orders": {"items": [order_with()]}}},
        "RescindCancel": {"data": {"cancelOrder": {"__typename": "Order"}}},
        "RescindLogin": {"data": {"login": {"__typename": "CurrentUser"}}},
    }

    async def play() -> None:
        shop = OneOrder(order_with())
        shop.answers[operation] = _spoilt(whole[operation], at, by)[0]
        async with served(shop.handle) as url:
            vendure = Vendure(settings_for(url), unmapped=lambda _: None, limits=QUICK)
            payment = Payment("card", Decimal(1), PaymentStatus.CAPTURED, id="1")
            for call in (
                vendure.find(NUMBER),
                vendure.cancel(NUMBER, expected=Stage.PAID, request_id="r"),
                vendure.refund(NUMBER, payment=payment, amount=Decimal(-1), key="k"),
            ):
                assert PASSWORD not in await _problem(call)
            await vendure.close()

    asyncio.run(play())


# ---- what it is told


@pytest.mark.parametrize(
    "url", ["shop.example", "http://shop.example/admin-api", "https://a:b@shop.example/x"]
)
def test_an_address_that_would_give_the_password_away_is_refused(url: str) -> None:
    with pytest.raises(ValidationError) as refused:
        VendureSettings(url=url, username="bot", password=SecretStr(PASSWORD))
    assert PASSWORD not in str(refused.value)


@pytest.mark.parametrize(
    "rows",
    [
        'custom_fields = ["a } secrets { b"]',
        "money_precision = -1",
        'colour = "red"',
        '[payments]\nSettled = "gone"',
        '[stages.paid]\nstage = "paid"\nwhen = { weather = ["fine"] }',
        "not TOML",
    ],
)
def test_a_mapping_that_cannot_be_used_says_so(rows: str, tmp_path: Path) -> None:
    mapping = tmp_path / "own.toml"
    mapping.write_text(rows)
    with pytest.raises(MappingError):
        Vendure(settings_for("https://shop.example", mapping), unmapped=pytest.fail)
