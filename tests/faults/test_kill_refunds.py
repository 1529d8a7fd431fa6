"""kill -9 amid a cancellation whose refunds are ours: nothing is paid twice, and the truth is told."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from aiohttp import web
from fault_customers import Customer, HttpCustomer, Plan, SocketCustomer, unhurried
from fault_server import FaultServer
from test_kill import seeded

from examples.http_shop_server import Shop, application

TOKEN = "tok-of-this-test"
MOMENTS = {
    "H-2001": "before the cancel",
    "H-2002": "after the cancel",
    "H-2003": "before the refund",
    "H-2004": "after the refund",
}
"""Where the process dies, order by order: with the request on its way, or with its answer lost."""

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass
class Holding:
    """A shop that leaves refunds to us, and holds one request of each order until we are dead.

    A request held on its way takes effect all the same: after its sender's death, beside the repetition.
    """

    shop: Shop = field(default_factory=lambda: Shop(refunds_itself=False))
    held: set[str] = field(default_factory=set)
    all_held: asyncio.Event = field(default_factory=asyncio.Event)
    dead: asyncio.Event = field(default_factory=asyncio.Event)
    posts: list[str] = field(default_factory=list)

    def app(self) -> web.Application:
        @web.middleware
        async def holding(request: web.Request, handler: Handler) -> web.StreamResponse:
            if request.method != "POST":
                return await handler(request)
            self.posts.append(request.path)
            number = request.path.split("/")[2]
            when, _, what = MOMENTS[number].partition(" the ")
            if number in self.held or what not in request.path:
                return await handler(request)
            answer = await handler(request) if when == "after" else None
            self.held.add(number)
            if len(self.held) == len(MOMENTS):
                self.all_held.set()
            await self.dead.wait()
            return answer or await handler(request)

        app = application(self.shop, TOKEN)
        app.middlewares.append(holding)
        return app

    @asynccontextmanager
    async def open(self) -> AsyncIterator[dict[str, str]]:
        """The variables that choose it."""
        runner = web.AppRunner(self.app(), access_log=None, shutdown_timeout=0.1)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        own = {
            "ORDER_BACKEND": "http",
            "HTTP_SHOP_URL": f"http://127.0.0.1:{runner.addresses[0][1]}",
            "HTTP_SHOP_TOKEN": TOKEN,
            "HTTP_SHOP_REFUNDS_ITSELF": "false",
        }
        try:
            yield own
        finally:
            await runner.cleanup()


def an_order(number: str) -> dict[str, object]:
    return {
        "number": number,
        "email": f"{number.lower()}@shop.test",
        "stage": "paid",
        "placed_at": "2026-11-03T10:00:00Z",
        "currency": "EUR",
        "total": "9.00",
        "lines": [{"title": "Mug", "quantity": 1, "unit_price": "9.00"}],
        "payments": [{"id": f"p-{number}", "method": "paypal", "amount": "9.00", "status": "captured"}],
        "version": "1",
    }


async def test_killed_at_each_moment_of_a_cancellation_nothing_is_paid_twice_and_the_truth_is_told(
    tmp_path: Path,
) -> None:
    holding = Holding()
    for number in MOMENTS:
        holding.shop.put(an_order(number))  # type: ignore[arg-type]
    async with holding.open() as own:
        server = FaultServer(tmp_path, **own)
        await server.start()
        try:
            await server.ready()
            customers = await _killed_amid(server, holding)
            assert await server.stop() == 0
        finally:
            await server.stop()
    assert sorted(holding.shop.cancelled) == sorted(MOMENTS)
    for customer in customers:
        number = customer.plan.number
        (payment,) = holding.shop.find(number)["payments"]
        assert [refund["amount"] for refund in payment["refunds"]] == ["9.00"], MOMENTS[number]
        told = [str(message["text"]) for _, message in sorted(customer.seen.items())]
        done = [text for text in told if f"now shows order {number} as cancelled" in text]
        assert len(done) == 1, (MOMENTS[number], told)
        assert "€9.00 (PayPal) was sent back" in done[0], (MOMENTS[number], done)
        assert not any("may or may not" in text for text in told)
    sent = sum(path.endswith("/refunds") for path in holding.posts)
    assert sent > len(MOMENTS)  # else nothing was repeated, and this shows nothing


async def _killed_amid(server: FaultServer, holding: Holding) -> list[Customer]:
    kinds = (HttpCustomer, SocketCustomer)
    customers: list[Customer] = [
        kinds[at % 2](
            server.url,
            Plan(
                number,
                f"{number.lower()}@shop.test",
                consents=True,
                opening="cancel {number}, {email}",
                presses=True,
            ),
            seeded(at),
            lambda: None,
        )
        for at, number in enumerate(MOMENTS)
    ]

    async def reaper() -> None:
        async with asyncio.timeout(60):
            await holding.all_held.wait()
        await server.kill()
        holding.dead.set()
        await server.start()

    async with unhurried() as client, asyncio.TaskGroup() as group:
        group.create_task(reaper())
        for customer in customers:
            group.create_task(customer.run(client))
    return customers
