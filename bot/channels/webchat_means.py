"""What the web chat needs of the house, and the two ways it uses them: take in, and read on."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

import structlog

from bot.callers import Throttle
from bot.channels.webchat_frames import Code, Update
from bot.channels.webchat_settings import WebChatSettings
from bot.channels.webchat_visitors import Visitors
from bot.ports import Door, Feed, Incoming, Notice, Overloaded, Receipt, Transcript
from storage.errors import StoreError
from storage.records import Entry

PAGE = 200
"""Messages read from the transcript at once."""
BUSY_SECONDS = 1.0
BROKEN_SECONDS = 2.0

log = structlog.get_logger(__name__)


class NotTaken(Exception):
    """The update was not taken in; the client keeps it and tries again after `retry_after` seconds."""

    def __init__(self, code: Code, retry_after: float) -> None:
        super().__init__(code)
        self.code = code
        self.retry_after = retry_after


class NotRead(ConnectionError):
    """The transcript could not be read just now: the client comes back, and asks for the same."""


@runtime_checkable
class _Closable(Protocol):
    async def aclose(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Means:
    """The house, as the web chat sees it while it is started."""

    door: Door
    transcript: Transcript
    feed: Feed
    visitors: Visitors
    pace: Throttle
    settings: WebChatSettings

    async def take_in(self, key: str, update: Update, locale: str | None, address: str | None) -> Receipt:
        """Bring one update through the door. Raises `NotTaken`."""
        incoming = Incoming(key, update.id, update.what, locale, None, address)
        try:
            return await self.door.receive(incoming)
        except Overloaded as busy:
            raise NotTaken(Code.OVERLOADED, BUSY_SECONDS) from busy
        except Exception as failure:  # noqa: BLE001 - whatever it is, the client keeps its text
            # The kind alone: a traceback could show the customer's words.
            log.error("web chat: update not taken in", cause=type(failure).__name__)  # noqa: TRY400 - see above
            raise NotTaken(Code.UNAVAILABLE, BROKEN_SECONDS) from None

    async def read_on(self, key: str, after: int) -> list[Entry]:
        """The rest of the transcript after a message. Raises `NotRead`."""
        entries: list[Entry] = []
        while True:
            page = await self._page(key, after)
            entries.extend(page)
            if len(page) < PAGE:
                return entries
            after = page[-1].seq

    async def _page(self, key: str, after: int) -> Sequence[Entry]:
        try:
            return await self.transcript.after(key, after, PAGE)
        except StoreError as failure:
            log.error("web chat: messages not read", cause=type(failure).__name__)  # noqa: TRY400 - as above
            raise NotRead from None


async def unwatch(notices: AsyncIterator[Notice]) -> None:
    """End a watch."""
    if isinstance(notices, _Closable):
        await notices.aclose()
