"""Finding conversations: the queue with filters and counts, by reference, and by search."""

from dataclasses import dataclass

from storage.desk_records import Agent, Counts, Filters, Found, Page


@dataclass(frozen=True, slots=True)
class Queue:
    """What waits for people, as far as the asking agent may see it."""

    async def list(
        self, agent: Agent, filters: Filters, *, cursor: str | None = None, limit: int = 50
    ) -> Page:
        """Conversations, highest priority first, then who waits longest; settled ones newest first.

        At most 200 at once; `cursor` is that of the page before. Raises `NotAllowed`, and `BadInput` for a
        cursor that no page gave.
        """
        raise NotImplementedError

    async def counts(self, agent: Agent) -> Counts:
        """How many there are of each kind."""
        raise NotImplementedError

    async def key(self, agent: Agent, reference: str) -> str:
        """The conversation of a case, written in any case. Raises `NoSuchCase`, `NotAllowed`."""
        raise NotImplementedError

    async def search(self, agent: Agent, text: str, *, limit: int = 50) -> tuple[Found, ...]:
        """Conversations by reference, order number, customer's name, e-mail, words of messages or notes.

        Letters match in either case; `%` and `_` mean themselves. Best first: references, orders, names, then
        the newest message. At most 200 characters and 50 results; an empty text finds nothing.
        """
        raise NotImplementedError
