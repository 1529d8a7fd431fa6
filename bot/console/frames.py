"""The frames of the live connection, in and out."""

from typing import Annotated

import msgspec
from msgspec import Meta, Raw, Struct

from bot.console.answers import Problem, encoded
from bot.console.shapes import Head, ShownCounts, ShownLine, ShownNote
from bot.desk.views import Watcher
from storage.desk_records import Filters, Priority, State

MAX_FRAME = 16 * 1024
_Text = Annotated[str, Meta(max_length=200, pattern=r"^[^\0]*\Z")]  # PostgreSQL takes no NUL
_Seq = Annotated[int, Meta(ge=0, le=2**53)]


class _In(Struct, frozen=True, gc=False, tag_field="type"):
    """A frame of the page; members it does not know are ignored."""


class Hello(_In, frozen=True, tag="hello"):
    """The first frame: the session's token for forms, which no other page can read."""

    csrf: Annotated[str, Meta(max_length=200)]


class Sieve(Struct, frozen=True):
    """Which conversations to list; what is not given does not matter."""

    state: State | None = None
    mine: bool = False
    unassigned: bool = False
    reason: _Text | None = None
    channel: _Text | None = None
    label: _Text | None = None
    priority: Annotated[int, Meta(ge=0, le=3)] | None = None

    def filters(self, me: str) -> Filters:
        """As the desk asks for them."""
        return Filters(
            state=self.state,
            assignee=me if self.mine else None,
            unassigned=self.unassigned,
            reason=self.reason,
            channel=self.channel,
            label=self.label,
            priority=None if self.priority is None else Priority(self.priority),
        )


class List(_In, frozen=True, tag="list"):
    """Show this part of the queue and keep it up to date. `view` is the page's own number for the list."""

    view: _Seq
    sieve: Sieve = Sieve()
    cursor: _Text | None = None
    limit: Annotated[int, Meta(ge=1, le=200)] = 60


class Open(_In, frozen=True, tag="open"):
    """Show this chat and keep it up to date: messages after `after`, and all its notes."""

    key: _Text
    after: _Seq | None = None


class Close(_In, frozen=True, tag="close"):
    """The chat is no longer on the screen."""


class Alive(_In, frozen=True, tag="alive"):
    """A sign of life; with the chat on the screen if `looking`, and being written in if `typing`."""

    looking: bool = False
    typing: bool = False


In = Hello | List | Open | Close | Alive
_DECODER = msgspec.json.Decoder(In)


class Out(Struct, frozen=True, tag_field="type"):
    """A frame to the page."""


class Ready(Out, frozen=True, tag="ready"):
    """Welcome. `unread` are the agent's own chats in which the customer has the last word."""

    unread: tuple[str, ...]


class Gone(Struct, frozen=True, gc=False):
    """A conversation that the list no longer has."""

    key: str
    stamp: int


class Rows(Out, frozen=True, tag="rows"):
    """Rows that changed, and those that left."""

    view: int
    rows: tuple[Raw, ...]
    gone: tuple[Gone, ...] = ()


class Part(Out, frozen=True, tag="page"):
    """The part of the list that was asked for; `cursor` asks for the next one, `first` if it is the top."""

    view: int
    rows: tuple[Raw, ...]
    cursor: str | None
    first: bool


class News(Out, frozen=True, tag="news"):
    """Something happened in a chat of the agent's own, or in one that nobody has."""

    key: str
    mine: bool
    awaits: bool
    fresh: bool
    """Whether the customer just wrote, or a person has just been asked for."""
    customer: str
    reference: str


class Numbers(Out, frozen=True, tag="counts"):
    """The numbers beside the filters."""

    counts: ShownCounts


class ChatFrame(Out, frozen=True, tag="chat"):
    """The open chat. `whole`: forget what was shown; otherwise `lines` and `notes` are new, or others now."""

    key: str
    whole: bool
    head: Head
    lines: tuple[ShownLine, ...]
    notes: tuple[ShownNote, ...]


class Watching(Out, frozen=True, tag="watching"):
    """Who else looks at the open chat; `bot`: the bot is at work on an answer."""

    key: str
    watchers: tuple[Watcher, ...]
    bot: bool = False


class OrderMoved(Out, frozen=True, tag="order"):
    """What the panel shows of the order is no longer so."""

    key: str


class Refused(Out, frozen=True, tag="refused"):
    """What was asked for is not given."""

    about: str
    key: str
    problem: Problem


class Pong(Out, frozen=True, tag="pong"):
    """The connection lives."""


def read(data: bytes | str) -> In:
    """A frame of the page. Raises `ValueError` for anything else."""
    if len(data) > MAX_FRAME:
        raise ValueError("too long")
    frame: In = _DECODER.decode(data)
    return frame


def written(frame: Out) -> bytes:
    """A frame as it is sent."""
    return encoded(frame)
