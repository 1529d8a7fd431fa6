"""Which groups agents work in, and which of them a conversation goes to. Imports nothing of a library."""

import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

_ITEM = re.compile(r"(-100\d{5,})(?:\s*=\s*([a-z]+))?")
_CHANNELS = ("web", "telegram")
_FORM = (
    "TELEGRAM_DESK_GROUPS is one or several ids of supergroups, with commas; each begins with -100 and may "
    "name whose customers it is for: -1001234567890=web, -1009876543210=telegram"
)


@dataclass(frozen=True, slots=True)
class Group:
    """A supergroup with topics; `channel` names the customers it is for, empty: all."""

    id: int
    channel: str = ""


def groups_of(text: str) -> tuple[Group, ...]:
    """The groups that a setting names. Raises `ValueError`, which says how it is written."""
    found: dict[int, Group] = {}
    for item in filter(None, (part.strip() for part in text.split(","))):
        read = _ITEM.fullmatch(item)
        if read is None or (read[2] and read[2] not in _CHANNELS) or int(read[1]) in found:
            raise ValueError(_FORM)
        found[int(read[1])] = Group(int(read[1]), read[2] or "")
    return tuple(found.values())


def chosen(groups: Sequence[Group], channel: str, crowds: Mapping[int, int], up: Collection[int]) -> int:
    """The group for a conversation of this channel: its channel's own, that works, with fewest topics."""
    own = [group for group in groups if group.channel == channel]
    fitting = own or [group for group in groups if not group.channel] or list(groups)
    return min(fitting, key=lambda group: (group.id not in up, crowds.get(group.id, 0))).id
