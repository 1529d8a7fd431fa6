"""How the house starts and stops: what was left leaves first, and what was taken in is answered."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from shell_house import Reader, soon, words

from bot.assembly import House, open_house
from bot.ports import Channel, Door, Overloaded
from storage.records import Entry
from tests.player import Clock, settings_for
from tests.stage_hands import StageHands, open_shop


@dataclass
class Pushed:
    """A channel that is sent to, and can send until it is stopped."""

    name: str = "pushed"
    fetches: bool = False
    sent: list[str] = field(default_factory=list)
    slow: float = 0.0
    stops: int = 0
    trouble: Exception | None = None

    async def deliver(self, key: str, entry: Entry) -> None:
        del key
        await asyncio.sleep(self.slow)
        if self.stops:
            raise ConnectionError("stopped")
        self.sent.append(entry.text)

    async def typing(self, key: str) -> None: ...

    async def start(self, door: Door) -> None: ...

    async def stop(self) -> None:
        self.stops += 1
        if self.trouble:
            raise self.trouble

    async def check(self) -> None: ...


@asynccontextmanager
async def house(folder: Path, shop: StageHands, *channels: Channel) -> AsyncIterator[House]:
    settings = settings_for(folder, f"sqlite:///{folder}/store.sqlite3")
    async with open_house(
        settings, lambda _: channels, clock=Clock(), backend=shop, understanding=Reader()
    ) as opened:
        yield opened


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[StageHands]:
    opened = await open_shop(tmp_path, Clock(), ["1042, ann@shop.test, paid, paypal"])
    yield opened
    await opened.close()


async def test_what_was_taken_in_is_answered_before_the_channels_stop(
    tmp_path: Path, shop: StageHands
) -> None:
    channel = Pushed(slow=0.1)
    async with house(tmp_path, shop, channel) as opened:
        await opened.reception.receive(words("hello", key="pushed:1"))
    assert len(channel.sent) == 1
    assert channel.stops == 1


async def test_while_it_stops_customers_are_asked_to_come_back(tmp_path: Path, shop: StageHands) -> None:
    channel = Pushed(slow=0.2)
    async with house(tmp_path, shop, channel) as opened:
        await opened.reception.receive(words("hello", key="pushed:1"))
        stopping = asyncio.create_task(opened.stop())
        await asyncio.sleep(0.05)
        with pytest.raises(Overloaded):
            await opened.reception.receive(words("more", "2", "pushed:1"))
        await stopping
    assert channel.stops == 1  # to stop twice does nothing


async def test_a_channel_that_fails_to_stop_keeps_no_other_from_it(tmp_path: Path, shop: StageHands) -> None:
    bad, good = Pushed("bad", trouble=OSError("stuck")), Pushed("good")
    with pytest.raises(OSError, match="stuck"):
        async with house(tmp_path, shop, good, bad):
            pass
    assert (bad.stops, good.stops) == (1, 1)


async def test_what_an_earlier_life_left_unsent_leaves_before_anything_new(
    tmp_path: Path, shop: StageHands
) -> None:
    async with house(tmp_path, shop, Pushed(slow=60)) as opened:
        await opened.reception.receive(words("first", "1", "pushed:1"))
        first = (await opened.store.entries("pushed:1"))[-1].text
        for task in opened.performers._deliveries.tasks:
            task.cancel()  # as if it had been killed
    channel = Pushed()
    async with house(tmp_path, shop, channel) as opened:
        await opened.reception.receive(replace(words("second", "2"), key="pushed:1"))
        await soon(lambda: len(channel.sent) == 2)
    assert channel.sent[0] == first
