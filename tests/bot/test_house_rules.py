"""The merchant's files and hours: what is taken, and what a bad one says."""

from pathlib import Path

import pytest

from bot.house_rules import policy_of, rules_of
from bot.settings import SettingsInvalid
from dialogs.policy import default_policy
from tests.bot.doctor_room import made


@pytest.mark.parametrize("name", ["policy_file", "refund_methods_file"])
def test_a_file_that_cannot_be_read_is_told_with_its_variable(name: str, tmp_path: Path) -> None:
    with pytest.raises(SettingsInvalid, match=f"^{name.upper()}: .*No such file"):
        rules_of(made(**{name: tmp_path / "missing.toml"}))
    with pytest.raises(SettingsInvalid, match=f"^{name.upper()}: .*Is a directory"):
        rules_of(made(**{name: tmp_path}))
    (tmp_path / "latin.toml").write_bytes(b"\xf6")
    with pytest.raises(SettingsInvalid, match=f"^{name.upper()}: .*not UTF-8"):
        rules_of(made(**{name: tmp_path / "latin.toml"}))


def test_a_policy_that_cannot_be_used_is_told_with_its_line_and_the_command_that_shows_more(
    tmp_path: Path,
) -> None:
    file = tmp_path / "own.toml"
    file.write_text('[[rule]]\nname = "everything"\nverdict = "maybe"\n')
    with pytest.raises(SettingsInvalid, match=r"^POLICY_FILE: line \d+: .*rescind policy check .*own\.toml"):
        policy_of(made(policy_file=file))


def test_refund_methods_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text("[card]\nmin = 'soon'\n")
    with pytest.raises(SettingsInvalid, match=r"^REFUND_METHODS_FILE: "):
        rules_of(made(refund_methods_file=file))


OWN_ROW = """
[[method]]
method = "card"
source = "our contract"
checked_on = 2026-11-22
"""


def test_a_refund_note_without_a_message_stops_the_start_and_not_a_cancellation(tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN_ROW + 'note = "does-not-exist"\n')
    with pytest.raises(SettingsInvalid) as raised:
        rules_of(made(refund_methods_file=file))
    assert str(raised.value) == (
        "REFUND_METHODS_FILE: line 6: "
        "The note of the row `card` has no message `refund-note-does-not-exist`. "
        'Add it to dialogs/texts/en.ftl, use a note that is there, or write note = "" for none.'
    )


@pytest.mark.parametrize("note", ["", 'note = ""', 'note = "affirm-interest"'])
def test_a_refund_note_that_can_be_told_or_is_none_is_taken(note: str, tmp_path: Path) -> None:
    file = tmp_path / "own.toml"
    file.write_text(OWN_ROW + note)
    told = rules_of(made(refund_methods_file=file)).windows.method("card")
    assert told is not None
    assert told.note == (
        None if note == 'note = ""' else "affirm-interest" if note else "early-card-reversal"
    )


def test_rules_and_refund_methods_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    """As `rescind policy check` takes them."""
    (tmp_path / "policy.toml").write_text(default_policy().toml + "# ours\n", "utf-8-sig")
    (tmp_path / "methods.toml").write_text(OWN_ROW + "max = 9\n", "utf-8-sig")
    rules = rules_of(
        made(policy_file=tmp_path / "policy.toml", refund_methods_file=tmp_path / "methods.toml")
    )
    card = rules.windows.method("card")
    assert card is not None
    assert (card.max, rules.policy.toml[-6:]) == (9, "# ours\n"[-6:])


DEEP = (
    "a = " + "[" * 20_000,
    "a = " + "{a = " * 20_000,
    "[" + "a." * 2_000 + "a]",
    "a = " + "[" * 60 + "]" * 60,
)


@pytest.mark.parametrize("name", ["policy_file", "refund_methods_file"])
@pytest.mark.parametrize("toml", DEEP, ids=["lists", "tables", "dots", "a few"])
def test_a_file_nested_too_deeply_is_a_bad_file(name: str, toml: str, tmp_path: Path) -> None:
    (tmp_path / "deep.toml").write_text("# one\n" + toml)
    with pytest.raises(SettingsInvalid, match=f"^{name.upper()}: line 2: .*nested more than 50 deep"):
        rules_of(made(**{name: tmp_path / "deep.toml"}))


@pytest.mark.parametrize("name", ["policy_file", "refund_methods_file"])
def test_a_number_of_too_many_digits_is_a_bad_file(name: str, tmp_path: Path) -> None:
    (tmp_path / "long.toml").write_text("a = " + "9" * 5_000)
    with pytest.raises(SettingsInvalid, match=f"^{name.upper()}: line 1: This is not TOML: "):
        rules_of(made(**{name: tmp_path / "long.toml"}))


def test_a_country_or_zone_that_slips_through_is_still_told_with_its_variable() -> None:
    with pytest.raises(SettingsInvalid, match=r"SHOP_COUNTRY"):
        rules_of(made().model_copy(update={"shop_country": "XX"}))


@pytest.mark.parametrize("hours", [";", " ; ; "])
def test_hours_at_which_nobody_is_ever_there_are_no_hours(hours: str) -> None:
    with pytest.raises(SettingsInvalid, match=r"^DESK_HOURS: names no hours.*; or unset it"):
        rules_of(made(desk_hours=hours))
