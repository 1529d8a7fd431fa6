"""What stands in a topic: our words, and others' as plain text that nobody can take for ours.

A line of ours begins with a sign; whatever a customer or an agent writes stands behind one, each further line
behind a bar. So no message, however it is written, looks like another person's or like ours.
"""

import re
from collections.abc import Sequence
from datetime import datetime, tzinfo

from bot.channels.telegram_text import sound, split, units
from bot.desk.views import Confirmation, OrderPanel, Summary
from storage.desk_records import Note, QueueItem, State
from storage.records import Author, Entry

_QUOTED = 80
_WHY = {
    "the chat is gone": "they blocked the bot, or their chat is gone. Reach them in another way.",
    "it could not be delivered": "it was tried again and again. The console can send it once more.",
}
NAME_LIMIT = 128
"""Characters in the name of a topic."""
LIMIT = 4_000
"""Units in a message, a little below Telegram's 4,096."""
_PERSON = 40
_CUT = "… (cut here: the console has all of it)"
_JOINER = "\u2060"
_LIVE = re.compile(r"(?<![\w/:.])([/@#])(?=\w)")
_DIRECTIONS = dict.fromkeys([*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x200E, 0x200F])
_APART = " · "
_ASKS = "⚠️ "
_REASON_HERE = "Answer THIS message with the reason"
_STANDING = re.compile(r"^➤ .*$", re.MULTILINE)
_BLANKS = re.compile(r"\n{3,}")

HELP = """▸ What you write here goes to the customer. What stays among us:
// text, or /note text: a private note
/claim: take this chat · /release: back to the queue
/order: the order, read now
/cancel: cancel the order, after a second yes; against the policy: /cancel REASON
/back: the bot has it again · /resume: the bot goes on with the open request
/resolve: settle the case; the customer is told
An edit of your message reaches the customer as a correction."""
HINT = (
    "▸ {name}: you are not linked to an account of the desk, so nothing of yours reaches customers. An admin "
    "runs `rescind agents link YOUR-LOGIN` and gives you the code; send /link CODE to this bot, in private."
)
ANONYMOUS = (
    "▸ Somebody writes as the group itself. Nothing of it reaches a customer: switch off “remain anonymous” "
    "among your rights in this group."
)


def plain(text: str) -> str:
    """Others' text: nothing in it can be pressed as a command or a mention, nor turn lines round."""
    return _LIVE.sub(rf"\1{_JOINER}", sound(text).translate(_DIRECTIONS))


def one_line(name: str | None, otherwise: str) -> str:
    """A person's name as it can stand within a line."""
    kept = "".join(sign if sign.isprintable() else " " for sign in name or "")
    return plain(" ".join(kept.split())[:_PERSON]) or otherwise


def clipped(text: str, limit: int = LIMIT) -> str:
    """The text, or its beginning that fits."""
    return text if units(text) <= limit else split(text, limit - units(_CUT))[0] + _CUT


def _barred(text: str) -> str:
    return _BLANKS.sub("\n\n", plain(text).strip()).replace("\n", "\n│ ")


def _time(at: datetime, zone: tzinfo, form: str) -> str:
    return f"{at.astimezone(zone):{form} %Z}"


def name_of(item: QueueItem, reason: str) -> str:
    """The name of a topic: reference and reason."""
    return f"{item.reference}{_APART}{reason}"[:NAME_LIMIT]


def reference_of(name: str) -> str:
    """The reference in the name of a topic."""
    return name.partition(_APART)[0]


def elsewhere(group: int, topic: int) -> str:
    """What a topic says whose conversation goes on in another one."""
    link = f"https://t.me/c/{str(group).removeprefix('-100')}/{topic}"
    return (
        f"▸ This topic was made twice, for the bot was cut off: the conversation goes on in {link}. What was "
        "written here reached nobody: write it there."
    )


def said(entry: Entry, customer: str | None, *, edited: bool) -> str:
    """A message of the transcript."""
    match entry.author:
        case Author.CUSTOMER:
            how = " (changed a message)" if edited else ""
            return f"👤 {one_line(customer, 'Customer')}{how}: {_barred(entry.text)}"
        case Author.AGENT:
            return f"🎧 {one_line(entry.agent, 'Agent')}: {_barred(entry.text)}"
        case Author.BOT:
            return f"🤖 Bot: {_barred(entry.text)}"


def lost(entries: Sequence[Entry], why: str) -> str:
    """Messages that did not reach the customer, oldest first; `why` the last of them did not."""
    last = entries[-1]
    quoted = " ".join(plain(last.text).split())
    quoted = quoted if len(quoted) <= _QUOTED else quoted[: _QUOTED - 1] + "…"
    reason = _WHY.get(why, f"{why}.")
    if len(entries) == 1:
        return f"❌ Not delivered: “{quoted}” did not reach the customer: {reason}"
    return (
        f"❌ Not delivered: {len(entries)} messages did not reach the customer: {reason} The last: “{quoted}”"
    )


