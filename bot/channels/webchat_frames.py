"""The frames of the web chat, in and out. `docs/web-chat.md` is their specification."""

import re
from datetime import datetime
from enum import StrEnum
from typing import Annotated

import msgspec
from msgspec import Meta, Struct

from bot.ports import Language, Open, Press, Receipt, Wordless, Words
from dialogs.events import Unreadable
from storage.records import Choice, Entry

MAX_FRAME = 64 * 1024
"""Bytes of one frame: 4,000 characters fit however they are escaped."""
MAX_TEXT = 4000
"""Characters of one text; a longer one is answered as unreadable."""

Id = Annotated[str, Meta(pattern=r"^[A-Za-z0-9._:-]{1,64}\Z")]
Seq = Annotated[int, Meta(ge=0, le=2**53)]
Locale = Annotated[str, Meta(pattern=r"^[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}\Z")]
What = Words | Press | Wordless | Open | Language
_LOCALE = re.compile(r"[A-Za-z]{2,3}([-_][A-Za-z0-9]{1,8}){0,3}")


class Code(StrEnum):
    """What can be wrong, as clients are told."""

    BAD_FRAME = "bad_frame"
    UNKNOWN_TYPE = "unknown_type"
    HELLO_EXPECTED = "hello_expected"
    BAD_TOKEN = "bad_token"  # noqa: S105 - the name of an error
    SLOW_DOWN = "slow_down"
    OVERLOADED = "overloaded"
    UNAVAILABLE = "unavailable"
    FOREIGN_ORIGIN = "foreign_origin"
    TOO_BIG = "too_big"


# ---- from the client


class _In(Struct, frozen=True, gc=False, tag_field="type"):
    """A frame of the client; members it does not know are ignored."""


class Hello(_In, frozen=True, tag="hello"):
    """The first frame: who this is, and the last message it has."""

    token: Annotated[str, Meta(max_length=512)]
    after: Seq = 0
    locale: Annotated[str, Meta(max_length=64)] | None = None

    @property
    def known_locale(self) -> str | None:
        """The locale if it looks like one: a browser's odd setting is no reason to refuse a customer."""
        return self.locale if self.locale and _LOCALE.fullmatch(self.locale) else None


class MessageIn(_In, frozen=True, tag="message"):
    """What the customer wrote."""

    id: Id
    text: str

    @property
    def what(self) -> What:
        """The text, or why it is none. NUL is dropped: PostgreSQL keeps none."""
        text = self.text.replace("\0", "").strip()
        if not text:
            return Wordless(Unreadable.EMPTY)
        return Words(text) if len(text) <= MAX_TEXT else Wordless(Unreadable.TOO_LONG)


class PressIn(_In, frozen=True, tag="press"):
    """A button the customer pressed; `label` is what stood on it."""

    id: Id
    value: Annotated[str, Meta(min_length=1, max_length=64)]
    label: Annotated[str, Meta(max_length=200)] = ""

    @property
    def what(self) -> What:
        """The press."""
        return Press(self.value.replace("\0", ""), self.label.replace("\0", ""))


class OpenIn(_In, frozen=True, tag="open"):
    """The customer opened the chat, perhaps from the page of an order."""

    id: Id
    number: Annotated[str, Meta(max_length=64)] | None = None

    @property
    def what(self) -> What:
        """The opening."""
        return Open(self.number.replace("\0", "").strip() or None if self.number else None)


class LanguageIn(_In, frozen=True, tag="language"):
    """The customer chose a language."""

    id: Id
    locale: Locale

    @property
    def what(self) -> What:
        """The choice."""
        return Language(self.locale)


class Fetch(_In, frozen=True, tag="fetch"):
    """The client misses messages after this one."""

    after: Seq


class Ping(_In, frozen=True, tag="ping"):
    """A sign of life."""


Update = MessageIn | PressIn | OpenIn | LanguageIn
Frame = Update | Hello | Fetch | Ping

