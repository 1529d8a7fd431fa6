"""Answers kept for use again, with placeholders filled from the case."""

from dataclasses import dataclass

from bot.desk.views import Rendered
from storage.desk_records import Agent, Canned

PLACEHOLDERS = ("customer", "order_number", "order_stage", "agent", "reference", "shop")
"""What a text may hold in braces, as `{customer}`; `{{` and `}}` are braces themselves."""


@dataclass(frozen=True, slots=True)
class CannedAnswers:
    """Everybody may use them; whoever has `EDIT_CANNED` may change them."""

    async def all(self, agent: Agent) -> tuple[Canned, ...]:
        """Every one, by shortcut: completion after `/` needs no further question."""
        raise NotImplementedError

    async def render(self, agent: Agent, key: str, shortcut: str) -> Rendered:
        """The text for this chat. What is not known stays in braces and is named. Raises `BadInput`."""
        raise NotImplementedError

    async def save(self, agent: Agent, *, shortcut: str, title: str, text: str) -> Canned:
        """Add one or change it. Raises `NotAllowed`, and `BadInput` for an unknown placeholder or a bad name.

        A shortcut is 1 to 32 of a-z, 0-9, `-` and `_`.
        """
        raise NotImplementedError

    async def delete(self, agent: Agent, shortcut: str) -> None:
        """Remove one. Raises `NotAllowed`, and `BadInput` where there is none."""
        raise NotImplementedError
