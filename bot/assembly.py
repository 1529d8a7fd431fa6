"""The only composition root: settings in, a working house out."""

import hashlib
import secrets
import tempfile
from collections.abc import AsyncGenerator, Callable, Iterable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    nullcontext,
    suppress,
)
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from bot import shops, speech
from bot.cancelling import Canceller
from bot.deliveries import Deliveries
from bot.desk.feed import DeskFeed
from bot.desk.ground import Ground
from bot.desk.inbox import AtInbox
from bot.desk.rights import Rights
from bot.desk.service import Desk, DeskSettings, open_desk, operator
from bot.desk.sign_in import Expiry
from bot.guard import Guard, Pace
from bot.house_rules import of_shop, rules_of
from bot.orders.demo import DemoShop
from bot.orders.demo_schema import Access
from bot.performers import LEASE, Performers
from bot.ports import Channel, OrderBackend, Reader, ShopUnreachable
from bot.reception import Reception
from bot.settings import Settings, SettingsInvalid
from bot.sure_backend import SureBackend
from bot.unmapped import Unmapped
from dialogs.engine import Dialogue
from dialogs.reading import Reading
from dialogs.rules import Rules
from storage.store import Limits, Store


def utc_now() -> datetime:
    """The clock of the house."""
    return datetime.now(UTC)  # noqa: TID251  the one place that reads it


SHORTEST_KEY = 32
"""Characters below which a key could be guessed."""


@dataclass(frozen=True, slots=True)
class House:
    """Everything that serves customers, put together."""

    settings: Settings
    store: Store
    backend: OrderBackend
    rules: Rules
    feed: DeskFeed
    reception: Reception
    performers: Performers
    secret: bytes
    channels: dict[str, Channel]
    desk: Desk

    async def stop(self) -> None:
        """Take nothing more in, finish what is under way while answers can still leave, stop the channels.

        To stop what has stopped does nothing.
        """
        if self.reception.closed:
            return
        self.reception.close()
        await self.desk.rounds.stop()
        async with AsyncExitStack() as stack:
            for channel in self.channels.values():
                stack.push_async_callback(channel.stop)
            await self.performers.stop()


def secret_of(settings: Settings) -> bytes:
    """The key that signs; generated once into the data folder where none is set."""
    if given := settings.secret_key.get_secret_value():
        return given.encode()
    path = _data_dir(settings) / "secret-key"
    try:
        if not path.exists():
            _keep_new_secret(path)
        return kept_secret(path)
    except OSError as error:
        raise SettingsInvalid(
            f"SECRET_KEY: {path} cannot be used: {error.strerror}. Mend that, or set it"
        ) from None


def kept_secret(path: Path) -> bytes:
    """The key that was generated into this file. Raises `SettingsInvalid` where that is none any more.

    And `OSError`, where the file cannot be read.
    """
    secret = path.read_bytes()
    if len(secret.strip()) < SHORTEST_KEY:
        state = "too short to be a key" if secret.strip() else "empty"
        raise SettingsInvalid(
            f"SECRET_KEY: {path} is {state}. Restore it from a backup; or delete it, "
            "and the next start makes another, with which visitors begin new chats"
        )
    return secret


def _keep_new_secret(path: Path) -> None:
    """Whole from its first moment, and for its owner alone; what another process kept meanwhile stays."""
    with tempfile.NamedTemporaryFile("w", dir=path.parent, prefix=".secret-key-") as file:
        file.write(secrets.token_urlsafe(48))
        file.flush()
        with suppress(FileExistsError):
            path.hardlink_to(file.name)


def _data_dir(settings: Settings) -> Path:
    """The data folder, made if need be. Raises `SettingsInvalid`."""
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise SettingsInvalid(
            f"DATA_DIR: {settings.data_dir} cannot be made: {error.strerror}. Name one that can be"
        ) from None
    return settings.data_dir