def noted(note: Note) -> str:
    """A private note."""
    return f"🔒 Private note, {one_line(note.author, 'Bot')}: {_barred(note.text)}"


def standing(item: QueueItem, zone: tzinfo) -> str:
    """Who has the chat; times are told in `zone`, as everywhere here."""
    who = one_line(item.agent, "")
    match item.state:
        case State.OPEN:
            return "Nobody has this chat yet: whoever answers here has it."
        case State.CLAIMED:
            return f"{who} has this chat."
        case State.SNOOZED:
            until = item.row.snoozed_until
            time = "" if until is None else f" until {_time(until, zone, '%Y-%m-%d %H:%M')}"
            return f"Put off{time}, or until the customer writes." + (f" {who} has this chat." if who else "")
        case State.RESOLVED:
            return f"Settled by {one_line(item.row.resolved_by, 'an agent')}. It opens again with the case."
        case State.BOT:
            return "The bot has this chat again. This topic opens when a person is wanted."


def head(summary: Summary, item: QueueItem, zone: tzinfo) -> str:
    """The summary that is pinned."""
    facts = [f"{fact.label}: {plain(fact.value)}" for fact in summary.facts]
    transcript = [f"│ {plain(line)}" for line in summary.said]
    top = "\n".join((plain(summary.headline), *facts, f"➤ {standing(item, zone)}"))
    foot = "Write here to answer. // keeps a line private. /help"
    kept = list(transcript)
    while kept and units("\n".join((top, *kept, foot))) > LIMIT:
        del kept[0]
    return clipped("\n".join((top, *kept, foot)))


def head_after(head: str, item: QueueItem, zone: tzinfo) -> str:
    """The summary of a conversation that left the queue: as it was, but for who has it."""
    return _STANDING.sub(lambda _: f"➤ {standing(item, zone)}", head, count=1)


def order(panel: OrderPanel, zone: tzinfo) -> str:
    """The order as it was read just now."""
    if panel.order is None:
        return f"▸ {plain(panel.problem_text)}"
    found = panel.order
    stage = found.stage.value.replace("_", " ") + (", partly fulfilled" if found.partly_fulfilled else "")
    goods = "; ".join(f"{line.quantity} x {plain(line.title)}" for line in found.lines)
    clause = panel.clause_text.splitlines()
    money = f"{found.total} {found.currency}"
    read = _time(panel.read_at, zone, "%Y-%m-%d %H:%M:%S")
    lines = [
        f"▸ Order {plain(found.number)}, read {read}: {stage}, {money}",
        f"│ {goods}",
        f"│ Policy: {panel.verdict.replace('_', ' ')} ({panel.rule or 'no rule decides'})"
        + (f", clause {clause[0] if clause else panel.clause}" if panel.clause else ""),
        *(f"│ {plain(line)}" for line in panel.refund_lines),
    ]
    if not panel.matched:
        lines.append("│ This customer has not given its number and e-mail address.")
    return "\n".join(lines)


def question(agent: str, asked: Confirmation, zone: tzinfo) -> str:
    """The second yes to a cancellation."""
    panel = asked.panel
    against = ", AGAINST THE POLICY" if asked.override else ""
    return (
        f"{order(panel, zone)}\n{_ASKS}{agent}: cancel it{against}? {panel.stake} "
        f"{panel.order.currency if panel.order else ''} would go back. Only you can confirm, "
        f"until {_time(asked.expires_at, zone, '%H:%M')}."
    )


def wants_reason(text: str) -> bool:
    """Whether a message of ours is that question: known by its words, so that it outlives every restart."""
    return text.startswith(_ASKS) and _REASON_HERE in text


def for_agents(text: str) -> bool:
    """Whether a message of ours speaks to agents alone: an answer to it is hardly meant for the customer."""
    return text.startswith((_ASKS, "▸"))


def reason_wanted(agent: str, panel: OrderPanel) -> str:
    """The question for the reason of an override."""
    why = panel.verdict.replace("_", " ") if panel.matched else "its number and e-mail were not given here"
    return (
        f"{_ASKS}{agent}: to cancel order {plain(panel.number)} would be an override ({why}). {_REASON_HERE} "
        "(3 to 500 characters), or send /cancel REASON. The record keeps it; the customer never sees it."
    )


def told(lines: Sequence[str]) -> str:
    """Several lines as one message."""
    return clipped("\n".join(lines))
