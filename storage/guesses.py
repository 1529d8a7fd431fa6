"""Wrong pairs of number and e-mail, counted by who and what: a subject is a kind and a digest."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, delete

from storage.dialect import dialect
from storage.schema import guesses
from storage.times import moment

Subject: TypeAlias = tuple[str, str]
Counted: TypeAlias = dict[Subject, tuple[int, datetime]]

_COUNT = (
    "ON CONFLICT (kind, subject) DO UPDATE SET "
    "count = guesses.count + 1, last_at = CASE WHEN guesses.last_at > excluded.last_at "
    "THEN guesses.last_at ELSE excluded.last_at END"
)
_KEY = ("kind", "subject")
_ALL = ("kind", "subject", "count", "last_at")


def note(connection: Connection, *, subjects: Iterable[Subject], at: int) -> None:
    """Count one wrong guess for each subject."""
    rows = [(kind, digest, 1, at) for kind, digest in sorted(set(subjects))]
    dialect(connection).insert(connection, guesses, rows, _COUNT)


def counted(connection: Connection, *, asked: Sequence[Sequence[Subject]]) -> list[Counted]:
    """For each group: how many wrong guesses its subjects have, and the last one's time."""
    subjects = sorted({subject for group in asked for subject in group})
    rows = dialect(connection).matching(connection, guesses, _ALL, _KEY, subjects)
    found = {(kind, digest): (count, moment(last_at)) for kind, digest, count, last_at in rows}
    return [{subject: found[subject] for subject in group if subject in found} for group in asked]


def forget(connection: Connection, *, before: int) -> int:
    """Drop the counts whose last guess is older; how many."""
    return connection.execute(delete(guesses).where(guesses.c.last_at < before)).rowcount
