"""TOML with line numbers: what is wrong with a file is said with the line and the remedy.

`tomllib` tells the line of a syntax error only, so the lines of tables and keys are found in the text.
"""

import re
import tomllib
from dataclasses import dataclass
from typing import TypeGuard

_POSITION = re.compile(r"\s*\(at (?:line (\d+), column \d+|end of document)\)$")
_DEEPEST = 50
"""Tables and lists within each other. Nothing we read has ten."""
_TRIPLE = re.compile(r'"""|\'\'\'')


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing wrong with a file; `line` counts from 1."""

    line: int
    message: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.line}: {self.message} Remedy: {self.remedy}"


class FileError(ValueError):
    """A file cannot be used; `problems` says everything that is wrong with it."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(f"line {problem}" for problem in problems))
        self.problems = problems


def parse(toml: str) -> dict[str, object]:
    """The document as plain values. Raises `FileError` with the one place where it is no TOML of ours."""
    try:
        document = tomllib.loads(toml)
        if _depth(document) <= _DEEPEST:
            return document
    except RecursionError:
        pass
    except ValueError as error:  # a number of too many digits is no `TOMLDecodeError`
        message = str(error)
        at = _POSITION.search(message)
        line = int(at[1]) if at and at[1] else len(_lines(toml))
        what = _POSITION.sub("", message)
        remedy = "Mend the TOML syntax on this line or the one above it."
        raise FileError((Problem(line, f"This is not TOML: {what}.", remedy),)) from None
    line = _deepest(toml)
    remedy = "Look for brackets or dots that were meant otherwise on this line."
    raise FileError((Problem(line, f"Tables or lists are nested more than {_DEEPEST} deep.", remedy),))


def _depth(document: dict[str, object]) -> int:
    """How many tables and lists stand within each other, without a call each."""
    depth, level = 0, list[object]([document])
    while level:
        depth += 1
        within = (each.values() if isinstance(each, dict) else each for each in level if _holds(each))
        level = [value for values in within for value in values if _holds(value)]
    return depth


def _holds(value: object) -> TypeGuard[dict[str, object] | list[object]]:
    return isinstance(value, dict | list)


def _deepest(toml: str) -> int:
    """The line with the most signs of nesting."""
    lines = _lines(toml)
    return 1 + max(range(len(lines)), key=lambda at: sum(map(lines[at].count, "[{.")))


class Tables:
    """Where the tables of one array of tables (`[[name]]`), and the keys in them, stand in a text."""

    def __init__(self, toml: str, name: str) -> None:
        self._lines = _without_multiline_strings(toml)
        header = re.compile(rf"\s*\[\[\s*[\"']?{re.escape(name)}[\"']?\s*\]\]")
        other = re.compile(rf"\s*\[(?!\s*{re.escape(name)}\s*\.)[^\[\]]+\]\s*(#.*)?$")
        self._headers = [number for number, line in enumerate(self._lines, 1) if header.match(line)]
        ends = [number for number, line in enumerate(self._lines, 1) if other.match(line)]
        self._stops = sorted([*self._headers, *ends, len(self._lines) + 1])

    @property
    def last(self) -> int:
        """The last line of the text."""
        return len(self._lines)

    def top(self, key: str) -> int:
        """The line where a key or table of the whole document stands; 1 where it cannot be found."""
        stands = re.compile(rf"\s*\[*\s*[\"']?{re.escape(key)}[\"']?\s*[=.\]]")
        return next((number for number, line in enumerate(self._lines, 1) if stands.match(line)), 1)

    def line(self, index: int, key: str | None = None, value: str | None = None) -> int:
        """The line of the table with this index, of a key in it, or of a quoted value from that key on.

        Falls back to the next wider place: the key, the table's header, the first line.
        """
        if index >= len(self._headers):
            return 1
        header = self._headers[index]
        if key is None:
            return header
        at = self._find(rf"(^|[\s{{,.\[]|[\"']){re.escape(key)}[\"']?\s*[=.\]]", header + 1) or header
        if value is None:
            return at
        return self._find(rf"[\"']{re.escape(value)}[\"']", at) or at

    def _find(self, pattern: str, start: int) -> int | None:
        """The first line from `start` on that holds the pattern, before the next table begins."""
        wanted = re.compile(pattern)
        stop = next((stop for stop in self._stops if stop >= start), start)
        lines = ((number, _without_comment(self._lines[number - 1])) for number in range(start, stop))
        return next((number for number, line in lines if wanted.search(line)), None)


def _lines(toml: str) -> list[str]:
    """The lines as TOML counts them, at least one."""
    return toml.removesuffix("\n").split("\n")


def _without_multiline_strings(toml: str) -> list[str]:
    """The lines, with those inside a triple-quoted string emptied: nothing in them is a key."""
    lines: list[str] = []
    quote = ""
    for line in _lines(toml):
        inside = bool(quote)
        for found in _TRIPLE.findall(line if inside else _without_comment(line)):
            quote = found if not quote else "" if quote == found else quote
        lines.append("" if inside else line)
    return lines


def _without_comment(line: str) -> str:
    """The line up to a `#` that stands outside quotes."""
    quote = ""
    for at, sign in enumerate(line):
        if sign == "#" and not quote:
            return line[:at]
        if sign in "\"'":
            quote = "" if quote == sign else quote or sign
    return line
