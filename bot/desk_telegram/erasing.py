"""Topics of erased conversations: they are deleted in their groups, with all that was said there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import structlog

from bot.channels.telegram_api import ApiFailed, ApiUnreachable
from bot.desk_telegram.calls import GroupCalls, MessageGone, TopicClosed, TopicGone
from storage.store import Store

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

Place = tuple[int, int]
"""Group and number of a topic."""

_AGAIN = 3600.0
"""Seconds until a topic that Telegram would not delete is tried again."""
_MOST = 100_000
"""Places read together, more than any shop has left: those of groups that are set no more stay for ever."""
_AT_ONCE = float("-inf")
_REMEDY = "give the bot the right “Delete messages” in the group, or delete the topic by hand"


@dataclass(slots=True)
class Erasing:
    """Knows which topic is next in each group that is set, and deletes it; the others wait in the store.

    `leads` says whether this process shows what the store holds; `forget` is told the places that are gone.
    """

    store: Store
    calls: Mapping[int, GroupCalls]
    leads: Callable[[], bool]
    forget: Callable[[int, int], None]
    _refused: dict[Place, float] = field(default_factory=dict)
    """What Telegram would not delete, and from when on it is tried again."""

    async def next(self) -> Mapping[int, int]:
        """The topic to be deleted next in each group that has one. Raises `StoreUnreachable`."""
        places = await self.store.topics.erased(_MOST)
        self._refused = {place: self._refused[place] for place in places if place in self._refused}
        found: dict[int, int] = {}
        for group, topic in sorted(places, key=self._when):
            calls = self.calls.get(group)
            if calls is not None and self._when((group, topic)) <= calls.pace.clock():
                found.setdefault(group, topic)
        return found

    async def delete(self, group: int, topic: int) -> bool:
        """Delete a topic, and forget where it was; whether it is gone.

        Raises `ApiUnreachable`, `ChannelBusy`, `ChatGone`, `ChatMoved`, `StoreUnreachable`; it is next again.
        """
        if not self.leads():
            return False
        try:
            await self.calls[group].delete(topic)
        except TopicGone:
            pass  # by hand, or by a process that died before it could forget
        except ApiUnreachable:
            raise
        except (ApiFailed, TopicClosed, MessageGone) as refusal:
            self._refuse((group, topic), refusal)
            return False
        self.forget(group, topic)
        await self.store.topics.forget_erased(group, topic)
        return True

    def _when(self, place: Place) -> float:
        return self._refused.get(place, _AT_ONCE)

    def _refuse(self, place: Place, refusal: Exception) -> None:
        """Leave it alone for an hour; it is told the first time."""
        group, topic = place
        if place not in self._refused:
            detail = refusal.detail if isinstance(refusal, ApiFailed) else type(refusal).__name__
            _log.warning(
                "telegram_desk_topic_not_erased", group=group, topic=topic, detail=detail, remedy=_REMEDY
            )
        self._refused[place] = self.calls[group].pace.clock() + _AGAIN
