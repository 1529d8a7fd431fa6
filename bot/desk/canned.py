"""Answers kept for use again, with placeholders filled from the case."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from string import Formatter

from bot.desk.errors import BadInput
from bot.desk.ground import Ground
from bot.desk.rights import Right
from bot.desk.views import Rendered
from bot.ports import OrderBackend, ShopUnreachable
from storage.desk_records import Agent, Canned, QueueItem

PLACEHOLDERS = ("customer", "order_number", "order_stage", "agent", "reference", "shop")
"""What a text may hold in braces, as `{customer}`; `{{` and `}}` are braces themselves."""

CHAIN = "desk:canned"
"""The audit chain of changes to them."""
_SHORTCUT = re.compile(r"[a-z0-9_-]{1,32}")
_TITLE, _TEXT = 80, 4_000
_OURS = (
    ("hello", "Greeting", "Hello {customer}, this is {agent} from {shop}. I'm reading your case now."),
    ("moment", "One moment", "One moment, please: I'm looking into order {order_number}."),
    ("stage", "Where the order is", "Order {order_number} is at this stage right now: {order_stage}."),
    (
        "intercept",
        "Warehouse asked",
        "I've asked the warehouse to stop order {order_number}. Whether it works I'll write to you here.",
    ),
    ("bye", "Goodbye", "You can quote {reference} if you come back to this. All the best, {agent}"),
)


@dataclass(frozen=True, slots=True)
class CannedAnswers:
    """Everybody may use them; whoever has `EDIT_CANNED` may change them."""

    ground: Ground
    backend: OrderBackend
    shop: str

    async def seed(self) -> None:
        """Add the product's own, once for ever."""
        now = self.ground.clock()
        await self.ground.store.desk.seed_canned(Canned(*one, updated_at=now) for one in _OURS)

    async def all(self, agent: Agent) -> tuple[Canned, ...]:
        """Every one, by shortcut: completion after `/` needs no further question."""
        self.ground.rights.need(agent, Right.ANSWER)
        return await self.ground.store.desk.canned()

    async def render(self, agent: Agent, key: str, shortcut: str) -> Rendered:
        """The text for this chat. What is not known stays in braces and is named. Raises `BadInput`."""
        item = await self.ground.seen(agent, key)
        found = [one for one in await self.ground.store.desk.canned() if one.shortcut == shortcut]
        if not found:
            raise BadInput(f"There is no answer /{shortcut}.")
        text = found[0].text
        stage = await self._stage(item) if "{order_stage}" in text else None
        return filled(text, self._values(agent, item, stage))

    async def _stage(self, item: QueueItem) -> str | None:
        """The stage read now, of an order whose number and e-mail this customer gave; else nothing."""
        stored = await self.ground.store.load(item.key, fresh=True)
        c = stored.conversation if stored else None
        if c is None or c.order is None:
            return None
        try:
            order = await self.backend.find(c.order.number)
        except ShopUnreachable:
            return None
        if order is None or not order.belongs_to(c.order.number, c.order.email):
            return None
        return order.stage.value.replace("_", " ")

    def _values(self, agent: Agent, item: QueueItem, stage: str | None) -> Mapping[str, str]:
        """What is known of the case."""
        values = {
            "customer": item.customer,
            "order_number": item.order_number,
            "order_stage": stage,
            "agent": agent.name,
            "reference": item.reference,
            "shop": self.shop,
        }
        return {name: value for name, value in values.items() if value}

    async def save(self, agent: Agent, *, shortcut: str, title: str, text: str) -> Canned:
        """Add one or change it. Raises `NotAllowed`, and `BadInput` for an unknown placeholder or a bad name.

        A shortcut is 1 to 32 of a-z, 0-9, `-` and `_`.
        """
        self.ground.rights.need(agent, Right.EDIT_CANNED)
        title, words = " ".join(title.split()), text.strip()
        if not _SHORTCUT.fullmatch(shortcut):
            raise BadInput("A shortcut is 1 to 32 of the signs a-z, 0-9, - and _.")
        if not title or len(title) > _TITLE or not words or len(words) > _TEXT:
            raise BadInput(f"Give it a title (at most {_TITLE} characters) and a text (at most {_TEXT}).")
        filled(words, {})  # it can be read
        one = Canned(shortcut, title, words, self.ground.clock(), agent.name)
        record = self.ground.record(agent, CHAIN, "save", shortcut=shortcut)
        await self.ground.store.desk.save_canned(one, record)
        return one

    async def delete(self, agent: Agent, shortcut: str) -> None:
        """Remove one. Raises `NotAllowed`, and `BadInput` where there is none."""
        self.ground.rights.need(agent, Right.EDIT_CANNED)
        record = self.ground.record(agent, CHAIN, "delete", shortcut=shortcut)
        if not await self.ground.store.desk.remove_canned(shortcut, record):
            raise BadInput(f"There is no answer /{shortcut}.")


def filled(text: str, values: Mapping[str, str]) -> Rendered:
    """The text with what is known; the rest stays as it is and is named. Raises `BadInput`."""
    words, missing = [], dict[str, None]()
    try:
        parts = list(Formatter().parse(text))
    except ValueError:
        raise BadInput("Every { needs its }; write {{ and }} for braces themselves.") from None
    for before, name, form, conversion in parts:
        words.append(before)
        if name is None:
            continue
        if name not in PLACEHOLDERS or form or conversion:
            known = ", ".join(f"{{{each}}}" for each in PLACEHOLDERS)
            raise BadInput(f"{{{name}}} is no placeholder; there are {known}.")
        if name not in values:
            missing[name] = None
        words.append(values.get(name, f"{{{name}}}"))
    return Rendered("".join(words), tuple(missing))
