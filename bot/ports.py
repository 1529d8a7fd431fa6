"""Every port of the shell on one page: what it needs of shops, channels and the house, as Protocols."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Protocol, runtime_checkable

from dialogs.events import Unreadable
from dialogs.orders import Order, Payment, Stage
from dialogs.reading import Reading
from storage.records import Entry

# ---- shops


class ShopUnreachable(Exception):
    """The shop gave no answer that can be used. After a `cancel`, nobody knows whether it took effect."""


class CredentialsRefused(ShopUnreachable):
    """The shop refuses our credentials, or they lack a permission: an operator has to mend that."""


class Throttled(ShopUnreachable):
    """The shop wants no more calls for `seconds`."""

    def __init__(self, seconds: float) -> None:
        super().__init__(f"the shop wants no more calls for {seconds:g} s")
        self.seconds = seconds


class ContractBroken(ShopUnreachable):
    """The shop answered something that its interface does not allow."""


class CancelReport(StrEnum):
    """What a shop answered to an attempt to cancel. Only re-reading the record names the outcome."""

    ACCEPTED = "accepted"
    REFUSED = "refused"
    STAGE_MOVED = "stage_moved"
    """The record was not in the expected stage; nothing was changed."""


@dataclass(frozen=True, slots=True)
class Capabilities:
    """What a shop system does by itself, as its adapter declares it."""

    refunds_itself: bool = True
    """A cancellation also sends the money back; otherwise the adapter is a `Refunder` too."""
    asynchronous_cancel: bool = False
    """A cancellation is accepted first and carried out later."""
    versioned: bool = False
    """The record has a version, and a cancel of an older one is refused."""
    refunds_once: bool = False
    """A refund whose answer was lost may be asked for again: the same key never pays twice."""


class RefundReport(StrEnum):
    """What a shop answered to a refund. Only re-reading the record tells what became of it."""

    ACCEPTED = "accepted"
    REFUSED = "refused"


@runtime_checkable
class Refunder(Protocol):
    """The further power of a shop that does not refund by itself when an order is cancelled."""

    async def refund(self, number: str, *, payment: Payment, amount: Decimal, key: str) -> RefundReport:
        """Ask the shop to send `amount` of a payment back, by the way it came.

        The caller has read the record just before, holds the lock of the order, and has no other refund of
        this payment in flight. Repeating a `key` never refunds twice where the shop knows idempotency keys.
        Raises `ShopUnreachable` when no answer came; the effect is unknown then.
        """


class OrderBackend(Protocol):
    """A shop system, as far as a cancellation needs it: the order-status adapter."""

    @property
    def capabilities(self) -> Capabilities:
        """What the shop does by itself. One that does not refund by itself is a `Refunder` as well."""

    async def find(self, number: str) -> Order | None:
        """The order as the shop records it now, or `None` if it knows no such number.

        Raises `ShopUnreachable` when the shop gave no answer in time.
        """

    async def cancel(
        self, number: str, *, expected: Stage, request_id: str, version: str = ""
    ) -> CancelReport:
        """Ask the shop to cancel, if the order still is in the expected stage, and of that version if given.

        Repeating a `request_id` never cancels, or refunds, a second time.
        Raises `ShopUnreachable` when no answer came; the effect is unknown then.
        """

    async def ping(self) -> None:
        """Answer cheaply whether the shop can be asked. Raises `ShopUnreachable`."""

    async def close(self) -> None:
        """Let go of connections and files."""


# ---- what comes in


class Reader(Protocol):
    """What understands a customer's text."""

    def read(self, text: str) -> Reading:
        """What the text means by itself. Pure, and fast enough to be called in the event loop."""


@dataclass(frozen=True, slots=True)
class Words:
    """Text the customer wrote; `edited` if it replaces an earlier one."""

    text: str
    edited: bool = False


@dataclass(frozen=True, slots=True)
class Press:
    """A button of ours; `label` is what the customer saw on it."""

    value: str
    label: str


