"""Text to `Reading`: pure and fast.

Order numbers and e-mail addresses by rules, yes and no by wordings, intents by a model trained on example
phrases when an `Understanding` is built.
"""

from dialogs.understanding.features import Embedder
from dialogs.understanding.reader import Understanding

__all__ = ["Embedder", "Understanding"]
