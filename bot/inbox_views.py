"""What `rescind inbox`, `rescind agents`, `rescind audit` and `rescind erase` print."""

from collections.abc import Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from dialogs.conversation import Conversation
from storage.desk_records import Agent, AuditEntry
from storage.erasing import Erasure
from storage.holdings import Holding
from storage.records import Entry, Stored, Waiting


def waiting_table(rows: Sequence[Waiting]) -> RenderableType:
    """Who waits, a row each."""
    if not rows:
        return Text("Nobody waits.")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("case", "state", "since (UTC)", "why", "channel", "agent"):
        table.add_column(column, no_wrap=True)
    for row in rows:
        channel = row.key.partition(":")[0]
        since = f"{row.since:%Y-%m-%d %H:%M}"
        table.add_row(*map(Text, (row.reference, row.mode, since, row.reason, channel, row.agent or "")))
    return table


def agents_table(agents: Sequence[Agent]) -> RenderableType:
    """Who works at the desk, a row each."""
    if not agents:
        return Text("Nobody works here yet: `rescind agents add` adds the first admin.")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("sign-in name", "customers see", "role", "password", "state"):
        table.add_column(column, no_wrap=True)
    for agent in agents:
        state = f"disabled {agent.disabled_at:%Y-%m-%d}" if agent.disabled_at else "active"
        password = "yes" if agent.has_password else "by link"
        table.add_row(*map(Text, (agent.login, agent.name, agent.role.value, password, state)))
    return table


def audit_table(entries: Sequence[AuditEntry]) -> RenderableType:
    """What was done, a row each."""
    if not entries:
        return Text("Nothing is on record.")
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("no.", "at (UTC)", "who", "did", "details"):
        table.add_column(column, no_wrap=column != "details")
    for entry in entries:
        details = ", ".join(f"{name}: {value}" for name, value in entry.details.items() if value)
        at = f"{entry.at:%Y-%m-%d %H:%M:%S}"
        table.add_row(*map(Text, (str(entry.seq), at, entry.name, entry.act, details)))
    return table


_HELD = {
    None: "yes",
    Erasure.PERSON: "not now: it is not settled at the desk",
    Erasure.WORK: "not now: something is still on its way",
}


def holdings_table(rows: Sequence[Holding]) -> RenderableType:
    """What is held of a customer, a conversation a row."""
    table = Table(box=None, header_style="dim", pad_edge=False)
    for column in ("chat", "customer", "cases", "messages", "last (UTC)", "can be erased"):
        table.add_column(column, no_wrap=column not in {"cases", "can be erased"})
    for row in rows:
        cells = (row.key, row.customer or "", ", ".join(row.references), str(row.messages))
        table.add_row(*map(Text, (*cells, f"{row.updated_at:%Y-%m-%d %H:%M}", _HELD[row.held])))
    return table


def conversation(reference: str, stored: Stored, entries: Sequence[Entry]) -> RenderableType:
    """What is known of a case, and what was said."""
    c = stored.conversation
    reason = c.handoff.reason.value if c.handoff else "no handoff"
    head = Text.assemble((reference.strip().upper(), "bold"), f"  {c.mode.value}, {reason}")
    return Group(head, *_known(c), *map(_said, entries))


def _known(c: Conversation) -> list[Text]:
    if c.order is not None and c.read_at is not None:
        order = c.order
        return [
            Text(
                f"order {order.number}: {order.stage}, {order.total} {order.currency}, "
                f"read {c.read_at:%Y-%m-%d %H:%M:%S} UTC"
            )
        ]
    return [Text(f"order {c.number} (not read, or not matched)")] if c.number else []


def _said(entry: Entry) -> Text:
    who = entry.agent or entry.author.value
    return Text.assemble((f"{entry.at:%H:%M:%S} ", "dim"), (who, "bold"), f"  {entry.text}")
