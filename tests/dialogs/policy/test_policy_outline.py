"""What a customer who asks in general is told of a merchant's own policy."""

from dataclasses import replace

import pytest

from bot import speech
from dialogs.conversation import Conversation
from dialogs.orders import Stage
from dialogs.policy import default_policy, default_text, load, outline
from dialogs.reading import Intent, Reading
from dialogs.remarks import remark
from tests.dialogs.scenes import rules

SPEECH = speech.load("UTC")
STRICT = """
[[rule]]
id = "paid"
when = { stage = ["placed", "paid"], cancellable = ["all"] }
then = "allow"
reason = "not-bound"
clause = "1"

[[rule]]
id = "late"
when = { stage = ["allocated", "binding", "confirmed", "in_logistics", "delivered"] }
then = "refuse"
reason = "confirmed"
clause = "5.2"
"""


def told(toml: str | None, locale: str = "en") -> str:
    policy = default_policy() if toml is None else load(toml, default_text())
    text = remark(Conversation("seed"), Intent.POLICY, Reading(), replace(rules(), policy=policy))
    assert text is not None
    return SPEECH.text(text, locale)


def test_our_own_policy_is_told_in_one_sentence() -> None:
    assert told(None).startswith("An order can normally be cancelled until it is locked in")


def test_a_merchants_own_rules_are_told_and_not_ours() -> None:
    words = told(STRICT)
    may, may_not = words.index("can normally be cancelled"), words.index("can't be cancelled any more")
    assert may < words.index("is paid and waiting to be prepared") < may_not
    assert may_not < words.index("is being locked in") < words.index("A person decides")
    assert "the attempt shows" not in words, "these rules try nothing"
    assert "marked as non-cancellable" not in words, "these rules ask a person about marks"


@pytest.mark.parametrize("locale", ["en", "es"])
def test_rules_without_an_opinion_leave_everything_to_a_person(locale: str) -> None:
    silent = STRICT[: STRICT.index("[[rule]]", 5)].replace('"placed", "paid"', '"cancelled"')
    words = told(silent, locale)
    assert words.count(":") == 1
    assert ("A person decides:" if locale == "en" else "Decide una persona:") in words


def test_the_outline_goes_through_the_stages_in_their_order() -> None:
    found = outline(default_policy())
    assert found.cancelled == (Stage.PLACED, Stage.PAID, Stage.ALLOCATED)
    assert (found.tried, found.person) == ((Stage.BINDING,), (Stage.ON_HOLD,))
    assert found.refused == (Stage.CONFIRMED, Stage.IN_LOGISTICS, Stage.DELIVERED)
    assert found.marks_refused
