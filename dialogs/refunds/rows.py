"""From the text of one file of rows to payment methods, or to everything that is wrong with it."""

import re
from collections.abc import Iterable
from datetime import date, datetime
from enum import StrEnum
from typing import TypeGuard, TypeVar

from dialogs.policy.toml_lines import FileError, Problem, Tables, parse
from dialogs.refunds.methods import Method, StartsAt, Unit, plain

_KEYS = (
    *("method", "brand", "aliases", "spoken", "min", "max", "unit", "starts_at", "released_as"),
    *("country", "note", "source", "checked_on"),
)
_REQUIRED = ("method", "brand", "unit", "source", "checked_on")
_LONGEST = 366
"""Days; a longer window is a slip of the pen."""

_KEY = re.compile(r"[a-z0-9]+(_[a-z0-9]+)*")
_NOTE = re.compile(r"([a-z0-9]+(-[a-z0-9]+)*)?")
_COUNTRY = re.compile(r"[A-Z]{2}")
_EXAMPLES = {_KEY: '"gift_card"', _NOTE: '"early-card-reversal", or "" for none', _COUNTRY: '"US"'}

Word = TypeVar("Word", bound=StrEnum)
Table = dict[str, object]


class RefundsError(FileError):
    """The rows cannot be used; `problems` says everything that is wrong with them."""


def read_rows(toml: str, base: Iterable[Method] = ()) -> tuple[Method, ...]:
    """The rows of a file; what a row leaves out is taken from its row in `base`. Raises `RefundsError`."""
    try:
        document = parse(toml)
    except FileError as error:
        raise RefundsError(error.problems) from None
    reader = _Reader(Tables(toml, "method"), tuple(base))
    methods = reader.read(document)
    if reader.problems:
        raise RefundsError(tuple(sorted(reader.problems, key=lambda problem: problem.line)))
    return methods


