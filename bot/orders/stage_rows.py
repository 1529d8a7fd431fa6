"""From a shop's words to our stages, by rows of data that a merchant's own file can change.

A row of `[stages.NAME]` says which stage an order is in when every condition of it holds:

    stage   one of ours; "unrecognised" sends the order to a person without reporting its status as unmapped
    when    fact = [values]: at least one of the values is among the order's
    only    fact = [values]: the order has no other value of this fact
    before  in a merchant's file, and needed there for a new name: the row that is asked after this one

Rows are asked from the top and the first that fits counts. A merchant's row of a known name takes its place.
Values are compared without case.
"""

import tomllib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TypeVar

import msgspec

from dialogs.orders import Stage

Facts = Mapping[str, frozenset[str]]
M = TypeVar("M")

_MOST_TOLD = 1000


class MappingError(ValueError):
    """A mapping file says something that cannot be used; the message says what and where."""


class Row(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """One row, as a file holds it."""

    stage: Stage
    when: dict[str, list[str]] = {}
    only: dict[str, list[str]] = {}
    before: str = ""

    def fits(self, facts: Facts) -> bool:
        """Whether every condition holds for these casefolded facts."""
        return all(facts[name] & _folded(values) for name, values in self.when.items()) and all(
            facts[name] <= _folded(values) for name, values in self.only.items()
        )


class Once:
    """Passes each word on once, and no more than a thousand."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._told: set[str] = set()

    def __call__(self, word: str) -> None:
        """Tell the word, unless it was told."""
        if word not in self._told and len(self._told) < _MOST_TOLD:
            self._told.add(word)
            self._tell(word)


class StageRows:
    """The rows of one shop. `unmapped` is told each status that no row fits, once."""

    def __init__(
        self, rows: Mapping[str, Row], *, facts: frozenset[str], unmapped: Callable[[str], None]
    ) -> None:
        for name, row in rows.items():
            if unknown := (set(row.when) | set(row.only)) - facts:
                raise MappingError(
                    f"stages.{name}: {', '.join(sorted(unknown))} is no fact of this shop; "
                    f"these are: {', '.join(sorted(facts))}"
                )
            if not row.when:
                raise MappingError(f"stages.{name}: without a condition in `when` it would fit every order")
        self._rows = tuple(rows.values())
        self._unmapped = Once(unmapped)

    def stage(self, facts: Facts, status: str) -> Stage:
        """The stage of an order with these facts; `status` is the shop's own word for them."""
        folded = {name: _folded(values) for name, values in facts.items()}
        for row in self._rows:
            if row.fits(folded):
                return row.stage
        self._unmapped(status)
        return Stage.UNRECOGNISED


def read_mapping(kind: type[M], default: str, own: Path | None) -> M:
    """The product's mapping (TOML), with a merchant's file over it. Raises `MappingError`.

    Rows of `[stages]` are laid over one by one, every other table key by key.
    """
    tables = tomllib.loads(default)
    try:
        if own is not None:
            tables = _laid_over(tables, tomllib.loads(own.read_text(encoding="utf-8-sig")))
        return msgspec.convert(tables, kind)
    except OSError as error:
        raise MappingError(f"{own}: cannot be read ({error.strerror})") from None
    except RecursionError:
        raise MappingError(f"{own}: tables or lists are nested too deeply; look at its brackets") from None
    except (ValueError, msgspec.ValidationError) as error:
        raise MappingError(f"{own or 'the default mapping'}: {error}") from None


def _laid_over(tables: dict[str, object], own: dict[str, object]) -> dict[str, object]:
    merged = dict(tables)
    for name, table in own.items():
        under = merged.get(name)
        if not isinstance(table, dict) or not isinstance(under, dict):
            merged[name] = table
        elif name == "stages":
            merged[name] = _rows_over(under, table)
        else:
            merged[name] = under | table
    return merged


def _rows_over(rows: dict[str, object], own: dict[str, object]) -> dict[str, object]:
    merged = list(rows.items())
    for name, row in own.items():
        at = next((at for at, (known, _) in enumerate(merged) if known == name), None)
        if at is not None:
            merged[at] = (name, row)
            continue
        before = row.get("before") if isinstance(row, dict) else None
        at = next((at for at, (known, _) in enumerate(merged) if known == before), None)
        if at is None:
            known = ", ".join(key for key, _ in merged)
            raise MappingError(f"stages.{name}: a new row needs `before`, the name of one of: {known}")
        merged.insert(at, (name, row))
    return dict(merged)


def _folded(values: frozenset[str] | list[str]) -> frozenset[str]:
    return frozenset(value.strip().casefold() for value in values)
