"""A text as the intent model sees it: plain words, one mark for every number and address."""

import re

_MARKS = re.compile(r"[\ue000-\uefff]")
_REPEATED = re.compile(r"(\w)\1{2,}")
_WORDS = re.compile(r"[^\W_]+|[#?]")
_SENTENCES = re.compile(r"(?<=[.!?;\n])\s+|\n|(?<=[\w\ue000-\uefff)\]]),\s+|\s+-\s+|(?<=[.!?;])(?=[^\W\d_])")
_AT_MOST = 16
"""Clauses looked at."""


def wording(folded: str) -> str:
    """The words of a folded text, apart by one space; question marks and `#` for values are words."""
    plain = _MARKS.sub(" # ", folded.replace("'", ""))
    return " ".join(_WORDS.findall(_REPEATED.sub(r"\1\1", plain)))


def clauses(folded: str, joints: frozenset[str]) -> list[str]:
    """The first sixteen clauses of a folded text: its sentences, parted at commas and at words that join."""
    parts = []
    for sentence in _SENTENCES.split(folded):
        parts += _parted(sentence, joints)
    return [part for part in parts if part.strip()][:_AT_MOST]


def _parted(sentence: str, joints: frozenset[str]) -> list[str]:
    """The sentence, cut before every joint with at least two words on each side."""
    words = sentence.split()
    pieces: list[list[str]] = [[]]
    for index, word in enumerate(words):
        if word in joints and len(pieces[-1]) > 1 and len(words) - index > 2:  # noqa: PLR2004 - see above
            pieces.append([])
        else:
            pieces[-1].append(word)
    return [" ".join(piece) for piece in pieces]
