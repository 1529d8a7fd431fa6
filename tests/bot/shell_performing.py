"""Performers over a real store, with a shop and a dialogue as a test wants them."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from shell_house import RULES, reception
from shell_makers import Clock

from bot.cancelling import Canceller
from bot.deliveries import Deliveries
from bot.guard import Guard, Pace
from bot.performers import Performers
from bot.ports import OrderBackend
from bot.reception import Reception
from bot.sure_backend import SureBackend
from dialogs.conversation import Conversation
from dialogs.engine import Step
from dialogs.events import Event
from storage.store import Store


def made(store: Store, shop: OrderBackend, door: Reception, clock: Clock) -> Performers:
    backend = SureBackend(shop)
    return Performers(
        store=store,
        reception=door,
        backend=backend,
        canceller=Canceller(backend, RULES.policy, clock, rereads=(0,)),
        guard=Guard(store, clock, str, Pace(miss=0)),
        deliveries=Deliveries(store, {}, done=lambda _: None, clock=clock),
        clock=clock,
    )


@asynccontextmanager
async def performing(
    store: Store,
    shop: OrderBackend,
    act: Callable[[Conversation, Event], Step] | None,
    *,
    clock: Clock | None = None,
    **more: object,
) -> AsyncIterator[tuple[Reception, Performers]]:
    clock = clock or Clock()
    door = reception(store, act, clock=clock, **more)
    performers = made(store, shop, door, clock)
    await performers.start()
    try:
        yield door, performers
    finally:
        await performers.stop(5)
