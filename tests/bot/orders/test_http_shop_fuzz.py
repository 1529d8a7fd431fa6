"""Whatever a shop may say, the HTTP adapter raises nothing outside its family of errors."""

import asyncio
import json
from contextlib import suppress
from decimal import Decimal

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.orders.http_shop import HttpShop
from bot.ports import (
    ShopUnreachable,
)
from dialogs.orders import Stage
from tests.bot.orders.served import served
from tests.bot.orders.test_http_shop import PAID, Answering, record, settings_of
from tests.bot.orders.wire_faults import QUICK

_JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=20)
    | st.sampled_from(list(Stage)),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)
_CHANGED = st.dictionaries(
    st.sampled_from([*record(), "status", "tags", "fulfilment", "result"]), _JSON, max_size=4
)
_BODIES = st.one_of(
    st.binary(max_size=60),
    _JSON.map(lambda said: json.dumps(said).encode()),
    _CHANGED.map(lambda changed: json.dumps({**record(result="accepted"), **changed}).encode()),
    st.tuples(st.integers(0, 600), st.binary(min_size=1, max_size=3)).map(
        lambda cut: json.dumps(record()).encode()[: cut[0]] + cut[1] + json.dumps(record()).encode()[cut[0] :]
    ),
)


async def test_no_body_whatever_raises_outside_the_family() -> None:
    answering = Answering()
    loop = asyncio.get_running_loop()
    payment = PAID.payments[0]

    async def ask(adapter: HttpShop) -> None:
        for call in (
            adapter.find("A-1"),
            adapter.cancel("A-1", expected=Stage.PAID, request_id="r"),
            adapter.refund("A-1", payment=payment, amount=Decimal(1), key="k"),
            adapter.ping(),
        ):
            with suppress(ShopUnreachable):
                await call

    async with served(answering.__call__) as url:
        adapter = HttpShop(settings_of(url, refunds_itself=False), unmapped=lambda _: None, limits=QUICK)

        @given(_BODIES, st.sampled_from([200, 200, 200, 202, 400, 404, 409]))
        @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
        def any_body(body: bytes, status: int) -> None:
            answering.body, answering.status = body, status
            asyncio.run_coroutine_threadsafe(ask(adapter), loop).result()

        await asyncio.to_thread(any_body)
        await adapter.close()
