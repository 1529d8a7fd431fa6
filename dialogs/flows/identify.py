"""Whose order it is: number and e-mail, then the shop's record. The beginning of every flow."""

from dialogs import buttons
from dialogs.conversation import Conversation, Question
from dialogs.effects import HandoffReason, Text
from dialogs.events import Trouble
from dialogs.moves import Ask, HandOver, LookUp, Move
from dialogs.rules import Rules


def identify(c: Conversation, rules: Rules) -> Move | None:
    """What is missing to know the order, or `None` once it is known."""
    if c.lost_number or c.lost_email:
        return _by_other_means(c)
    if c.number is None:
        return _number(c, rules)
    if c.email is None:
        return _email(c)
    if c.unmatched:
        person = (buttons.LOST_NUMBER, buttons.LOST_EMAIL, buttons.PERSON)
        return Ask(Question.NOT_FOUND, Text("ask-not-found", {"number": c.number, "email": c.email}), person)
    if c.order is None:
        return _shop(c)
    return None


def _number(c: Conversation, rules: Rules) -> Move:
    if c.numbers:
        return Ask(Question.WHICH_NUMBER, Text("ask-which-number"), buttons.choices("number", c.numbers))
    key = "ask-number" if c.email else "ask-number-and-email"
    return Ask(
        Question.NUMBER, Text(key, {"example": rules.number_example}), (buttons.LOST_NUMBER, buttons.PERSON)
    )


def _email(c: Conversation) -> Move:
    if c.emails:
        return Ask(Question.WHICH_EMAIL, Text("ask-which-email"), buttons.choices("email", c.emails))
    return Ask(
        Question.EMAIL, Text("ask-email", {"number": c.number or ""}), (buttons.LOST_EMAIL, buttons.PERSON)
    )


def _by_other_means(c: Conversation) -> Move:
    """The policy asks for "the information used at the time of purchase": a person can work with less."""
    if c.details:
        return HandOver(HandoffReason.LOST_DETAILS)
    key = "both" if c.lost_number and c.lost_email else "number" if c.lost_number else "email"
    return Ask(Question.DETAILS, Text("ask-details", {"lost": key}), (buttons.PERSON,))


def _shop(c: Conversation) -> Move:
    """Read the record; where the shop does not answer, ask once whether to try again, if that can help."""
    if c.unreachable == 0:
        return LookUp()
    trouble = c.trouble or Trouble.UNREACHABLE
    if not trouble.passes:
        return HandOver(HandoffReason.SHOP_UNREACHABLE, (Text("handover-shop-trouble"),))
    if c.unreachable == 1:
        return Ask(
            Question.RETRY_SHOP,
            Text("ask-retry-shop", {"why": trouble.value}),
            (*buttons.yes_no(c, "try-again", "leave-it"), buttons.PERSON),
        )
    return HandOver(HandoffReason.SHOP_UNREACHABLE)
