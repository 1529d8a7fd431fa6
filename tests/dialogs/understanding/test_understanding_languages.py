import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.understanding import Understanding
from dialogs.understanding.languages import Languages
from dialogs.understanding.lexicon import lexicon

FOLDER = Path(__file__).parent


def messages() -> Iterator[tuple[str, str]]:
    """Messages that are not among the examples, each with its language."""
    for sheet in ("heldout.toml", "unseen.toml"):
        read = tomllib.loads((FOLDER / sheet).read_text(encoding="utf-8"))
        for language in ("en", "es"):
            yield from ((language, text) for texts in read[language].values() for text in texts)


def test_a_message_is_never_taken_for_one_in_another_language(plain: Understanding) -> None:
    for language, text in messages():
        assert plain.read(text).language in {language, None}, text


def test_of_two_words_and_more_nearly_every_message_shows_its_language(plain: Understanding) -> None:
    read = [(language, plain.read(text).language) for language, text in messages() if " " in text]
    assert sum(told == language for language, told in read) / len(read) >= 0.97


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("quiero cancelar mi pedido 1042", "es"),
        ("¿DÓNDE ESTÁ MI PEDIDO?", "es"),
        ("hola, necesito ayuda", "es"),
        ("I want to cancel my order", "en"),
        ("Where is my order?", "en"),
        ("hola", "es"),
        ("Hola!!", "es"),
        ("Hola 1042", "es"),
        ("¿qué tal?", "es"),
        ("Hello", "en"),
        ("cancelar 1042", "es"),
        ("cancélamelo", "es"),
        ("gracias", None),
        ("sí", None),
        ("no", None),
        ("ok", None),
        ("1042, ann@shop.test", None),
        ("María del Carmen de la Cruz", None),
        ("my name is María del Carmen", None),
        ("cancel el pedido please", None),
        ("quero cancelar meu pedido", None),
        ("je veux annuler ma commande", None),
        ("", None),
    ],
)
def test_a_language_is_told_only_where_it_is_clear(
    plain: Understanding, text: str, language: str | None
) -> None:
    assert plain.read(text).language == language


@given(st.text())
def test_any_text_is_in_one_of_the_languages_or_in_none(text: str) -> None:
    assert Languages(lexicon().languages, lexicon().hellos).of(text) in {"en", "es", None}
