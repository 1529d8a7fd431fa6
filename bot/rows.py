"""JSON Lines and CSV files as numbered rows, read as a stream: one row is held at a time."""

import csv
import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from decimal import Decimal
from itertools import chain
from pathlib import Path
from typing import BinaryIO

_BOM = "\ufeff"


class Unreadable(Exception):
    """The file as a whole cannot be read; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of a file and the line it begins on; `flat` if of a CSV file, whose cells are text."""

    line: int
    fields: dict[str, object]
    flat: bool


@dataclass(frozen=True, slots=True)
class BadRow:
    """A line that is no record, and why."""

    line: int
    reason: str


def rows_of(lines: Iterable[bytes], name: str, required: Iterable[str] = ()) -> Iterator[Row | BadRow]:
    """The rows of a file; its form is told by the ending of `name`, or else by how it begins.

    Blank lines are no rows. Raises `Unreadable` for a CSV header without one of the `required` columns.
    """
    numbered = enumerate(lines, start=1)
    first = next(((number, line) for number, line in numbered if line.strip(b" \t\r\n\xef\xbb\xbf")), None)
    if first is None:
        return iter(())
    whole = chain([first], numbered)
    if _is_csv(name, first[1]):
        return _csv_rows(whole, set(required))
    return (_json_row(number, line) for number, line in whole if line.strip())


@contextmanager
def opened(path: Path) -> Iterator[Iterable[bytes]]:
    """The lines of a file. Raises `Unreadable` where it cannot be opened or read."""
    try:
        file = path.open("rb")
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}") from error
    with file:
        yield _lines(file, path)


def _lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    try:
        yield from file
    except OSError as error:
        raise Unreadable(f"{path} cannot be read: {error.strerror or error}") from error


def parsed_json(text: str) -> object:
    """What a JSON text holds, its fractions as exact decimals. Raises `ValueError`, and nothing else."""
    try:
        value: object = json.loads(text, parse_float=Decimal, parse_constant=_no_number)
    except (RecursionError, ArithmeticError) as error:
        raise ValueError("too deep or too long") from error
    return value


def _is_csv(name: str, first: bytes) -> bool:
    ending = Path(name).suffix.casefold()
    if ending in {".jsonl", ".ndjson", ".json"}:
        return False
    return ending in {".csv", ".tsv"} or not first.lstrip(b"\xef\xbb\xbf \t").startswith((b"{", b"["))


def _json_row(number: int, line: bytes) -> Row | BadRow:
    try:
        fields = parsed_json(line.decode("utf-8-sig"))
    except UnicodeDecodeError:
        return BadRow(number, "is not UTF-8 text: save the file as UTF-8")
    except json.JSONDecodeError as error:
        return BadRow(number, f"is not JSON (column {error.colno}: {error.msg}): write one object a line")
    except ValueError:
        return BadRow(number, "is not JSON that can be read: a number too long, or too deep a nesting")
    if not isinstance(fields, dict):
        return BadRow(number, "is not a JSON object: write one object, in braces, a line")
    return Row(number, fields, flat=False)


def _no_number(word: str) -> object:
    raise ValueError(word)


def _csv_rows(lines: Iterable[tuple[int, bytes]], required: set[str]) -> Iterator[Row | BadRow]:
    """Text in quotes may go over several lines; bytes that are no UTF-8 spoil their own row alone."""
    reading = _Lines(lines)
    head = next(reading).removeprefix(_BOM)
    delimiter = max(",;\t", key=head.count)
    try:
        header = [cell.strip().casefold() for cell in next(csv.reader([head], delimiter=delimiter))]
    except csv.Error as error:
        raise Unreadable(f"the first line is no CSV header ({error}): name the columns in it") from error
    if missing := sorted(required - set(header)):
        raise Unreadable(f"the header has no column {', '.join(missing)}: name the columns in the first line")
    return _records(csv.reader(reading, delimiter=delimiter, strict=True), reading, header)


class _Lines:
    """The lines of a file as text, and the number of the one read last."""

    def __init__(self, lines: Iterable[tuple[int, bytes]]) -> None:
        self._lines = iter(lines)
        self.number = 0

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        self.number, line = next(self._lines)
        return line.decode("utf-8", "surrogateescape")


def _records(reader: Iterator[list[str]], reading: _Lines, header: list[str]) -> Iterator[Row | BadRow]:
    while True:
        begin = reading.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield BadRow(begin, f"is not CSV ({error}): check its quotes")
            continue
        if any(cell.strip() for cell in cells):
            yield _csv_row(begin, header, cells)


def _csv_row(line: int, header: list[str], cells: list[str]) -> Row | BadRow:
    if len(cells) > len(header) and any(cells[len(header) :]):
        return BadRow(
            line, f"has {len(cells)} cells, the header {len(header)}: put text with commas in quotes"
        )
    if not all(cell.isascii() or _is_unicode(cell) for cell in cells):
        return BadRow(line, "is not UTF-8 text: save the file as UTF-8")
    fields: dict[str, object] = {n: cell.strip() for n, cell in zip(header, cells, strict=False) if n}
    return Row(line, fields, flat=True)


def _is_unicode(text: str) -> bool:
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True
