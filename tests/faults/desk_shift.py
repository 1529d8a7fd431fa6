"""Customers who write to people, and agents at the console: they ask again until they are answered."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random

from aiohttp import ClientError, ClientSession, ClientTimeout, CookieJar, WSMsgType

PASSWORD = "a long enough one"
_LOST = (ClientError, OSError, TimeoutError)
_PATIENCE = (None, None, None, None, 0.005, 0.015, 0.03)
"""Seconds after which an answer counts as lost, though the server goes on with what was asked."""
_AWAY = {500, 502, 503, 504}
Json = dict[str, object]


@dataclass
class Writer:
    """A customer over plain HTTP. `said` are the words of each message that the server has."""

    url: str
    session: ClientSession
    random: Random
    token: str = ""
    said: list[str] = field(default_factory=list)
    repeated: int = 0

    @property
    def key(self) -> str:
        return f"web:{self.token.rsplit('.', 2)[0]}"

    async def comes(self) -> None:
        """Ask for a person."""
        while not self.token:
            with suppress(*_LOST):
                async with self.session.post(f"{self.url}/chat/session") as answer:
                    self.token = (await answer.json())["token"] if answer.status == 200 else ""
        await self.says("I want to talk to a person")

    async def says(self, text: str) -> None:
        """Send it under one id until it is accepted."""
        update = {"type": "message", "id": f"{len(self.said)}", "text": text}
        headers = {"Authorization": f"Bearer {self.token}"}
        for tries in range(1, 1000):
            with suppress(*_LOST):
                async with self.session.post(
                    f"{self.url}/chat/messages", json=update, headers=headers
                ) as answer:
                    if answer.status == 200:
                        self.said.append(text)
                        self.repeated += tries - 1
                        return
                    assert answer.status in _AWAY | {429}, await answer.text()
            await asyncio.sleep(self.random.uniform(0.02, 0.15))
        raise AssertionError("never accepted")


@dataclass
class Worker:
    """An agent: what they did by their own knowledge, and what their live connection showed of one chat."""

    url: str
    login: str
    random: Random
    session: ClientSession = field(init=False)
    csrf: str = ""
    won: set[str] = field(default_factory=set)
    replies: dict[str, list[str]] = field(default_factory=dict)
    notes: dict[str, list[str]] = field(default_factory=dict)
    shown: dict[int, Json] = field(default_factory=dict)
    shown_notes: dict[str, str] = field(default_factory=dict)
    repeated: int = 0
    connections: int = 0

    def __post_init__(self) -> None:
        timeout = ClientTimeout(total=20)
        self.session = ClientSession(cookie_jar=CookieJar(unsafe=True), timeout=timeout)

    async def signs_in(self) -> None:
        form = {"login": self.login, "password": PASSWORD}
        headers = {"Origin": self.url}
        async with self.session.post(f"{self.url}/desk/sign-in", data=form, headers=headers) as answer:
            found = re.search(r'data-csrf="([0-9a-f]+)"', await answer.text())
        assert found is not None
        self.csrf = found[1]

    async def claims(self, key: str) -> bool:
        status, _ = await self._acts(key, "claim", {})
        if status == 200:
            self.won.add(key)
        return status == 200

    async def replies_to(self, key: str, text: str) -> None:
        status, body = await self._acts(key, "reply", {"text": text, "id": f"id of {text}"})
        assert status == 200, body
        self.replies.setdefault(key, []).append(text)

    async def keeps_note(self, key: str, text: str) -> None:
        status, body = await self._acts(key, "note", {"text": text, "id": f"id of {text}"})
        assert status == 200, body
        self.notes.setdefault(key, []).append(text)

    async def _acts(self, key: str, act: str, body: Json) -> tuple[int, object]:
        """Ask until there is an answer: the same request, with the same id, as the page does."""
        headers = {"Origin": self.url, "X-CSRF-Token": self.csrf}
        for tries in range(1, 1000):
            with suppress(*_LOST):
                async with (
                    asyncio.timeout(self.random.choice(_PATIENCE)),
                    self.session.post(
                        f"{self.url}/desk/api/chats/{key}/{act}", json=body, headers=headers
                    ) as answer,
                ):
                    if answer.status not in _AWAY:
                        self.repeated += tries - 1
                        return answer.status, await answer.json()
            await asyncio.sleep(self.random.uniform(0.02, 0.15))
        raise AssertionError("never answered")

    async def watches(self, key: str, enough: Callable[[], Awaitable[bool]]) -> None:
        """Keep a chat on the screen through every loss of the connection, until enough was seen."""
        while not await enough():
            with suppress(*_LOST):
                headers = {"Origin": self.url}
                async with self.session.ws_connect(f"{self.url}/desk/ws", headers=headers) as socket:
                    self.connections += 1
                    await socket.send_json({"type": "hello", "csrf": self.csrf})
                    after = max(self.shown, default=0) or None
                    await socket.send_json({"type": "open", "key": key, "after": after})
                    while not await enough():
                        message = await socket.receive(timeout=1)
                        if message.type is not WSMsgType.TEXT:
                            break
                        self._sees(key, message.json())
            await asyncio.sleep(self.random.uniform(0.02, 0.1))

    def _sees(self, key: str, frame: Json) -> None:
        if frame["type"] != "chat" or frame["key"] != key:
            return
        if frame["whole"]:
            self.shown.clear()
        for line in frame["lines"]:  # type: ignore[attr-defined]
            assert line["seq"] not in self.shown or self.shown[line["seq"]]["text"] == line["text"]
            self.shown[line["seq"]] = line
        for note in frame["notes"]:  # type: ignore[attr-defined]
            self.shown_notes[note["id"]] = note["text"]
