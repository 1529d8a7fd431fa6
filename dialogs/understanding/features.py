"""Numbers a text is judged by: a sentence embedding beside word and character n-grams."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Protocol, TypeAlias

import numpy as np
from numpy.typing import NDArray

Matrix: TypeAlias = NDArray[np.float32]
Row: TypeAlias = NDArray[np.float32]

_LONGEST_TEXT = 400
"""Signs of a text that count; more would only cost time."""
_CHARACTER_GRAMS = (3, 4)
_GRAM_WEIGHTS = (1.0, 0.8)
"""How much words and characters count; each family is scaled to unit length before."""
_EMBEDDING_WEIGHT = 1.2
_NOTHING = np.zeros(0, dtype=np.float32)


class Embedder(Protocol):
    """Turns texts into vectors whose directions stand for meanings."""

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One row a text, always of the same width; a text without known words may be a row of zeros."""


class Features:
    """Feature vectors for the vocabulary of the examples it is built with.

    A text is described by the indices of its n-grams and their common weight, and by its embedding; unknown
    n-grams say nothing. Embedding columns stand behind those of the n-grams.
    """

    def __init__(self, examples: Sequence[str], embedder: Embedder | None) -> None:
        self._embedder = embedder
        grams = {gram for example in examples for family in _grams(example) for gram in family}
        self._columns = {gram: column for column, gram in enumerate(sorted(grams))}

    @property
    def grams(self) -> int:
        """The number of n-gram columns."""
        return len(self._columns)

    def sparse(self, text: str) -> list[tuple[list[int], float]]:
        """For each family of n-grams, the known columns of a folded text and the value of all of them."""
        columns = self._columns
        return [
            ([columns[gram] for gram in family if gram in columns], weight / max(len(family), 1) ** 0.5)
            for family, weight in zip(_grams(text), _GRAM_WEIGHTS, strict=True)
        ]

    def dense(self, text: str) -> Row:
        """The embedding of a folded text, scaled; of width 0 without an embedder."""
        if self._embedder is None:
            return _NOTHING
        row: Row = self._embedder.embed([text[:_LONGEST_TEXT]])[0]
        scale = np.float32(_EMBEDDING_WEIGHT / max(float(row @ row) ** 0.5, 1e-9))
        scaled: Row = row * scale
        return scaled

    def matrix(self, texts: Sequence[str]) -> Matrix:
        """All features of the texts, one row each."""
        dense = np.stack([self.dense(text) for text in texts])
        whole = np.zeros((len(texts), self.grams + dense.shape[1]), dtype=np.float32)
        for row, text in enumerate(texts):
            for columns, value in self.sparse(text):
                whole[row, columns] = value
        whole[:, self.grams :] = dense
        return whole


def _grams(text: str) -> tuple[set[str], set[str]]:
    """Words and pairs of words; and runs of characters within a word, its edges marked."""
    words = text[:_LONGEST_TEXT].split()
    pairs = {f"{left} {right}" for left, right in pairwise(words)}
    runs = {
        f"^{edged[start : start + size]}"
        for word in words
        if (edged := f"_{word}_")
        for size in _CHARACTER_GRAMS
        for start in range(max(len(edged) - size + 1, 1))
    }
    return pairs.union(words), runs
