"""What a look at one part of the product found."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is."""

    OK = "ok"
    WARNING = "warning"
    """It works, and somebody should look at it."""
    PROBLEM = "problem"
    """It does not work."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One line: what was looked at, how it is, and what to do where it is not well."""

    what: str
    state: State
    words: str
    remedy: str = ""


def ok(what: str, words: str) -> Finding:
    """It is well."""
    return Finding(what, State.OK, words)


def warning(what: str, words: str, remedy: str = "") -> Finding:
    """It works, and somebody should look at it."""
    return Finding(what, State.WARNING, words, remedy)


def problem(what: str, words: str, remedy: str = "") -> Finding:
    """It does not work."""
    return Finding(what, State.PROBLEM, words, remedy)


def problems(what: str, error: Exception) -> list[Finding]:
    """A line for each of the error's lines, which name variable and remedy by themselves."""
    return [problem(what, line) for line in str(error).splitlines() or [type(error).__name__]]
