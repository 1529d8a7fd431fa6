"""Sentence embeddings by WordLlama: 256 numbers a text, from weights that ship in its package."""

from collections.abc import Sequence
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from dialogs.understanding.features import Matrix


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
        self._model = WordLlama.load(cache_dir=Path(spec.origin).parent, disable_download=True)

    def embed(self, texts: Sequence[str]) -> Matrix:
        """One row of 256 a text."""
        rows: Matrix = np.asarray(self._model.embed(list(texts)), dtype=np.float32)
        return rows
