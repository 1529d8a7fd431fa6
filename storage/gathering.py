"""What is asked at once is asked together; what was saved last is remembered."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from sqlalchemy import Connection

from storage.codec import decode_conversation
from storage.dialect import dialect
from storage.records import Contact, Stored
from storage.schema import conversations

Q = TypeVar("Q")
A = TypeVar("A")
_COLUMNS = ("key", "version", "last_seq", "state", "contact_name", "contact_address")


class Gathered(Generic[Q, A]):
    """Questions that come while others are being answered are answered together, by one call of `answer`.

    It is given them in the order they came, gives one answer for each, and runs once at a time. A question
    that comes alone waits for nothing.
    """

    def __init__(self, answer: Callable[[Sequence[Q]], Awaitable[Sequence[A]]]) -> None:
        self._answer = answer
        self._waiting: list[tuple[Q, asyncio.Future[A]]] = []
        self._running: asyncio.Task[None] | None = None

    async def ask(self, question: Q) -> A:
        """The answer, found some time after the call. Raises what `answer` raises."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[A] = loop.create_future()
        self._waiting.append((question, answer))
        if self._running is None:
            self._running = loop.create_task(self._run())
        return await answer

    async def _run(self) -> None:
        try:
            while self._waiting:
                asked, self._waiting = self._waiting, []
                await self._tell(asked)
        finally:
            self._running = None

    async def _tell(self, asked: Sequence[tuple[Q, asyncio.Future[A]]]) -> None:
        try:
            answers = await self._answer([question for question, _ in asked])
        except Exception as error:  # noqa: BLE001 — whatever it is, it belongs to those who wait
            for _, answer in asked:
                if not answer.done():
                    answer.set_exception(error)
            return
        for (_, answer), told in zip(asked, answers, strict=True):
            if not answer.done():
                answer.set_result(told)


def load(connection: Connection, *, keys: Sequence[str]) -> list[Stored | None]:
    """The conversation of each key, or `None` where there is none."""
    wanted = [(key,) for key in sorted(set(keys))]
    rows = dialect(connection).matching(connection, conversations, _COLUMNS, ("key",), wanted)
    found = {
        key: Stored(key, version, last_seq, decode_conversation(state), Contact(name, address))
        for key, version, last_seq, state, name, address in rows
    }
    return [found.get(key) for key in keys]


class Recent:
    """The conversations saved last, at most `size`. A hint: the write checks the version in any case."""

    def __init__(self, size: int) -> None:
        self._size = size
        self._kept: OrderedDict[str, Stored] = OrderedDict()

    def get(self, key: str) -> Stored | None:
        """As saved last by this process, if it is remembered."""
        if (stored := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
        return stored

    def keep(self, stored: Stored) -> None:
        """Remember it, unless a newer one is remembered already."""
        known = self._kept.get(stored.key)
        if known is None or known.version <= stored.version:
            self._kept[stored.key] = stored
            self._kept.move_to_end(stored.key)
        if len(self._kept) > self._size:
            self._kept.popitem(last=False)

    def forget(self, key: str) -> None:
        """It is no longer what the database has."""
        self._kept.pop(key, None)
