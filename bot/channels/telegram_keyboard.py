"""Buttons below a message: which go, and in which rows."""

from collections.abc import Iterable

import structlog
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup

from storage.records import Choice

DATA_LIMIT = 64
"""Bytes a button can carry: https://core.telegram.org/bots/api#inlinekeyboardbutton."""
MARK = "rsd:"
"""What the buttons of a mounted bot begin with."""
SHORT = 16
"""Two labels of at most this many characters share a row, readable on a narrow phone."""

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)


def keyboard(choices: Iterable[Choice], mark: str = "") -> InlineKeyboardMarkup | None:
    """The choices as buttons, or `None` without any.

    A value over 64 bytes could not come back as it went, so its button is left out: text works too. `mark`
    goes before each value, so that a host knows our buttons from its own.
    """
    rows: list[list[InlineKeyboardButton]] = []
    for choice in choices:
        data = f"{mark}{choice.value}"
        if not choice.label.strip() or not choice.value or len(data.encode()) > DATA_LIMIT:
            _log.error("telegram_button_left_out", size=len(data.encode()), limit=DATA_LIMIT)
            continue
        button = InlineKeyboardButton(text=choice.label, callback_data=data)
        if rows and _has_room(rows[-1], button):
            rows[-1].append(button)
        else:
            rows.append([button])
    return InlineKeyboardMarkup(inline_keyboard=rows) if rows else None


def _has_room(row: list[InlineKeyboardButton], button: InlineKeyboardButton) -> bool:
    return len(row) == 1 and max(len(row[0].text), len(button.text)) <= SHORT


def label_of(keyboard: InlineKeyboardMarkup | None, value: str) -> str | None:
    """What stood on the button that carries this value."""
    if keyboard is None:
        return None
    buttons = (button for row in keyboard.inline_keyboard for button in row)
    return next((button.text for button in buttons if button.callback_data == value), None)
