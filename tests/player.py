"""Plays conversation files through the real house: reception, store, performers, demo shop.

    # a comment; `# shop: NUMBER, E-MAIL, STAGE, PAYMENTS, MARKS...` places an order, `# locale: es` is what
    # the channel tells of the customer's language (en where nothing is said); `# setting: NAME=VALUE`
    and `# the shop leaves refunds to us` say how the house is set up
    > what the customer writes; [a button] is pressed; [old: a button] is one of an earlier message
    < what the bot says, a line each; its buttons in brackets on the last line; `...` stands for anything
    ! what happens besides (see `_HAPPENINGS`)
    = what must be true now (see `_FACTS`)

References are written XXXX-XXXX. `python -m tests.player FILE...` plays and writes the answers into the
files, to be read before they are believed.
"""

import asyncio
import re
import sys
import tempfile
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

from bot.assembly import House, open_house, rules_of, understanding_of
from bot.channels.terminal import Terminal
from bot.ports import CredentialsRefused, Incoming, Language, Open, Press, Reader, Throttled, Wordless, Words
from bot.settings import Settings
from dialogs.conversation import Conversation
from dialogs.events import (
    PersonCancels,
    PersonClosed,
    PersonEvent,
    PersonGaveBack,
    PersonLeft,
    PersonPassedOn,
    PersonSaid,
    PersonTookOver,
    Unreadable,
)
from dialogs.orders import Stage
from storage.records import Author, Choice, Entry
from tests.stage_hands import StageHands, open_shop

FOLDER = Path(__file__).parent / "conversations"
START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)  # a Monday
KEY = "terminal:test"
_REFERENCE = re.compile(r"\b[2-9A-HJKMNP-Z]{4}-[2-9A-HJKMNP-Z]{4}\b")


class Mismatch(AssertionError):
    """The conversation went another way than the file says."""


@dataclass
class Clock:
    now: datetime = START

    def __call__(self) -> datetime:
        self.now += timedelta(milliseconds=1)
        return self.now


def settings_for(folder: Path, url: str, **others: object) -> Settings:
    return Settings(
        _env_file=None,  # type: ignore[call-arg]
        data_dir=folder,
        database_url=url,
        secret_key="test",
        guess_pause_seconds=0,
        order_status_url="https://shop.test/orders/{number}",
        **others,  # type: ignore[arg-type]
    )


@cache
def understanding() -> Reader:
    """Built once a process: it trains a model."""
    settings = settings_for(Path(), "")
    return understanding_of(settings, rules_of(settings))


@dataclass
class Player:
    house: House
    shop: StageHands
    clock: Clock
    locale: str = "en"
    count: int = 0
    seen: int = 0
    unread: list[Entry] = field(default_factory=list)
    buttons: list[Choice] = field(default_factory=list)

    async def customer(self, what: Words | Press | Wordless | Open | Language) -> None:
        self.count += 1
        await self.house.reception.receive(Incoming(KEY, str(self.count), what, self.locale))
        await self.settle()

    async def line(self, text: str) -> None:
        pressed = re.fullmatch(r"\[(old: )?(.+)\]", text)
        if not pressed:
            await self.customer(Words(text))
            return
        found = [b for b in self.buttons if b.label == pressed[2]]
        if not found:
            raise Mismatch(f"no button {pressed[2]!r}")
        await self.customer(Press(found[0 if pressed[1] else -1].value, pressed[2]))

    async def settle(self) -> None:
        """Until nothing is under way."""
        async with asyncio.timeout(20):
            while not self.house.performers.idle:  # noqa: ASYNC110  work is counted, not announced
                await asyncio.sleep(0.002)
        entries = await self.house.store.entries(KEY, self.seen)
        if entries:
            self.seen = entries[-1].seq
        new = [e for e in entries if e.author is not Author.CUSTOMER]
        self.unread += new
        self.buttons += [choice for e in new for choice in e.choices]

    async def state(self) -> Conversation:
        stored = await self.house.store.load(KEY, fresh=True)
        assert stored is not None
        return stored.conversation

    def heard(self) -> list[str]:
        """What the bot said since last asked, as the file writes it."""
        lines: list[str] = []
        for entry in self.unread:
            words = _REFERENCE.sub("XXXX-XXXX", entry.text).splitlines()
            if entry.agent:
                words[0] = f"({entry.agent}) {words[0]}"
            lines += words
            if entry.choices:
                lines.append(" ".join(f"[{choice.label}]" for choice in entry.choices))
        self.unread = []
        return lines


def _stage(number: str, stage: str) -> Callable[[StageHands], Awaitable[None]]:
    return lambda shop: shop.becomes(number, Stage(stage))


