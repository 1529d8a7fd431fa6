"""`rescind chat`: a conversation in the terminal, or JSON for scripts."""

import asyncio
import json
import sys
from collections.abc import Mapping

from rich.console import Console
from rich.text import Text

from bot.channels.terminal import Terminal
from bot.terminal_lines import lines
from dialogs.conversation import Conversation
from storage.records import Author, Entry

CaseState = Mapping[str, str | bool | None]


def case_state(c: Conversation | None) -> CaseState:
    """What a script may want to know of the conversation; never the e-mail address."""
    if c is None:
        return {}
    return {
        "reference": c.reference if c.case else None,
        "mode": c.mode.value,
        "topic": c.topic.value if c.topic else None,
        "asked": c.asked.question.value if c.asked else None,
        "order": c.number,
        "stage": c.order.stage.value if c.order else None,
        "outcome": c.outcome.value if c.outcome else None,
        "handoff": c.handoff.reason.value if c.handoff else None,
        "done": c.done,
        "locale": c.locale,
    }


async def talk_json(terminal: Terminal) -> None:
    """One object a reply. A line is text, `{"press": "<value>"}` or `{"text": "..."}`."""
    async for line in lines():
        entries = await _take(terminal, line)
        state = case_state(await terminal.state())
        for entry in entries:
            sys.stdout.buffer.write(_encoded(entry, state))
        sys.stdout.buffer.flush()


def _encoded(entry: Entry, state: CaseState) -> bytes:
    """A line of JSON, which is UTF-8 whatever the terminal's encoding."""
    reply = {
        "text": entry.text,
        "author": entry.author.value,
        "buttons": [{"label": choice.label, "value": choice.value} for choice in entry.choices],
        "case": state,
    }
    return json.dumps(reply, ensure_ascii=False).encode("utf-8", "replace") + b"\n"


async def _take(terminal: Terminal, line: str) -> list[Entry]:
    try:
        asked = json.loads(line) if line.lstrip().startswith("{") else None
    except (ValueError, RecursionError):
        asked = None  # no JSON after all: it is what the customer says
    if isinstance(asked, dict) and isinstance(asked.get("press"), str):
        return await terminal.press(asked["press"])
    if isinstance(asked, dict) and isinstance(asked.get("text"), str):
        return await terminal.line(asked["text"])
    return await terminal.line(line)


async def talk(terminal: Terminal, console: Console) -> None:
    """A person at the keyboard; Ctrl-D ends."""
    show(console, await terminal.open())
    listening = asyncio.create_task(_listen(terminal, console))
    try:
        _prompt(console)
        async for line in lines():
            if line.strip():
                show(console, await terminal.line(line))
            _prompt(console)
    finally:
        listening.cancel()
        await asyncio.wait([listening])
    console.print()


def _prompt(console: Console) -> None:
    if console.is_terminal:
        console.print("[bold]you[/] ", end="")


async def _listen(terminal: Terminal, console: Console) -> None:
    """Show what comes unasked: an agent's words, late news of the shop."""
    while True:
        await asyncio.sleep(0.5)
        state = await terminal.state()
        if state is not None and state.awaiting is None and (news := await terminal.new()):
            console.print()  # leaves the line that is being written
            show(console, news)
            _prompt(console)


def show(console: Console, entries: list[Entry]) -> None:
    """Print messages, and their buttons by number."""
    for entry in entries:
        who = entry.agent or "agent" if entry.author is Author.AGENT else "shop"
        console.print(Text(f"{who}  ", style="cyan bold") + Text(entry.text))
        for number, choice in enumerate(entry.choices, 1):
            console.print(Text(f"      [{number}] {choice.label}", style="dim"))
