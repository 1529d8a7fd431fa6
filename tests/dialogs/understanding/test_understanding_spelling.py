import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dialogs.reading import Answer, Intent
from dialogs.understanding import Understanding
from dialogs.understanding.lexicon import lexicon

SPELLING = lexicon().spelling


@pytest.mark.parametrize(
    "text",
    [
        "canel 1042",
        "cancle 1042",
        "cancell 1042",
        "canceled 1042",
        "cancelled 1042",
        "cnacel 1042",
        "cansel 1042",
        "cancl 1042",
        "kancel 1042",
        "kansel 1042",
        "CANEL 1042!!",
        "1042 canel pls",
        "canel ann@shop.test 1042",
        "cancelation 1042",
        "canceeeel 1042",
        "canel",
        "i want to canel my order",
        "canel it",
        "cancela 1042",
        "canselar 1042",
        "caneclar 1042",
        "anular 1042",
        "anula el pedido 1042",
        "anullar 1042",
        "quiero canselar mi pedido",
    ],
)
def test_a_misspelt_wish_to_cancel_is_one(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intent is Intent.CANCEL


@pytest.mark.parametrize(
    "text",
    [
        "dont canel my order",
        "don't cansel it",
        "please do not cancle it",
        "no canel it",
        "no canselen mi pedido",
    ],
)
def test_not_to_cancel_is_heard_in_spite_of_the_spelling(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert Intent.CANCEL not in (*reading.intents, *reading.also)
    assert reading.answer is Answer.NO
    assert reading.stop


@pytest.mark.parametrize(
    "text",
    [
        "please canel it",
        "ok canel it",
        "sure, cansel",
        "canel it please",
        "vale, canselalo",
        "canel",
    ],
)
def test_a_word_put_right_never_makes_a_yes(full: Understanding, text: str) -> None:
    assert full.read(text).answer is None


@pytest.mark.parametrize("text", ["yes, canel it", "yes pls cancle", "sí, canselalo"])
def test_a_yes_stays_one_beside_a_slip(full: Understanding, text: str) -> None:
    assert full.read(text).answer is Answer.YES


@pytest.mark.parametrize(
    "text",
    [
        "where is my candle",
        "my chanel bag",
        "two camels and a candle",
        "the parcel is in the canal",
        "channel 4",
        "my canel lamp",
        "I have cancer",
        "the council",
        "caramel castle",
        "canjear mi cupón",
        "calcular el envío",
        "canela en rama",
        "pizza congelada",
        "plan anual",
        "carcel",
    ],
)
def test_another_word_or_name_is_left_as_it_is(text: str) -> None:
    assert SPELLING.mended(text) == text


@pytest.mark.parametrize("text", ["canel my account", "cansel my subscription", "cancle the newsletter"])
def test_cancelling_something_else_is_that_however_it_is_spelt(full: Understanding, text: str) -> None:
    assert full.read(text).intents == (Intent.OTHER,)


@given(text=st.text(alphabet="acekln s'1\n", max_size=60))
def test_what_is_put_right_stays_so_and_nothing_else_is_touched(text: str) -> None:
    mended = SPELLING.mended(text)
    assert SPELLING.mended(mended) == mended
    assert re.sub(r"[a-z]+", "", mended) == re.sub(r"[a-z]+", "", text)


@pytest.mark.parametrize("right", ["cancel", "cancelled", "cancelar", "cancela", "anular"])
def test_one_slip_is_put_right(right: str) -> None:
    """Within the word; those that are words of their own are left."""
    for at in range(1, len(right) - 1):
        swapped = right[:at] + right[at + 1] + right[at] + right[at + 2 :]
        for slip in (right[:at] + right[at + 1 :], swapped, right[:at] + "w" + right[at + 1 :]):
            if len(slip) > 4 and slip not in ("canela", "anual", "canelar"):
                assert SPELLING.mended(slip).startswith(right[:4]), slip
