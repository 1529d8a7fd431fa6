"""Who looks at which chat and who types, in this process; it ends by itself."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from bot.desk.feed import ChangeKind, DeskFeed
from bot.desk.views import Watcher

VIEWING = timedelta(seconds=45)
"""How long a look lasts without another heartbeat."""
TYPING = timedelta(seconds=6)
_NEVER = datetime.min.replace(tzinfo=UTC)


class Presence:
    """Tells the feed when somebody comes, begins or ceases to type, or goes."""

    def __init__(self, feed: DeskFeed, clock: Callable[[], datetime]) -> None:
        self._feed = feed
        self._clock = clock
        self._seen: dict[str, dict[str, tuple[datetime, datetime]]] = {}

    def seen(self, key: str, name: str, *, typing: bool = False) -> None:
        """Note that this agent has the chat open, and types in it or not."""
        now = self._clock()
        before = self.who(key)
        until = now + TYPING if typing else _NEVER
        self._seen.setdefault(key, {})[name] = (now + VIEWING, until)
        self._tell(key, before)

    def left(self, key: str, name: str) -> None:
        """Note that this agent closed the chat."""
        before = self.who(key)
        self._seen.get(key, {}).pop(name, None)
        self._tell(key, before)

    def who(self, key: str) -> tuple[Watcher, ...]:
        """Who has the chat open now, by name."""
        now = self._clock()
        seen = self._seen.get(key, {})
        return tuple(
            Watcher(name, typing=types > now) for name, (views, types) in sorted(seen.items()) if views > now
        )

    def sweep(self) -> None:
        """Forget who went without a word, and tell; called every few seconds."""
        now = self._clock()
        for key, seen in list(self._seen.items()):
            over = [name for name, (views, _) in seen.items() if views <= now]
            ceased = [name for name, (_, types) in seen.items() if types != _NEVER and types <= now]
            for name in over:
                del seen[name]
            for name in set(ceased) - set(over):
                seen[name] = (seen[name][0], _NEVER)
            if not seen:
                del self._seen[key]
            if over or ceased:
                self._feed.changed(key, ChangeKind.PRESENCE)

    def _tell(self, key: str, before: tuple[Watcher, ...]) -> None:
        if self.who(key) != before:
            self._feed.changed(key, ChangeKind.PRESENCE)
