"""Sentence embeddings by WordLlama: 256 numbers a text, from weights that ship in its package."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dialogs.understanding.features import Matrix, Row


class WordLlamaEmbedder:
    """Loads at construction (about half a second, 120 MB) and never downloads.

    Raises `ImportError` where the package is missing, `FileNotFoundError` where its weights are.
    """

    def __init__(self) -> None:
        spec = find_spec("wordllama")
        if spec is None or spec.origin is None:
            raise ImportError("wordllama is not installed")
        from wordllama import WordLlama  # noqa: PLC0415 - 0.5 s, paid only by who wants embeddings

        # Its loader looks for shipped files in a folder it does not have; as a cache the package is found.
        model = WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)
        self._tokenizer = model.tokenizer
        self._table: Matrix = model.embedding

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One row of 256 a text."""
        return np.stack([self._mean(text) for text in texts])

    def _mean(self, text: str) -> Row:
        """The mean of its tokens' vectors, as the model's own `embed` has it, which is made for batches."""
        tokens = self._tokenizer.encode(text, add_special_tokens=False).ids
        row: Row = self._table.take(tokens, axis=0, mode="clip").sum(axis=0) / np.float32(max(len(tokens), 1))
        return row
