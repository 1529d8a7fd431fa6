"""The product's rows, and a merchant's rows over them."""

from collections.abc import Collection, Iterable
from dataclasses import replace
from functools import cache
from importlib.resources import files

from dialogs.policy.toml_lines import Problem, Tables
from dialogs.refunds.methods import Method, plain
from dialogs.refunds.rows import read_rows


def load(default: str, override: str | None = None) -> tuple[Method, ...]:
    """The rows of a file, with those of a merchant's file over them. Raises `RefundsError`.

    A merchant's row may leave out what it does not change, but names its own source. Its aliases and spoken
    names are added to those of its method, and taken from any other. Without `country` it counts everywhere.
    """
    methods = read_rows(default)
    return methods if override is None else _laid_over(methods, read_rows(override, methods))


def missing_notes(default: str, override: str, messages: Collection[str], file: str) -> tuple[Problem, ...]:
    """The rows of a merchant's file whose note cannot be told: `messages` are those of one language's `file`.

    Raises `RefundsError`.
    """
    tables = Tables(override, "method")
    return tuple(
        Problem(
            tables.line(index, "note"),
            f"The note of the row `{row.key}` has no message `refund-note-{row.note}`.",
            f'Add it to {file}, use a note that is there, or write note = "" for none.',
        )
        for index, row in enumerate(read_rows(override, read_rows(default)))
        if row.note and f"refund-note-{row.note}" not in messages
    )


@cache
def default_methods() -> tuple[Method, ...]:
    """The rows that come with the product."""
    return load(default_rows())


def default_rows() -> str:
    """The file of rows that comes with the product."""
    return files("dialogs.refunds").joinpath("methods.toml").read_text(encoding="utf-8")


def _laid_over(methods: tuple[Method, ...], merchants: tuple[Method, ...]) -> tuple[Method, ...]:
    kept = (row for row in methods if not any(_overrides(own, row) for own in merchants))
    return (
        *(_yielding(row, merchants) for row in kept),
        *(
            _with_words_of(own, (row for row in methods if _overrides(own, row)), merchants)
            for own in merchants
        ),
    )


def _overrides(own: Method, row: Method) -> bool:
    return own.key == row.key and own.country in (None, row.country)


def _with_words_of(own: Method, rows: Iterable[Method], merchants: tuple[Method, ...]) -> Method:
    """A merchant's row with the codes and names of the rows it overrides."""
    yielding = [_yielding(row, merchants) for row in rows]
    aliases = dict.fromkeys([alias for row in yielding for alias in row.aliases] + list(own.aliases))
    spoken = dict.fromkeys([name for row in yielding for name in row.spoken] + list(own.spoken))
    return replace(own, aliases=tuple(aliases), spoken=tuple(spoken))


def _yielding(row: Method, merchants: tuple[Method, ...]) -> Method:
    """The row without the codes and names that a merchant gave to another method."""
    others = [own for own in merchants if own.key != row.key]
    codes = {code for own in others for code in own.codes}
    names = {name.casefold() for own in others for name in own.spoken}
    return replace(
        row,
        aliases=tuple(alias for alias in row.aliases if plain(alias) not in codes),
        spoken=tuple(name for name in row.spoken if name.casefold() not in names),
    )