async def _passes(player: Player, amount: str, unit: str) -> None:
    player.clock.now += timedelta(**{unit.rstrip("s") + "s": float(amount)})
    await player.house.performers.go_round()
    await player.settle()


async def _agent(player: Player, name: str, act: str) -> None:
    verb, _, words = act.partition(": ")
    at = player.clock()
    event: PersonEvent | None = {
        "takes over": PersonTookOver(at, name),
        "says": PersonSaid(at, name, words),
        "gives back": PersonGaveBack(at, name),
        "gives back without resuming": PersonGaveBack(at, name, resume=False),
        "closes": PersonClosed(at, name),
        "leaves": PersonLeft(at, name),
        "passes on": PersonPassedOn(at, name, words),
    }.get(verb)
    if verb == "cancels":
        order = await player.shop.shop.find(words)
        assert order is not None
        event = PersonCancels(at, name, order, at)
    assert event is not None, f"no agent {verb}"
    await player.house.reception.happen(KEY, event)
    await player.settle()


def _on_find(player: Player, which: str, number: str, stage: str) -> None:
    hooks = player.shop.before_find
    while len(hooks) < int(which):
        hooks.append([])
    hooks[int(which) - 1].append(_stage(number, stage))


def _down_on_find(player: Player, which: str, state: str) -> None:
    hooks = player.shop.before_find
    while len(hooks) < int(which):
        hooks.append([])
    hooks[int(which) - 1].append(lambda shop: setattr(shop, "down", state == "down"))


_HAPPENINGS: dict[str, Callable[..., object]] = {
    r"(\S+) becomes (\w+)": lambda p, n, s: p.shop.becomes(n, Stage(s)),
    r"before look-up (\d): (\S+) becomes (\w+)": _on_find,
    r"before look-up (\d): the shop is (down|up)": _down_on_find,
    r"a payment of (\S+) becomes (\S+)": lambda p, n, amount: p.shop.pays(n, Decimal(amount)),
    r"during the cancel: (\S+) becomes (\w+)": lambda p, n, s: p.shop.before_cancel.append(_stage(n, s)),
    r"(\S+) is also sent in part": lambda p, n: p.shop.changed(n, partly_fulfilled=True),
    r"(\S+) is recorded for (\S+@\S+)": lambda p, n, e: p.shop.changed(n, email=e),
    r"(\S+) is recorded as (\w+)": lambda p, n, s: p.shop.changed(n, stage=Stage(s)),
    r"a refund of (\S+) fails": lambda p, n: p.shop.refund_fails(n),
    r"during the cancel: (\S+) is also sent in part": lambda p, n: p.shop.after_cancel.append(
        lambda shop: shop.changed(n, partly_fulfilled=True)
    ),
    r"the shop refuses refunds": lambda p: setattr(p.shop, "refuse_refunds", True),
    r"the answer to a refund is lost": lambda p: setattr(p.shop, "lose_refund", True),
    r"the shop refuses our credentials": lambda p: setattr(p.shop, "trouble", CredentialsRefused("no")),
    r"the shop wants no more calls": lambda p: setattr(p.shop, "trouble", Throttled(30)),
    r"the shop is itself again": lambda p: setattr(p.shop, "trouble", None),
    r"the shop is (down|up)": lambda p, s: setattr(p.shop, "down", s == "down"),
    r"the request to cancel is lost": lambda p: setattr(p.shop, "lose_request", True),
    r"the answer to the cancel is lost": lambda p: setattr(p.shop, "lose_response", True),
    r"(\d+) (second|minute|hour|day)s? pass": _passes,
    r"agent (\w+) (.+)": _agent,
    r"edited: (.+)": lambda p, text: p.customer(Words(text, edited=True)),
    r"sends (\w+)": lambda p, what: p.customer(Wordless(Unreadable(what))),
    r"opens": lambda p: p.customer(Open()),
    r"opens with (\S+)": lambda p, number: p.customer(Open(number)),
    r"language (\w+)": lambda p, locale: p.customer(Language(locale)),
}


async def _attempted(player: Player, number: str) -> str:
    return ", ".join(str(report) for report in await player.shop.attempts(number)) or "none"


async def _stage_of(player: Player, number: str) -> str:
    order = await player.shop.shop.find(number)
    return order.stage.value if order else "unknown"


async def _refunded(player: Player, number: str) -> str:
    order = await player.shop.shop.find(number)
    assert order is not None
    refunds = (f"{r.amount} {r.status} ({p.method})" for p in order.payments for r in p.refunds)
    return ", ".join(refunds) or "none"


