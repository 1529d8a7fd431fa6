"""docs/operations.md, "Back up and restore": the lines that stand there, while customers write."""

import asyncio
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from aiohttp import ClientSession

from bot import speech
from dialogs.effects import Text
from tests.program import Json, Served, serving

PAGE = Path(__file__).parents[2] / "docs" / "operations.md"
NUMBER, EMAIL = "1001", "ann@shop.test"


def words(key: str, **args: str) -> str:
    return speech.load("Europe/Berlin").text(Text(key, args), "en")


YES = words("button-yes-cancel")
DONE, WAS_DONE = (words(f"told-{key}", number=NUMBER) for key in ("cancelled", "already-cancelled"))


def lines(which: int) -> str:
    """What the page says to type: 0 to copy, 1 to restore."""
    section = PAGE.read_text("utf-8").partition("## Back up and restore")[2].partition("\n## ")[0]
    return re.findall(r"```sh\n(.*?)```", section, re.DOTALL)[which]


async def typed(folder: Path, script: str) -> str:
    """Type it in the folder where Rescind is started; what it says."""
    shell = await asyncio.create_subprocess_exec(
        "/bin/sh", "-euc", script, cwd=folder, stdout=asyncio.subprocess.PIPE
    )
    said, _ = await shell.communicate()
    assert shell.returncode == 0
    return said.decode()


@dataclass
class Chat:
    """A customer over plain HTTP, whose token outlives the server."""

    token: str
    seen: list[Json] = field(default_factory=list)
    sent: int = 0

    async def says(self, served: Served, text: str) -> Json:
        """Send it, and wait for the answer that asks for something, or comes last."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with ClientSession(served.url, headers=headers) as client:
            self.sent += 1
            update = {"type": "message", "id": f"{self.token[:8]}-{self.sent}", "text": text}
            async with client.post("/chat/messages", json=update) as answer:
                assert answer.status == 200
            async with asyncio.timeout(30):
                while True:
                    async with client.get("/chat/messages?after=0") as answer:
                        self.seen = (await answer.json())["messages"]
                    last = self.seen[-1]
                    if last["author"] == "bot" and last.get("choices"):
                        return last
                    await asyncio.sleep(0.05)


async def came(served: Served) -> Chat:
    async with ClientSession(served.url) as client, client.post("/chat/session") as answer:
        return Chat((await answer.json())["token"])


@asynccontextmanager
async def busy(served: Served) -> AsyncIterator[None]:
    """Others write all the while, as fast as they are answered."""
    chats, stop = [await came(served) for _ in range(4)], asyncio.Event()

    async def writes(chat: Chat) -> None:
        while not stop.is_set():
            await chat.says(served, "I want to cancel my order")
            await chat.says(served, "never mind")

    async with asyncio.TaskGroup() as group:
        for chat in chats:
            group.create_task(writes(chat))
        yield
        stop.set()
    assert all(chat.sent >= 2 for chat in chats)


async def attempts(served: Served) -> list[str]:
    shown = await served.rescind("orders", "show", NUMBER, "--json")
    return [attempt["report"] for attempt in shown.records[0]["attempts"]]  # type: ignore[attr-defined]


@pytest.mark.parametrize("after_the_copy", ["nothing", "cancelled"])
async def test_a_copy_made_while_it_serves_goes_on_with_the_conversation(
    after_the_copy: str, tmp_path: Path
) -> None:
    """An order cancelled after the copy is not known to it as such, and is not cancelled twice."""
    told = after_the_copy == "cancelled"
    async with serving(tmp_path, WEBCHAT_FRAMES_PER_SECOND="1000") as served:
        ann = await came(served)
        question = await ann.says(served, f"cancel {NUMBER}, {EMAIL}")
        assert YES in str(question["choices"])
        async with busy(served):
            assert await typed(tmp_path, lines(0)) == "ok\n"
        if told:
            assert DONE in str((await ann.says(served, "yes"))["text"])
        served.process.kill()  # so that a log is left beside the file, which the copy must not be read with
        await served.process.wait()
    await typed(tmp_path, lines(1))
    async with serving(tmp_path) as served:
        answer = await ann.says(served, "yes")
        assert question in ann.seen
        assert (WAS_DONE if told else DONE) in str(answer["text"])
        assert await attempts(served) == ["accepted"]
