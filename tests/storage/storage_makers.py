"""Turns for the storage tests, short to write."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal

from dialogs.conversation import Conversation, Handoff, Mode
from dialogs.effects import DecisionMade, HandoffReason, Record
from dialogs.orders import Line, Order, Payment, PaymentStatus, Stage
from storage.records import Author, Contact, Entry, Turn, Work

NOW = datetime(2025, 11, 17, 9, 30, 0, 123456, tzinfo=UTC)
SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
LEASE = timedelta(seconds=60)

ORDER = Order(
    number="1042",
    email="ann@shop.test",
    stage=Stage.PAID,
    placed_at=NOW - HOUR,
    currency="EUR",
    total=Decimal("54.00"),
    lines=(Line("Mug", 2, Decimal("27.00")),),
    payments=(Payment("paypal", Decimal("54.00"), PaymentStatus.CAPTURED),),
)


def entry(seq: int, text: str = "hello", author: Author = Author.CUSTOMER) -> Entry:
    return Entry(seq, NOW, author, text)


def turn(
    key: str = "web:1",
    base: int = 0,
    *,
    said: Sequence[str] = ("hello",),
    at: datetime = NOW,
    update_id: str | None = None,
    work: tuple[Work, ...] = (),
    settles: tuple[int, ...] = (),
    records: tuple[Record, ...] = (),
    wake_at: datetime | None = None,
    conversation: Conversation | None = None,
) -> Turn:
    """The turn after version `base` of a conversation in which every turn adds as many messages."""
    before = base * len(said)
    return Turn(
        key=key,
        base=base,
        last_seq=before + len(said),
        at=at,
        conversation=conversation or Conversation(f"seed of {key}", turn=base + 1),
        contact=Contact("Ann", "5f0c"),
        update_id=update_id,
        entries=tuple(entry(before + n, text) for n, text in enumerate(said, 1)),
        work=work,
        settles=settles,
        records=records,
        wake_at=wake_at,
    )


def waiting(key: str, since: datetime, agent: str | None = None) -> Conversation:
    mode = Mode.PERSON if agent else Mode.WAITING
    return Conversation(key, case=1, mode=mode, handoff=Handoff(HandoffReason.RULE, since, agent))


def decision(reference: str, policy: str = "abc", reason: str = "paid") -> DecisionMade:
    return DecisionMade(reference, ORDER, NOW, "allow", reason, "paid-is-cancellable", "3.1", policy)
