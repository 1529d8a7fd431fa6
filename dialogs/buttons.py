"""The buttons the bot offers. A closed question's button carries the turn it was asked in, as its nonce."""

from dialogs.conversation import Conversation
from dialogs.effects import Button, Text
from dialogs.reading import Intent

REQUESTS = (Intent.CANCEL, Intent.ORDER_STATUS, Intent.REFUND_STATUS, Intent.HUMAN)
"""What the bot offers when it asks what it can do."""


def label(key: str) -> Text:
    """The words on a button."""
    return Text(f"button-{key}")


def intent(wanted: Intent) -> Button:
    """A request, pressed instead of written."""
    return Button(label(wanted.value.replace("_", "-")), f"intent:{wanted.value}")


PERSON = intent(Intent.HUMAN)
LOST_NUMBER = Button(label("lost-number"), "intent:lost_number")
LOST_EMAIL = Button(label("lost-email"), "intent:lost_email")
BACK_TO_BOT = Button(label("back-to-bot"), "bot:back")


def yes_no(c: Conversation, yes: str, no: str) -> tuple[Button, ...]:
    """Yes and no to the question that this turn asks, in words of its own."""
    return Button(label(yes), f"yes:{c.turn}"), Button(label(no), f"no:{c.turn}")


def choices(kind: str, values: tuple[str, ...]) -> tuple[Button, ...]:
    """One of several candidates, at most three; what does not fit into 64 bytes is left to free text."""
    return tuple(
        Button(Text("button-value", {"value": value}), f"{kind}:{value}")
        for value in values[:3]
        if len(f"{kind}:{value}".encode()) <= 64  # noqa: PLR2004  the Bot API's bound for callback data
    )


def languages(locales: tuple[str, ...]) -> tuple[Button, ...]:
    """The languages the bot speaks, each by its own name."""
    return tuple(Button(label(f"language-{locale}"), f"language:{locale}") for locale in locales)
