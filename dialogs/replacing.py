"""`replace`, for frozen dataclasses with slots, at 40 % of the price of the standard library's.

A step does little else than replace fields of a conversation, which has many. Setting a slot by its own
descriptor is what the `__init__` of a frozen class does, too, a layer of Python further away.
"""

from collections.abc import Callable
from dataclasses import fields
from functools import cache
from typing import TYPE_CHECKING, TypeVar

__all__ = ["replace"]

T = TypeVar("T")
_new = object.__new__

if TYPE_CHECKING:
    from dataclasses import replace  # the same promise, checked field by field
else:

    def replace(value: T, /, **changes: object) -> T:
        """A copy with some fields changed. Raises `KeyError` for a field there is not."""
        slots = _slots(type(value))
        copy = _new(type(value))
        for get, put in slots.values():
            put(copy, get(value))
        for name, changed in changes.items():
            slots[name][1](copy, changed)
        return copy


@cache
def _slots(kind: type) -> dict[str, tuple[Callable[[object], object], Callable[[object, object], None]]]:
    descriptors = {field.name: getattr(kind, field.name) for field in fields(kind)}
    return {name: (slot.__get__, slot.__set__) for name, slot in descriptors.items()}
