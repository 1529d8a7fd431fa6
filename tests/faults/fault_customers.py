"""Customers of the web chat who lose nothing: clients by docs/web-chat.md, over WebSocket or plain HTTP."""

import asyncio
import json
from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass, field
from random import Random

from aiohttp import ClientError, ClientSession, ClientTimeout, ClientWebSocketResponse, WSMsgType

from bot import speech
from dialogs.effects import Text

Json = dict[str, object]
_SPEECH = speech.load("Europe/Berlin")
_MOST = 8
"""Updates after which a conversation must have come to its end."""
_LONGEST = 240


def words(key: str, **args: str) -> str:
    """A text of the product in English."""
    return _SPEECH.text(Text(key, args), "en")


CONFIRM, KEEP, NO_MORE = words("button-yes-cancel"), words("button-no-keep"), words("button-no-thanks")
A_PERSON = words("handover-next", when="@@", reference="@@").split("@@")[1].strip()


def is_note(text: object, number: str) -> bool:
    """Whether the bot only says that it is at work on the answer."""
    notes = ("note-email-corrected", "note-number-corrected", "note-looking", "note-cancelling")
    return text in {words(note, number=number) for note in notes}


@dataclass(frozen=True)
class Plan:
    """What a customer wants, and how they go about it."""

    number: str
    email: str
    consents: bool
    opening: str
    presses: bool
    """By the buttons, where there are some; otherwise by words."""
    wrong_email: bool = False


class Gone(Exception):
    """The connection is no more."""


@dataclass
class Customer(ABC):
    """One chat. `seen` is what this client has, by `seq`; `said` the ids of what it sent and the words."""

    url: str
    plan: Plan
    random: Random
    on_accepted: Callable[[], None]
    token: str = ""
    seen: dict[int, Json] = field(default_factory=dict)
    said: list[tuple[str, str]] = field(default_factory=list)
    accepted: set[str] = field(default_factory=set)
    consented: bool = False
    """It has answered yes to the question whether to cancel."""
    repeated: int = 0
    """Updates sent again."""

    @property
    def key(self) -> str:
        return f"web:{self.token.rsplit('.', 2)[0]}"

    @property
    def last(self) -> int:
        return max(self.seen, default=0)

    async def run(self, client: ClientSession) -> None:
        """Chat until the conversation has come to an end. Raises `TimeoutError` if it does not."""
        async with asyncio.timeout(_LONGEST):
            await self._session(client)
            update: Json | None = {"type": "message", "text": self._opening()}
            while update is not None:
                assert len(self.said) < _MOST, self.transcript()
                update |= {"id": f"{len(self.said)}-{self.random.getrandbits(64):x}"}
                self.said.append((str(update["id"]), str(update.get("text") or update.get("label"))))
                await self._until_answered(client, update)
                update = self._next()
            await self._leave()

    def transcript(self) -> list[str]:
        return [f"{m['seq']} {m['author']}: {m['text']}" for _, m in sorted(self.seen.items())]

    def take(self, message: Json) -> bool:
        """Keep a message; false if one before it is missing. A message never changes."""
        seq = int(str(message["seq"]))
        if seq in self.seen:
            assert self.seen[seq] == message
        elif seq != self.last + 1:
            return False
        self.seen[seq] = message
        return True

    def take_accepted(self, id_: str) -> None:
        """The server has this update."""
        if id_ not in self.accepted:
            self.accepted.add(id_)
            self.on_accepted()

    def answered(self, id_: str) -> bool:
        """Whether this update was accepted and the bot has given its answer."""
        own = [seq for seq, message in self.seen.items() if message.get("id") == id_]
        if id_ not in self.accepted or not own or self.last == own[0]:
            return False
        return not is_note(self.seen[self.last]["text"], self.plan.number)

    # ---- what to say next

    def _opening(self) -> str:
        email = f"other.{self.plan.email}" if self.plan.wrong_email else self.plan.email
        return self.plan.opening.format(number=self.plan.number, email=email)

    def _next(self) -> Json | None:
        """The answer to the bot's last message; none where the conversation has come to an end."""
        message = self.seen[self.last]
        labels = {choice["label"]: choice["value"] for choice in message.get("choices", [])}
        if CONFIRM in labels:
            self.consented |= self.plan.consents
            return self._answer(labels, CONFIRM if self.plan.consents else KEEP)
        if NO_MORE in labels or A_PERSON in str(message["text"]):
            return None
        return {"type": "message", "text": f"{self.plan.number}, {self.plan.email}"}

    def _answer(self, labels: dict[str, str], label: str) -> Json:
        if self.plan.presses:
            return {"type": "press", "value": labels[label], "label": label}
        return {"type": "message", "text": "yes" if label == CONFIRM else "no"}

    # ---- the wire

    async def _session(self, client: ClientSession) -> None:
        while not self.token:
            try:
                async with client.post(f"{self.url}/chat/session") as answer:
                    self.token = (await answer.json())["token"] if answer.status == 200 else ""
            except (ClientError, OSError, TimeoutError):
                pass
            if not self.token:
                await self.pause()

    async def pause(self) -> None:
        """Before coming back."""
        await asyncio.sleep(self.random.uniform(0.05, 0.25))

    @abstractmethod
    async def _until_answered(self, client: ClientSession, update: Json) -> None:
        """Send the update until it is accepted, and read until it is answered."""

    async def _leave(self) -> None:  # noqa: B027  plain HTTP leaves nothing open
        """Let go of what is open."""


