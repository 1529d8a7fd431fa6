"""What agents can press and type."""

from dataclasses import dataclass

from bot.desk_telegram.calls import Buttons

MARK = "d:"
"""What the buttons of the desk begin with."""
_PRESSED = {
    "claim": "Claim",
    "order": "Order now",
    "back": "Give to bot",
    "resume": "Bot goes on",
    "resolve": "Resolve",
    "cancel": "Cancel order",
}
PLAIN = frozenset({"claim", "order", "back", "resume", "resolve", "release", "cancel"})
"""What takes nothing besides its name; `cancel` may take a reason."""


@dataclass(frozen=True, slots=True)
class Pressed:
    """A button: what it does, and the case or the question it belongs to."""

    name: str
    of: str


def summary_buttons(reference: str) -> Buttons:
    """Those under a summary; they belong to its case."""
    made = [(label, f"{MARK}{name}:{reference}") for name, label in _PRESSED.items()]
    return (made[:2], made[2:4], made[4:])


def confirm_buttons(number: str, nonce: str) -> Buttons:
    """Those of a second yes; they belong to one question."""
    return (((f"Yes, cancel order {number}"[:40], f"{MARK}yes:{nonce}"), ("No", f"{MARK}no:{nonce}")),)


def pressed(data: str) -> Pressed | None:
    """The button, if it is the desk's."""
    name, _, of = data.removeprefix(MARK).partition(":")
    known = name in _PRESSED or name in ("yes", "no")
    return Pressed(name, of) if data.startswith(MARK) and known else None
