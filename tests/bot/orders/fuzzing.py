"""Answers of a shop with something wrong somewhere in them."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal

import msgspec
from hypothesis import strategies as st

from bot.ports import ShopUnreachable
from bot.shop_session import Answer

_DECODER = msgspec.json.Decoder(float_hook=Decimal)
_TEXTS = st.one_of(
    st.text(max_size=20),
    st.sampled_from(
        [
            "",
            "NaN",
            "-Infinity",
            "1e999999",
            "1E+40",
            "-5.00",
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
        ]
    ),
)
json_values: st.SearchStrategy[object] = st.recursive(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(-(2**63), 2**64 - 1),
        st.floats(allow_nan=False, allow_infinity=False),
        _TEXTS,
    ),
    lambda inner: st.one_of(st.lists(inner, max_size=3), st.dictionaries(_TEXTS, inner, max_size=3)),
    max_leaves=6,
)


@dataclass
class Spoiler:
    """Stands for the session of an adapter: passes on what `shop` says, but for one answer."""

    shop: Callable[[str, str, object, Mapping[str, str]], tuple[int, object]]
    at: int
    spoil: Callable[[object], object]
    status: int | None
    asked: int = 0

    async def ask(
        self,
        method: str,
        path: str,
        *,
        body: object | None = None,
        params: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        safe: bool,
    ) -> Answer:
        """As `ShopSession.ask`."""
        assert headers is None
        assert isinstance(safe, bool)
        status, json = self.shop(method, path, body, params or {})
        if self.asked == self.at:
            json = self.spoil(json)
            status = self.status or status
        self.asked += 1
        if self.asked > 50:
            raise ShopUnreachable("asked without an end")
        return Answer(status, _DECODER.decode(msgspec.json.encode(json)), {})

    async def close(self) -> None:
        """As `ShopSession.close`."""


@st.composite
def spoilers(draw: st.DrawFn) -> Callable[[object], object]:
    """Puts something else at one place of a value, or leaves a field out."""
    choices = draw(st.lists(st.integers(0, 30), min_size=1, max_size=6))
    other = draw(json_values)
    leave_out = draw(st.booleans())

    def spoil(value: object, depth: int = 0) -> object:
        if depth == len(choices) or not isinstance(value, dict | list) or not value:
            return other
        keys = list(value) if isinstance(value, dict) else list(range(len(value)))
        at = keys[choices[depth] % len(keys)]
        if isinstance(value, dict):
            if leave_out and depth == len(choices) - 1:
                return {key: each for key, each in value.items() if key != at}
            return value | {at: spoil(value[at], depth + 1)}
        return [spoil(each, depth + 1) if index == at else each for index, each in enumerate(value)]

    return spoil
