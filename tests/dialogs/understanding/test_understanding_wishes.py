"""What is wished: to cancel, with its reason or in part, to keep, or to dispute; and of which order."""

import pytest

from dialogs.reading import Intent
from dialogs.understanding import Understanding


@pytest.mark.parametrize(
    "text",
    [
        "please cancel order #1031 (emil@shop.test), I entered the wrong address",
        "please cancel order 1031, I entered the wrong address",
        "please cancel, I ordered the wrong colour",
        "I need to cancel because I put the wrong email",
        "I want to cancel because delivery takes too long",
        "please cancel order 1042, my address is wrong",
        "cancel my order because it still has not arrived",
        "please cancel, I was charged twice",
        "anúlalo",
        "I'm going to file a chargeback if you don't cancel order 1042",
        "If you don't cancel my order today I will dispute the charge with my bank.",
        "Hello! My name is Ann. I ordered two days ago. The order number is 1042. I would like to cancel.",
        "hi, there's no cancel button on your site, please cancel my order",
        "I don't need 1042 any more",
        "ya no quiero el pedido 1042",
        "pedí sin querer, cancélalo",
        "i dont want it anymore cancel it",
        "I don't want this order anymore cancel it now",
        "it never came cancel it",
        "won't arrive in time cancel it",
        "ya no lo quiero cancelalo",
        "no lo quiero cancela el pedido",
        "cancela el pedido 1042 (ann@shop.test), me equivoqué de dirección",
        "quiero cancelar porque puse mal el correo",
    ],
)
def test_why_it_is_to_be_cancelled_makes_the_wish_no_less_clear(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intents == (Intent.CANCEL,)


@pytest.mark.parametrize(
    "text",
    [
        "I never ordered this",
        "I did not place this order",
        "someone used my account",
        "someone ordered this with my card",
        "my card was stolen",
        "unauthorised order on my account",
        "I don't recognise this charge",
        "this order isn't mine",
        "I've been charged for an order I didn't make",
        "I was double charged",
        "why was I charged twice",
        "yo no hice este pedido",
        "no reconozco este cargo",
        "alguien usó mi cuenta",
        "me robaron la tarjeta",
        "este pedido no es mío",
        "me han cobrado dos veces",
        "me han hecho dos cargos",
        "no autoricé ese pago",
        "you took the money twice!!",
        "my card was charged but I never ordered this",
        "there's a charge of 54 euros from your shop I don't know",
    ],
)
def test_what_is_disputed_is_for_a_person(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intents == (Intent.OTHER_REQUEST,)


@pytest.mark.parametrize(
    "text",
    [
        "I didn't mean to order this, cancel it",
        "I didn't make a mistake",
        "I never made an account, where is the order number",
        "I have not placed an order yet",
        "someone else ordered the same, cancel mine",
        "my email account was hacked, I don't have the email",
        "my wife used my card to pay",
    ],
)
def test_what_only_sounds_like_a_dispute_is_none(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intents != (Intent.OTHER_REQUEST,)


def test_a_choice_between_all_and_one_thing_is_none_where_nothing_speaks_of_one(full: Understanding) -> None:
    text = (
        "hey there! so I ordered something last night and I kinda regret it lol, is there any way to cancel?"
    )
    assert full.read(text).intents == (Intent.CANCEL,)


@pytest.mark.parametrize(
    "text", ["I accidentally ordered two, please cancel one of the orders", "cancel only the hat"]
)
def test_one_thing_among_several_is_never_taken_for_all_of_it(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert Intent.CANCEL_PART in understanding.read(text).intents


@pytest.mark.parametrize(
    "text",
    [
        "please make sure my order isn't cancelled",
        "I'd rather change the size than cancel",
        "dont u dare cancel",
        "why would I cancel it",
        "no quiero q lo cancelen",
        "no procedan con la cancelacion",
    ],
)
def test_a_wish_to_keep_it_is_never_one_to_cancel(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        reading = understanding.read(text)
        assert (Intent.CANCEL not in reading.intents, reading.stop) == (True, True)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("keep 1042 and cancel 1001", ("1001",)),
        ("cancel 1042, keep 1043", ("1042",)),
        ("1042 is fine, cancel 1043", ("1043",)),
        ("cancel 1042 rather than 1001", ("1042",)),
        ("cancela el 1042, el 1043 no", ("1042",)),
        ("I paid 1299 for it, order 1042", ("1042",)),
        ("customer no 77812 and order 1042", ("1042",)),
    ],
)
def test_the_order_to_be_kept_and_the_price_are_not_what_is_to_be_cancelled(
    full: Understanding, text: str, numbers: tuple[str, ...]
) -> None:
    assert full.read(text).numbers == numbers


@pytest.mark.parametrize(
    "text",
    [
        "please cancel order 1042 partially",
        "cancel half my order",
        "cancel 1042 but leave the book",
        "cancel only the hat",
    ],
)
def test_a_part_of_an_order_is_asked_for_as_one(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        reading = understanding.read(text)
        assert Intent.CANCEL_PART in (*reading.intents, *reading.also)
