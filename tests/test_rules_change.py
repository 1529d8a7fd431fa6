"""The merchant changes the rules and restarts while a customer is asked: through the whole house."""

import asyncio
from pathlib import Path

import pytest

from dialogs.policy import default_policy
from tests.player import house_for

ORDER = "# shop: 1042, ann@shop.test, paid, paypal"
DECIDES = 'id = "not-yet-bound"'


def rules(
    folder: Path, name: str = "not-yet-bound", ruling: str = "allow", reason: str = "not-yet-bound"
) -> str:
    """The setting for rules where the one that decides about a paid order says this."""
    head, mark, tail = default_policy().toml.partition(DECIDES)
    assert mark
    tail = tail.replace('then = "allow"', f'then = "{ruling}"', 1)
    tail = tail.replace('reason = "not-yet-bound"', f'reason = "{reason}"', 1)
    file = folder / f"{name}-{ruling}-{reason}.toml"
    file.write_text(f'{head}id = "{name}"{tail}', encoding="utf-8")
    return f"# setting: policy_file={file}"


async def _asked(folder: Path, url: str) -> None:
    async with house_for(f"{ORDER}\n{rules(folder)}", folder, url) as player:
        await player.line("cancel order 1042, ann@shop.test")
        assert player.heard()[-2:] == ["Shall I cancel it?", "[Yes, cancel it] [No, keep it]"]


async def _agreed(folder: Path, url: str, setting: str) -> tuple[list[str], int]:
    """What the customer hears to their yes from the next process, and how often the shop was asked."""
    async with house_for(setting, folder, url) as player:
        player.count, player.seen = 10, 2  # messages of before have their numbers
        await player.line("yes")
        return player.heard(), len(await player.shop.attempts("1042"))


CHANGES = [
    ({}, "Done: the shop's record now shows order 1042 as cancelled.", 1),
    ({"name": "early"}, "Done: the shop's record now shows order 1042 as cancelled.", 1),
    ({"ruling": "attempt", "reason": "binding"}, "Shall I try to cancel it?", 0),
    ({"name": "no", "ruling": "refuse", "reason": "confirmed"}, "can no longer be cancelled", 0),
    ({"name": "ask", "ruling": "person", "reason": "on-hold"}, "That is for a person to decide", 0),
]


@pytest.mark.parametrize(("change", "heard", "attempts"), CHANGES)
def test_a_yes_under_the_next_rules_is_to_what_the_last_ones_said(
    change: dict[str, str], heard: str, attempts: int, tmp_path: Path, database_url: str
) -> None:
    asyncio.run(_asked(tmp_path, database_url))
    words, asked = asyncio.run(_agreed(tmp_path, database_url, rules(tmp_path, **change)))
    assert asked == attempts
    assert any(heard in line for line in words)
    said_so = any("may have changed since I asked you" in line for line in words)
    assert said_so is (attempts == 0)
