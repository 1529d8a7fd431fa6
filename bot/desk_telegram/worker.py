"""One group's work, one call at a time: what somebody waits for first, in turn; then what can wait.

Last of all what nobody waits for: the topics of erased conversations.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable
from dataclasses import dataclass, field

import structlog

from bot.channels.telegram_api import ApiFailed, ApiUnreachable
from bot.desk_telegram import words
from bot.desk_telegram.calls import GroupCalls
from bot.desk_telegram.erasing import Erasing
from bot.desk_telegram.showing import Showing
from bot.ports import ChannelBusy, ChatGone, ChatMoved
from storage.errors import StoreError

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_STRIKES = 4
"""How often a conversation may fail in a row before it waits for its next change."""
_DOWN = 5.0
"""Seconds of rest while Telegram or the store cannot be reached."""
_SHUT_OUT = 60.0
"""Seconds of rest while the group does not let us in."""


@dataclass(slots=True)
class Worker:
    """Works off what changed. `trouble` says what keeps it from it, if something does."""

    calls: GroupCalls
    showing: Showing
    erasing: Erasing
    trouble: str | None = None
    _urgent: dict[str, None] = field(default_factory=dict)
    _late: dict[str, None] = field(default_factory=dict)
    _beside: list[str] = field(default_factory=list)
    _erased: int | None = None
    _strikes: Counter[str] = field(default_factory=Counter)
    _any: asyncio.Event = field(default_factory=asyncio.Event)
    _idle: asyncio.Event = field(default_factory=asyncio.Event)

    def add(self, key: str) -> None:
        """Something of this conversation changed. Never waits."""
        self._urgent.setdefault(key)
        self._any.set()

    def beside(self, text: str) -> None:
        """Say something in the group outside of every topic. Never waits."""
        if text not in self._beside:
            self._beside.append(text)
        self._any.set()

    def erase(self, topic: int) -> None:
        """Delete this topic when nothing else is to be done, unless one waits for that. Never waits."""
        if self._erased is None:
            self._erased = topic
        self._any.set()

    async def idle(self) -> None:
        """Return once nothing is left to do."""
        while self._busy():
            self._idle.clear()
            await self._idle.wait()

    async def run(self) -> None:
        """Work until cancelled."""
        while True:
            await self._any.wait()
            await self.calls.pace.turn()
            await self._step()
            if not self._busy():
                self._any.clear()
                self._idle.set()

    def _busy(self) -> bool:
        return bool(self._urgent or self._late or self._beside) or self._erased is not None

    async def _step(self) -> None:
        if self._beside:
            texts = tuple(self._beside)
            if await self._tried("", self._say_beside(texts)):
                self._beside = [text for text in self._beside if text not in texts]
            return
        if key := next(iter(self._urgent), None):
            del self._urgent[key]
            acted = await self._tried(key, self.showing.urgent(self.calls.group, key))
            if acted is None:
                return
            if acted:
                self._urgent.setdefault(key)  # behind the others
            elif key not in self._urgent:
                self._late.setdefault(key)
        elif key := next(iter(self._late), None):
            del self._late[key]
            if await self._tried(key, self.showing.late(key)):
                self._urgent.setdefault(key)
        elif self._erased is not None:
            await self._tried(None, self.erasing.delete(self.calls.group, self._erased))
            self._erased = None  # what could not be done is found again

    async def _say_beside(self, texts: tuple[str, ...]) -> bool:
        await self.calls.send(None, words.told(texts))
        return True

    async def _tried(self, key: str | None, step: Awaitable[bool]) -> bool | None:
        """Whether the step did something; `None` where it failed: it comes again, at most so often.

        `key` is the conversation's; empty where it is none's, `None` where it is not for us to repeat.
        """
        try:
            acted = await step
        except ChannelBusy as busy:
            self.calls.pace.hold(busy.retry_after)
            self._again(key)
            return None
        except (ChatGone, ChatMoved):
            self.trouble = (
                f"the group {self.calls.group} does not let the bot in: add it again as an administrator"
            )
            _log.error("telegram_desk_group_shut", group=self.calls.group)
            self.calls.pace.hold(_SHUT_OUT)
            self._again(key)
            return None
        except (ApiUnreachable, StoreError) as error:
            _log.warning("telegram_desk_waits", group=self.calls.group, error=type(error).__name__)
            self.calls.pace.hold(_DOWN)
            self._again(key)
            return None
        except ApiFailed as failed:
            _log.error(
                "telegram_desk_call_refused", group=self.calls.group, error=str(failed), detail=failed.detail
            )
            self._strike(key)
            return None
        except Exception:  # noqa: BLE001  the group's work goes on, whatever happens
            _log.exception("a topic could not be shown", group=self.calls.group)
            self.calls.pace.hold(_DOWN)
            self._strike(key)
            return None
        if key is not None:
            self._strikes.pop(key, None)
        self.trouble = None
        return acted

    def _strike(self, key: str | None) -> None:
        """It failed by itself: it comes again, but not for ever."""
        if key is None:
            return
        self._strikes[key] += 1
        if self._strikes[key] < _STRIKES:
            self._again(key)
        else:
            del self._strikes[key]
            if not key:
                self._beside.clear()
            _log.error("telegram_desk_topic_given_up", group=self.calls.group, conversation=key or "none")

    def _again(self, key: str | None) -> None:
        if key:
            self._urgent.setdefault(key)
