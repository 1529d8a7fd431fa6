"""What is held of a customer: found by the words that they would write, before anything is erased."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Column, Connection, Select, func, select

from storage.erasing import KEPT, Erasure, held
from storage.schema import cases, conversations, decisions, messages, notes
from storage.times import moment

_c = conversations.c


@dataclass(frozen=True, slots=True)
class Holding:
    """A conversation of which something is kept; `held` says why it cannot be erased now, if it cannot."""

    key: str
    customer: str | None
    messages: int
    references: tuple[str, ...]
    updated_at: datetime
    held: Erasure | None


def find(connection: Connection, words: str) -> tuple[Holding, ...]:
    """Conversations that have this reference or key, or in which these words stand by themselves."""
    exact = connection.execute(
        select(_c.key)
        .where(_c.key == words)
        .union(select(cases.c.conversation).where(cases.c.reference == words.upper()))
    ).scalars()
    keys = set(exact) or set(_mentioning(connection, words))
    rows = connection.execute(
        select(_c.key, _c.contact_name, _c.updated_at).where(_c.key.in_(keys), KEPT).order_by(_c.updated_at)
    ).all()
    return tuple(_holding(connection, key, name, at) for key, name, at in rows)


def _mentioning(connection: Connection, words: str) -> Iterator[str]:
    """Found by what was said, noted or is known; slow in a large store, since all of it is read."""
    alone = re.compile(rf"(?<![\w.+-]){re.escape(words)}(?![\w-]|[.@]\w)", re.IGNORECASE)
    texts = ((messages.c.conversation, messages.c.text), (notes.c.conversation, notes.c.text))
    for key, column in (*texts, (_c.key, _c.contact_name)):
        for found, text in connection.execute(_with(key, column, words)):
            if alone.search(text):
                yield found
    for key, column in ((_c.key, _c.state), (decisions.c.conversation, decisions.c.payload)):
        for found, value in connection.execute(_with(key, column, words)):
            if any(alone.search(text) for text in _texts(msgspec.json.decode(value))):
                yield found


def _with(key: Column[str], column: Column[str], words: str) -> Select[str, str]:
    return select(key, column).where(column.icontains(words, autoescape=True))


def _texts(value: object) -> Iterator[str]:
    """Every text in a decoded JSON value."""
    match value:
        case str():
            yield value
        case dict():
            for each in value.values():
                yield from _texts(each)
        case list():
            for each in value:
                yield from _texts(each)


def _holding(connection: Connection, key: str, customer: str | None, updated_at: int) -> Holding:
    number = select(func.count()).select_from(messages).where(messages.c.conversation == key)
    references = select(cases.c.reference).where(cases.c.conversation == key).order_by(cases.c.opened_at)
    return Holding(
        key,
        customer,
        connection.execute(number).scalar_one(),
        tuple(connection.execute(references).scalars()),
        moment(updated_at),
        held(connection, key),
    )
