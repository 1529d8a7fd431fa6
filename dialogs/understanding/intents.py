"""Which intents a text shows, from the model's probabilities: one, a choice of two or three, or several."""

from collections.abc import Callable, Iterable
from re import Pattern
from re import compile as compile_

from dialogs.reading import Intent
from dialogs.understanding.lexicon import Lexicon
from dialogs.understanding.model import IntentModel
from dialogs.understanding.wording import clauses, wording

REQUESTS = frozenset(
    {
        Intent.CANCEL,
        Intent.ORDER_STATUS,
        Intent.REFUND_STATUS,
        Intent.REFUND_TIME,
        Intent.HUMAN,
        Intent.CANCEL_PART,
        Intent.OTHER_REQUEST,
    }
)
"""What can be offered as a button."""
_CANCELLING = (Intent.CANCEL, Intent.CANCEL_PART)
_LOST = (Intent.LOST_NUMBER, Intent.LOST_EMAIL, Intent.LOST_BOTH)
_CANCEL = compile_(r"\b(?:cancel|anul)")
_VALUE = compile_(r"[\ue000-\uefff]")
"""An order number or an address."""
_ALSO = REQUESTS | {Intent.POLICY, Intent.COMPLAINT}
_SMALL_TALK = frozenset(
    {Intent.GREETING, Intent.THANKS, Intent.GOODBYE, Intent.CHITCHAT, Intent.COMPLAINT, Intent.OTHER}
)
"""What steps back behind a request in another clause."""

# Probabilities; the tests hold the accuracy they give on messages that are not among the examples.
_CLEAR = 0.42
_MARGIN = 0.15
_CLEAR_CANCEL = 0.5
_MARGIN_CANCEL = 0.25
"""A wrong "cancel" costs more than a question."""
_STRONG_CLAUSE = 0.55
_CHOICE = 0.1
_LIKELY = 0.25
"""What is less likely than this is nothing the bot knows."""
_MOST_CHOICES = 3


