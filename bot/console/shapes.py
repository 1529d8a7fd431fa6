"""What our scripts are given: the desk's values as they are shown, and nothing beside."""

from datetime import datetime
from decimal import Decimal

import msgspec

from bot.desk.summary import reason_words
from bot.desk.views import Chat, Confirmation, Delivery, Line, OrderPanel, Watcher
from storage.desk_records import Counts, Intercept, Note, QueueItem, State
from storage.records import Decided


class Row(msgspec.Struct, frozen=True, gc=False):
    """A conversation as the list shows it; of two with the same `key` the greater `stamp` is newer."""

    key: str
    stamp: int
    reference: str
    channel: str
    customer: str
    state: State
    reason: str
    why: str
    since: datetime
    agent: str
    priority: int
    labels: tuple[str, ...]
    order: str
    locale: str
    seq: int
    last_at: datetime | None
    last_by: str
    last: str
    awaits: bool
    snoozed_until: datetime | None
    intercept_by: datetime | None


class ShownLine(msgspec.Struct, frozen=True, gc=False):
    """A message; `delivery` is empty for the customer's own."""

    seq: int
    at: datetime
    by: str
    name: str
    text: str
    choices: tuple[str, ...] = ()
    delivery: str = ""
    why: str = ""


class ShownNote(msgspec.Struct, frozen=True):
    """A private note; its number is too long for a script's."""

    id: str
    at: datetime
    name: str
    text: str


class Head(msgspec.Struct, frozen=True):
    """What may be done with an open conversation now, and who else looks at it."""

    row: Row
    mine: bool
    may_act: bool
    watchers: tuple[Watcher, ...]
    rights: tuple[str, ...]
    intercept: Intercept | None


class ShownLineOfOrder(msgspec.Struct, frozen=True):
    """A line of an order."""

    title: str
    quantity: int
    price: Decimal
    cancellable: bool


class ShownPayment(msgspec.Struct, frozen=True):
    """A payment and its refunds, in words where there are any."""

    method: str
    amount: Decimal
    status: str
    refunds: tuple[str, ...]


class ShownDecision(msgspec.Struct, frozen=True):
    """A decision on record."""

    at: datetime
    verdict: str
    reason: str
    rule: str
    clause: str
    stage: str


class Panel(msgspec.Struct, frozen=True):
    """An order read just now. With a `problem` nothing was read."""

    number: str
    read_at: datetime
    problem: str
    problem_text: str
    matched: bool
    stage: str
    status: str
    partly: bool
    placed_at: datetime | None
    currency: str
    total: Decimal
    lines: tuple[ShownLineOfOrder, ...]
    payments: tuple[ShownPayment, ...]
    verdict: str
    reason: str
    rule: str
    clause: str
    clause_text: str
    may_cancel: bool
    may_try: bool
    stake: Decimal
    refund_lines: tuple[str, ...]
    decisions: tuple[ShownDecision, ...]


class Ask(msgspec.Struct, frozen=True):
    """A cancellation that wants a second yes."""

    token: str
    override: bool
    expires_at: datetime
    panel: Panel


class ShownCounts(msgspec.Struct, frozen=True):
    """How many there are to choose from."""

    states: dict[str, int]
    mine: int
    unassigned: int
    reasons: dict[str, int]
    channels: dict[str, int]
    labels: dict[str, int]
    priorities: dict[str, int]


def row_of(item: QueueItem) -> Row:
    """A conversation for the list."""
    return Row(
        key=item.key,
        stamp=item.stamp,
        reference=item.reference,
        channel=item.channel,
        customer=item.customer or "",
        state=item.state,
        reason=item.reason,
        why=reason_words(item.reason) if item.reason else "",
        since=item.since,
        agent=item.agent or "",
        priority=int(item.row.priority),
        labels=item.row.labels,
        order=item.order_number or "",
        locale=item.locale,
        seq=item.last_seq,
        last_at=item.last_at,
        last_by=item.last_author or "",
        last=item.last_text,
        awaits=item.awaits_reply,
        snoozed_until=item.row.snoozed_until,
        intercept_by=item.row.intercept.by if item.row.intercept else None,
    )


def line_of(line: Line) -> ShownLine:
    """A message with what became of it."""
    entry, became = line.entry, line.delivery
    return ShownLine(
        seq=entry.seq,
        at=entry.at,
        by=entry.author.value,
        name=entry.agent or "",
        text=entry.text,
        choices=tuple(choice.label for choice in entry.choices),
        delivery="" if became is None else Delivery(became).value,
        why=line.why,
    )


def note_of(note: Note) -> ShownNote:
    """A private note."""
    return ShownNote(str(note.id), note.at, note.author or "", note.text)


def head_of(chat: Chat) -> Head:
    """What may be done with it."""
    rights = tuple(sorted(right.value for right in chat.rights))
    return Head(row_of(chat.item), chat.mine, chat.may_act, chat.watchers, rights, chat.item.row.intercept)


def panel_of(panel: OrderPanel) -> Panel:
    """An order for the case's panel."""
    order = panel.order
    return Panel(
        number=panel.number,
        read_at=panel.read_at,
        problem=panel.problem.value if panel.problem else "",
        problem_text=panel.problem_text,
        matched=panel.matched,
        stage=order.stage.value if order else "",
        status=order.status if order else "",
        partly=bool(order and order.partly_fulfilled),
        placed_at=order.placed_at if order else None,
        currency=order.currency if order else "",
        total=order.total if order else Decimal(0),
        lines=tuple(
            ShownLineOfOrder(line.title, line.quantity, line.unit_price, line.cancellable)
            for line in (order.lines if order else ())
        ),
        payments=tuple(
            ShownPayment(
                payment.method,
                payment.amount,
                payment.status.value,
                tuple(f"{refund.amount} {refund.status.value}" for refund in payment.refunds),
            )
            for payment in (order.payments if order else ())
        ),
        verdict=panel.verdict,
        reason=panel.reason,
        rule=panel.rule,
        clause=panel.clause,
        clause_text=panel.clause_text,
        may_cancel=panel.may_cancel,
        may_try=panel.may_try,
        stake=panel.stake,
        refund_lines=panel.refund_lines,
        decisions=tuple(map(_decision, panel.decisions)),
    )


def ask_of(asked: Confirmation) -> Ask:
    """A cancellation to confirm."""
    return Ask(asked.token, asked.override, asked.expires_at, panel_of(asked.panel))


def counts_of(counts: Counts, mine: int | None = None) -> ShownCounts:
    """The numbers beside the filters."""
    return ShownCounts(
        states={state.value: count for state, count in counts.states.items()},
        mine=counts.mine if mine is None else mine,
        unassigned=counts.unassigned,
        reasons=dict(counts.reasons),
        channels=dict(counts.channels),
        labels=dict(counts.labels),
        priorities={str(int(one)): count for one, count in counts.priorities.items()},
    )


def _decision(made: Decided) -> ShownDecision:
    it = made.made
    return ShownDecision(made.at, it.verdict, it.reason, it.rule, it.clause, it.order.stage.value)
