"""A softmax regression from features to intents, trained on the lexicon's examples at construction."""

from collections.abc import Sequence
from functools import lru_cache
from math import exp

import numpy as np

from dialogs.reading import Intent
from dialogs.understanding.features import Embedder, Features, Matrix

_RIDGE = 0.0001
"""Weight of the penalty on large coefficients."""
_STEPS = 70
_BALANCE = 0.5
"""0 counts every example the same, 1 every intent."""
_SHORT = 40
"""Signs: clauses up to this length come again and again, and what they gave is remembered."""
_REMEMBERED = 4096


class IntentModel:
    """Probabilities of intents. Deterministic: the same examples give the same model."""

    def __init__(self, examples: Sequence[tuple[str, Intent]], embedder: Embedder | None) -> None:
        self.intents = tuple(dict.fromkeys(intent for _, intent in examples))
        texts = [text for text, _ in examples]
        self._features = Features(texts, embedder)
        rows = self._features.matrix(texts)
        classes = np.array([self.intents.index(intent) for _, intent in examples])
        self._weights = np.ascontiguousarray(rows.T @ _trained(rows @ rows.T, classes))
        self._grams = self._weights[: self._features.grams]
        self._meaning = self._weights[self._features.grams :]
        self._known = lru_cache(maxsize=_REMEMBERED)(self._computed)

    def probabilities(self, text: str) -> list[float]:
        """How likely a folded text shows each of `intents`; they add up to 1."""
        return list(self._known(text) if len(text) <= _SHORT else self._computed(text))

    def _computed(self, text: str) -> list[float]:
        scores = self._features.dense(text) @ self._meaning
        for columns, value in self._features.sparse(text):
            if columns:
                scores += self._grams.take(columns, axis=0).sum(axis=0) * np.float32(value)
        raised = [exp(score) for score in scores.tolist()]
        total = sum(raised)
        return [likelihood / total for likelihood in raised]


def _trained(kernel: Matrix, classes: np.ndarray) -> Matrix:
    """Dual coefficients, one row an example: accelerated gradient descent on the penalised log-likelihood."""
    count = len(classes)
    wanted = np.zeros((count, int(classes.max()) + 1), dtype=np.float32)
    wanted[np.arange(count), classes] = 1
    share = (count / np.bincount(classes)[classes]) ** _BALANCE
    share = (share / share.sum())[:, np.newaxis].astype(np.float32)
    # The curvature of the softmax is at most 1/2; the largest eigenvalue bounds that of the kernel.
    steepness = _largest_eigenvalue(kernel * np.sqrt(share) * np.sqrt(share).T) / 2 + _RIDGE
    now = ahead = np.zeros_like(wanted)
    for step in range(_STEPS):
        slope = share * (_softmax(kernel @ ahead) - wanted) + _RIDGE * ahead
        before, now = now, (ahead - slope / steepness).astype(np.float32)
        ahead = now + np.float32(step / (step + 3)) * (now - before)
    return now


def _largest_eigenvalue(kernel: Matrix) -> float:
    """An upper estimate for a symmetric matrix without negative entries in its first eigenvector."""
    vector = np.ones(len(kernel), dtype=np.float32)
    for _ in range(12):
        vector = kernel @ (vector / np.linalg.norm(vector))
    return float(np.linalg.norm(vector)) * 1.05


def _softmax(scores: Matrix) -> Matrix:
    raised = np.exp(scores - scores.max(axis=1, keepdims=True))
    normal: Matrix = raised / raised.sum(axis=1, keepdims=True)
    return normal
