"""The policy's own text, clause by clause."""

import re

_HEADING = re.compile(r"(\d+)\.\s+\S")
_POINT = re.compile(r"\s*(?:[•*\u2013-]|\d+\.\d+\.?)\s+\S")


def clauses(text: str) -> dict[str, str]:
    """The text of every clause ("2") and of every point in one ("5.2"), word for word.

    A clause begins with the next number at the start of a line ("2. How ..."); a numbered list inside one
    that does not go on with that count stays part of it. Points are bulleted lines, or lines numbered like
    "5.2", counted from 1; a point comes with the clause's words that lead up to the list.
    """
    found: dict[str, str] = {}
    for number, lines in enumerate(_split(text), 1):
        found[str(number)] = _tidy(lines)
        found |= {f"{number}.{nth}": point for nth, point in enumerate(_points(lines[1:]), 1)}
    return found


def _split(text: str) -> list[list[str]]:
    parts: list[list[str]] = []
    for line in text.splitlines():
        heading = _HEADING.match(line)
        if heading and int(heading[1]) == len(parts) + 1:
            parts.append([line])
        elif parts:
            parts[-1].append(line)
    return parts


def _points(body: list[str]) -> list[str]:
    starts = [at for at, line in enumerate(body) if _POINT.match(line)]
    if not starts:
        return []
    intro = _tidy(body[: starts[0]])
    points = []
    for start in starts:
        end = next((at for at in range(start + 1, len(body)) if at in starts or not body[at].strip()), None)
        points.append(_tidy([intro, *body[start:end]]))
    return points


def _tidy(lines: list[str]) -> str:
    """The lines without those that are empty, and without space at their ends."""
    return "\n".join(line.strip() for line in lines if line.strip())