def why_no_file_in(folder: Path) -> str | None:
    """Why no file can be kept in this folder, which need not be there yet; `None` where one can."""
    try:
        nearest = next(each for each in (folder.absolute(), *folder.absolute().parents) if each.exists())
        with tempfile.TemporaryFile(dir=nearest):
            return None
    except OSError as error:
        return error.strerror or type(error).__name__


def digest(secret: bytes) -> Callable[[str], str]:
    """Makes keyed digests, by which a value is recognised and not known."""
    key = hashlib.blake2b(secret).digest()  # BLAKE2 takes no longer one
    return lambda value: hashlib.blake2b(value.encode(), key=key, digest_size=16).hexdigest()


def understanding_of(settings: Settings, rules: Rules) -> Reader:
    """What reads customers' texts; its model is trained, and the embedding model loaded, here."""
    from dialogs.understanding import Understanding  # noqa: PLC0415  numpy, only where text is read
    from dialogs.understanding.wordllama_embedder import WordLlamaEmbedder  # noqa: PLC0415  0.3 s, only where text is read

    return Understanding(
        number_pattern=settings.order_number_pattern or None,
        embedder=WordLlamaEmbedder(),
        methods=rules.windows.spoken(),
    )


def open_backend(
    settings: Settings, *, look: bool = False, unmapped: Callable[[str], None] | None = None
) -> AbstractAsyncContextManager[OrderBackend]:
    """The shop's order-status adapter, opened by what is returned; one that only looks makes no shop.

    `unmapped` is told each of the shop's words that nothing maps; by default they are logged. Raises
    `SettingsInvalid` at once, before anything is opened, and `ShopUnreachable` where the demo shop cannot be.
    """
    if settings.order_backend != shops.DEMO:
        shop = shops.chosen(settings.order_backend)
        return _closing(shop.made(unmapped or unmapped_of(settings)))
    path = settings.demo_shop
    if look and not path.exists():
        raise ShopUnreachable(
            f"There is no demo shop at {path} yet: start `rescind serve` once, or `rescind orders import`."
        )
    return DemoShop(path, now=utc_now, access=Access.LOOK if look else Access.CREATE)


@asynccontextmanager
async def _closing(backend: OrderBackend) -> AsyncGenerator[OrderBackend]:
    try:
        yield backend
    finally:
        await backend.close()


def unmapped_of(settings: Settings, clock: Callable[[], datetime] = utc_now) -> Unmapped:
    """What notes the statuses of this shop that nobody mapped. Raises `SettingsInvalid`."""
    name = settings.order_backend
    remedy = "" if name == shops.DEMO else shops.mapping_remedy(shops.found(name))
    return Unmapped(name, remedy, clock)


@asynccontextmanager
async def open_store(
    settings: Settings, *, perform: bool = True, read_only: bool = False
) -> AsyncGenerator[Store]:
    """The store of these settings."""
    if perform and not read_only and not settings.database_url:
        _data_dir(settings)
    limits = Limits(lease=LEASE)
    store = await Store.open(settings.store_url, perform=perform, read_only=read_only, limits=limits)
    try:
        yield store
    finally:
        await store.close()


class _NothingToRead:
    """An agent's words are passed on, not read: the model, which takes seconds to train, is not needed."""

    def read(self, text: str) -> Reading:
        """Nothing."""
        del text
        return Reading()


@asynccontextmanager
async def open_agent(settings: Settings, user: str, name: str) -> AsyncGenerator[AtInbox]:
    """A person at the inbox, whom customers know as `name`; what they say is sent by what serves."""
    async with open_ground(settings) as ground:
        yield AtInbox.of(operator(user, utc_now(), name), ground, rules_of(settings))


