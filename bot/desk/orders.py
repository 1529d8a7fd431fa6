"""The order panel: the shop's record live, what follows from it, and what an agent decides."""

from dataclasses import dataclass
from datetime import datetime

from bot.desk.views import Confirmation, OrderPanel
from storage.desk_records import Agent


@dataclass(frozen=True, slots=True)
class Orders:
    """All of them raise `NoSuchCase`, `NotAllowed`, `HeldBy` and `BadInput`."""

    async def panel(self, agent: Agent, key: str, number: str = "") -> OrderPanel:
        """The order of this chat, or the one of that number, read now. A shop's failure is in the panel."""
        raise NotImplementedError

    async def cancel(
        self, agent: Agent, key: str, *, number: str = "", reason: str = "", token: str = ""
    ) -> Confirmation | None:
        """Cancel, in two steps. Without `token` nothing is done: a `Confirmation` says what is at stake.

        With its token the attempt begins, by the same performers and lock as the bot's; `None` then. The
        outcome comes as a private note and, where it concerns the customer, as the bot's message. An override
        needs the right to it and a `reason` (3 to 500 characters), given with the first call and the second.
        Raises `Changed` where the order is no longer as confirmed or the token ran out or was used, and
        `ShopProblem` where the shop cannot be read.
        """
        raise NotImplementedError

    async def ask_to_intercept(
        self, agent: Agent, key: str, *, number: str, by: datetime, note: str = ""
    ) -> None:
        """Note that the warehouse was asked to stop the parcel; a reminder follows where `by` passes."""
        raise NotImplementedError

    async def intercept_over(self, agent: Agent, key: str, *, stopped: bool) -> None:
        """Note how the warehouse answered. Raises `BadInput` where none was asked."""
        raise NotImplementedError
