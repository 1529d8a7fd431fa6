"""What `rescind doctor` looks at: database, key, rules, shop, Telegram, port. It changes nothing."""

import asyncio
import contextlib
import errno
import os
import re
from collections.abc import AsyncGenerator, Iterator
from pathlib import Path
from urllib.parse import unquote, urlsplit

from pydantic import SecretStr

from bot import shops
from bot.assembly import SHORTEST_KEY, kept_secret, open_store, why_no_file_in
from bot.doctor_env import env_findings
from bot.doctor_shop import shop_findings
from bot.findings import Finding, State, ok, problem, problems, warning
from bot.house_rules import opening_hours, policy_of, windows_of
from bot.logs import masked
from bot.ports import ChannelNotReady
from bot.serving import not_listening, telegram_settings, topic_settings, web_chat_settings
from bot.settings import Settings, SettingsInvalid
from storage.database import parse
from storage.errors import SchemaBehind, StoreError
from storage.store import Store

_PATIENCE = 10.0
"""Seconds for the database, and for what listens on the port."""


async def findings(settings: Settings) -> AsyncGenerator[Finding]:
    """Everything, as it is found out; no secret of the settings stands in any word of it."""
    hidden = tuple(_secrets(settings))

    def fit(found: Finding) -> Finding:
        words = masked(shops.without(found.words, hidden))
        return Finding(found.what, found.state, words, masked(shops.without(found.remedy, hidden)))

    yield _settings()
    for found in env_findings(settings):
        yield fit(found)
    folder = _data_folder(settings)
    yield fit(folder)
    if settings.database_url or folder.state is State.OK:
        async for found in _database(settings):
            yield fit(found)
    if settings.secret_key.get_secret_value() or folder.state is State.OK:
        for found in _key(settings):
            yield fit(found)
    for found in (*_rules(settings), *_numbers(settings), *_web_chat(settings)):
        yield fit(found)
    async with contextlib.aclosing(shop_findings(settings)) as of_shop:
        async for found in of_shop:
            yield fit(found)
    for found in (*await _telegram(settings), *await _topics(settings), await _port(settings)):
        yield fit(found)


def _settings() -> Finding:
    return ok("settings", "read from the environment" + (" and .env" if Path(".env").exists() else ""))


# ---- what is kept


def _data_folder(settings: Settings) -> Finding:
    """The folder of all that the product makes by itself, unless every part of it is kept elsewhere."""
    folder = settings.data_dir
    demo = settings.order_backend == shops.DEMO and settings.demo_shop_path is None
    if settings.database_url and settings.secret_key.get_secret_value() and not demo:
        return ok("data folder", "nothing is kept in DATA_DIR")
    if why := why_no_file_in(folder):
        told = f"DATA_DIR: nothing can be kept in {folder}: {why}."
        return problem("data folder", told, "Name a folder of the user who runs this.")
    return ok("data folder", f"{folder}" if folder.exists() else f"the first start makes {folder}")


async def _database(settings: Settings) -> AsyncGenerator[Finding]:
    try:
        url = parse(settings.store_url)
        file = Path(url.database or "") if url.get_backend_name() == "sqlite" else None
        if file is not None and not file.exists():
            yield _no_file_yet(file, chosen=bool(settings.database_url))
            return
        async with (
            asyncio.timeout(_PATIENCE),
            open_store(settings, perform=False, read_only=True) as store,
        ):
            await store.ping()
            unmapped = await _unmapped(store, settings.order_backend)
    except SchemaBehind as error:
        yield warning("database", f"{error}.")
    except TimeoutError:
        yield problem("database", f"No answer within {_PATIENCE:.0f} s.", "Look at DATABASE_URL.")
    except StoreError as error:
        yield problem("database", f"{error}.", "Look at DATABASE_URL.")
    else:
        if file is not None and not os.access(file, os.W_OK):
            yield problem("database", f"{file} must not be written.", "Give it to the user who runs this.")
        else:
            yield ok("database", f"{file or url.get_backend_name()}, its tables those of this release")
        if unmapped is not None:
            yield unmapped


def _no_file_yet(file: Path, *, chosen: bool) -> Finding:
    """There is nothing at the first start; a file that was named and is not there may be misspelt."""
    if why := why_no_file_in(file.parent):
        return problem("database", f"{file} cannot be made: {why}.", "Look at DATABASE_URL.")
    said = f"none at {file} yet; the first start of `rescind serve` makes it"
    return warning("database", said, "Is DATABASE_URL right?") if chosen else ok("database", said)


async def _unmapped(store: Store, shop: str) -> Finding | None:
    met = len(await store.unmapped(shop))
    if not met:
        return None
    said = f"{met} of the shop's statuses mapped by nobody: orders in them go to a person."
    return warning("statuses", said, "`rescind orders unmapped` lists them.")


