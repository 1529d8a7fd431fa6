"""Messages leave in order within a chat, wait for nobody else's, and are given up for good reasons only."""

import asyncio
from collections import defaultdict, deque
from dataclasses import dataclass, field, replace
from datetime import timedelta

import pytest
from shell_house import soon
from shell_makers import NOW, Clock, Pauses
from structlog.testing import capture_logs

from bot.channels.webchat import WebChat
from bot.channels.webchat_settings import WebChatSettings
from bot.deliveries import Deliveries, Parcel
from bot.feed import LocalFeed
from bot.ports import ChannelBusy, ChatGone, ChatMoved, Door
from dialogs.conversation import Conversation
from storage.records import Author, Contact, Deliver, Entry, Saved, Turn
from storage.store import Store
from tests.outbox_marks import marks_written


@dataclass
class Sender:
    """A channel that does as it is told: `faults` are raised one a call, `gates` hold a chat's messages."""

    name: str = "telegram"
    fetches: bool = False
    sent: list[tuple[str, str]] = field(default_factory=list)
    tried: list[tuple[str, str]] = field(default_factory=list)
    faults: dict[str, deque[Exception]] = field(default_factory=lambda: defaultdict(deque))
    gates: dict[str, asyncio.Event] = field(default_factory=dict)

    async def deliver(self, key: str, entry: Entry) -> None:
        self.tried.append((key, entry.text))
        if key in self.gates:
            await self.gates[key].wait()
        await asyncio.sleep(0)
        if self.faults[key]:
            raise self.faults[key].popleft()
        self.sent.append((key, entry.text))

    async def typing(self, key: str) -> None: ...

    async def start(self, door: Door) -> None: ...

    async def stop(self) -> None: ...

    async def check(self) -> None: ...


@dataclass
class Post:
    """Deliveries over a real store, and everything around them."""

    store: Store
    channel: Sender
    deliveries: Deliveries
    pauses: Pauses
    clock: Clock
    over: list[int]

    async def saved(self, key: str, *words: str, at: int = 0) -> list[Parcel]:
        """Messages said in one turn, with their parcels in the outbox."""
        before = at
        entries = tuple(Entry(before + n, NOW, Author.BOT, text) for n, text in enumerate(words, 1))
        work = tuple(Deliver(entry.seq) for entry in entries)
        last, base = before + len(words), 1 if before else 0
        turn = Turn(key, base, last, NOW, Conversation("seed"), Contact(), None, entries, work)
        result = await self.store.save(turn)
        assert isinstance(result, Saved)
        return [Parcel(id_, key, entry.seq) for id_, entry in zip(result.work_ids, entries, strict=True)]

    async def send(self, key: str, *words: str) -> None:
        for parcel in await self.saved(key, *words):
            self.deliveries.add(parcel)

    async def done(self) -> None:
        await soon(lambda: not self.deliveries.tasks)
        await marks_written(self.store)

    async def left(self) -> list[tuple[str, object]]:
        claimed = await self.store.claim(NOW.replace(year=2027), 100, timedelta())
        return [(piece.key, piece.work) for piece in claimed]


@pytest.fixture
def post(store: Store) -> Post:
    channel, pauses, clock = Sender(), Pauses(), Clock()
    over: list[int] = []
    deliveries = Deliveries(store, {"telegram": channel}, over.append, clock, pauses)
    return Post(store, channel, deliveries, pauses, clock, over)


async def test_a_chats_messages_leave_in_order_and_each_once(post: Post) -> None:
    await post.send("telegram:7", *(str(n) for n in range(20)))
    await post.done()
    assert post.channel.sent == [("telegram:7", str(n)) for n in range(20)]
    assert await post.left() == []
    assert len(post.over) == 20


async def test_a_message_at_hand_is_sent_without_asking_the_store_for_it(post: Post) -> None:
    [parcel] = await post.saved("telegram:7", "one")
    at_hand = Entry(1, NOW, Author.BOT, "as it was just saved")
    post.deliveries.add(replace(parcel, entry=at_hand))
    await post.done()
    assert post.channel.sent == [("telegram:7", "as it was just saved")]
    assert await post.left() == []


async def test_a_message_taken_up_late_still_leaves_before_those_that_wait(post: Post) -> None:
    post.channel.gates["telegram:7"] = asyncio.Event()
    first, second, third = await post.saved("telegram:7", "one", "two", "three")
    post.deliveries.add(first)
    post.deliveries.add(third)
    await soon(lambda: post.channel.tried)
    post.deliveries.add(second)
    post.channel.gates["telegram:7"].set()
    await post.done()
    assert [text for _, text in post.channel.sent] == ["one", "two", "three"]


async def test_a_slow_chat_holds_no_other_up(post: Post) -> None:
    post.channel.gates["telegram:7"] = asyncio.Event()
    await post.send("telegram:7", "slow")
    await post.send("telegram:8", "quick")
    await soon(lambda: post.channel.sent == [("telegram:8", "quick")])
    post.channel.gates["telegram:7"].set()
    await post.done()
    assert post.channel.sent[-1] == ("telegram:7", "slow")


