"""Updates that are no customer's: agents work in groups of the same bot."""

from typing import Protocol

from bot.channels.telegram_wire import Received


class Aside(Protocol):
    """Whoever takes what is not meant for the conversation with a customer."""

    def lane(self, update: Received) -> str | None:
        """What it lines up behind, if it is theirs; `None` for a customer's.

        It is asked of every update, so it should look no further than it must. Raises `ValueError` where
        theirs is not as it should be.
        """

    async def take(self, update: Received) -> None:
        """Return once it is durable. Whatever it raises, the update comes again."""

    async def saw(self, update: Received) -> None:
        """A customer's update, before the door takes it in. Never raises."""
