"""Whatever WooCommerce answers, the adapter ends in an order, a report, or an error of the family."""

import asyncio
from collections.abc import Callable, Mapping
from decimal import Decimal

from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import SecretStr

from bot.orders.woocommerce import WooCommerce, WooCommerceSettings
from bot.ports import CancelReport, RefundReport, ShopUnreachable
from dialogs.orders import Order, Payment, PaymentStatus, Stage
from tests.bot.orders.fuzzing import Spoiler, spoilers
from tests.bot.orders.woocommerce_shop import Refused, WooCommerceShop

_SETTINGS = {"url": "http://127.0.0.1:9", "consumer_key": SecretStr("k"), "consumer_secret": SecretStr("s")}


def _nothing(_: str) -> None:
    pass


async def _tried(spoiler: Spoiler, shop: WooCommerceShop, more: dict[str, str]) -> None:
    adapter = WooCommerce(WooCommerceSettings.model_validate(_SETTINGS | more), unmapped=_nothing)
    adapter._session = spoiler  # type: ignore[assignment]
    (order,) = shop.orders.values()
    number = str(order["number"])
    payment = Payment("card", Decimal(54), PaymentStatus.CAPTURED, id=str(order["id"]))
    said = ""
    for attempt, results in (
        (adapter.find(number), (Order, type(None))),
        (adapter.refund(number, payment=payment, amount=Decimal(1), key="k"), RefundReport),
        (adapter.find(number), (Order, type(None))),
        (adapter.cancel(number, expected=Stage.PAID, request_id="r"), CancelReport),
        (adapter.ping(), type(None)),
    ):
        try:
            assert isinstance(await attempt, results)
        except ShopUnreachable as error:
            said += str(error)
    assert "ann@shop.test" not in said
    assert len(shop.cancelled) <= 1
    assert len(shop.refunded[int(str(order["id"]))]) <= 1


@settings(max_examples=300, deadline=None)
@given(
    at=st.integers(0, 14),
    spoil=spoilers(),
    status=st.sampled_from([None, None, None, 200, 201, 400, 404, 409, 422]),
    more=st.sampled_from([{}, {"numbers": "number"}, {"numbers": "meta", "number_meta": "_order_number"}]),
)
def test_no_answer_raises_anything_but_what_the_port_names(
    at: int, spoil: Callable[[object], object], status: int | None, more: dict[str, str]
) -> None:
    shop = WooCommerceShop()
    order = shop.put()
    order["meta_data"] = [{"id": 1, "key": "_order_number", "value": order["number"]}]

    def says(method: str, path: str, body: object, params: Mapping[str, str]) -> tuple[int, object]:
        try:
            sent = body if isinstance(body, dict) else {}
            return 200, shop.answer(method, path.strip("/").split("/"), dict(params), sent)
        except Refused as refused:
            return refused.status, {"code": refused.code}

    asyncio.run(_tried(Spoiler(says, at, spoil, status), shop, more))