@dataclass(frozen=True, slots=True)
class Wordless:
    """Something that is not text."""

    what: Unreadable


@dataclass(frozen=True, slots=True)
class Open:
    """The chat was opened, perhaps by a link that names an order."""

    number: str | None = None


@dataclass(frozen=True, slots=True)
class Language:
    """The customer chose a language."""

    locale: str


@dataclass(frozen=True, slots=True)
class Incoming:
    """One update of a channel. `id` is the channel's own, and the same again when delivered again.

    `locale` is a hint for a new conversation ("es-MX"); `address` the network address, where there is one.
    """

    key: str
    id: str
    what: Words | Press | Wordless | Open | Language
    locale: str | None = None
    name: str | None = None
    address: str | None = None


@dataclass(frozen=True, slots=True)
class Receipt:
    """The update is durable. `duplicate` if it had been before. `entries` are the messages of its turn.

    `locale` is what the conversation is in now, where the customer chose it or wrote in it.
    """

    duplicate: bool
    entries: tuple[Entry, ...] = ()
    locale: str | None = None


class Door(Protocol):
    """The one door everything comes in through."""

    async def receive(self, incoming: Incoming) -> Receipt:
        """Take one update in and answer once it is durable; its effects are performed afterwards.

        Updates of one conversation are handled in the order of the calls. Raises `Overloaded`.
        """


class Overloaded(Exception):
    """Too much is waiting; the caller should try again in a moment. Nothing was taken in."""


class Transcript(Protocol):
    """What was said, for channels whose clients fetch it."""

    async def after(self, key: str, seq: int, limit: int = 200) -> Sequence[Entry]:
        """Messages with a `seq` greater than `seq`, in order."""


class Feed(Protocol):
    """Live fan-out: what is new in a conversation, to whoever watches it, in this process or another.

    At most once, and only a hint: the transcript is the truth.
    """

    def publish(self, key: str, notice: "Notice") -> None:
        """Tell the watchers of a conversation. Never waits."""

    def watch(self, key: str) -> AsyncIterator["Notice"]:
        """What is published for this key from the call on; the iterator is closed by `aclose`."""


@dataclass(frozen=True, slots=True)
class Notice:
    """Something new in a conversation: messages, or that the bot is at work on an answer."""

    entries: tuple[Entry, ...] = ()
    typing: bool = False


# ---- what goes out


class ChannelBusy(Exception):
    """The channel wants no more now; try again after `retry_after` seconds."""

    def __init__(self, retry_after: float) -> None:
        super().__init__(f"try again in {retry_after:g} s")
        self.retry_after = retry_after


class ChannelNotReady(Exception):
    """The channel cannot work as it is set up; the message says what to do."""


class ChatGone(Exception):
    """This chat can never be reached again: blocked, deleted, deactivated."""


class ChatMoved(Exception):
    """The chat goes on under another key."""

    def __init__(self, key: str) -> None:
        super().__init__("the chat moved")
        self.key = key


class Channel(Protocol):
    """A way to customers. `name` is the part of a conversation's key before the colon.

    A channel that `fetches` has clients that read the transcript by themselves: nothing is sent to it, so
    its messages arrive exactly once. To any other, a message is sent at least once.
    """

    name: str
    fetches: bool

    async def deliver(self, key: str, entry: Entry) -> None:
        """Send one message. Raises `ChannelBusy`, `ChatGone`, `ChatMoved`; any other error is tried again."""

    async def typing(self, key: str) -> None:
        """Show that an answer is being worked on. Never raises; does nothing where it cannot be shown."""

    async def start(self, door: Door) -> None:
        """Begin to take updates in. Raises `ChannelNotReady` where trying again would not help."""

    async def stop(self) -> None:
        """Take no more in; what was taken in is finished."""

    async def check(self) -> None:
        """Raise an error that says what is wrong if the channel does not work."""
