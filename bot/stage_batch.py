"""The files of `rescind stage --batch`: queries in, JSON Lines out, taking up an interrupted run."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable, Iterator
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import BinaryIO

from bot.rows import BadRow, Row, Unreadable
from bot.stage_lookup import Answered, Query
from bot.stage_record import UNREACHABLE, answer_record

_KNOWN = {"number", "email"}
_BEGIN = b'{"line": '
"""How every line of the output begins."""


@dataclass(slots=True)
class Tally:
    """How the lines of a batch ended, those of an interrupted run included."""

    answered: int = 0
    unreachable: int = 0
    malformed: int = 0

    def count(self, record: dict[str, object]) -> None:
        """Count one line of the output."""
        error = record.get("error")
        self.answered += error is None
        self.unreachable += error == "unreachable"
        self.malformed += error == "malformed"


def queries_of(rows: Iterable[Row | BadRow]) -> Iterator[Query | BadRow]:
    """The query of each row, or why it is none."""
    return (row if isinstance(row, BadRow) else _query(row) for row in rows)


def record_of(result: Answered | BadRow) -> dict[str, object]:
    """One line of the output."""
    if isinstance(result, BadRow):
        return {"line": result.line, "error": "malformed", "message": result.reason}
    head: dict[str, object] = {"line": result.query.line, "number": result.query.number}
    if result.answer is None:
        return head | {"error": "unreachable", "message": UNREACHABLE}
    return head | answer_record(result.answer)


def encoded(record: dict[str, object]) -> bytes:
    """A line of JSON with its end; lone surrogates stay escaped."""
    return json.dumps(record).encode() + b"\n"


def go_on(out: BinaryIO, queries: Iterator[Query | BadRow], tally: Tally) -> int:
    """Take up an interrupted output: drop a torn last line, and skip the queries that have their line.

    How many were skipped. `out` stands at its end afterwards. Raises `Unreadable`, and changes nothing,
    where the file holds anything but the beginning of this batch's output.
    """
    end = skipped = 0
    for line in out:
        if not line.endswith(b"\n"):
            break
        record = _own_record(line)
        query = next(queries, None)
        if record is None or query is None or not _answers(record, query):
            raise Unreadable(f"line {skipped + 1} of the output is not of this batch: name another --out")
        tally.count(record)
        end += len(line)
        skipped += 1
    out.seek(end)
    torn = out.read(len(_BEGIN))
    if not _BEGIN.startswith(torn):
        raise Unreadable("the output holds something else: name another --out")
    out.truncate(end)
    out.seek(end)
    return skipped


async def streamed(queries: Iterator[Query | BadRow], at_once: int) -> AsyncIterator[Query | BadRow]:
    """The queries, read in a thread, `at_once` at a time: a slow input holds no look-up up."""
    while some := await asyncio.to_thread(_take, queries, at_once):
        for query in some:
            yield query


def count_lines(path: Path) -> int:
    """How many lines a file has that are not blank."""
    with path.open("rb") as file:
        return sum(1 for line in file if line.strip())


def _take(queries: Iterator[Query | BadRow], at_once: int) -> list[Query | BadRow]:
    return list(islice(queries, at_once))


def _query(row: Row) -> Query | BadRow:
    number, email = row.fields.get("number"), row.fields.get("email")
    if isinstance(number, int) and not isinstance(number, bool):
        number = str(number)
    if not isinstance(number, str) or not number.strip():
        return BadRow(row.line, "number: is missing: write the order number")
    if not (email is None or isinstance(email, str)):
        return BadRow(row.line, "email: must be text")
    if not row.flat and (unknown := row.fields.keys() - _KNOWN):
        return BadRow(row.line, f"has {len(unknown)} unknown fields: only number and email are read")
    return Query(row.line, number.strip(), (email or "").strip() or None)


def _own_record(line: bytes) -> dict[str, object] | None:
    try:
        record = json.loads(line)
    except ValueError:
        return None
    return record if isinstance(record, dict) else None


def _answers(record: dict[str, object], query: Query | BadRow) -> bool:
    number = query.number if isinstance(query, Query) else None
    return record.get("line") == query.line and record.get("number") == number