class HttpCustomer(Customer):
    """Over plain HTTP."""

    async def _until_answered(self, client: ClientSession, update: Json) -> None:
        headers = {"Authorization": f"Bearer {self.token}"}
        url, tries = f"{self.url}/chat/messages", 0
        while not self.answered(str(update["id"])):
            try:
                if update["id"] not in self.accepted:
                    tries += 1
                    async with client.post(url, json=update, headers=headers) as answer:
                        if answer.status == 200:
                            self.take_accepted(str((await answer.json())["id"]))
                async with client.get(f"{url}?after={self.last}&wait=5", headers=headers) as answer:
                    messages = (await answer.json())["messages"] if answer.status == 200 else []
                    assert all(self.take(message) for message in messages)
            except (ClientError, OSError, TimeoutError):
                await self.pause()
        self.repeated += tries - 1


class SocketCustomer(Customer):
    """Over a WebSocket that is opened again whenever it breaks."""

    socket: ClientWebSocketResponse | None = None

    async def _until_answered(self, client: ClientSession, update: Json) -> None:
        tries = 0
        while not self.answered(str(update["id"])):
            try:
                socket = self.socket or await self._open(client)
                if update["id"] not in self.accepted:
                    tries += 1
                    await socket.send_json(update)
                while not self.answered(str(update["id"])):
                    await self._read(socket)
            except (Gone, ClientError, OSError, TimeoutError):
                self.socket = None
                await self.pause()
        self.repeated += tries - 1

    async def _open(self, client: ClientSession) -> ClientWebSocketResponse:
        self.socket = await client.ws_connect(f"{self.url}/chat/ws")
        await self.socket.send_json({"type": "hello", "token": self.token, "after": self.last})
        return self.socket

    async def _read(self, socket: ClientWebSocketResponse) -> None:
        frame = await socket.receive()
        if frame.type is not WSMsgType.TEXT:
            raise Gone
        said = json.loads(frame.data)
        match said.pop("type"):
            case "message":
                if not self.take(said):
                    await socket.send_json({"type": "fetch", "after": self.last})
            case "accepted":
                self.take_accepted(said["id"])
            case "error":
                raise Gone  # it is sent again
            case "ready":
                assert said["last"] >= self.last, "the server knows less than it told"

    async def _leave(self) -> None:
        if self.socket is not None:
            await self.socket.close()


def unhurried() -> ClientSession:
    """A client session for many customers at once."""
    return ClientSession(timeout=ClientTimeout(total=30))
