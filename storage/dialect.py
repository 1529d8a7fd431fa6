"""Many rows by one statement, in the words of each engine. The only file that knows how they differ.

SQLite takes rows as one long VALUES list, because every step of a statement gives up Python's lock and has
to win it back: with a busy event loop beside it, row by row takes many times as long. PostgreSQL takes a
column at a time, as arrays. Names in the statements come from `storage.schema`, values are always bound.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import chain
from typing import Any, TypeAlias

from sqlalchemy import Column, Connection, Table

Value: TypeAlias = str | int | None
Values: TypeAlias = tuple[Value, ...]
Rows: TypeAlias = list[tuple[Any, ...]]
"""Rows as the driver gives them; the columns asked for say what is in them."""
Names: TypeAlias = tuple[str, ...]


class Dialect(ABC):
    """Set-wise statements. `rows` hold values in the order of the names given with them."""

    def insert(self, connection: Connection, table: Table, rows: Sequence[Values], conflict: str = "") -> int:
        """Insert full rows, their values in the order of the table's columns.

        `conflict` is an ON CONFLICT clause; how many rows it let through.
        """
        return sum(
            connection.exec_driver_sql(
                f"{_into(table)} {self.source(tuple(table.columns), len(part))} {conflict}", self.bound(part)
            ).rowcount
            for part in self.parts(rows)
        )

    def add(self, connection: Connection, table: Table, rows: Sequence[Values], key: str) -> set[str]:
        """Insert those of the full rows that do not conflict; the values of `key` in them."""
        added: set[str] = set()
        for part in self.parts(rows):
            source = self.source(tuple(table.columns), len(part))
            sql = f"{_into(table)} {source} ON CONFLICT DO NOTHING RETURNING {key}"
            added.update(connection.exec_driver_sql(sql, self.bound(part)).scalars())
        return added

    def delete(self, connection: Connection, table: Table, by: Names, rows: Sequence[Values]) -> int:
        """Delete the rows whose columns `by` have these values; how many there were."""
        head = f"DELETE FROM {table.name} WHERE ({', '.join(by)}) IN"  # noqa: S608 — own names
        columns = tuple(table.c[name] for name in by)
        return sum(
            connection.exec_driver_sql(
                f"{head} ({self.source(columns, len(part))})", self.bound(part)
            ).rowcount
            for part in self.parts(rows)
        )

    def matching(
        self, connection: Connection, table: Table, columns: Names, by: Names, rows: Sequence[Values]
    ) -> Rows:
        """These columns of the rows whose columns `by` have these values, in no order."""
        chosen = ", ".join(f"kept.{name}" for name in columns)
        query = f"SELECT {chosen} FROM wanted JOIN {table.name} AS kept ON {_equal(by)}"  # noqa: S608 — own names
        return self._ask(connection, table, by, rows, query)

    def present(self, connection: Connection, table: Table, by: Names, rows: Sequence[Values]) -> set[Values]:
        """Which of these keys the table has."""
        return set(self.matching(connection, table, by, by, rows))

    def absent(self, connection: Connection, table: Table, by: Names, rows: Sequence[Values]) -> set[Values]:
        """Which of these keys the table has not."""
        chosen = ", ".join(f"wanted.{name}" for name in by)
        tables = f"wanted LEFT JOIN {table.name} AS kept ON {_equal(by)}"
        query = f"SELECT {chosen} FROM {tables} WHERE kept.{by[0]} IS NULL"  # noqa: S608 — own names
        return set(self._ask(connection, table, by, rows, query))

    def differing(self, connection: Connection, table: Table, by: Names, rows: Sequence[Values]) -> Rows:
        """Those of the rows that the table has otherwise, as it has them; numbers of a missing row are 0.

        The first of `by` is the key, the others are numbers.
        """
        numbers = {name: f"coalesce(kept.{name}, 0)" for name in by[1:]}
        chosen = ", ".join((f"wanted.{by[0]}", *numbers.values()))
        tables = f"wanted LEFT JOIN {table.name} AS kept ON {_equal(by[:1])}"
        differs = " OR ".join(f"{kept} <> wanted.{name}" for name, kept in numbers.items())
        query = f"SELECT {chosen} FROM {tables} WHERE {differs}"  # noqa: S608 — own names
        return self._ask(connection, table, by, rows, query)

    def _ask(
        self, connection: Connection, table: Table, by: Names, rows: Sequence[Values], query: str
    ) -> Rows:
        found: Rows = []
        for part in self.parts(rows):
            sql = f"{self._wanted(table, by, len(part))} {query}"
            found += map(tuple, connection.exec_driver_sql(sql, self.bound(part)))
        return found

    def _wanted(self, table: Table, by: Names, size: int) -> str:
        source = self.source(tuple(table.c[name] for name in by), size)
        return f"WITH wanted ({', '.join(by)}) AS ({source})"

    def lock(self, connection: Connection, table: Table, by: str, keys: Sequence[str]) -> None:
        """Hold the rows of these keys, in order, until the transaction ends."""
        del connection, table, by, keys  # SQLite has one writer at a time anyway

    @abstractmethod
    def parts(self, rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
        """The rows in as many parts as they need statements."""

    @abstractmethod
    def source(self, columns: tuple[Column[Value], ...], size: int) -> str:
        """SQL that gives `size` bound rows of these columns."""

    @abstractmethod
    def bound(self, rows: Sequence[Values]) -> tuple[Value | list[Value], ...]:
        """The parameters that go with `source`."""


@cache
def _into(table: Table) -> str:
    return f"INSERT INTO {table.name} ({', '.join(table.columns.keys())})"


@cache
def _equal(names: Names) -> str:
    return " AND ".join(f"kept.{name} = wanted.{name}" for name in names)


_USUAL = 32
_MOST = 128
"""Rows in one VALUES list: within the 32,766 values SQLite binds at most, whatever the table."""


class _Sqlite(Dialect):
    def parts(self, rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
        # A usual batch is one statement a table; longer ones go by powers of two, so that a bounded number
        # of statements serves every length and stays prepared.
        start = 0
        while left := len(rows) - start:
            size = left if left <= _USUAL else min(_MOST, 1 << (left.bit_length() - 1))
            yield rows[start : start + size]
            start += size

    def source(self, columns: tuple[Column[Value], ...], size: int) -> str:
        return _values(len(columns), size)

    def bound(self, rows: Sequence[Values]) -> tuple[Value | list[Value], ...]:
        return tuple(chain.from_iterable(rows))


@cache
def _values(width: int, size: int) -> str:
    row = f"({', '.join('?' * width)})"
    return f"VALUES {', '.join([row] * size)}"


class _Postgres(Dialect):
    def lock(self, connection: Connection, table: Table, by: str, keys: Sequence[str]) -> None:
        where = f"{by} = ANY($1::text[]) ORDER BY {by} FOR UPDATE"
        connection.exec_driver_sql(f"SELECT 1 FROM {table.name} WHERE {where}", (list(keys),))  # noqa: S608 — own names

    def parts(self, rows: Sequence[Values]) -> Iterator[Sequence[Values]]:
        if rows:
            yield rows

    def source(self, columns: tuple[Column[Value], ...], size: int) -> str:
        del size  # an array has any length
        return _unnest(columns)

    def bound(self, rows: Sequence[Values]) -> tuple[Value | list[Value], ...]:
        return tuple(list(column) for column in zip(*rows, strict=True))


@cache
def _unnest(columns: tuple[Column[Value], ...]) -> str:
    kinds = ("bigint" if column.type.python_type is int else "text" for column in columns)
    return f"SELECT * FROM unnest({', '.join(f'${n}::{kind}[]' for n, kind in enumerate(kinds, 1))})"  # noqa: S608 — own names


_DIALECTS: dict[str, Dialect] = {"sqlite": _Sqlite(), "postgresql": _Postgres()}


def dialect(connection: Connection) -> Dialect:
    """The words of the engine at the other end."""
    return _DIALECTS[connection.dialect.name]
