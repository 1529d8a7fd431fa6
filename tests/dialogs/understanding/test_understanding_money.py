import pytest

from dialogs.reading import Intent
from dialogs.understanding import Understanding


@pytest.mark.parametrize(
    "text",
    [
        "where is my money",
        "Where is my money?",
        "WHERE IS MY MONEY",
        "wheres my money??",
        "hello where is my money",
        "where the hell is my money",
        "where is my money 1042",
        "where is my money for order 1042",
        "where is the money for my order",
        "where is my cash",
        "where are my 54 euros",
        "I want my money back where is it",
        "I want my money back",
        "hi i want my money back for the shoes",
        "hello I'd like my money returned for the blue dress",
        "give me my money back",
        "money still not here",
        "still no money",
        "no money yet",
        "need my money",
        "when do I get my money",
        "when will the money arrive",
        "when is the money coming",
        "dónde está mi dinero",
        "donde esta mi dinero??",
        "dónde está mi plata",
        "dónde está el dinero de mi pedido 1042",
        "cuándo me devuelven el dinero",
        "cuando llega mi dinero",
        "y mi dinero?",
        "quiero mi dinero de vuelta",
        "quiero que me devuelvan el dinero",
        "no me ha llegado el dinero",
    ],
)
def test_where_the_money_is_asks_for_the_refund(full: Understanding, plain: Understanding, text: str) -> None:
    for understanding in (full, plain):
        reading = understanding.read(text)
        assert reading.intents == (Intent.REFUND_STATUS,)
        assert reading.answer is None


@pytest.mark.parametrize(
    "text",
    [
        "where is my order",
        "where is my parcel??",
        "where is my package",
        "wheres my stuff",
        "where is my order, I paid good money",
        "I paid a lot of money where is my order",
        "dónde está mi pedido",
        "dónde está mi paquete",
        "cuando llega mi pedido",
    ],
)
def test_where_the_goods_are_asks_for_the_order_whatever_was_paid(
    full: Understanding, plain: Understanding, text: str
) -> None:
    for understanding in (full, plain):
        assert understanding.read(text).intents == (Intent.ORDER_STATUS,)


def test_goods_and_money_in_one_breath_are_two_questions(full: Understanding, plain: Understanding) -> None:
    for understanding in (full, plain):
        reading = understanding.read("where is my parcel and where is my money")
        assert (reading.intent, reading.also) == (Intent.ORDER_STATUS, (Intent.REFUND_STATUS,))


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("cancel it and give me my money back", Intent.CANCEL),
        ("how long until I get my money back if I cancel", Intent.REFUND_TIME),
        ("cuánto tardan en devolver el dinero", Intent.REFUND_TIME),
        ("you are stealing my money", Intent.COMPLAINT),
    ],
)
def test_money_beside_another_wish_leaves_it(full: Understanding, text: str, intent: Intent) -> None:
    assert full.read(text).intent is intent
