"""Private notes: beside the transcript and never in it, so no channel can send one."""

from sqlalchemy import Connection, insert, select

from storage.desk_records import Note
from storage.rows import storable
from storage.schema import notes
from storage.times import moment


def add(connection: Connection, *, key: str, note_id: int, at: int, author: str | None, words: str) -> Note:
    """Keep a note; it as it was kept."""
    note = Note(note_id, moment(at), author, storable(words))
    connection.execute(
        insert(notes).values(conversation=key, id=note_id, at=at, author=author, text=note.text)
    )
    return note


def one(connection: Connection, key: str, note_id: int) -> Note | None:
    """The note of this number."""
    asked = select(notes).where(notes.c.conversation == key, notes.c.id == note_id)
    row = connection.execute(asked).one_or_none()
    return None if row is None else Note(row.id, moment(row.at), row.author, row.text)


def of(connection: Connection, key: str, *, limit: int = 500) -> tuple[Note, ...]:
    """The newest notes of a conversation, in order."""
    rows = connection.execute(
        select(notes).where(notes.c.conversation == key).order_by(notes.c.id.desc()).limit(limit)
    ).all()
    return tuple(Note(row.id, moment(row.at), row.author, row.text) for row in reversed(rows))
