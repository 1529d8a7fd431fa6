"""Search: parameters only, letters in either case, `%` and `_` as themselves, and no more than is shown.

References, numbers, names and addresses are looked for in every conversation. Words of messages and notes
only in those that the desk has known, the newest few thousand, so that a search never reads a whole store.
"""

from typing import Any

from sqlalchemy import (
    JSON,
    ColumnElement,
    Connection,
    Row,
    Select,
    String,
    and_,
    cast,
    func,
    or_,
    select,
    true,
    type_coerce,
)

from storage.codec import decode_conversation
from storage.desk_queue import Sight
from storage.desk_records import Found
from storage.schema import cases, conversations, desk, messages, notes
from storage.times import moment

_KNOWN = 5_000
"""Conversations of the desk whose words are searched."""
_AROUND = 60
_ESCAPED = set('"\\')
"""Signs that stand otherwise in JSON."""
_c = conversations.c


def search(connection: Connection, *, sight: Sight, words: str, limit: int) -> tuple[Found, ...]:
    """What matches: references, orders, names, addresses, then messages and notes, each newest first."""
    found: list[Found] = []
    for look in (_references, _told, _names, _messages, _notes):
        left = limit - len(found)
        if left <= 0:
            break
        found += look(connection, sight, words, left)
    return tuple(found)


def _references(connection: Connection, sight: Sight, words: str, limit: int) -> list[Found]:
    written = words.strip().upper()
    chosen = _visible(sight).add_columns(cases.c.reference.label("case"))
    chosen = chosen.join(cases, cases.c.conversation == _c.key).where(
        cases.c.reference >= written, cases.c.reference < f"{written}\U0010ffff"
    )
    rows = connection.execute(chosen.order_by(cases.c.reference).limit(limit))
    return [_found(row, "reference", row.case, row.updated_at) for row in rows]


def _told(connection: Connection, sight: Sight, words: str, limit: int) -> list[Found]:
    """By order number or e-mail, as the dialogue knows them: they stand in the state as JSON strings."""
    chosen = _visible(sight)
    fields = {
        "order": ((_field(connection, "number"), _field(connection, "order", "number")), words.lstrip("#")),
        "email": ((_field(connection, "email"),), words),
    }
    found: list[Found] = []
    for where, (columns, wanted) in fields.items():
        if not wanted:
            continue
        # The whole state first: it is one comparison, and most states lack the words altogether.
        somewhere = true() if set(wanted) & _ESCAPED else _like(_c.state, wanted)
        has = and_(somewhere, or_(*(_like(column, wanted) for column in columns)))
        rows = connection.execute(chosen.where(has).order_by(_c.updated_at.desc()).limit(limit - len(found)))
        for row in rows:
            told = decode_conversation(row.told)
            shown = (told.order.number if told.order else told.number) if where == "order" else told.email
            found.append(_found(row, where, shown or "", row.updated_at))
    return found


def _names(connection: Connection, sight: Sight, words: str, limit: int) -> list[Found]:
    chosen = _visible(sight).where(_like(_c.contact_name, words))
    rows = connection.execute(chosen.order_by(_c.updated_at.desc()).limit(limit))
    return [_found(row, "customer", row.contact_name, row.updated_at) for row in rows]


def _messages(connection: Connection, sight: Sight, words: str, limit: int) -> list[Found]:
    chosen = _visible(sight).add_columns(messages.c.seq, messages.c.at, messages.c.text)
    chosen = chosen.join(messages, messages.c.conversation == _c.key)
    chosen = chosen.where(_c.key.in_(_known()), _like(messages.c.text, words))
    rows = connection.execute(chosen.order_by(messages.c.at.desc()).limit(limit))
    return [_found(row, "message", _around(row.text, words), row.at, row.seq) for row in rows]


def _notes(connection: Connection, sight: Sight, words: str, limit: int) -> list[Found]:
    chosen = _visible(sight).add_columns(notes.c.at, notes.c.text)
    chosen = chosen.join(notes, notes.c.conversation == _c.key)
    chosen = chosen.where(_c.key.in_(_known()), _like(notes.c.text, words))
    rows = connection.execute(chosen.order_by(notes.c.at.desc()).limit(limit))
    return [_found(row, "note", _around(row.text, words), row.at) for row in rows]


def _visible(sight: Sight) -> Select[Any]:
    chosen = select(_c.key, _c.state.label("told"), _c.contact_name, _c.updated_at)
    if sight.all:
        return chosen
    chosen = chosen.outerjoin(desk, desk.c.conversation == _c.key)
    return chosen.where(
        or_(_c.agent == sight.name, and_(_c.agent.is_(None), _own(desk.c.resolved_by, sight.name)))
    )


def _own(column: ColumnElement[Any], name: str) -> ColumnElement[bool]:
    return or_(column.is_(None), column == name, _c.waiting_since.is_not(None))


def _known() -> Select[tuple[str]]:
    """The conversations whose words are searched."""
    known = or_(_c.waiting_since.is_not(None), _c.key.in_(select(desk.c.conversation)))
    noted = _c.key.in_(select(notes.c.conversation))
    return select(_c.key).where(or_(known, noted)).order_by(_c.updated_at.desc()).limit(_KNOWN)


def _field(connection: Connection, *path: str) -> ColumnElement[str]:
    """A text field of the state."""
    if connection.dialect.name == "sqlite":
        return type_coerce(func.json_extract(_c.state, "$." + ".".join(path)), String)
    return type_coerce(func.json_extract_path_text(cast(_c.state, JSON), *path), String)


def _like(column: ColumnElement[Any], words: str) -> ColumnElement[bool]:
    """Whether the column holds the words. SQLite folds ASCII only, so the other cases are named."""
    spellings = dict.fromkeys((words, words.lower(), words.upper(), words.capitalize(), words.title()))
    return or_(*(column.icontains(each, autoescape=True) for each in spellings))


def _around(text: str, words: str) -> str:
    """The text around the words, on one line."""
    at = max(text.casefold().find(words.casefold()), 0)
    first = max(at - _AROUND, 0)
    last = at + len(words) + _AROUND
    shown = " ".join(text[first:last].split())
    return f"{'…' if first else ''}{shown}{'…' if last < len(text) else ''}"


def _found(row: Row[Any], where: str, snippet: str, at: int, seq: int | None = None) -> Found:
    told = decode_conversation(row.told)
    return Found(row.key, told.reference, row.contact_name, where, snippet, moment(at), seq)
