"""Whether a clause is about money to come back, as against goods: "where is my money" is no parcel."""

from collections.abc import Set as AbstractSet
from dataclasses import dataclass

_BEFORE_MONEY = 3
"""Words before "money" in which it is told whose: "my hard-earned money"."""
_BEFORE_GOODS = 3
"""Words before "order" in which it is told that the money is its: "the money for my order"."""


@dataclass(frozen=True, slots=True)
class Money:
    """By words: for `money`, for `goods`, telling `whose` money it is, and that goods are what it is `of`."""

    money: AbstractSet[str]
    goods: AbstractSet[str]
    whose: AbstractSet[str]
    of: AbstractSet[str]

    def is_meant(self, words: list[str]) -> bool:
        """Whether these words name the customer's money and nothing to be delivered."""
        return (
            not self.money.isdisjoint(words)
            and any(self._theirs(words, at) for at, word in enumerate(words) if word in self.money)
            and all(self._aside(words, at) for at, word in enumerate(words) if word in self.goods)
        )

    def _theirs(self, words: list[str], at: int) -> bool:
        before = words[max(at - _BEFORE_MONEY, 0) : at]
        return not before or not self.whose.isdisjoint(before)

    def _aside(self, words: list[str], at: int) -> bool:
        return not self.of.isdisjoint(words[max(at - _BEFORE_GOODS, 0) : at])
