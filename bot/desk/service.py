"""The desk: one service, several doors. A console, a bot for agents, and the command line stand on it."""

from dataclasses import dataclass

from bot.desk.accounts import Accounts, SignIn
from bot.desk.canned import CannedAnswers
from bot.desk.chats import Chats
from bot.desk.feed import DeskFeed
from bot.desk.orders import Orders
from bot.desk.presence import Presence
from bot.desk.queue import Queue
from bot.desk.rights import Rights
from bot.desk.trail import Trail


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
