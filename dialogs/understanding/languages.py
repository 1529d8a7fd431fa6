"""Which language a text is in, told by words that the phrases of one language alone have."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping

from dialogs.understanding.normalise import fold, normalise

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_FEWEST = 2
"""Words of its own that a language must show: one may be a name, or a loan."""
_KNOWN = 0.6
"""Share of the text's words that the language must know: others resemble it (Portuguese, Spanish)."""
_VERB = re.compile(r"cancel|anul")
_FEW = 3
"""Of so few words, all of them known, the verb alone is enough: "cancelar 1042"."""
_LONGEST_HELLO = 5
_LONGEST_TEXT = 60
"""Words looked at."""


class Languages:
    """Tells languages apart, or says nothing: a wrong language is worse than the one a chat began in."""

    def __init__(self, phrases: Mapping[str, Iterable[str]], greetings: Mapping[str, Iterable[str]]) -> None:
        """With each language's phrases, and its greetings: a text that is one needs no second word."""
        self._words = {
            language: frozenset(word for phrase in some for word in _words(fold(normalise(phrase))))
            for language, some in phrases.items()
        }
        speakers = Counter(word for words in self._words.values() for word in words)
        self._owner = {
            word: language for language, words in self._words.items() for word in words if speakers[word] == 1
        }

        hellos = [
            (" ".join(_words(fold(normalise(each)))), of) for of, some in greetings.items() for each in some
        ]
        listed = Counter(hello for hello, _ in hellos)
        self._hellos = {
            hello: of for hello, of in hellos if listed[hello] == 1 and self._owner.keys() & hello.split()
        }

    def of(self, folded: str) -> str | None:
        """The language that alone accounts for a folded text, if one clearly does."""
        said = _words(folded)[:_LONGEST_TEXT]
        if len(said) <= _LONGEST_HELLO and (hello := self._hellos.get(" ".join(said))) is not None:
            return hello
        words = set(said)
        own = Counter(self._owner[word] for word in words if word in self._owner)
        if not own:
            return None
        (best, count), *_ = own.most_common(1)
        known = len(words & self._words[best])
        verb = any(_VERB.match(word) for word in words if self._owner.get(word) == best)
        enough = count >= _FEWEST or (verb and known == len(words) <= _FEW)
        clear = enough and count > 2 * (own.total() - count)
        return best if clear and known >= _KNOWN * len(words) else None


def _words(folded: str) -> list[str]:
    return _WORDS.findall(folded)
