"""`rescind serve`: the web server and every channel that is switched on, until a signal."""

import asyncio
import errno
import gc
import signal
from collections.abc import AsyncGenerator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import structlog
from aiohttp import web
from pydantic import ValidationError

from bot.api.gate import Gate, Paces
from bot.api.stages import StageApi
from bot.assembly import House, open_house, utc_now
from bot.channels.telegram_settings import TelegramMode, TelegramSettings
from bot.channels.webchat import WebChat
from bot.channels.webchat_settings import DemoOrder, WebChatSettings
from bot.console.door import Console
from bot.console.site import Site
from bot.desk_telegram.groups import Group, groups_of
from bot.leases import StoreLeases
from bot.open_chats import OpenChats
from bot.orders.demo import DemoShop
from bot.orders.demo_seed import seed, top_up
from bot.ports import Channel
from bot.settings import Settings, SettingsInvalid
from bot.sure_backend import SureBackend
from bot.web import Check, application, runner
from dialogs.orders import Order
from storage.records import Entry

if TYPE_CHECKING:
    from bot.desk_telegram.door import TopicDesk

_log: structlog.typing.FilteringBoundLogger = structlog.get_logger(__name__)

_LAST_REQUESTS = 5.0
"""Seconds that requests still under way have at the end: one whose body never ends must not hold it up."""


class StoredTranscript:
    """The transcript as the store keeps it."""

    def __init__(self, house: House) -> None:
        self._store = house.store

    async def after(self, key: str, seq: int, limit: int = 200) -> Sequence[Entry]:
        """Messages with a `seq` greater than `seq`, in order."""
        return await self._store.entries(key, seq, limit)


def web_chat_settings(settings: Settings) -> WebChatSettings:
    """The web chat's own settings. Raises `SettingsInvalid`."""
    origins = tuple(origin.strip() for origin in settings.webchat_origins.split(",") if origin.strip())
    try:
        return WebChatSettings(
            shop_name=settings.shop_name,
            allowed_origins=origins,
            trust_proxy=settings.webchat_trust_proxy,
            frames_per_second=settings.webchat_frames_per_second,
            sessions_per_minute=settings.webchat_sessions_per_minute,
        )
    except ValidationError as error:
        raise SettingsInvalid(f"WEBCHAT_ORIGINS: {_first(error)}") from None


def web_chat(house: House, own: WebChatSettings) -> WebChat:
    """The web chat, and the support page of the demo shop."""
    to_try = partial(_to_try, house.backend) if isinstance(house.backend, DemoShop) else None
    return WebChat(
        secret=house.secret,
        transcript=StoredTranscript(house),
        feed=house.feed,
        settings=own,
        examples=to_try,
    )


def console(house: House) -> Console:
    """The desk's web console."""
    settings = house.settings
    return Console(
        house.desk,
        shop=settings.shop_name,
        zone=ZoneInfo(settings.shop_timezone),
        site=Site(trust_proxy=settings.webchat_trust_proxy),
        clock=utc_now,
    )


def stage_api(house: House) -> StageApi:
    """Stage look-ups over HTTP, for holders of tokens."""
    settings = house.settings
    paces = Paces(
        requests_per_second=settings.api_requests_per_second,
        failures_per_minute=settings.api_failures_per_minute,
        trust_proxy=settings.webchat_trust_proxy,
    )
    return StageApi(
        gate=Gate(house.store, paces, utc_now),
        backend=SureBackend(house.backend),
        policy=house.rules.policy,
        clock=utc_now,
    )


async def _to_try(shop: DemoShop) -> tuple[DemoOrder, ...]:
    """Orders as they are now; new ones are placed as old ones move on, so that one can be cancelled."""
    found = [await shop.find(example.number) for example in await top_up(shop)]
    return tuple(_shown(order) for order in found if order is not None)


def _shown(order: Order) -> DemoOrder:
    goods = ", ".join(line.title for line in order.lines)
    paid = " + ".join(payment.method.replace("_", " ") for payment in order.payments)
    what = " · ".join(filter(None, (goods, f"{order.currency} {order.total}", paid)))
    return DemoOrder(order.number, order.email, what, order.stage.value.replace("_", " "))


def telegram_settings(settings: Settings) -> TelegramSettings | None:
    """Telegram's own settings, where a token is set. Raises `SettingsInvalid`."""
    if not settings.telegram_bot_token.get_secret_value():
        return None
    try:
        return TelegramSettings(
            token=settings.telegram_bot_token,
            api_url=settings.telegram_api_url or None,
            mode=TelegramMode(settings.telegram_mode),
            webhook_url=settings.telegram_webhook_url or None,
            webhook_secret=settings.telegram_webhook_secret,
            mount_secret=settings.telegram_mount_secret,
        )
    except ValidationError as error:
        raise SettingsInvalid(_first(error)) from None


@dataclass(frozen=True, slots=True)
class Doors:
    """What is switched on. Customers come by theirs alone; agents have the console as well."""

    customers: Sequence[Channel]
    agents: Sequence[Channel]

    def all(self) -> Sequence[Channel]:
        """As they are to be started: who hears agents before the customers' channel that it hears through."""
        return (*self.agents, *self.customers)


def doors(house: House, of_web: WebChatSettings, of_telegram: TelegramSettings | None) -> Doors:
    """The web chat, and in Telegram what is set up there."""
    topics = topic_desk(house, of_telegram)
    customers: list[Channel] = [web_chat(house, of_web)]
    if of_telegram is not None:
        customers.append(telegram(house, of_telegram, topics))
    return Doors(customers, [] if topics is None else [topics])


