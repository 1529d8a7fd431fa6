"""What is said behind an answer, what is asked about a question, and what only looks like either."""

import pytest

from dialogs.reading import Afterwards, Answer, Aside
from dialogs.understanding import Understanding

SAID = {
    Afterwards.NOTED: (
        "ok",
        "Perfect!",
        "great, thanks",
        "ok thank you very much",
        "alright then",
        "I see, thanks",
        "👍",
        "cool cool",
        "that's great",
        "vale",
        "vale, perfecto",
        "muchas gracias",
        "entendido, gracias",
    ),
    Afterwards.UNDO: (
        "can I undo it?",
        "can you un-cancel it",
        "please reinstate my order",
        "cancel the cancellation",
        "reverse the cancellation please",
        "I changed my mind",
        "I want the order after all",
        "I still want it",
        "I still want my shoes",
        "actually don't cancel it",
        "wait, do not cancel!",
        "I didn't want to cancel",
        "no I want to keep my order",
        "can I order it again?",
        "how do I reorder",
        "undo",
        "¿se puede deshacer?",
        "he cambiado de opinión",
        "no lo canceles",
        "al final sí lo quiero",
        "aún lo quiero",
        "anular la cancelación",
        "¿puedo volver a pedirlo?",
        "quiero reactivar el pedido",
    ),
    Afterwards.PARCEL: (
        "what if the parcel still comes?",
        "the package still arrived",
        "what if they deliver it anyway",
        "and if it arrives all the same?",
        "do I have to send anything back?",
        "must I return the parcel",
        "¿y si el paquete llega de todos modos?",
        "el pedido ha llegado igualmente",
        "¿tengo que devolver algo?",
    ),
    Afterwards.NOTICE: (
        "will I get an email?",
        "do I get a confirmation",
        "will you send me an e-mail about it?",
        "is there a confirmation",
        "can I have that in writing",
        "¿recibiré un correo de confirmación?",
        "¿me mandan un justificante?",
    ),
    Afterwards.DONE: (
        "did it work?",
        "has it gone through",
        "so it's cancelled?",
        "is it cancelled now",
        "are you sure?",
        "really?",
        "is everything done",
        "was that successful?",
        "the order is cancelled, right?",
        "¿ha funcionado?",
        "¿está cancelado ya?",
        "¿estás seguro?",
        "entonces, ¿queda anulado?",
    ),
    Afterwards.INSTEAD: (
        "what can I do now",
        "can I refuse the parcel?",
        "what are my options",
        "is there another way",
        "¿qué puedo hacer?",
        "¿puedo rechazar el paquete?",
    ),
    Afterwards.INSIST: (
        "but I want to cancel it!",
        "pero quiero cancelarlo",
        "insisto",
        "please try anyway",
        "can you stop the carrier",
        "make an exception",
        "I don't accept that",
        "so I have to pay?",
        "that's unfair",
        "¿no podéis hacer una excepción?",
        "llama al transportista",
        "es injusto",
    ),
    Afterwards.NEXT: (
        "what happens now?",
        "so what happens next",
        "what's next",
        "what do I have to do now",
        "now what",
        "¿qué pasa ahora?",
        "¿y ahora qué?",
    ),
}
ASKED = {
    Aside.WHERE_NUMBER: (
        "where do I find the order number?",
        "where is the order number",
        "how do I find it?",
        "what is an order number",
        "is it the invoice number?",
        "it's in the confirmation email right?",
        "¿dónde encuentro el número?",
        "¿qué es el número de pedido?",
    ),
    Aside.WHICH_EMAIL: ("which email?", "what e-mail address do you mean", "¿qué correo?"),
    Aside.BOT: ("is this a bot?", "am I talking to a real person?", "are you a human", "¿eres un robot?"),
    Aside.SAFE: ("is that safe?", "do you need my password?", "is this a scam", "¿es seguro?"),
    Aside.COSTS: (
        "how much do I get back",
        "¿cuánto me devuelven?",
        "will it cost me something?",
        "is there a cancellation fee?",
        "what about the shipping costs?",
        "do I get the full amount back?",
        "do I get everything back",
        "¿tiene algún coste?",
        "¿me devuelven todo el dinero?",
    ),
    Aside.ITEMS: (
        "what is in the order?",
        "which items are in it",
        "how much was it?",
        "what did I order",
        "¿qué lleva?",
        "¿cuánto era?",
    ),
    Aside.BACK: (
        "back to the bot",
        "Back to the assistant",
        "I'd rather have the bot",
        "can you do it instead",
        "I don't need a person",
        "volver al asistente",
        "ya no necesito una persona",
    ),
    Aside.WAIT: (
        "how long will it take?",
        "how much longer",
        "when will someone answer",
        "is anyone there",
        "hello??",
        "how long do I have to wait",
        "what are your opening hours",
        "¿cuánto tardará?",
        "¿hay alguien?",
        "¿cuándo me atienden?",
    ),
    Aside.IF_NOT: ("what happens if I say no", "and if I keep it?", "¿qué pasa si digo que no?"),
}
NOTHING = (
    "yes",
    "yes please",
    "no thanks",
    "sí",
    "sí, por favor",
    "",
    "hello",
    "good morning",
    "I still want my money back",
    "todavía quiero mi dinero",
    "where is my order",
    "is it on its way",
    "send my money back",
    "give me my money back",
    "my address has changed",
    "can I talk to a person",
    "quiero hablar con una persona",
    "cancel order 1042",
    "quiero cancelar el pedido",
    "ann@shop.test",
    "1042",
    "my email is ann@shop.test",
    "how long do refunds take",
    "the parcel is damaged",
    "cancelled by mistake by my son yesterday",
    "it was a present for my mother",
    "gracias por nada",
    "your service is really bad",
    "great, where is my parcel",
    "I want to talk to a person please",
    "let me speak with a human",
    "I don't want a bot",
    "please don't send me back to the bot",
    "I do not want to talk to the assistant",
    "no quiero volver al bot",
    "I don't need a person who only repeats this",
    "how long does a refund take by card",
    "when will my parcel be here",
    "hello",
    "quiero hablar con una persona real",
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_what_is_said_behind_an_answer_is_told_apart(
    plain: Understanding, kind: Afterwards, text: str
) -> None:
    assert plain.read(text).afterwards is kind


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in ASKED.items() for text in texts])
def test_what_is_asked_about_a_question_is_told_apart(plain: Understanding, kind: Aside, text: str) -> None:
    assert plain.read(text).aside is kind


@pytest.mark.parametrize("text", NOTHING)
def test_what_asks_for_something_else_says_nothing_of_it(plain: Understanding, text: str) -> None:
    assert plain.read(text).afterwards is None
    assert plain.read(text).aside is None


@pytest.mark.parametrize("text", ["yes cancel it and refund me", "yes, cancel and give me my money back"])
def test_a_yes_that_asks_for_its_money_as_well_is_a_yes(plain: Understanding, text: str) -> None:
    assert plain.read(text).answer is Answer.YES


@pytest.mark.parametrize(
    "text",
    [
        "yes cancel one item and refund me",
        "yes, and where is my parcel",
        "yes cancel it and change my address",
        "yes cancel it if you refund me",
        "yes cancel it, but where is my refund",
        "yes and how do I get my refund?",
    ],
)
def test_a_yes_that_asks_for_more_than_its_money_is_none(plain: Understanding, text: str) -> None:
    assert plain.read(text).answer is None
