"""From the text of a rules file to rules, or to everything that is wrong with it."""

import re
from collections.abc import Collection, Iterable
from enum import StrEnum
from typing import TypeVar

from dialogs.orders import Cancellable, Money, Stage
from dialogs.policy.rules import Condition, Rule, Ruling, Verdict
from dialogs.policy.toml_lines import FileError, Problem, Tables, parse

_KEYS = ("id", "when", "then", "reason", "clause")
_REQUIRED = ("id", "then", "reason", "clause")
_FACTS = ("stage", "cancellable", "partly_fulfilled", "money")
_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")

Word = TypeVar("Word", bound=StrEnum)


class PolicyError(FileError):
    """The rules cannot be used; `problems` says everything that is wrong with them."""


def rules_of(toml: str, clauses: Collection[str]) -> tuple[Rule, ...]:
    """The rules of a file, in its order. `clauses` are those that exist in the text. Raises `PolicyError`."""
    try:
        document = parse(toml)
    except FileError as error:
        raise PolicyError(error.problems) from None
    reader = _Reader(Tables(toml, "rule"), clauses)
    rules = reader.read(document)
    if reader.problems:
        raise PolicyError(tuple(sorted(reader.problems, key=lambda problem: problem.line)))
    return rules


class _Reader:
    """Reads every rule and collects what is wrong, so that one run shows all of it."""

    def __init__(self, tables: Tables, clauses: Collection[str]) -> None:
        self.problems: list[Problem] = []
        self._tables = tables
        self._clauses = clauses
        self._lines: dict[str, int] = {}

    def read(self, document: dict[str, object]) -> tuple[Rule, ...]:
        for key in document.keys() - {"rule"}:
            self._wrong(self._tables.top(key), f"Unknown table or key `{key}`.", "Rules are [[rule]] tables.")
        tables = document.get("rule")
        if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables) or not tables:
            self._wrong(1, "There is no rule.", "Write each rule as a [[rule]] table.")
            return ()
        return tuple(self._rule(index, table) for index, table in enumerate(tables))

    def _rule(self, index: int, table: dict[str, object]) -> Rule:
        self._unknown_keys(index, table, _KEYS)
        for key in [key for key in _REQUIRED if key not in table]:
            self._wrong(self._tables.line(index), f"The rule has no `{key}`.", f"Add {_example(key)}.")
        when = self._when(index, table.get("when", {}))
        ruling = self._word(index, "then", table.get("then"), Ruling) or Ruling.PERSON
        name = self._name(index, "id", table)
        verdict = Verdict(ruling, self._name(index, "reason", table), name, self._clause(index, table))
        self._unique(index, name)
        self._truthful(index, ruling, when)
        return Rule(when, verdict, self._tables.line(index))

    def _when(self, index: int, when: object) -> Condition:
        if not isinstance(when, dict):
            self._wrong(
                self._tables.line(index, "when"), "`when` is not a table.", f"Write {_example('when')}."
            )
            return Condition()
        self._unknown_keys(index, when, _FACTS)
        return Condition(
            self._words(index, "stage", when, Stage),
            self._words(index, "cancellable", when, Cancellable),
            self._flag(index, "partly_fulfilled", when),
            self._words(index, "money", when, Money),
        )

    def _words(self, index: int, key: str, when: dict[str, object], kind: type[Word]) -> frozenset[Word]:
        if key not in when:
            return frozenset(kind)
        values = when[key]
        if not isinstance(values, list) or not values:
            message, remedy = (
                f"`{key}` is not a list of words.",
                f'Write for example {key} = ["{_first(kind)}"].',
            )
            self._wrong(self._tables.line(index, key), message, remedy)
            return frozenset(kind)
        words = [self._word(index, key, value, kind) for value in values]
        return frozenset(word for word in words if word is not None)

    def _word(self, index: int, key: str, value: object, kind: type[Word]) -> Word | None:
        if isinstance(value, str) and value in set(kind):
            return kind(value)
        if value is not None:
            line = self._tables.line(index, key, value if isinstance(value, str) else None)
            self._wrong(line, f"`{key}` cannot be {_shown(value)}.", f"Use one of: {', '.join(kind)}.")
        return None

    def _flag(self, index: int, key: str, when: dict[str, object]) -> frozenset[bool]:
        value = when.get(key)
        if isinstance(value, bool):
            return frozenset({value})
        if value is not None:
            line = self._tables.line(index, key)
            self._wrong(line, f"`{key}` cannot be {_shown(value)}.", "Use true or false, or leave it out.")
        return frozenset({False, True})

    def _name(self, index: int, key: str, table: dict[str, object]) -> str:
        value = table.get(key)
        if isinstance(value, str) and _NAME.fullmatch(value):
            return value
        if value is not None:
            line = self._tables.line(index, key)
            self._wrong(
                line, f"`{key}` cannot be {_shown(value)}.", 'Use small letters, digits and "-": "on-hold".'
            )
        return ""

    def _clause(self, index: int, table: dict[str, object]) -> str:
        value = table.get("clause")
        if isinstance(value, str) and value in self._clauses:
            return value
        if value is not None:
            known = ", ".join(self._clauses) or "none, it has no line like `1. Heading`"
            line = self._tables.line(index, "clause")
            self._wrong(line, f"The policy text has no clause {_shown(value)}.", f"Its clauses are: {known}.")
        return ""

    def _unique(self, index: int, name: str) -> None:
        line = self._tables.line(index, "id")
        if name and name in self._lines:
            earlier = self._lines[name]
            self._wrong(line, f'The id "{name}" is taken by line {earlier}.', "Give each rule its own id.")
        self._lines.setdefault(name, line)

    def _truthful(self, index: int, ruling: Ruling, when: Condition) -> None:
        """Two verdicts state a fact to the customer, so the rule must ask for that fact."""
        line = self._tables.line(index, "then")
        if ruling is Ruling.ALREADY_CANCELLED and when.stage != {Stage.CANCELLED}:
            message = "It would call orders cancelled whose record does not show it."
            self._wrong(line, message, 'Add stage = ["cancelled"] to `when`.')
        if ruling is Ruling.NOTHING_TO_REFUND and when.money != {Money.UNPAID}:
            message = "It would say that nothing is refunded where money was held or taken."
            self._wrong(line, message, 'Add money = ["unpaid"] to `when`.')

    def _unknown_keys(self, index: int, table: dict[str, object], known: Iterable[str]) -> None:
        for key in [key for key in table if key not in known]:
            line = self._tables.line(index, key)
            self._wrong(line, f"Unknown key `{key}`.", f"Known here are: {', '.join(known)}.")

    def _wrong(self, line: int, message: str, remedy: str) -> None:
        self.problems.append(Problem(line, message, remedy))


def _first(kind: type[StrEnum]) -> str:
    return next(iter(kind)).value


def _shown(value: object) -> str:
    return f'"{value}"' if isinstance(value, str) else str(value).lower()


def _example(key: str) -> str:
    examples = {
        "id": 'id = "on-hold"',
        "when": 'when = { stage = ["on_hold"] }',
        "then": 'then = "person"',
        "reason": 'reason = "on-hold"',
        "clause": 'clause = "3"',
    }
    return examples[key]