def topic_desk(house: House, own: TelegramSettings | None) -> "TopicDesk | None":
    """The desk's groups in Telegram, where they are set up; imported only then."""
    if (groups := topic_settings(house.settings, own)) is None:
        return None
    from bot.desk_telegram import door  # noqa: PLC0415  costs 3 s and 130 MB

    leases = StoreLeases(house.store, utc_now)
    return door.topic_desk(
        *groups, desk=house.desk, store=house.store, rules=house.rules, clock=utc_now, leases=leases
    )


def telegram(house: House, own: TelegramSettings, topics: "TopicDesk | None") -> Channel:
    """Customers on Telegram; imported only here. What comes from the groups of `topics` is handed to it."""
    from bot.channels.telegram import TelegramChannel  # noqa: PLC0415  as above

    leases = StoreLeases(house.store, utc_now)
    chats = OpenChats(house.store, house.rules.remind_after + house.rules.close_after)
    aside = None if topics is None else topics.of_customers()
    return TelegramChannel(own, leases=leases, chats=chats, aside=aside)


def topic_settings(
    settings: Settings, own: TelegramSettings | None
) -> tuple[tuple[Group, ...], TelegramSettings, bool] | None:
    """The groups of agents, their bot, and whether it is the customers' own. Raises `SettingsInvalid`."""
    try:
        groups = groups_of(settings.telegram_desk_groups)
    except ValueError as error:
        raise SettingsInvalid(str(error)) from None
    if not groups:
        return None
    token = settings.telegram_desk_bot_token
    same = own is not None and token.get_secret_value() in ("", own.token.get_secret_value())
    if own is not None and same and own.mode is not TelegramMode.MOUNTED:
        return groups, own, True
    if same or not token.get_secret_value():
        raise SettingsInvalid(
            "TELEGRAM_DESK_BOT_TOKEN: the groups of TELEGRAM_DESK_GROUPS need a bot of their own unless the "
            "customers' bot is one of ours by polling or webhook; make one with @BotFather and set its token"
        )
    try:
        return groups, TelegramSettings(token=token, api_url=settings.telegram_api_url or None), False
    except ValidationError as error:
        told = _first(error).replace("TELEGRAM_BOT_TOKEN", "TELEGRAM_DESK_BOT_TOKEN")
        raise SettingsInvalid(told) from None


def _first(error: ValidationError) -> str:
    return error.errors()[0]["msg"].removeprefix("Value error, ")


@asynccontextmanager
async def serving(settings: Settings) -> AsyncGenerator[tuple[House, int]]:
    """The product, served; yields the house and the port it listens on."""
    opened: list[Doors] = []
    of_web, of_telegram = web_chat_settings(settings), telegram_settings(settings)
    topic_settings(settings, of_telegram)  # what is wrong is told before anything is opened

    def channels(house: House) -> Sequence[Channel]:
        opened.append(doors(house, of_web, of_telegram))
        return opened[0].all()

    async with open_house(settings, channels) as house:
        if isinstance(house.backend, DemoShop):
            await seed(house.backend)
            await top_up(house.backend)
        desk = console(house)
        routes = [*_routes(opened[0].all()), *stage_api(house).routes(), *desk.routes()]
        app = application(routes, _needed(house, opened[0].customers), _checks(opened[0].agents))
        server = runner(app, last_requests=_LAST_REQUESTS)
        await server.setup()
        try:
            site = web.TCPSite(server, settings.http_host, settings.http_port)
            try:
                await site.start()
            except OSError as error:
                raise SettingsInvalid(not_listening(settings, error)) from None
            yield house, server.addresses[0][1]
        finally:
            await desk.stop()
            await house.stop()
            await server.cleanup()


def not_listening(settings: Settings, error: OSError) -> str:
    """Why the web server cannot listen, and what to do."""
    where = f"{settings.http_host}:{settings.http_port}"
    match error.errno:
        case errno.EADDRINUSE:
            return f"HTTP_PORT: another program listens on {where}; stop it, or set HTTP_PORT to a free one"
        case errno.EACCES:
            return f"HTTP_PORT: the system does not let us listen on {where}; set HTTP_PORT above 1023"
    return f"HTTP_HOST: cannot listen on {where} ({error.strerror}); use an address of this machine"


def _routes(channels: Iterable[Channel]) -> Iterable[web.RouteDef]:
    for channel in channels:
        yield from getattr(channel, "routes", list)()


def _needed(house: House, channels: Iterable[Channel]) -> dict[str, Check]:
    """What no customer can be served without."""
    return {
        "database": house.store.ping,
        "shop": house.backend.ping,
        "reception": house.reception.check,
        **_checks(channels),
    }


def _checks(channels: Iterable[Channel]) -> dict[str, Check]:
    return {channel.name: channel.check for channel in channels}


def spare_the_collector() -> None:
    """A turn makes thousands of objects and hardly a cycle: look for cycles a fiftieth as often.

    What lives as long as the process is not looked through at all.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(35_000, 10, 10)


async def serve(settings: Settings, started: Callable[[House, int], Awaitable[None]]) -> None:
    """Serve until SIGINT or SIGTERM; what was taken in is finished."""
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for name in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(name, stop.set)
    async with serving(settings) as (house, port):
        spare_the_collector()
        await started(house, port)
        await stop.wait()
        _log.info("stopping", reason="asked to")