async def _notes(player: Player) -> str:
    notes = await player.house.store.desk.notes(KEY)
    return " / ".join(_REFERENCE.sub("XXXX-XXXX", note.text) for note in notes) or "none"


async def _mode(player: Player) -> str:
    c = await player.state()
    return f"{c.mode.value} ({c.handoff.reason.value})" if c.handoff else c.mode.value


_FACTS: dict[str, Callable[..., Awaitable[str]]] = {
    r"attempts to cancel (\S+)": _attempted,
    r"stage of (\S+)": _stage_of,
    r"refunds of (\S+)": _refunded,
    r"notes": _notes,
    r"mode": _mode,
}


async def _do(player: Player, happening: str) -> None:
    for pattern, act in _HAPPENINGS.items():
        if found := re.fullmatch(pattern, happening):
            made = act(player, *found.groups())
            if isinstance(made, Awaitable):
                await made
            return
    raise Mismatch(f"nothing is known to happen as {happening!r}")


async def _fact(player: Player, text: str) -> tuple[str, str]:
    name, _, expected = text.partition(": ")
    for pattern, ask in _FACTS.items():
        if found := re.fullmatch(pattern, name):
            return await ask(player, *found.groups()), expected
    raise Mismatch(f"nothing is known of {name!r}")


@asynccontextmanager
async def house_for(script: str, folder: Path, url: str) -> AsyncGenerator[Player]:
    """The house that a script plays in, with its orders placed."""
    clock = Clock()
    specs = re.findall(r"^# shop: (.+)$", script, re.MULTILINE)
    locale = re.search(r"^# locale: (\S+)$", script, re.MULTILINE)
    settings = re.findall(r"^# setting: (\w+)=(.+)$", script, re.MULTILINE)
    shop = await open_shop(folder, clock, specs)
    shop.leaves_refunds = "# the shop leaves refunds to us" in script
    try:
        async with open_house(
            settings_for(folder, url, **{name.lower(): value for name, value in settings}),
            lambda house: [Terminal(house.store, house.feed, clock, "test")],
            clock=clock,
            backend=shop,
            understanding=understanding(),
        ) as house:
            yield Player(house, shop, clock, locale[1] if locale else "en")
    finally:
        await shop.close()


def _matches(expected: str, actual: str) -> bool:
    pattern = ".*".join(re.escape(part) for part in expected.split("..."))
    return re.fullmatch(pattern, actual) is not None


def _steps(script: str) -> Iterator[tuple[str, str, list[str]]]:
    """Each step of the customer's or the world's, with the answers the file expects of it."""
    step: tuple[str, str, list[str]] | None = None
    for line in script.splitlines():
        sign, text = line[:1], line[2:]
        if sign == "<":
            if step is None:
                raise Mismatch("the file begins with an answer")
            step[2].append(text)
        elif sign in (">", "!", "=", "#", "") or not line.strip():
            if step is not None:
                yield step
            step = (sign if line.strip() else "", text if line.strip() else "", [])
        else:
            raise Mismatch(f"cannot read {line!r}")
    if step is not None:
        yield step


async def play(script: str, folder: Path, url: str) -> str:
    """Play a script. Raises `Mismatch`; returns it with the answers that came."""
    written: list[str] = []
    problems: list[str] = []
    async with house_for(script, folder, url) as player:
        for sign, text, expected in _steps(script):
            line = f"{sign} {text}".rstrip() if sign else ""
            if sign == ">":
                await player.line(text)
            elif sign == "!":
                await _do(player, text)
            elif sign == "=":
                actual, wanted = await _fact(player, text)
                line = f"= {text.partition(': ')[0]}: {actual}"
                if actual != wanted:
                    problems.append(f"{text}: it is {actual}")
            heard = player.heard()
            written += [line, *(f"< {words}" for words in heard)]
            if not _alike(expected, heard):
                problems.append("\n".join([f"after {line}", "expected:", *expected, "heard:", *heard]))
    result = "\n".join(written) + "\n"
    if problems:
        raise Mismatch("\n\n".join(problems), result)
    return result


def _alike(expected: list[str], heard: list[str]) -> bool:
    return len(expected) == len(heard) and all(map(_matches, expected, heard))


def write(path: Path) -> None:
    """Play a file and keep the answers that came."""
    with tempfile.TemporaryDirectory() as folder:
        try:
            script = path.read_text("utf-8")
            asyncio.run(play(script, Path(folder), f"sqlite:///{folder}/store.sqlite3"))
        except Mismatch as mismatch:
            if len(mismatch.args) < 2:
                raise
            path.write_text(mismatch.args[1], "utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        write(Path(name))