async def test_a_busy_channel_is_given_the_time_it_asks_for_however_often(post: Post) -> None:
    post.channel.faults["telegram:7"].extend(ChannelBusy(n) for n in range(1, 41))
    await post.send("telegram:7", "hello", "again")
    await post.done()
    assert list(post.pauses.asked) == list(range(1, 41))
    assert post.channel.sent == [("telegram:7", "hello"), ("telegram:7", "again")]


async def test_a_chat_that_is_gone_is_given_up_at_once_with_the_reason(post: Post) -> None:
    post.channel.faults["telegram:7"].append(ChatGone())
    with capture_logs() as log:
        await post.send("telegram:7", "hello")
        await post.done()
    assert [line["log_level"] for line in log] == ["info"]  # it is the customer's right: nobody is woken
    assert [why for _, _, why in await post.store.given_up("telegram:7")] == ["the chat is gone"]
    assert (post.channel.sent, await post.left(), list(post.pauses.asked)) == ([], [], [])


async def test_a_chat_that_moved_is_followed(post: Post) -> None:
    post.channel.faults["telegram:7"].append(ChatMoved("telegram:-100"))
    await post.send("telegram:7", "hello")
    await post.done()
    assert post.channel.sent == [("telegram:-100", "hello")]
    assert await post.left() == []


async def test_a_channel_that_is_down_is_waited_for_with_growing_pauses(post: Post) -> None:
    post.channel.faults["telegram:7"].extend(OSError("down") for _ in range(30))
    await post.send("telegram:7", "hello")
    await post.done()
    assert post.channel.sent == [("telegram:7", "hello")]
    assert list(post.pauses.asked)[:8] == [1, 2, 4, 8, 16, 32, 60, 60]


async def test_a_message_that_fails_while_others_get_through_is_given_up(post: Post) -> None:
    post.channel.faults["telegram:7"].extend(ValueError("poison") for _ in range(20))
    others = 0

    async def meanwhile(_: float) -> None:
        nonlocal others
        others += 1
        await post.send(f"telegram:{1000 + others}", "fine")
        await soon(lambda: len(post.channel.sent) == others)

    post.deliveries.pause = meanwhile
    with capture_logs() as log:
        await post.send("telegram:7", "poison")
        await post.done()
    assert (log[-1]["event"], log[-1]["log_level"]) == ("given up on a message", "error")
    assert others == 8
    assert len(await post.store.given_up("telegram:7")) == 1
    assert await post.left() == []


async def test_no_message_is_tried_for_ever(post: Post, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("bot.deliveries._TRIES", 20)
    post.channel.faults["telegram:7"].extend(OSError("down") for _ in range(100))
    await post.send("telegram:7", "hello")
    await post.done()
    assert len(post.channel.tried) == 20
    assert [why for _, _, why in await post.store.given_up("telegram:7")] == ["it could not be delivered"]


async def test_a_channel_that_is_not_here_leaves_its_messages_to_who_has_it(post: Post) -> None:
    await post.send("matrix:7", "hello")
    await post.done()
    assert post.over != []
    assert await post.store.claim(NOW, 10, timedelta()) == ()  # not for a while
    assert len(await post.left()) == 1


async def test_messages_of_a_channel_nobody_has_had_for_a_day_are_given_up(post: Post) -> None:
    post.clock.now += timedelta(days=2)
    await post.send("matrix:7", "hello")
    await post.done()
    assert len(await post.store.given_up("matrix:7")) == 1


async def test_what_is_cut_off_stays_in_the_outbox_and_is_no_longer_held(post: Post) -> None:
    post.channel.gates["telegram:7"] = asyncio.Event()
    await post.send("telegram:7", "one", "two")
    await soon(lambda: post.channel.tried)
    (task,) = post.deliveries.tasks
    task.cancel()
    await soon(lambda: not post.deliveries.tasks)
    assert len(post.over) == 2
    assert len(await post.left()) == 2
    post.channel.gates["telegram:7"].set()
    await post.send("telegram:8", "still works")
    await post.done()
    assert post.channel.sent == [("telegram:8", "still works")]


async def test_what_another_process_said_reaches_those_who_watch_the_web_chat(store: Store) -> None:
    """As an agent's words from the command line: the transcript has them, and a watcher is told at once."""
    feed = LocalFeed()
    web = WebChat(secret=b"s", transcript=None, feed=feed, settings=WebChatSettings())  # type: ignore[arg-type]
    deliveries = Deliveries(store, {"web": web}, lambda _: None, Clock())
    post = Post(store, Sender(), deliveries, Pauses(), Clock(), [])
    watch = feed.watch("web:1")
    await post.send("web:1", "Hello, this is Sam")
    async with asyncio.timeout(5):
        notice = await anext(aiter(watch))
    assert [entry.text for entry in notice.entries] == ["Hello, this is Sam"]
    await post.done()
    assert await post.left() == []