decode_frame = msgspec.json.Decoder(Frame).decode
decode_update = msgspec.json.Decoder(Update).decode


class _Rough(Struct):
    type: str = ""
    id: Id | None = None


_TYPES = frozenset({"hello", "message", "press", "open", "language", "fetch", "ping"})


def refusal(data: bytes) -> tuple[Code, str | None]:
    """Why a frame could not be decoded, and its id if that much could be."""
    try:
        rough = msgspec.json.decode(data, type=_Rough)
    except (msgspec.DecodeError, UnicodeDecodeError):
        return Code.BAD_FRAME, None
    return (Code.BAD_FRAME if rough.type in _TYPES else Code.UNKNOWN_TYPE), rough.id


# ---- to the client


class _Out(Struct, frozen=True, gc=False, omit_defaults=True, tag_field="type"):
    """A frame of the server; members at their default are left out."""


class Ready(_Out, frozen=True, tag="ready"):
    """The hello was good; `last` is the newest message. What the client misses follows."""

    last: int


class MessageOut(_Out, frozen=True, tag="message"):
    """A message of the transcript; `id` is the client's own, where it was sent by one."""

    seq: int
    author: str
    text: str
    at: datetime
    agent: str | None = None
    choices: tuple[Choice, ...] = ()
    id: str | None = None


class Accepted(_Out, frozen=True, tag="accepted"):
    """The update is durable; `locale` is what the chat is in now, where the customer has shown it."""

    id: str
    duplicate: bool
    locale: str | None = None


class Posted(_Out, frozen=True, tag="accepted"):
    """The same over HTTP, with the messages of its turn."""

    id: str
    duplicate: bool
    messages: tuple[MessageOut, ...]
    locale: str | None = None


class Page(_Out, frozen=True, tag="messages"):
    """Messages of the transcript over HTTP."""

    messages: tuple[MessageOut, ...]


class Session(_Out, frozen=True, tag="session"):
    """A visitor's token; `resumed` if it names a chat the client had before."""

    token: str
    resumed: bool


class Error(_Out, frozen=True, tag="error"):
    """What was wrong, for the client's developer; `retry_after` in seconds, where trying again helps."""

    code: str
    message: str
    id: str | None = None
    retry_after: float | None = None


encode = msgspec.json.Encoder().encode
TYPING = b'{"type":"typing"}'
PONG = b'{"type":"pong"}'


def shown(entry: Entry) -> MessageOut:
    """A message of the transcript as clients see it."""
    return MessageOut(
        entry.seq, entry.author, entry.text, entry.at, entry.agent, entry.choices, entry.update_id
    )


def posted(update: Update, receipt: Receipt) -> Posted:
    """The answer to an update that came over HTTP."""
    return Posted(update.id, receipt.duplicate, tuple(map(shown, receipt.entries)), receipt.locale)


_REASONS = {
    Code.BAD_FRAME: "not a frame of this protocol: see docs/web-chat.md",
    Code.UNKNOWN_TYPE: "no frame of this type: see docs/web-chat.md",
    Code.HELLO_EXPECTED: "the first frame must be a hello, within a few seconds",
    Code.BAD_TOKEN: "the token is forged or has expired: ask for a new session",
    Code.SLOW_DOWN: "too much at once: send this again after retry_after seconds",
    Code.OVERLOADED: "busy: send this again after retry_after seconds",
    Code.UNAVAILABLE: "not taken in: send this again after retry_after seconds",
    Code.FOREIGN_ORIGIN: "pages of this origin may not use this chat",
    Code.TOO_BIG: "more than one frame may hold",
}


def error(code: Code, update_id: str | None = None, retry_after: float | None = None) -> bytes:
    """An error frame, encoded."""
    wait = None if retry_after is None else round(retry_after + 0.005, 2)
    return encode(Error(code, _REASONS[code], update_id, wait))
