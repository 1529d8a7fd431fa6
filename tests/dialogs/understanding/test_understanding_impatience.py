"""What a worried customer types between the bot's questions."""

import pytest

from dialogs.reading import Answer, Intent
from dialogs.understanding import Understanding

LOST = {Intent.LOST_NUMBER, Intent.LOST_EMAIL, Intent.LOST_BOTH}


@pytest.mark.parametrize(
    "text",
    [
        "is it cancelled?",
        "is it cancelled yet",
        "did you cancel it",
        "did you cancel it yet?",
        "have you cancelled it",
        "has it been cancelled",
        "is my order cancelled?",
        "está cancelado?",
        "ya está cancelado?",
        "se canceló?",
        "ya lo cancelaste?",
        "cancelaste mi pedido?",
    ],
)
def test_whether_it_is_cancelled_asks_for_the_order_not_for_the_policy(
    full: Understanding, text: str
) -> None:
    assert full.read(text).intents == (Intent.ORDER_STATUS,)


@pytest.mark.parametrize("text", ["can it still be cancelled", "which orders cannot be cancelled"])
def test_what_may_be_cancelled_still_asks_for_the_policy(full: Understanding, text: str) -> None:
    assert full.read(text).intents == (Intent.POLICY,)


@pytest.mark.parametrize(
    "text",
    [
        "i already gave you the number",
        "i just gave you the number",
        "i already gave you my email",
        "same email",
        "same email as always",
        "same number as before",
        "el mismo correo",
        "el mismo número",
        "ya te di el número",
    ],
)
def test_what_was_given_before_is_not_lost(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert not LOST.intersection(understanding.read(text).intents)


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I already told you I don't have the number", Intent.LOST_NUMBER),
        ("i already told you i lost my email", Intent.LOST_EMAIL),
        ("ya te dije que no tengo el número", Intent.LOST_NUMBER),
    ],
)
def test_what_is_lost_is_so_however_often_it_was_said(full: Understanding, text: str, intent: Intent) -> None:
    assert full.read(text).intent is intent


@pytest.mark.parametrize(
    "text",
    [
        "no lo quiero",
        "no lo necesito",
        "no quiero mi pedido",
        "no me lo envíen",
        "I don't want it",
        "don't send it",
    ],
)
def test_not_wanting_the_goods_is_no_wish_to_keep_the_order(full: Understanding, text: str) -> None:
    reading = full.read(text)
    assert reading.answer is None
    assert reading.intents[0] is Intent.CANCEL


@pytest.mark.parametrize("text", ["no, lo quiero", "no, me lo quedo", "no quiero", "no", "noooo"])
def test_a_no_to_the_cancellation_stays_one(full: Understanding, text: str) -> None:
    assert full.read(text).answer is Answer.NO


@pytest.mark.parametrize(
    "text",
    [
        "??",
        "hello?? anyone",
        "so?",
        "well?",
        "hurry up",
        "cancel it already",
        "i said cancel",
        "obviously",
        "hazlo?",
        "stop the order",
        "undo my purchase",
        "send it back to me",
        "ya no lo quiero",
        "y?",
        "que si hombre?",
    ],
)
def test_impatience_is_no_yes(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).answer is not Answer.YES


@pytest.mark.parametrize(
    "text", ["dont have it", "I don't have it", "can't find it", "no lo tengo", "no lo encuentro"]
)
def test_what_one_does_not_have_is_neither_a_request_nor_a_no(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        reading = understanding.read(text)
        assert (reading.intent, reading.answer) == (Intent.LOST_BOTH, None)


@pytest.mark.parametrize("text", ["stop the shipment", "paren el envío"])
def test_to_stop_the_shipment_is_a_wish_to_cancel(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intent is Intent.CANCEL
