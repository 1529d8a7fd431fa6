"""What is said behind an answer about an order, and what only looks like it."""

import pytest

from dialogs.reading import Afterwards
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
)


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind, texts in SAID.items() for text in texts])
def test_what_is_said_behind_an_answer_is_told_apart(
    plain: Understanding, kind: Afterwards, text: str
) -> None:
    assert plain.read(text).afterwards is kind


@pytest.mark.parametrize("text", NOTHING)
def test_what_asks_for_something_else_says_nothing_of_it(plain: Understanding, text: str) -> None:
    assert plain.read(text).afterwards is None
