"""The order panel: the shop's record live, what follows from it, and what an agent decides."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.desk import acts
from bot.desk.confirming import Confirming, Stake
from bot.desk.errors import BadInput, NotAllowed, ShopProblem
from bot.desk.feed import ChangeKind
from bot.desk.ground import Ground
from bot.desk.holding import Holding
from bot.desk.rights import Right
from bot.desk.views import Confirmation, OrderPanel, OrderProblem
from bot.ports import OrderBackend, ShopUnreachable
from bot.shop_errors import kind, trouble
from bot.speech import Speech, TextMissing
from dialogs import refund_words
from dialogs.effects import Text
from dialogs.events import Trouble
from dialogs.orders import Order, Stage, same_number
from dialogs.rules import Rules
from dialogs.terms import stake
from storage.desk import Changes
from storage.desk_records import Agent, QueueItem
from storage.times import micros

_REASON = range(3, 501)
_INTERCEPT = timedelta(days=30)
_NOTE = 500

_PROBLEMS = {
    Trouble.UNREACHABLE: OrderProblem.UNREACHABLE,
    Trouble.THROTTLED: OrderProblem.THROTTLED,
    Trouble.CREDENTIALS: OrderProblem.CREDENTIALS,
    Trouble.CONTRACT: OrderProblem.CONTRACT,
}


@dataclass(frozen=True, slots=True)
class Orders:
    """All of them raise `NoSuchCase`, `NotAllowed`, `HeldBy` and `BadInput`. `locale` is the desk's."""

    ground: Ground
    holding: Holding
    backend: OrderBackend
    rules: Rules
    speech: Speech
    confirming: Confirming
    locale: str = "en"

    async def panel(self, agent: Agent, key: str, number: str = "") -> OrderPanel:
        """The order of this chat, or the one of that number, read now. A shop's failure is in the panel.

        To look up another order than the chat's is put on record.
        """
        item = await self.ground.seen(agent, key)
        return await self._panel(agent, item, number)

    async def _panel(self, agent: Agent, item: QueueItem, number: str) -> OrderPanel:
        wanted = number.strip() or (item.order_number or "")
        now = self.ground.clock()
        if not wanted:
            return OrderPanel("", now, OrderProblem.NO_NUMBER, "The customer has named no order yet.")
        if not same_number(wanted, item.order_number or ""):
            record = self.ground.record(agent, item.key, "look up", order=wanted[:64])
            await self.ground.store.desk.record(record)
        try:
            order = await self.backend.find(wanted)
        except ShopUnreachable as error:
            return OrderPanel(wanted, now, _PROBLEMS[kind(error)], str(trouble(error)))
        if order is None:
            return OrderPanel(wanted, now, OrderProblem.NOT_FOUND, f"The shop knows no order {wanted}.")
        return await self._derived(agent, item, order)

    async def _derived(self, agent: Agent, item: QueueItem, order: Order) -> OrderPanel:
        now, verdict = self.ground.clock(), self.rules.policy.decide(order)
        expected = self.rules.windows.expect(order, cancelling=True)  # what a cancellation would bring
        matched = await self._matched(item.key, order)
        may_cancel = verdict.ruling.may_cancel and matched
        rights = self.ground.rights.of(agent)
        return OrderPanel(
            number=order.number,
            read_at=now,
            order=order,
            matched=matched,
            verdict=verdict.ruling.value,
            may_cancel=may_cancel,
            reason=self._words(Text(f"reason-{verdict.reason}"), now) or verdict.reason,
            rule=verdict.rule,
            clause=verdict.clause,
            clause_text=self.rules.policy.clause_text(verdict.clause),
            stake=stake(order),
            refunds=expected,
            refund_lines=tuple(self._words(text, now) for text in refund_words.phrases(expected)),
            decisions=await self.ground.store.decisions(item.reference),
            intercept=item.row.intercept,
            may_try=order.stage is not Stage.CANCELLED
            and Right.CANCEL in rights
            and (may_cancel or Right.OVERRIDE in rights),
        )

    async def _matched(self, key: str, order: Order) -> bool:
        """Whether the customer of this chat gave both number and e-mail of this order."""
        stored = await self.ground.store.load(key, fresh=True)
        c = stored.conversation if stored else None
        if c is None or c.order is None or c.by_person:
            return False
        return order.belongs_to(c.order.number, c.order.email) and c.email is not None

    def _words(self, text: Text, at: datetime) -> str:
        try:
            return self.speech.text(text, self.locale, at)
        except TextMissing:
            return ""

    async def cancel(
        self, agent: Agent, key: str, *, number: str = "", reason: str = "", token: str = ""
    ) -> Confirmation | None:
        """Cancel, in two steps. Without `token` nothing is done: a `Confirmation` says what is at stake.

        With its token the attempt begins, by the same performers and lock as the bot's; `None` then. The
        outcome comes as a private note and, where it concerns the customer, as the bot's message. An override
        needs the right to it and a `reason` (3 to 500 characters), given with the first call and the second.
        Raises `Changed` where the order is no longer as confirmed or the token ran out or was used, and
        `ShopProblem` where the shop cannot be read.
        """
        self.ground.rights.need(agent, Right.CANCEL)
        item = await self.ground.held(agent, key)
        panel = await self._panel(agent, item, number)
        order = _readable(panel)
        why = " ".join(reason.split())
        self._check(agent, panel, why)
        at_stake = Stake.of(agent, key, panel, order, why)
        if not token:
            return await self.confirming.ask(agent, at_stake, panel)
        await self.confirming.check(token, at_stake)
        await self.holding.take(agent, item)
        event = acts.cancels(self.ground.clock(), agent.name, order, panel.read_at)
        act = "cancel" if panel.may_cancel else "override"
        details = {"order": order.number, "stage": order.stage.value, "verdict": panel.verdict}
        details |= {"rule": panel.rule, "clause": panel.clause, "stake": f"{panel.stake} {order.currency}"}
        details |= {"reason": why, "matched": str(panel.matched).lower()}
        await self.ground.happen(agent, key, act, event, **details)
        self.ground.feed.changed(key, ChangeKind.ORDER)
        return None

    def _check(self, agent: Agent, panel: OrderPanel, why: str) -> None:
        if panel.order is not None and panel.order.stage is Stage.CANCELLED:
            raise BadInput("This order is cancelled already.")
        if panel.may_cancel:
            return
        if Right.OVERRIDE not in self.ground.rights.of(agent):
            unmatched = "the customer has not given its number and e-mail"
            because = f"the policy says {panel.verdict.replace('_', ' ')}" if panel.matched else unmatched
            raise NotAllowed(f"This would be an override, for {because}. A supervisor may do it.")
        if len(why) not in _REASON:
            raise BadInput("An override needs a reason of 3 to 500 characters.")

    async def ask_to_intercept(
        self, agent: Agent, key: str, *, number: str, by: datetime, note: str = ""
    ) -> None:
        """Note that the warehouse was asked to stop the parcel; a reminder follows where `by` passes."""
        now = self.ground.clock()
        if not number.strip() or not now < by <= now + _INTERCEPT or len(note) > _NOTE:
            raise BadInput(f"Name the order, a time within 30 days, and at most {_NOTE} characters of note.")
        await self.ground.handled(agent, key)
        changes: Changes = {
            "intercept_order": number.strip(),
            "intercept_by": micros(by),
            "intercept_note": note.strip(),
            "intercept_reminded": 0,
        }
        details = {"order": number.strip(), "by": by.isoformat(), "note": note.strip()}
        await self.ground.change(agent, key, changes, "ask to intercept", **details)
        self.ground.feed.changed(key, ChangeKind.ORDER)

    async def intercept_over(self, agent: Agent, key: str, *, stopped: bool) -> None:
        """Note how the warehouse answered. Raises `BadInput` where none was asked."""
        item = await self.ground.handled(agent, key)
        if item.row.intercept is None:
            raise BadInput("The warehouse was not asked to stop a parcel of this chat.")
        changes: Changes = {
            "intercept_order": None,
            "intercept_by": None,
            "intercept_note": None,
            "intercept_reminded": 0,
        }
        details = {"order": item.row.intercept.order, "stopped": str(stopped).lower()}
        await self.ground.change(agent, key, changes, "intercept over", **details)
        self.ground.feed.changed(key, ChangeKind.ORDER)


def _readable(panel: OrderPanel) -> Order:
    """The order, or `ShopProblem`."""
    if panel.order is None:
        kind = OrderProblem.UNREACHABLE if panel.problem is None else panel.problem
        raise ShopProblem(kind.value, panel.problem_text)
    return panel.order
