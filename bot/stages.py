"""Order stages from Python: the same look-ups as `rescind stage`, over the shop that is configured.

    import asyncio
    from bot.stages import StageFound, open_stages

    async def main() -> None:
        async with open_stages() as stages:
            answer = await stages.look_up("1042")
            if isinstance(answer, StageFound):
                print(answer.stage, answer.verdict.ruling, answer.read_at)
            else:
                print("no such order")

    asyncio.run(main())

`open_stages()` reads the settings as every command does, from the environment and `.env`; hand it `Settings`
of your own to use others. It only looks: it makes no shop, opens no store, and attempts nothing. One block
may be kept open as long as you like, and used by many tasks at once. Within it,

- `look_up(number, email=None)` reads the record now. With an e-mail address, an order of somebody else is
  as missing as one that never was: both are `StageMissing`.
- `batch(queries)` asks for many, some at a time, and gives the answers in the order of the queries.
- `watch(number)` gives the record now and again whenever it changes; leave the loop when you have seen
  enough.

`stage_record` turns an answer into the JSON form that `rescind stage --json` prints and the HTTP API
answers. A shop that gives no answer is `ShopUnreachable`, in `batch` an answer that is `None`, in `watch` an
`Away`. Bad settings are `SettingsInvalid`; the message names the variable and the remedy.

What is listed in `__all__` stays as it is within a major version; anything else of the package may change.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime

from bot import stage_lookup, stage_watch
from bot.ports import OrderBackend, ShopUnreachable
from bot.rows import BadRow
from bot.settings import Settings, SettingsInvalid
from bot.stage_lookup import RETRY_PAUSES, Answered, Query, RefundSeen, StageAnswer, StageFound, StageMissing
from bot.stage_record import stage_record
from bot.stage_watch import Away, News
from dialogs.orders import Cancellable, RefundStatus, Stage
from dialogs.policy import Policy, Ruling, Verdict

__all__ = [
    "Answered",
    "Away",
    "Cancellable",
    "News",
    "Query",
    "RefundSeen",
    "RefundStatus",
    "Ruling",
    "Settings",
    "SettingsInvalid",
    "ShopUnreachable",
    "Stage",
    "StageAnswer",
    "StageFound",
    "StageMissing",
    "Stages",
    "Verdict",
    "open_stages",
    "stage_record",
]


@dataclass(frozen=True, slots=True)
class Stages:
    """Look-ups over one shop, judged by one policy; made by `open_stages`."""

    backend: OrderBackend
    policy: Policy
    now: Callable[[], datetime]

    async def look_up(self, number: str, email: str | None = None) -> StageAnswer:
        """Where the order stands now. Raises `ShopUnreachable`."""
        return await stage_lookup.look_up(self.backend, number, email, policy=self.policy, now=self.now)

    def batch(
        self,
        queries: AsyncIterator[Query | BadRow],
        *,
        concurrency: int = 8,
        pauses: tuple[float, ...] = RETRY_PAUSES,
    ) -> AsyncGenerator[Answered | BadRow, None]:
        """The answers in the order of the queries, at most `concurrency` look-ups at a time.

        A look-up without an answer is tried again after `pauses` seconds; then its answer is `None`.
        """
        return stage_lookup.batch(
            self.backend, queries, policy=self.policy, now=self.now, concurrency=concurrency, pauses=pauses
        )

    def watch(
        self, number: str, email: str | None = None, *, every: float = 2.0, until: Stage | None = None
    ) -> AsyncGenerator[News, None]:
        """The record now, and again whenever it has changed; it ends once the stage `until` was told.

        Asks every so many seconds, at least 0.5 (`ValueError`). While the shop is away it gives one `Away`.
        """
        return stage_watch.watch(
            self.backend, number, email, policy=self.policy, now=self.now, every=every, until=until
        )


@asynccontextmanager
async def open_stages(settings: Settings | None = None) -> AsyncGenerator[Stages]:
    """Open the shop's order-status adapter for look-ups; see this module for a tutorial.

    Raises `SettingsInvalid`, and `ShopUnreachable` where there is no demo shop yet.
    """
    # Opening is the one costly part: who imports this for its types alone waits for nothing.
    from bot.assembly import open_backend, utc_now  # noqa: PLC0415
    from bot.house_rules import policy_of  # noqa: PLC0415
    from bot.settings import read_settings  # noqa: PLC0415

    known = read_settings() if settings is None else settings
    policy = policy_of(known)
    async with open_backend(known, look=True) as backend:
        yield Stages(backend, policy, utc_now)
