import pytest

from dialogs.understanding import Understanding
from dialogs.understanding.wordllama_embedder import WordLlamaEmbedder

METHODS = {
    "card": ["card", "credit card", "visa", "tarjeta"],
    "paypal": ["PayPal", "pay pal"],
    "apple_pay": ["Apple Pay"],
    "bank_transfer": ["bank transfer", "wire", "transferencia bancaria"],
    "gift_card": ["gift card", "gift-card", "tarjeta regalo"],
    "przelewy24": ["Przelewy24", "P24"],
}


@pytest.fixture(scope="session")
def plain() -> Understanding:
    """Without embeddings: n-grams only."""
    return Understanding(methods=METHODS)


@pytest.fixture(scope="session")
def full() -> Understanding:
    return Understanding(embedder=WordLlamaEmbedder(), methods=METHODS)


@pytest.fixture(scope="session")
def with_pattern() -> Understanding:
    """For a shop whose numbers are a W and four to seven digits; without names of methods."""
    return Understanding(number_pattern=r"W\d{4,7}")
