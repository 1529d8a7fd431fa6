"""What a message is besides words: its fields tell, looked at in the same order as by the library."""

from collections.abc import Mapping
from itertools import chain

from aiogram.enums import ContentType
from msgspec import Raw

_SENT = (
    ContentType.TEXT,
    ContentType.AUDIO,
    ContentType.ANIMATION,  # before a document: every animation carries one, too
    ContentType.DOCUMENT,
    ContentType.GAME,
    ContentType.LIVE_PHOTO,
    ContentType.PHOTO,
    ContentType.STICKER,
    ContentType.VIDEO,
    ContentType.VIDEO_NOTE,
    ContentType.VOICE,
    ContentType.CHECKLIST,
    ContentType.CONTACT,
    ContentType.VENUE,  # before a location: every venue carries one, too
    ContentType.LOCATION,
    ContentType.PAID_MEDIA,
    ContentType.POLL,
    ContentType.DICE,
    ContentType.STORY,
    ContentType.RICH_MESSAGE,
)
"""What people send. Everything else is a notice."""
_NO_FIELDS = (ContentType.UNKNOWN, ContentType.ANY)
_KINDS = {kind.value: kind for kind in chain(_SENT, ContentType) if kind not in _NO_FIELDS}
"""Each by its field, first those that can come together with others."""
_NOTHING = (b"null", b"[]", b'""', b"false", b"0")


def content_of(message: Mapping[str, Raw]) -> ContentType:
    """What a message is, from its fields; `UNKNOWN` where none of them tells."""
    found = (
        kind for name, kind in _KINDS.items() if name in message and bytes(message[name]) not in _NOTHING
    )
    return next(found, ContentType.UNKNOWN)
