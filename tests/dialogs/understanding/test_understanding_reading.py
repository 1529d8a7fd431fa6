# ruff: noqa: RUF001 - signs that look alike are what is tested
import time
import tomllib
from importlib.resources import files

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.reading import Intent, Reading
from dialogs.understanding import Understanding
from dialogs.understanding.normalise import fold, normalise

PHRASES = {
    entry.name: tomllib.loads(entry.read_text(encoding="utf-8"))
    for entry in (files("dialogs.understanding") / "phrases").iterdir()
    if entry.name.endswith(".toml")
}
rough = st.one_of(
    st.text(),
    st.text(alphabet="01 29-./,#@ao():$€+nx'\n?"),
    st.lists(
        st.sampled_from(
            [
                "not",
                "no",
                "order",
                "1042",
                "cancel",
                "don't",
                "@",
                "a@b.com",
                "at",
                "dot",
                "\ue000",
                "١",
                "yes",
                "#",
            ]
        )
    ).map(" ".join),
)


@given(text=rough)
def test_any_text_can_be_read(plain: Understanding, text: str) -> None:
    reading = plain.read(text)
    assert len(reading.intents) <= 3
    assert not set(reading.withdrawn) & {*reading.numbers, *reading.emails}
    assert all(number.strip("# ") == number != "" for number in reading.numbers)
    assert all("@" in email and email == email.casefold() for email in reading.emails)


@given(text=rough)
def test_any_text_can_be_read_with_the_shops_own_pattern(with_pattern: Understanding, text: str) -> None:
    assert all(number[1:].isdecimal() for number in with_pattern.read(text).numbers)


def test_lone_surrogates_can_be_read(full: Understanding) -> None:
    assert full.read("\ud83d cancel my order \udc4d").intent is Intent.CANCEL


@pytest.mark.parametrize(
    "part",
    [
        "a",
        "1 ",
        "1-",
        "1.",
        "a@",
        "a at ",
        "a dot ",
        "no 1042 ",
        "cancel ",
        "don't ",
        "order is the ",
        "*",
        "+1 ",
        "\ufdfa",
        "'",
        "yes ",
    ],
)
def test_a_huge_text_is_read_in_bounded_time(full: Understanding, part: str) -> None:
    before = time.process_time()
    full.read(part * 1_000_000)
    assert time.process_time() - before < 0.5


def test_nothing_is_read_from_nothing(full: Understanding) -> None:
    for text in ("", "   ", "\n\t", "\u200b"):
        assert full.read(text) == Reading()


@given(text=st.text())
def test_normalising_twice_is_normalising_once(text: str) -> None:
    once = normalise(text)
    assert normalise(once) == once


@pytest.mark.parametrize(
    ("text", "plain_form"),
    [
        ("ｃａｎｃｅｌ", "cancel"),
        ("𝓬𝓪𝓷𝓬𝓮𝓵", "cancel"),
        ("🅲🅰🅽🅲🅴🅻", "CANCEL"),
        ("don’t", "don't"),
        ("“a” — b", '"a" - b'),
        ("can\u00adcel", "cancel"),
        ("a\u00a0\u2003b", "a b"),
        ("¿qué?", "qué?"),
        ("１２٣४", "1234"),
    ],
)
def test_every_way_to_write_a_text_becomes_one(text: str, plain_form: str) -> None:
    assert normalise(text) == plain_form


def test_folding_takes_case_and_accents_away() -> None:
    assert fold("CancélaLO Ñ ß") == "cancelalo n ss"


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("how long do PayPal refunds take?", "paypal"),
        ("I paid by credit card", "card"),
        ("with apple pay", "apple_pay"),
        ("a gift-card and a card", "gift_card"),
        ("gift  card", "gift_card"),
        ("pagué con tarjeta regalo", "gift_card"),
        ("por transferencia bancaria", "bank_transfer"),
        ("przelewy24 please", "przelewy24"),
        ("discarded wires", None),
        ("where is my refund", None),
    ],
)
def test_a_payment_method_is_read_by_its_spoken_names(
    plain: Understanding, text: str, method: str | None
) -> None:
    assert plain.read(text).method == method


@pytest.mark.parametrize(
    ("text", "method"),
    [
        ("I paid by card, not PayPal", "card"),
        ("not by paypal but by card", "card"),
        ("by card instead of apple pay", "card"),
        ("it was not paypal", None),
        ("pagué con tarjeta, no con PayPal", "card"),
        ("I did not get it, I paid with PayPal", "paypal"),
    ],
)
def test_a_method_that_is_not_meant_is_not_named(plain: Understanding, text: str, method: str | None) -> None:
    assert plain.read(text).method == method


def test_without_names_no_method_is_read(with_pattern: Understanding) -> None:
    assert with_pattern.read("paypal").method is None


@pytest.mark.parametrize("language", PHRASES)
def test_every_language_has_every_intent_and_every_kind_of_wording(language: str) -> None:
    english, other = PHRASES["en.toml"], PHRASES[language]
    assert set(other["intents"]) == {intent.value for intent in Intent}
    for section in ("answers", "patterns", "words", "cancelling", "money"):
        assert set(other[section]) <= set(english[section])
        assert all(other[section].values())


def test_no_phrase_is_an_example_of_two_intents() -> None:
    for sheet in PHRASES.values():
        phrases = [fold(normalise(phrase)) for some in sheet["intents"].values() for phrase in some]
        assert len(phrases) == len(set(phrases))
