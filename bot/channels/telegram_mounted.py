"""Mounted: the shop's own bot takes the updates and posts to us those that may be ours.

It learns from the answer whether the update was ours, and for how long the chat stays ours without a further
word: docs/telegram-mount.md is the whole protocol.
"""

from collections.abc import Mapping
from typing import Protocol

from aiohttp import web

from bot.channels.telegram_intake import Intake
from bot.channels.telegram_posts import Posts, again
from bot.channels.telegram_updates import Arrival, Claim, chat_of

UPDATES, CHATS = "/telegram/updates", "/telegram/chats"


class Chats(Protocol):
    """What we know of the customers' chats."""

    async def open_for(self, key: str) -> int:
        """Seconds for which the conversation goes on if nothing more is said; 0 if it is over."""

    async def knows(self, key: str, update_id: str) -> bool:
        """Whether this update was taken in before."""

    async def all_open(self, channel: str) -> Mapping[str, int]:
        """The conversations of a channel that go on, by key, each with its `open_for`."""


class Mounted(Posts):
    """Serves the posts of the shop's bot."""

    def __init__(self, secret: str, chats: Chats) -> None:
        super().__init__(UPDATES, secret)
        self._chats = chats

    def routes(self) -> list[web.RouteDef]:
        """The updates, and which chats are open, for a host that starts."""
        return [*super().routes(), web.get(CHATS, self._tell)]

    def _given(self, request: web.Request) -> str:
        scheme, _, given = request.headers.get("Authorization", "").partition(" ")
        return given.strip() if scheme.lower() == "bearer" else ""

    async def _taken(self, intake: Intake, arrival: Arrival) -> web.Response:
        claimed = await self._is_ours(arrival)
        if claimed:
            await intake.take(arrival)
        seconds = None if arrival.key is None else await self._chats.open_for(arrival.key)
        return web.json_response({"claimed": claimed, "open": seconds})

    async def _is_ours(self, arrival: Arrival) -> bool:
        """An update that comes again is ours if it was, though it may have ended the conversation."""
        key = arrival.key
        if arrival.claim is not Claim.IF_OPEN or key is None:
            return arrival.claim is Claim.ALWAYS
        return await self._chats.open_for(key) > 0 or await self._chats.knows(key, str(arrival.id))

    async def _tell(self, request: web.Request) -> web.Response:
        if (refused := self._refused(request)) is not None:
            return refused
        if self.intake is None:
            return again()
        found = await self._chats.all_open("telegram")
        return web.json_response({"open": {str(chat_of(key)): left for key, left in found.items()}})
