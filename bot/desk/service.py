"""The desk: one service, several doors. A console, a bot for agents, and the command line stand on it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.desk.accounts import Accounts
from bot.desk.canned import CannedAnswers
from bot.desk.chats import Chats
from bot.desk.confirming import Confirming
from bot.desk.feed import DeskFeed
from bot.desk.ground import Ground
from bot.desk.holding import Holding
from bot.desk.lines import Lines
from bot.desk.orders import Orders
from bot.desk.passwords import Passwords
from bot.desk.presence import Presence
from bot.desk.queue import Queue
from bot.desk.rights import Rights
from bot.desk.rounds import Rounds
from bot.desk.sign_in import Expiry, SignIn
from bot.desk.trail import Trail
from bot.ports import OrderBackend
from bot.reception import Reception
from bot.speech import Speech
from dialogs.rules import Rules
from storage.desk_records import Agent, Role
from storage.store import Store


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything people do, each part its own idea. Every call takes the acting agent and checks rights.

    Every refusal is a `DeskRefusal` whose words can be shown; anything else is our mistake or the store's.
    """

    queue: Queue
    chats: Chats
    orders: Orders
    canned: CannedAnswers
    accounts: Accounts
    sign_in: SignIn
    trail: Trail
    presence: Presence
    feed: DeskFeed
    rights: Rights
    rounds: Rounds


@dataclass(frozen=True, slots=True)
class DeskSettings:
    """How the desk is set up. `secret` signs confirmations, `digest` makes keyed digests of addresses."""

    shop: str
    secret: bytes
    digest: Callable[[str], str]
    rights: Rights = field(default_factory=Rights)
    lease: timedelta = timedelta(minutes=15)
    """How long a quiet agent keeps a chat."""
    expiry: Expiry = field(default_factory=Expiry)
    passwords: Passwords = field(default_factory=Passwords)


def open_desk(
    *,
    store: Store,
    reception: Reception,
    feed: DeskFeed,
    backend: OrderBackend,
    rules: Rules,
    speech: Speech,
    clock: Callable[[], datetime],
    settings: DeskSettings,
) -> Desk:
    """The desk over a house that runs. Nothing happens by itself until `desk.rounds.start()`."""
    ground = Ground(store, reception, feed, settings.rights, clock, settings.lease)
    presence, holding = Presence(feed, clock), Holding(ground)
    canned = CannedAnswers(ground, backend, settings.shop)
    sign_in = SignIn(ground, settings.passwords, settings.digest, settings.expiry)
    return Desk(
        queue=Queue(ground),
        chats=Chats(ground, presence, holding, Lines(store, reception), rules, speech.timezone),
        orders=Orders(ground, holding, backend, rules, speech, Confirming(store, settings.secret, clock)),
        canned=canned,
        accounts=Accounts(ground, settings.passwords),
        sign_in=sign_in,
        trail=Trail(ground),
        presence=presence,
        feed=feed,
        rights=settings.rights,
        rounds=Rounds(ground, presence, sign_in, canned, settings.passwords, speech.timezone),
    )


def operator(user: str, now: datetime, name: str = "") -> Agent:
    """Whoever runs commands on the server: an admin without an account, on record as `local:<user>`."""
    return Agent(f"local:{user}", user, name or user, Role.ADMIN, now)