@asynccontextmanager
async def open_ground(settings: Settings) -> AsyncGenerator[Ground]:
    """What commands of the desk stand on, beside the process that serves."""
    async with open_store(settings, perform=False) as store:
        reception = Reception(
            dialogue=Dialogue(rules_of(settings)),
            understanding=_NothingToRead(),
            speech=speech.load(settings.shop_timezone),
            store=store,
            feed=(feed := DeskFeed()),
            clock=utc_now,
            pushes=("web", "telegram"),  # the serving process carries it to their watchers
        )
        yield Ground(store, reception, feed, rights_of(settings), utc_now, lease_of(settings))


def rights_of(settings: Settings) -> Rights:
    """Who may do what at the desk."""
    return Rights(see_all=settings.desk_see_all, agents_override=settings.desk_agents_override)


def lease_of(settings: Settings) -> timedelta:
    """How long a quiet agent keeps a chat."""
    return timedelta(minutes=settings.desk_lease_minutes)


def desk_settings(settings: Settings, secret: bytes) -> DeskSettings:
    """How the desk is set up."""
    return DeskSettings(
        shop=settings.shop_name,
        secret=secret,
        digest=digest(secret),
        rights=rights_of(settings),
        lease=lease_of(settings),
        expiry=Expiry(
            timedelta(hours=settings.desk_session_hours), timedelta(days=settings.desk_session_days)
        ),
    )


@asynccontextmanager
async def open_house(
    settings: Settings,
    channels: Callable[["House"], Iterable[Channel]],
    *,
    clock: Callable[[], datetime] = utc_now,
    backend: OrderBackend | None = None,
    understanding: Reader | None = None,
) -> AsyncGenerator[House]:
    """Open store and shop, start the channels that `channels` makes, and perform until the end."""
    async with AsyncExitStack() as stack:
        unmapped = unmapped_of(settings, clock)
        opening = nullcontext(backend) if backend is not None else open_backend(settings, unmapped=unmapped)
        rules, secret = rules_of(settings), secret_of(settings)
        store = await stack.enter_async_context(open_store(settings))
        await stack.enter_async_context(unmapped.kept_in(store))
        await store.keep_policy(rules.policy.hash, rules.policy.toml, rules.policy.text)
        shop = await stack.enter_async_context(opening)
        rules = of_shop(rules, shop)
        reader = understanding or understanding_of(settings, rules)
        house = _put_together(
            settings=settings, store=store, shop=shop, rules=rules, reader=reader, secret=secret, clock=clock
        )
        house.channels.update({channel.name: channel for channel in channels(house)})
        pushes = (name for name, channel in house.channels.items() if not channel.fetches)
        house.reception.pushes = frozenset(pushes)
        stack.push_async_callback(house.stop)
        await house.performers.start()
        await house.desk.rounds.start()
        for channel in house.channels.values():
            await channel.start(house.reception)
        yield house


def _put_together(
    *,
    settings: Settings,
    store: Store,
    shop: OrderBackend,
    rules: Rules,
    reader: Reader,
    secret: bytes,
    clock: Callable[[], datetime],
) -> House:
    """A house without channels, where nothing runs yet."""
    channels: dict[str, Channel] = {}
    feed, words, asked = DeskFeed(), speech.load(settings.shop_timezone), SureBackend(shop)
    reception = Reception(
        dialogue=Dialogue(rules),
        understanding=reader,
        speech=words,
        store=store,
        feed=feed,
        clock=clock,
        digest=digest(secret),
    )
    performers = Performers(
        store=store,
        reception=reception,
        backend=asked,
        canceller=Canceller(asked, rules.policy, clock),
        guard=Guard(store, clock, digest(secret), Pace(miss=settings.guess_pause_seconds)),
        deliveries=Deliveries(store, channels, done=lambda _: None, clock=clock, lost=feed.lost),
        clock=clock,
        keep=timedelta(days=days) if (days := settings.erase_after_days) else None,
    )
    desk = open_desk(
        store=store,
        reception=reception,
        feed=feed,
        backend=asked,
        rules=rules,
        speech=words,
        clock=clock,
        settings=desk_settings(settings, secret),
    )
    return House(settings, store, shop, rules, feed, reception, performers, secret, channels, desk)
