"""The only composition root: settings in, a working house out."""

import hashlib
import hmac
import os
import secrets
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path

from bot import speech
from bot.cancelling import Canceller
from bot.deliveries import Deliveries
from bot.feed import LocalFeed
from bot.guard import Guard, Pace
from bot.orders.demo import DemoShop
from bot.performers import Performers
from bot.ports import Channel, OrderBackend
from bot.reception import Reception
from bot.settings import Settings, SettingsInvalid
from dialogs.engine import Dialogue
from dialogs.policy import Policy, PolicyError, default_policy
from dialogs.policy import load as load_policy
from dialogs.refunds import Calendar, RefundsError, RefundWindows, default_rows
from dialogs.refunds import load as load_methods
from dialogs.rules import Rules
from dialogs.understanding import Understanding
from storage.store import Store


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)  # noqa: TID251  the one place that reads it


@dataclass(frozen=True, slots=True)
class House:
    """Everything that serves customers, put together."""

    settings: Settings
    store: Store
    backend: OrderBackend
    rules: Rules
    feed: LocalFeed
    reception: Reception
    performers: Performers
    secret: bytes


def rules_of(settings: Settings) -> Rules:
    """The merchant's rules. Raises `SettingsInvalid` where a file of theirs is bad."""
    country, _, subdivision = settings.shop_country.partition("-")
    calendar = Calendar(country, settings.shop_timezone, subdivision or None)
    override = _text(settings.refund_methods_file, "REFUND_METHODS_FILE")
    try:
        methods = load_methods(default_rows(), override)
    except RefundsError as error:
        raise SettingsInvalid(f"REFUND_METHODS_FILE: {error.problems[0]}") from None
    return Rules(
        policy=policy_of(settings),
        windows=RefundWindows(methods, calendar, legal_days=settings.refund_legal_days),
        status_url=settings.order_status_url,
        number_example=settings.order_number_example,
        remind_after=timedelta(minutes=settings.remind_after_minutes),
        close_after=timedelta(minutes=settings.close_after_minutes),
    )


def policy_of(settings: Settings) -> Policy:
    """The cancellation policy in force. Raises `SettingsInvalid`."""
    own = _text(settings.policy_file, "POLICY_FILE")
    if own is None:
        return default_policy()
    try:
        return load_policy(own, default_policy().text)
    except PolicyError as error:
        first = error.problems[0]
        raise SettingsInvalid(
            f"POLICY_FILE: line {first.line}: {first.message}. {first.remedy}. "
            f"`rescind policy check {settings.policy_file}` shows everything."
        ) from None


def _text(path: Path | None, name: str) -> str | None:
    if path is None:
        return None
    try:
        return path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsInvalid(f"{name}: {path} cannot be read ({type(error).__name__})") from None


def secret_of(settings: Settings) -> bytes:
    """The key that signs; generated once into the data folder where none is set."""
    if given := settings.secret_key.get_secret_value():
        return given.encode()
    path = settings.data_dir / "secret-key"
    if not path.exists():
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_urlsafe(48))
    return path.read_bytes()


def digest(secret: bytes, value: str) -> str:
    """A keyed digest, by which a value is recognised and not known."""
    return hmac.new(secret, value.encode(), hashlib.blake2b).hexdigest()[:32]


def understanding_of(settings: Settings, rules: Rules) -> Understanding:
    """What reads customers' texts; the embedding model is loaded here."""
    from dialogs.understanding.wordllama_embedder import WordLlamaEmbedder  # noqa: PLC0415  0.3 s, only where text is read

    return Understanding(
        number_pattern=settings.order_number_pattern or None,
        embedder=WordLlamaEmbedder(),
        methods=rules.windows.spoken(),
    )


@asynccontextmanager
async def open_backend(settings: Settings) -> AsyncGenerator[OrderBackend]:
    """The shop's order-status adapter."""
    settings.demo_shop.parent.mkdir(parents=True, exist_ok=True)
    async with DemoShop(settings.demo_shop, now=utc_now) as shop:
        yield shop


@asynccontextmanager
async def open_store(
    settings: Settings, *, perform: bool = True, read_only: bool = False
) -> AsyncGenerator[Store]:
    """The store of these settings."""
    if perform and not settings.database_url:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    store = await Store.open(settings.store_url, perform=perform, read_only=read_only)
    try:
        yield store
    finally:
        await store.close()


@asynccontextmanager
async def open_house(
    settings: Settings,
    channels: Callable[["House"], Iterable[Channel]],
    *,
    clock: Callable[[], datetime] = utc_now,
    backend: OrderBackend | None = None,
    understanding: Understanding | None = None,
) -> AsyncGenerator[House]:
    """Open store and shop, start the channels that `channels` makes, and perform until the end."""
    async with AsyncExitStack() as stack:
        rules, secret = rules_of(settings), secret_of(settings)
        store = await stack.enter_async_context(open_store(settings))
        await store.keep_policy(rules.policy.hash, rules.policy.toml, rules.policy.text)
        shop = backend if backend is not None else await stack.enter_async_context(open_backend(settings))
        feed = LocalFeed()
        reception = Reception(
            dialogue=Dialogue(rules),
            understanding=understanding or understanding_of(settings, rules),
            speech=speech.load(settings.shop_timezone),
            store=store,
            feed=feed,
            clock=clock,
            digest=partial(digest, secret),
        )
        opened: dict[str, Channel] = {}
        performers = Performers(
            store=store,
            reception=reception,
            backend=shop,
            canceller=Canceller(shop, rules.policy, clock),
            guard=Guard(store, clock, partial(digest, secret), Pace(miss=settings.guess_pause_seconds)),
            deliveries=Deliveries(store, opened, done=lambda _: None),
            clock=clock,
        )
        house = House(settings, store, shop, rules, feed, reception, performers, secret)
        opened.update({channel.name: channel for channel in channels(house)})
        reception.pushes = frozenset(name for name, channel in opened.items() if not channel.fetches)
        await performers.start()
        stack.push_async_callback(performers.stop)
        for channel in opened.values():
            stack.push_async_callback(channel.stop)
            await channel.start(reception)
        yield house
