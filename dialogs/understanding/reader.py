"""Text to `Reading`."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeVar

from dialogs.reading import Answer, Intent, Reading
from dialogs.understanding.answers import Answered, Answers
from dialogs.understanding.corrections import EMAIL_MARKS, NUMBER_MARKS, withdrawn
from dialogs.understanding.emails import find_emails
from dialogs.understanding.features import Embedder
from dialogs.understanding.intents import Intents
from dialogs.understanding.languages import Languages
from dialogs.understanding.lexicon import lexicon
from dialogs.understanding.methods import Methods
from dialogs.understanding.model import IntentModel
from dialogs.understanding.normalise import fold, normalise
from dialogs.understanding.numbers import find_numbers
from dialogs.understanding.spans import Found, replaced
from dialogs.understanding.wording import wording

K = TypeVar("K")
_LONGEST_TEXT = 2000
"""Signs of a message that are read."""
_SHORT = 40
_PLAIN = re.compile(r"[A-Za-z ,.!?']*")
_REMEMBERED = 2048
"""Short texts of plain words whose meaning is kept: "yes", "hello", "cancel my order"."""
_NUMBER, _EMAIL = chr(NUMBER_MARKS[0]), chr(EMAIL_MARKS[0])


class Understanding:
    """Reads texts; it is built once, trains its model then, and keeps only what short texts meant.

    `number_pattern` is the shop's own form of an order number: a regular expression that matches one in full,
    upper or lower case. `methods` maps keys of payment methods to their spoken names. Without an `embedder`
    the model has n-grams only. Raises `re.error` for a pattern that is none.
    """

    def __init__(
        self,
        *,
        number_pattern: str | None = None,
        embedder: Embedder | None = None,
        methods: Mapping[str, Sequence[str]] | None = None,
    ) -> None:
        self._number_pattern = re.compile(number_pattern, re.IGNORECASE) if number_pattern else None
        phrases = self._phrases = lexicon()
        self._methods = Methods(methods or {}, phrases.not_this)
        self._spelling = phrases.spelling
        self._answers = Answers(phrases)
        self._languages = Languages(phrases.languages, phrases.hellos)
        examples = [
            (self._spelling.mended(self._values(normalise(text))[2]), intent)
            for text, intent in phrases.examples
        ]
        model = IntentModel([(wording(text), intent) for text, intent in examples], embedder)
        self._intents = Intents(model, phrases)
        self._known = lru_cache(maxsize=_REMEMBERED)(self._read)

    def read(self, text: str) -> Reading:
        """What the text means by itself. Only its first 2,000 signs count."""
        return self._known(text) if len(text) <= _SHORT and _PLAIN.fullmatch(text) else self._read(text)

    def _read(self, text: str) -> Reading:
        normal = normalise(text[:_LONGEST_TEXT])[:_LONGEST_TEXT]
        emails, numbers, written = self._values(normal)
        folded = self._spelling.mended(written)
        answered = self._answered(written, folded)
        intents, also = self._wanted(folded, answered)
        gone = _gone(normal, emails, EMAIL_MARKS) | _gone(normal, numbers, NUMBER_MARKS)
        return Reading(
            intents=intents,
            numbers=_kept(numbers, gone),
            emails=_kept(emails, gone),
            withdrawn=_taken_back([*numbers, *emails], gone),
            answer=answered.answer,
            stop=answered.stop,
            method=self._methods.named(folded),
            also=also,
            language=self._languages.of(folded),
            afterwards=_first(self._phrases.afterwards, folded),
            aside=_first(self._phrases.asides, folded),
        )

    def _values(self, normal: str) -> tuple[list[Found], list[Found], str]:
        """E-mail addresses, order numbers, and the folded text with a private-use sign for each."""
        emails = find_emails(normal)
        blanked = replaced(normal, emails, ["\0" * (place.end - place.start) for place in emails])
        numbers = find_numbers(blanked, self._number_pattern)
        marks = sorted(
            [(place, _EMAIL) for place in emails] + [(place, _NUMBER) for place in numbers],
            key=lambda pair: pair[0].start,
        )
        marked = replaced(normal, [place for place, _ in marks], [sign for _, sign in marks])
        return emails, numbers, fold(marked)

    def _answered(self, written: str, mended: str) -> Answered:
        """The answer; a yes only where it was one as it was written: nothing put right agrees to anything."""
        answered = self._answers.read(mended)
        if answered.answer is Answer.YES and written != mended:
            strictly = self._answers.read(_as_written(written, mended))
            return answered if strictly.answer is Answer.YES else Answered()
        return answered

    def _wanted(self, folded: str, answered: Answered) -> tuple[tuple[Intent, ...], tuple[Intent, ...]]:
        if answered.answer is not None and answered.pure:
            return (), ()
        return self._intents.read(folded)


def _first(wordings: Mapping[K, re.Pattern[str]], folded: str) -> K | None:
    """The first kind, in their order, whose wording is found."""
    return next((kind for kind, wording in wordings.items() if wording.search(folded)), None)


def _as_written(written: str, mended: str) -> str:
    """The words that were right as they stood, "it" for the others: that says nothing by itself."""
    pairs = zip(written.split(), mended.split(), strict=True)
    return " ".join(word if word == right else "it" for word, right in pairs)


def _gone(normal: str, found: Sequence[Found], marks: tuple[int, int]) -> frozenset[str]:
    return withdrawn(normal, found, marks) if found else frozenset()


def _kept(found: Sequence[Found], gone: frozenset[str]) -> tuple[str, ...]:
    return _once(place.value for place in found if place.value not in gone)


def _taken_back(found: Sequence[Found], gone: frozenset[str]) -> tuple[str, ...]:
    return _once(place.value for place in found if place.value in gone)


def _once(values: Iterable[str]) -> tuple[str, ...]:
    """The values without repetitions, whatever their case."""
    first: dict[str, str] = {}
    for value in values:
        first.setdefault(value.casefold(), value)
    return tuple(first.values())
