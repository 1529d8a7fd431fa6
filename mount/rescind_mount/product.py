"""Talking to Rescind over HTTP, within a time limit: docs/telegram-mount.md is the protocol."""

import asyncio
import logging
from dataclasses import dataclass

from aiohttp import ClientError, ClientResponse, ClientSession, ClientTimeout

_log = logging.getLogger("rescind_mount")
_FIRST_PAUSE, _LONGEST_PAUSE = 0.1, 0.5
_OVERLOADED = 503
_AGAIN = frozenset({408, 425, 429, 500, 502, 503, 504})
"""Answers after which the same post may succeed."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Whether the update was Rescind's, and for how many seconds the chat stays so (`None`: as it was)."""

    claimed: bool
    open: float | None


class Unreached(Exception):
    """Rescind gave no answer in time, or none that helps; the update may have arrived all the same."""


class Product:
    """A running Rescind at `url`, `secret` being its TELEGRAM_MOUNT_SECRET."""

    def __init__(self, url: str, secret: str) -> None:
        self._url = url.rstrip("/")
        self._headers = {"Authorization": f"Bearer {secret}", "Content-Type": "application/json"}
        self._session: ClientSession | None = None

    async def take(self, update: bytes, until: float) -> Answer:
        """Pass an update on, again and again until `until` on the loop's clock. Raises `Unreached`.

        The update carries its number, by which Rescind knows it again: it acts once.
        """
        told = await self._ask("POST", "/telegram/updates", until, update)
        claimed, seconds = told.get("claimed"), told.get("open")
        if not isinstance(claimed, bool) or not isinstance(seconds, int | float | None):
            raise Unreached("its answer makes no sense: is this the address of Rescind?")
        return Answer(claimed, seconds)

    async def chats(self, until: float) -> dict[int, float]:
        """For how many seconds which chats are Rescind's. Raises `Unreached`."""
        told = (await self._ask("GET", "/telegram/chats", until)).get("open")
        if not isinstance(told, dict):
            raise Unreached("its answer makes no sense: is this the address of Rescind?")
        return {int(chat): float(seconds) for chat, seconds in told.items()}

    async def close(self) -> None:
        """Let go of the connections."""
        session, self._session = self._session, None
        if session is not None:
            await session.close()

    async def _ask(
        self, method: str, path: str, until: float, body: bytes | None = None
    ) -> dict[str, object]:
        loop = asyncio.get_running_loop()
        why, pause = "it was not asked", _FIRST_PAUSE
        while (left := until - loop.time()) > 0:
            least = 0.0
            try:
                async with self._open().request(
                    method,
                    self._url + path,
                    data=body,
                    headers=self._headers,
                    timeout=ClientTimeout(total=left),
                    allow_redirects=False,
                ) as answer:
                    if answer.status not in _AGAIN:
                        return await _content(answer)
                    why, least = f"HTTP {answer.status}", _retry_after(answer)
            except (ClientError, TimeoutError, OSError) as error:
                why = type(error).__name__  # its words may carry the address
            await asyncio.sleep(min(max(pause, least), max(0.0, until - loop.time())))
            pause = min(pause * 2, _LONGEST_PAUSE)
        raise Unreached(why)

    def _open(self) -> ClientSession:
        if self._session is None:
            self._session = ClientSession()
        return self._session


async def _content(answer: ClientResponse) -> dict[str, object]:
    """The answer's content. Raises `Unreached` for one that trying again would not mend."""
    remedies = {401: "the secret is not its TELEGRAM_MOUNT_SECRET", 404: "it is not in mounted mode"}
    if answer.status != 200:  # noqa: PLR2004
        raise Unreached(remedies.get(answer.status, f"HTTP {answer.status}"))
    try:
        told = await answer.json(content_type=None)
    except ValueError:
        told = None
    if not isinstance(told, dict):
        raise Unreached("its answer makes no sense: is this the address of Rescind?")
    return told


def _retry_after(answer: ClientResponse) -> float:
    given = answer.headers.get("Retry-After", "")
    return float(given) if given.isdecimal() else 0.0
