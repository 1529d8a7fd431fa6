"""Updates that are no customer's: agents work in groups of the same bot."""

from typing import Protocol

from aiogram.types import Update


class Aside(Protocol):
    """Whoever takes what is not meant for the conversation with a customer."""

    def lane(self, update: Update) -> str | None:
        """What it lines up behind, if it is theirs; `None` for a customer's."""

    async def take(self, update: Update) -> None:
        """Return once it is durable. Whatever it raises, the update comes again."""

    async def saw(self, update: Update) -> None:
        """A customer's update, before the door takes it in. Never raises."""