class _Reader:
    """Reads every row and collects what is wrong, so that one run shows all of it."""

    def __init__(self, tables: Tables, base: tuple[Method, ...]) -> None:
        self.problems: list[Problem] = []
        self._tables = tables
        self._base = base

    def read(self, document: Table) -> tuple[Method, ...]:
        for key in document.keys() - {"method"}:
            self._wrong(
                self._tables.top(key), f"Unknown table or key `{key}`.", "Rows are [[method]] tables."
            )
        tables = document.get("method", [])
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
            self._wrong(
                self._tables.top("method"), "`method` is not an array of tables.", "Write [[method]]."
            )
            return ()
        rows = tuple(self._row(index, table) for index, table in enumerate(tables))
        self._released(rows)
        self._unambiguous(rows)
        return rows

    def _row(self, index: int, own: Table) -> Method:
        for key in [key for key in own if key not in _KEYS]:
            self._wrong(self._at(index, key), f"Unknown key `{key}`.", f"Known are: {', '.join(_KEYS)}.")
        table = {**self._inherited(own), **own}
        for key in [key for key in _REQUIRED if key not in table]:
            self._wrong(self._at(index), f"The row has no `{key}`.", f"Add `{key}`, as in the row above it.")
        unit = self._word(index, table, "unit", Unit.PERSON)
        low, high = self._window(index, table, own, unit)
        return Method(
            key=self._text(index, table, "method", _KEY) or "",
            name=self._text(index, table, "brand") or "",
            aliases=self._texts(index, table, "aliases"),
            spoken=self._texts(index, table, "spoken"),
            min=low,
            max=high,
            unit=unit,
            starts_at=self._word(index, table, "starts_at", StartsAt.REFUND_SENT),
            source=self._text(index, table, "source") or "",
            checked_on=self._date(index, table),
            released_as=self._text(index, table, "released_as", _KEY),
            country=self._text(index, table, "country", _COUNTRY),
            note=self._text(index, table, "note", _NOTE) or None,
        )

    def _inherited(self, own: Table) -> Table:
        """What the row takes over from the one it overrides; a window's source is never taken over."""
        rows = [row for row in self._base if row.key == own.get("method")]
        same = next((row for row in rows if row.country == own.get("country")), rows[0] if rows else None)
        if same is None:
            return {}
        table: Table = {
            "method": same.key, "brand": same.name, "min": same.min, "max": same.max, "unit": same.unit.value,
            "starts_at": same.starts_at.value, "released_as": same.released_as, "note": same.note,
        }  # fmt: skip
        return {key: value for key, value in table.items() if value is not None}

    def _window(self, index: int, table: Table, own: Table, unit: Unit) -> tuple[int | None, int | None]:
        ends = [end for end in ("min", "max") if end in own]
        if not unit.counts:
            allowed = unit is Unit.IMMEDIATE and all(own[end] == 0 for end in ends)
            if ends and not allowed:
                message = f"A window in `{unit}` has no {' and '.join(ends)}."
                self._wrong(self._at(index, ends[0]), message, "Leave it out, or choose another unit.")
            return (0, 0) if unit is Unit.IMMEDIATE else (None, None)
        low, high = table.get("min"), table.get("max")
        if _days(low) and _days(high) and low <= high:
            return low, high
        message = f"There is no window from {low} to {high}."
        remedy = f"Give `min` and `max` as whole numbers, 0 to {_LONGEST}, the smaller one first."
        self._wrong(self._at(index, ends[-1] if ends else None), message, remedy)
        return 0, 0

    def _text(self, index: int, table: Table, key: str, form: re.Pattern[str] | None = None) -> str | None:
        value = table.get(key)
        if value is None:
            return None
        if isinstance(value, str) and (form.fullmatch(value) if form else value.strip()):
            return value
        remedy = f"Write it like {_EXAMPLES[form]}." if form else "Write a text in quotes."
        self._wrong(self._at(index, key), f"`{key}` cannot be {value!r}.", remedy)
        return None

    def _texts(self, index: int, table: Table, key: str) -> tuple[str, ...]:
        values = table.get(key, [])
        if isinstance(values, list) and all(isinstance(value, str) and plain(value) for value in values):
            return tuple(values)
        self._wrong(self._at(index, key), f"`{key}` is not a list of texts.", f'Write {key} = ["one"].')
        return ()

    def _word(self, index: int, table: Table, key: str, default: Word) -> Word:
        kind = type(default)
        value = table.get(key, default.value)
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        self._wrong(self._at(index, key), f"`{key}` cannot be {value!r}.", f"Use one of: {', '.join(kind)}.")
        return default

    def _date(self, index: int, table: Table) -> date:
        value = table.get("checked_on", date.min)
        if isinstance(value, date) and not isinstance(value, datetime):
            return value
        self._wrong(
            self._at(index, "checked_on"), f"{value!r} is not a date.", "Write checked_on = 2026-11-22."
        )
        return date.min

    def _released(self, rows: tuple[Method, ...]) -> None:
        keys = {row.key for row in (*self._base, *rows)}
        for index, row in enumerate(rows):
            if row.released_as and row.released_as not in keys:
                line = self._at(index, "released_as")
                self._wrong(line, f"There is no method `{row.released_as}`.", f"Known: {', '.join(keys)}.")

    def _unambiguous(self, rows: tuple[Method, ...]) -> None:
        """One row a method and country, and no code or name that means two methods."""
        codes: dict[str, str] = {}
        names: dict[str, str] = {}
        seen: set[tuple[str, str | None]] = set()
        for index, row in enumerate(rows):
            if (row.key, row.country) in seen:
                self._wrong(self._at(index), f"A second row for `{row.key}`.", "Make them one row.")
            seen.add((row.key, row.country))
            self._claim(self._at(index, "aliases"), row.key, row.codes, codes)
            self._claim(self._at(index, "spoken"), row.key, {n.casefold() for n in row.spoken}, names)

    def _claim(self, line: int, key: str, words: Iterable[str], owners: dict[str, str]) -> None:
        for word in words:
            owner = owners.setdefault(word, key)
            if owner != key:
                self._wrong(line, f'"{word}" means `{owner}` and `{key}`.', "Give it to one of them.")

    def _at(self, index: int, key: str | None = None) -> int:
        return self._tables.line(index, key)

    def _wrong(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(line, message, remedy))


def _days(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _LONGEST
