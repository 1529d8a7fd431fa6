"""From a step to the turn that is saved: words in the customer's language, work, records."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.ports import Incoming, Language, Open, Press, Wordless, Words
from bot.speech import Speech
from dialogs.effects import (
    CallPerson,
    CancelOrder,
    CaseClosed,
    CaseOpened,
    DecisionMade,
    Effect,
    LookUpOrder,
    Relay,
    Say,
    SayAgain,
    TellPerson,
    WatchOrder,
)
from dialogs.engine import Step
from dialogs.events import Event
from storage.records import Author, Contact, Deliver, Entry, Notify, Stored, Turn, Work
from storage.store import Store

_RECORDS = (CaseOpened, CaseClosed, DecisionMade)


@dataclass(frozen=True, slots=True)
class Cause:
    """What a turn is made of: an event, and the update or the work it came from.

    There is no event where work could not be done at all.
    """

    at: datetime
    event: Event | None
    incoming: Incoming | None = None
    settles: tuple[int, ...] = ()


@dataclass(slots=True)
class Scribe:
    """Writes turns. `pushes` names the channels that messages must be sent to; others' clients fetch them."""

    speech: Speech
    store: Store
    digest: Callable[[str], str]
    pushes: Collection[str] = field(default_factory=frozenset)
    desk_locale: str = "en"
    """The language of notes for agents."""

    async def turn(self, stored: Stored, step: Step, cause: Cause) -> Turn:
        """The turn that this step makes of the stored conversation. Raises what speech raises."""
        incoming = cause.incoming
        entries = _heard(incoming, stored.last_seq + 1, cause.at) if incoming else []
        work: list[Work] = []
        notes: list[str] = []
        pushed = stored.key.partition(":")[0] in self.pushes
        for effect in step.effects:
            match effect:
                case Say() | SayAgain() | Relay():
                    seq = stored.last_seq + len(entries) + 1
                    entries.append(
                        await self._entry(stored.key, effect, step.conversation.locale, seq, cause.at)
                    )
                    if pushed:
                        work.append(Deliver(seq))
                case CallPerson(reason, reference):
                    work.append(Notify(reason.value, reference))
                case LookUpOrder() | CancelOrder() | WatchOrder():
                    work.append(effect)
                case TellPerson(text):
                    notes.append(self.speech.text(text, self.desk_locale))
                case CaseOpened() | CaseClosed() | DecisionMade():
                    pass  # kept with the turn
        return Turn(
            key=stored.key,
            base=stored.version,
            last_seq=stored.last_seq + len(entries),
            at=cause.at,
            conversation=step.conversation,
            contact=self._contact(stored.contact, incoming),
            update_id=incoming.id if incoming else None,
            entries=tuple(entries),
            work=tuple(work),
            records=_records(step.effects),
            notes=tuple(notes),
            settles=cause.settles,
            wake_at=step.conversation.wake_at,
        )

    async def _entry(
        self, key: str, effect: Say | SayAgain | Relay, locale: str, seq: int, at: datetime
    ) -> Entry:
        match effect:
            case Say(parts, buttons):
                words = self.speech.paragraphs(parts, locale, at)
                return Entry(seq, at, Author.BOT, words, self.speech.choices(buttons, locale))
            case Relay(agent, text):
                return Entry(seq, at, Author.AGENT, text, agent=agent)
            case SayAgain(intro):
                return await self._again(key, self.speech.text(intro, locale), seq, at)

    async def _again(self, key: str, intro: str, seq: int, at: datetime) -> Entry:
        """The last message once more; what was said once more already is not introduced twice."""
        last = await self.store.last_said(key)
        if last is None:
            return Entry(seq, at, Author.BOT, intro)
        first = f"{intro}\n"
        return replace(last, seq=seq, at=at, text=first + last.text.removeprefix(first))

    def _contact(self, known: Contact, incoming: Incoming | None) -> Contact:
        if incoming is None:
            return known
        address = self.digest(incoming.address) if incoming.address else known.address
        return Contact(incoming.name or known.name, address)


def _heard(incoming: Incoming, seq: int, at: datetime) -> list[Entry]:
    """What the transcript keeps of an update: the customer's words, if it had any."""
    match incoming.what:
        case Words(words, _) | Press(_, words):
            pass
        case Wordless(what):
            words = f"[{what.value}]"
        case Open() | Language():
            return []
    return [Entry(seq, at, Author.CUSTOMER, words, update_id=incoming.id)]


def _records(effects: Sequence[Effect]) -> tuple[CaseOpened | CaseClosed | DecisionMade, ...]:
    return tuple([effect for effect in effects if isinstance(effect, _RECORDS)])
