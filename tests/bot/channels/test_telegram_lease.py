"""Of several processes that share a store one polls, and another takes over when it stops, dies or stalls."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import pytest
from telegram_fakes import QUICK, Door, settings_for

from bot.channels.telegram import TelegramChannel
from tests.telegram_server import TelegramServer

TEMPO = replace(QUICK, lease=1.5)


class Shared:
    """Leases that processes share; `down` is a store that does not answer."""

    def __init__(self) -> None:
        self.holder: dict[str, tuple[object, float]] = {}
        self.down = False

    def of(self, owner: object) -> "Mine":
        return Mine(self, owner)


class Mine:
    """One process's view of them."""

    def __init__(self, shared: Shared, owner: object) -> None:
        self._shared = shared
        self._owner = owner

    async def take(self, name: str, seconds: float) -> bool:
        self._asked()
        now = asyncio.get_running_loop().time()
        owner, until = self._shared.holder.get(name, (None, now))
        if until > now:
            return False
        del owner
        self._shared.holder[name] = (self._owner, now + seconds)
        return True

    async def keep(self, name: str, seconds: float) -> None:
        self._asked()
        if self._shared.holder.get(name, (None, 0))[0] is self._owner:
            self._shared.holder[name] = (self._owner, asyncio.get_running_loop().time() + seconds)

    async def leave(self, name: str) -> None:
        self._asked()
        if self._shared.holder.get(name, (None, 0))[0] is self._owner:
            del self._shared.holder[name]

    def _asked(self) -> None:
        if self._shared.down:
            raise OSError("the store does not answer")


@asynccontextmanager
async def two() -> AsyncIterator[tuple[TelegramServer, list[TelegramChannel], Door, Shared]]:
    """Two processes of one bot over one store, the first of which polls."""
    async with TelegramServer() as server:
        shared, door = Shared(), Door()
        channels = [
            TelegramChannel(settings_for(server), tempo=TEMPO, leases=shared.of(name)) for name in "ab"
        ]
        try:
            for channel in channels:
                await channel.start(door)
                await server.until(lambda: server.called("getUpdates"))
            yield server, channels, door, shared
        finally:
            for channel in channels:
                await channel.stop()


async def test_one_polls_and_nobody_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    async with two() as (server, channels, door, _):
        for number in range(5):
            server.customer().say(str(number))
            await door.has(number + 1)
            await asyncio.sleep(0.4)  # longer than a lease in all
        for channel in channels:
            await channel.check()
    told = capsys.readouterr().out
    assert "telegram_conflict" not in told
    assert told.count("telegram_polling_stands_by") == 1
    assert len(door.asked) == 5


async def test_when_the_one_stops_the_other_takes_over_at_once() -> None:
    async with two() as (server, channels, door, _):
        await channels[0].stop()
        server.customer().say("hello")
        await door.has(1, seconds=2)


async def test_when_the_one_dies_the_other_takes_over_when_the_lease_has_run_out() -> None:
    async with two() as (server, channels, door, _):
        died = channels[0]._running
        assert died is not None
        died.cancel()
        channels[0]._form._lease.leave = _nothing  # type: ignore[attr-defined]
        server.customer().say("hello")
        await door.has(1, seconds=10)


async def _nothing() -> None:
    """The dead leave nothing."""


async def test_one_whose_store_does_not_answer_stops_polling_before_another_may_begin(
    capsys: pytest.CaptureFixture[str],
) -> None:
    async with two() as (server, _, door, shared):
        shared.down = True
        asked = len(server.called("getUpdates"))
        async with asyncio.timeout(10):
            while "telegram_lease_lost" not in capsys.readouterr().out:  # noqa: ASYNC110 - a log wakes nobody
                await asyncio.sleep(0.02)
        asked = len(server.called("getUpdates"))
        server.customer().say("hello")
        await asyncio.sleep(0.2)
        assert len(server.called("getUpdates")) == asked
        assert door.asked == []
        shared.down = False
        await door.has(1, seconds=10)
        assert len(door.asked) == 1