def _key(settings: Settings) -> Iterator[Finding]:
    if given := settings.secret_key.get_secret_value():
        if len(given) < SHORTEST_KEY:
            remedy = "Take a longer one, as `openssl rand -hex 32` makes it."
            yield warning("secret key", "SECRET_KEY is short enough to be guessed.", remedy)
        else:
            yield ok("secret key", "SECRET_KEY")
        return
    file = settings.data_dir / "secret-key"
    try:
        if not file.exists():
            yield ok("secret key", f"the first start makes one at {file}")
            return
        kept_secret(file)
        mode = file.stat().st_mode
    except SettingsInvalid as error:
        yield from problems("secret key", error)
    except OSError as error:
        remedy = "Make it a file of the user who runs this, or set SECRET_KEY."
        yield problem("secret key", f"{file} cannot be read: {error.strerror}.", remedy)
    else:
        if mode & 0o077:
            told = f"Others on this machine may read {file}."
            yield warning("secret key", told, f"Run `chmod 600 {file}`.")
        else:
            yield ok("secret key", f"{file}")


# ---- what is decided by


def _rules(settings: Settings) -> Iterator[Finding]:
    try:
        rules = policy_of(settings)
    except SettingsInvalid as error:
        yield from problems("policy", error)
    else:
        yield ok("policy", f"{settings.policy_file or 'the one that comes along'} ({rules.hash[:12]})")
    try:
        windows_of(settings)
    except SettingsInvalid as error:
        yield from problems("refunds", error)
    else:
        yield ok("refunds", f"{settings.refund_methods_file or 'the methods that come along'}")
    try:
        hours = opening_hours(settings)
    except SettingsInvalid as error:
        yield from problems("desk hours", error)
    else:
        yield ok(
            "desk hours", settings.desk_hours.strip() if hours else "DESK_HOURS is not set: none are told"
        )


def _numbers(settings: Settings) -> Iterator[Finding]:
    """Whether the example that customers are shown is a number by the shop's own pattern."""
    if not settings.order_number_pattern:
        yield ok("order numbers", "every usual form; ORDER_NUMBER_PATTERN is not set")
    elif re.fullmatch(settings.order_number_pattern, settings.order_number_example, re.IGNORECASE):
        yield ok("order numbers", f"{settings.order_number_pattern}, as {settings.order_number_example}")
    else:
        told = f"ORDER_NUMBER_PATTERN does not match ORDER_NUMBER_EXAMPLE ({settings.order_number_example})."
        yield warning(
            "order numbers", told, "Customers are shown the example: set it to a number of the shop's."
        )


# ---- doors


def _web_chat(settings: Settings) -> Iterator[Finding]:
    try:
        web_chat_settings(settings)
    except SettingsInvalid as error:
        yield from problems("web chat", error)


async def _telegram(settings: Settings) -> list[Finding]:
    try:
        own = telegram_settings(settings)
    except SettingsInvalid as error:
        return problems("telegram", error)
    if own is None:
        return [ok("telegram", "off: TELEGRAM_BOT_TOKEN is not set")]
    from bot.channels.telegram import TelegramChannel  # noqa: PLC0415  costs 3 s and 130 MB

    channel = TelegramChannel(own)
    try:
        await channel.check()
    except ChannelNotReady as error:
        return problems("telegram", error)
    finally:
        await channel.stop()
    return [ok("telegram", f"the token is good; by {own.mode}")]


async def _topics(settings: Settings) -> list[Finding]:
    """The groups in which agents work, where there are any."""
    try:
        chosen = topic_settings(settings, telegram_settings(settings))
        if chosen is None:
            return []
        from bot.desk_telegram.checks import look  # noqa: PLC0415  as above

        groups, bot, _ = chosen
        await look(groups, bot)
    except (SettingsInvalid, ChannelNotReady) as error:
        return problems("topics", error)
    return [ok("topics", f"agents can work in Telegram: groups {', '.join(str(one.id) for one in groups)}")]


async def _port(settings: Settings) -> Finding:
    host, port = settings.http_host, settings.http_port
    try:
        server = await asyncio.get_running_loop().create_server(asyncio.Protocol, host, port)
    except OSError as error:
        if error.errno == errno.EADDRINUSE and await _is_ours(host, port):
            return ok("web port", f"{host}:{port}, where Rescind is serving")
        return problem("web port", not_listening(settings, error))
    server.close()
    await server.wait_closed()
    return ok("web port", f"{host}:{port} is free")


async def _is_ours(host: str, port: int) -> bool:
    """Whether what listens there answers as `rescind serve` does."""
    to = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104  compared, not bound
    try:
        async with asyncio.timeout(_PATIENCE):
            reader, writer = await asyncio.open_connection(to, port)
            with contextlib.closing(writer):
                writer.write(b"GET /healthz HTTP/1.0\r\n\r\n")
                answer = await reader.read(1000)
    except (OSError, TimeoutError):
        return False
    return b'{"status": "ok"}' in answer


def _secrets(settings: Settings) -> Iterator[str]:
    """Every value that must not be shown, the shop's own included where they can be read."""
    for name in Settings.model_fields:
        value = getattr(settings, name)
        if isinstance(value, SecretStr):
            yield value.get_secret_value()
    with contextlib.suppress(ValueError):
        if password := urlsplit(settings.database_url).password:
            yield from {password, unquote(password)}
    if settings.order_backend != shops.DEMO:
        with contextlib.suppress(SettingsInvalid):
            yield from shops.chosen(settings.order_backend).secrets()
