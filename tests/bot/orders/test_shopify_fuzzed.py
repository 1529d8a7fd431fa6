"""Whatever Shopify answers, the adapter ends in an order, a report, or an error of the family."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.orders.shopify import Shopify, ShopifySettings
from bot.orders.shopify_api import AdminApi, Points
from bot.ports import CancelReport, RefundReport, ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, Stage
from tests.bot.orders.fuzzing import Spoiler, spoilers
from tests.bot.orders.shopify_shop import ShopifyShop

_SETTINGS = ShopifySettings(
    url="http://127.0.0.1:9", token=SecretStr("shpat_made_up"), patience=0, job_seconds=0.05
)


def _nothing(_: str) -> None:
    pass


async def _tried(spoiler: Spoiler, shop: ShopifyShop) -> None:
    adapter = Shopify(_SETTINGS, unmapped=_nothing)
    adapter._api = AdminApi(spoiler, "2026-10", patience=0, points=Points())  # type: ignore[arg-type]
    payment = Payment("card", Decimal(54), PaymentStatus.CAPTURED, id="gid://shopify/OrderTransaction/2")
    said = ""
    for attempt, results in (
        (adapter.find("1001"), (Order, type(None))),
        (adapter.refund("1001", payment=payment, amount=Decimal(1), key="k"), RefundReport),
        (adapter.cancel("1001", expected=Stage.PAID, request_id="r"), CancelReport),
        (adapter.ping(), type(None)),
    ):
        try:
            assert isinstance(await attempt, results)
        except ShopUnreachable as error:
            said += str(error)
    assert "ann@shop.test" not in said
    assert len(shop.cancelled) <= 1


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, 12),
    spoil=spoilers(),
    status=st.sampled_from([None, None, None, 200, 201, 400, 402, 404, 422, 423]),
)
def test_no_answer_raises_anything_but_what_the_port_names(
    at: int, spoil: Callable[[object], object], status: int | None
) -> None:
    shop = ShopifyShop()
    shop.put("#1001")

    def says(_: str, __: str, body: object, ___: Mapping[str, str]) -> tuple[int, object]:
        assert isinstance(body, dict)
        return 200, shop.answer(body["query"], body["variables"])

    asyncio.run(_tried(Spoiler(says, at, spoil, status), shop))
