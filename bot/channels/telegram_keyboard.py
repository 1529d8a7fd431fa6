"""Buttons below a message: which go, and in which rows."""

from collections.abc import Iterable
from typing import TypedDict

import structlog

from bot.channels.telegram_wire import ShownKeyboard
from storage.records import Choice

DATA_LIMIT = 64
"""Bytes a button can carry: https://core.telegram.org/bots/api#inlinekeyboardbutton."""
MARK = "rsd:"
"""What the buttons of a mounted bot begin with."""
SHORT = 16
"""Two labels of at most this many characters share a row, readable on a narrow phone."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


class Button(TypedDict):
    """https://core.telegram.org/bots/api#inlinekeyboardbutton."""

    text: str
    callback_data: str


class Keyboard(TypedDict):
    """https://core.telegram.org/bots/api#inlinekeyboardmarkup."""

    inline_keyboard: list[list[Button]]


def keyboard(choices: Iterable[Choice], mark: str = "") -> Keyboard | None:
    """The choices as buttons, or `None` without any.

    A value over 64 bytes could not come back as it went, so its button is left out: text works too. `mark`
    goes before each value, so that a host knows our buttons from its own.
    """
    rows: list[list[Button]] = []
    for choice in choices:
        data = mark + choice.value
        size = len(data.encode())
        if size > DATA_LIMIT or not choice.value or not choice.label.strip():
            _log.error("telegram_button_left_out", size=size, limit=DATA_LIMIT)
            continue
        button = Button(text=choice.label, callback_data=data)
        if rows and _has_room(rows[-1], button):
            rows[-1].append(button)
        else:
            rows.append([button])
    return Keyboard(inline_keyboard=rows) if rows else None


def _has_room(row: list[Button], button: Button) -> bool:
    return len(row) == 1 and max(len(row[0]["text"]), len(button["text"])) <= SHORT


def label_of(keyboard: ShownKeyboard | None, value: str) -> str | None:
    """What stood on the button that carries this value."""
    if keyboard is None:
        return None
    buttons = (button for row in keyboard.inline_keyboard for button in row)
    return next((button.text for button in buttons if button.callback_data == value), None)
