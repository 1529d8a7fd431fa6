"""What an agent's page asks the desk to do with one chat: a name, the shape of its body, and the call."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime
from http import HTTPStatus
from typing import Annotated, Generic, Protocol, TypeVar

import msgspec
from aiohttp import web
from msgspec import Meta, Struct

from bot.console.answers import answer, problem
from bot.console.shapes import ShownNote, ask_of, note_of
from bot.desk.service import Desk
from storage.desk_records import Agent, Priority, Session

_Short = Annotated[str, Meta(max_length=200)]
_Long = Annotated[str, Meta(max_length=10_000)]
_Aware = Annotated[datetime, Meta(tz=True)]


class Nothing(Struct, frozen=True):
    """No more is needed."""


class Words(Struct, frozen=True):
    """A message or note; `id` is the page's own for it."""

    text: _Long
    id: _Short = ""


class Until(Struct, frozen=True):
    """When a snooze ends."""

    until: _Aware


class Level(Struct, frozen=True):
    """A priority: 0 low, 1 normal, 2 high, 3 urgent."""

    priority: Annotated[int, Meta(ge=0, le=3)]


class Labels(Struct, frozen=True):
    """All labels of a chat."""

    labels: Annotated[list[_Short], Meta(max_length=50)]


class To(Struct, frozen=True):
    """The agent, by id, who is to have it."""

    to: _Short


class Back(Struct, frozen=True):
    """Whether the bot takes up what was interrupted."""

    resume: bool


class Message(Struct, frozen=True):
    """A message by its number."""

    seq: Annotated[int, Meta(ge=1)]


class Cancel(Struct, frozen=True):
    """A cancellation; with the token of the confirmation it is done."""

    number: _Short = ""
    reason: Annotated[str, Meta(max_length=1000)] = ""
    token: Annotated[str, Meta(max_length=4000)] = ""


class Intercept(Struct, frozen=True):
    """The warehouse was asked to stop the parcel."""

    number: _Short
    by: _Aware
    note: Annotated[str, Meta(max_length=1000)] = ""


class Answered(Struct, frozen=True):
    """How the warehouse answered."""

    stopped: bool


class Replied(Struct, frozen=True):
    """A reply is kept; its number in the transcript."""

    seq: int


class Kept(Struct, frozen=True):
    """Labels as they were kept."""

    labels: tuple[str, ...]


T = TypeVar("T", bound=Struct)


@dataclass(frozen=True, slots=True)
class Act(Generic[T]):
    """One act: the shape of its body, and what is done."""

    shape: type[T]
    do: Callable[[Agent, str, T], Awaitable[object]]

    async def perform(self, agent: Agent, key: str, body: bytes) -> object:
        """Do it. Raises `msgspec.MsgspecError`, and whatever the desk refuses."""
        return await self.do(agent, key, msgspec.json.decode(body or b"{}", type=self.shape))


class _Performing(Protocol):
    """An act of whatever shape."""

    async def perform(self, agent: Agent, key: str, body: bytes) -> object:
        """Do it."""


class Acts:
    """Every act by its name in the address."""

    def __init__(self, desk: Desk) -> None:
        self._chats = chats = desk.chats
        self._orders = orders = desk.orders
        self._table: dict[str, _Performing] = {}
        self._add("claim", Nothing, lambda a, k, _: chats.claim(a, k))
        self._add("reply", Words, self._reply)
        self._add("note", Words, self._note)
        self._add("snooze", Until, lambda a, k, b: chats.snooze(a, k, b.until))
        self._add("wake", Nothing, lambda a, k, _: chats.wake(a, k))
        self._add("priority", Level, lambda a, k, b: chats.set_priority(a, k, Priority(b.priority)))
        self._add("labels", Labels, self._label)
        self._add("pass-on", To, lambda a, k, b: chats.pass_on(a, k, b.to))
        self._add("put-back", Nothing, lambda a, k, _: chats.put_back(a, k))
        self._add("give-back", Back, lambda a, k, b: chats.give_back(a, k, resume=b.resume))
        self._add("resolve", Nothing, lambda a, k, _: chats.resolve(a, k))
        self._add("retry", Message, lambda a, k, b: chats.retry(a, k, b.seq))
        self._add("cancel", Cancel, self._cancel)
        self._add(
            "intercept",
            Intercept,
            lambda a, k, b: orders.ask_to_intercept(a, k, number=b.number, by=b.by, note=b.note),
        )
        self._add("intercept-over", Answered, lambda a, k, b: orders.intercept_over(a, k, stopped=b.stopped))

    async def handle(self, request: web.Request, session: Session) -> web.Response:
        """`POST /desk/api/chats/{key}/{act}`."""
        act = self._table.get(request.match_info["act"])
        if act is None:
            return problem(HTTPStatus.NOT_FOUND, "not_found", "There is no such act.")
        try:
            done = await act.perform(session.agent, request.match_info["key"], await request.read())
        except msgspec.MsgspecError as error:
            return problem(HTTPStatus.BAD_REQUEST, "bad_body", f"This cannot be read: {error}.")
        return answer({} if done is None else done)

    def _add(self, name: str, shape: type[T], do: Callable[[Agent, str, T], Awaitable[object]]) -> None:
        self._table[name] = Act(shape, do)

    async def _reply(self, agent: Agent, key: str, body: Words) -> Replied:
        return Replied((await self._chats.reply(agent, key, body.text, id_=body.id)).seq)

    async def _note(self, agent: Agent, key: str, body: Words) -> ShownNote:
        return note_of(await self._chats.note(agent, key, body.text, id_=body.id))

    async def _label(self, agent: Agent, key: str, body: Labels) -> Kept:
        return Kept(await self._chats.set_labels(agent, key, body.labels))

    async def _cancel(self, agent: Agent, key: str, body: Cancel) -> object:
        asked = await self._orders.cancel(
            agent, key, number=body.number, reason=body.reason, token=body.token
        )
        return None if asked is None else ask_of(asked)