class Intents:
    """Reads the intents of folded texts whose numbers and addresses are private-use signs."""

    def __init__(self, model: IntentModel, lexicon: Lexicon) -> None:
        self._model = model
        self._lexicon = lexicon
        self._column = {intent: column for column, intent in enumerate(model.intents)}
        self._requests = {self._column[intent] for intent in REQUESTS}

    def read(self, folded: str) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
        """The intents (one, or a choice), and what else is asked for."""
        # What is not wanted says nothing about what is.
        wanted = self._lexicon.negated_cancel.sub(" ", folded)
        parts, greeted = self._said(wanted)
        if not parts:
            return ((Intent.GREETING,) if greeted else ()), ()
        row = self._likely(" . ".join(parts))
        first = self._decided(row)
        strong = self._strong(parts) if len(parts) > 1 else []
        requests = [intent for intent in strong if intent in REQUESTS]
        if requests and (len(first) > 1 or first[0] in _SMALL_TALK or first[0] in requests):
            first = (requests[0],)
        elif len(first) > 1 and self._wants_cancelled(parts, first):
            first = (Intent.CANCEL,)
        elif first == (Intent.OTHER_REQUEST,) and max(row) < _STRONG_CLAUSE and _VALUE.search(folded):
            first = (Intent.OTHER,)  # "another one: 1043" is to be asked about, and calls nobody
        if self._disputes(parts) and Intent.CANCEL not in (*first, *strong):
            first = (Intent.OTHER_REQUEST,)
        also = tuple(intent for intent in strong if intent not in first and intent in _ALSO)
        return first, also if len(first) == 1 else ()

    def _disputes(self, parts: list[str]) -> bool:
        """Whether an order or a payment is denied, whatever else is asked."""
        return any(self._lexicon.disputed.search(part) for part in parts if not _CANCEL.search(part))

    def _wants_cancelled(self, parts: list[str], choice: tuple[Intent, ...]) -> bool:
        """Whether a choice is none: a clause clearly asks to cancel, up to where it says why; all of it."""
        if Intent.CANCEL not in choice:
            return False
        if Intent.CANCEL_PART in choice:
            return set(choice) == set(_CANCELLING) and not any(map(self._lexicon.part.search, parts))
        heads = (self._lexicon.reason.split(part, maxsplit=1)[0] for part in parts)
        asked = (self._decided(self._likely(head)) for head in heads if _CANCEL.search(head))
        return any(intents == (Intent.CANCEL,) for intents in asked)

    def _likely(self, clause: str) -> list[float]:
        """The model's probabilities, corrected where the wording tells more than the model sees."""
        plain = wording(clause)
        row = self._model.probabilities(plain)
        if self._lexicon.money.is_meant(plain.split()):
            row = self._moved(row, (Intent.ORDER_STATUS, Intent.WHY, Intent.OTHER), Intent.REFUND_STATUS)
        if self._lexicon.unsure.search(clause):
            row = self._moved(row, (Intent.COMPLAINT,), Intent.OTHER)
        if self._model.intents[row.index(max(row))] in _LOST and self._is_at_hand(clause):
            row = self._moved(row, _LOST, Intent.OTHER)
        if self._lexicon.wants_goods.search(clause):
            row = self._moved(row, _CANCELLING, Intent.ORDER_STATUS)
        if self._lexicon.unwanted.search(clause):
            row = self._moved(row, (*_LOST, Intent.OTHER_REQUEST, Intent.OTHER), Intent.CANCEL)
        if not _CANCEL.search(clause):
            denied = self._lexicon.disputed.search(clause)
            return self._only(row, lambda intent: intent is Intent.OTHER_REQUEST) if denied else row
        if self._elsewhere(self._lexicon.other_cancel, clause):
            return self._moved(row, (*_CANCELLING, Intent.POLICY), Intent.OTHER)
        if self._elsewhere(self._lexicon.done_cancel, clause):
            if self._lexicon.asked_done.search(clause):
                row = self._moved(row, (Intent.POLICY,), Intent.ORDER_STATUS)
            return self._only(row, lambda intent: intent not in _CANCELLING)
        if self._lexicon.part_only.search(clause):
            return self._moved(row, (Intent.CANCEL,), Intent.CANCEL_PART)
        if self._lexicon.plain_cancel.search(clause):
            return self._only(row, lambda intent: intent in _CANCELLING)
        return row

    def _is_at_hand(self, clause: str) -> bool:
        """Whether it speaks of a detail given before, and of none that is missing."""
        told, lost = self._lexicon.told_before, self._lexicon.lost
        return told.search(clause) is not None and lost.search(clause) is None

    @staticmethod
    def _elsewhere(pattern: Pattern[str], clause: str) -> bool:
        """Whether the pattern accounts for every "cancel" of the clause."""
        rest, found = pattern.subn(" ", clause)
        return found > 0 and not _CANCEL.search(rest)

    def _moved(self, row: list[float], givers: Iterable[Intent], heir: Intent) -> list[float]:
        """The probabilities with what spoke for the givers given to the heir."""
        for intent in givers:
            row[self._column[heir]] += row[self._column[intent]]
            row[self._column[intent]] = 0.0
        return row

    def _only(self, row: list[float], may_be: Callable[[Intent], bool]) -> list[float]:
        """The probabilities of those that may be, shared out anew."""
        kept = [
            chance if may_be(intent) else 0.0 for chance, intent in zip(row, self._model.intents, strict=True)
        ]
        return [chance / max(sum(kept), 1e-9) for chance in kept]

    def _said(self, folded: str) -> tuple[list[str], bool]:
        """The clauses that say something, reasons only where nothing else does; and whether one greeted."""
        parts, greeted = [], False
        for clause in clauses(folded, self._lexicon.joints):
            words = wording(clause).replace("#", " ").replace("?", " ").split()
            if " ".join(words) in self._lexicon.greetings:
                greeted = True
            elif not self._lexicon.details.issuperset(words):
                parts.append(clause)
        reasons = self._lexicon.answers["why"]
        return [part for part in parts if part.strip(" .!") not in reasons] or parts, greeted

    def _decided(self, row: list[float]) -> tuple[Intent, ...]:
        ranked = sorted(range(len(row)), key=row.__getitem__, reverse=True)
        best, top = row[ranked[0]], self._model.intents[ranked[0]]
        if _clear(top, best, best - row[ranked[1]]):
            return (top,)
        if best < _LIKELY:
            return (Intent.OTHER,)
        requests = [column for column in ranked if column in self._requests]
        choices = [column for column in requests if row[column] >= _CHOICE][:_MOST_CHOICES]
        if top in REQUESTS:
            return self._named(choices if len(choices) > 1 else requests[:2])
        if top is Intent.OTHER and best < _CLEAR and len(choices) > 1:
            return self._named(choices)
        return (top,)

    def _named(self, columns: Iterable[int]) -> tuple[Intent, ...]:
        return tuple(self._model.intents[column] for column in columns)

    def _strong(self, parts: list[str]) -> list[Intent]:
        """What single clauses clearly say, each once, in their order."""
        strong: dict[Intent, None] = {}
        for part in parts:
            row = self._likely(part)
            likelihood = max(row)
            intent = self._model.intents[row.index(likelihood)]
            if likelihood >= _STRONG_CLAUSE and intent is not Intent.OTHER:
                strong[intent] = None
        return list(strong)


def _clear(top: Intent, likelihood: float, margin: float) -> bool:
    if top is Intent.CANCEL:
        return likelihood >= _CLEAR_CANCEL and margin >= _MARGIN_CANCEL
    return likelihood >= _CLEAR and margin >= _MARGIN
