"""Commands: what they mean, and their localised menu."""

import re
import tomllib
from collections.abc import Collection
from dataclasses import dataclass
from importlib.resources import files

from aiogram.methods import SetMyCommands
from aiogram.types import BotCommand, BotCommandScopeAllPrivateChats

from bot.ports import Language, Open, Press

_COMMAND = re.compile(r"/([a-z0-9_]{1,32})(?:@([a-z0-9_]+))?(?:\s+(.*))?", re.IGNORECASE | re.DOTALL)
_PAYLOAD = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What a deep link can carry: https://core.telegram.org/bots/features#deep-linking."""

_PRESSES = {
    "cancel": "intent:cancel",
    "cancel_order": "intent:cancel",
    "status": "intent:order_status",
    "order_status": "intent:order_status",
    "refund": "intent:refund_status",
    "refund_status": "intent:refund_status",
    "human": "intent:human",
}
"""The longer names are for bots that use the short ones for something else."""
_LINK = "support"
"""In a shop's own bot, a deep link to us carries `support`, or `support-1042` with an order."""
_FALLBACK = "en"


@dataclass(frozen=True, slots=True)
class Command:
    """A command as written: `/name@addressee rest`."""

    name: str
    addressee: str | None
    rest: str


def parse(text: str) -> Command | None:
    """The command a message consists of, if it does."""
    found = _COMMAND.fullmatch(text.strip())
    if found is None:
        return None
    name, addressee, rest = found.groups()
    return Command(name.lower(), addressee.lower() if addressee else None, (rest or "").strip())


def meaning(command: Command, languages: Collection[str]) -> Open | Press | Language | None:
    """What a command asks for; `None` for one that is not ours. `languages` are those the bot speaks."""
    match command.name:
        case "start" | "support":
            return Open(command.rest if _PAYLOAD.fullmatch(command.rest) else None)
        case "language":
            spoken = _spoken(command.rest, languages)
            return Language(spoken) if spoken else Press("language:ask", "/language")
        case name if name in _PRESSES:
            return Press(_PRESSES[name], f"/{name}")
        case _:
            return None


def mounted_meaning(command: Command, languages: Collection[str]) -> Open | Press | Language | None:
    """As `meaning`, in a shop's own bot: there `/start` is the shop's, but for a link that names us."""
    if command.name != "start":
        return meaning(command, languages)
    word, dash, number = command.rest.partition("-")
    if word != _LINK or (dash and not _PAYLOAD.fullmatch(number)):
        return None
    return Open(number or None)


def _spoken(code: str, languages: Collection[str]) -> str | None:
    """The language of the bot that a code names: itself, or that of its region (es-MX: es)."""
    wanted = code.lower().replace("_", "-")
    by_name = {language.lower(): language for language in languages}
    return by_name.get(wanted) or by_name.get(wanted.partition("-")[0])


def menus(languages: Collection[str]) -> list[SetMyCommands]:
    """The calls that set the menu: one for everybody, in English, and one for each other language."""
    table = tomllib.loads(files("bot.channels").joinpath("telegram_commands.toml").read_text("utf-8"))
    codes = [None, *(language for language in languages if language != _FALLBACK)]
    return [_menu(table, code) for code in codes]


def _menu(table: dict[str, dict[str, str]], code: str | None) -> SetMyCommands:
    commands = [
        BotCommand(command=name, description=texts.get(code or _FALLBACK, texts[_FALLBACK]))
        for name, texts in table.items()
    ]
    return SetMyCommands(commands=commands, scope=BotCommandScopeAllPrivateChats(), language_code=code)
