from pathlib import Path

import pytest

from dialogs.policy import default_policy, default_text, load
from dialogs.policy.clauses import clauses

ROOT = Path(__file__).parents[3]


def test_every_clause_that_decides_something_has_a_rule() -> None:
    rests_on = {rule.verdict.clause.split(".")[0] for rule in default_policy().rules}
    assert rests_on == {"2", "3", "4", "5"}


def test_both_points_of_clause_five_have_a_rule_that_refuses() -> None:
    refused = {rule.verdict.clause for rule in default_policy().rules if rule.verdict.ruling == "refuse"}
    assert refused == {"5.1", "5.2"}


def test_every_rule_finds_its_clause_in_the_text() -> None:
    policy = default_policy()
    assert all(policy.clause_text(rule.verdict.clause) for rule in policy.rules)


def test_a_point_is_quoted_word_for_word_with_the_words_that_lead_to_it() -> None:
    assert default_policy().clause_text("5.2") == (
        "Orders are not covered by this Order Cancellation Policy if:\n"
        "• The order has already entered a confirmed fulfillment stage."
    )


def test_a_clause_is_quoted_from_its_heading_to_the_next() -> None:
    quoted = default_policy().clause_text("4").splitlines()
    assert quoted[0] == "4. Handling of Payments"
    assert quoted[-1].startswith("Different payment methods may vary")


def test_an_unknown_clause_is_an_error() -> None:
    with pytest.raises(KeyError):
        default_policy().clause_text("9")


def test_the_text_holds_its_six_clauses_and_nothing_of_a_web_page() -> None:
    lines = default_text().splitlines()
    assert lines.count("Order Cancellation Policy") == 1
    assert [line[0] for line in lines if line[:1].isdigit()] == list("123456")
    assert not {"Cart", "loading"} & {line.strip() for line in lines}


def test_the_documentation_shows_the_very_same_text() -> None:
    shown = ROOT / "docs" / "order-cancellation-policy.txt"
    assert shown.is_symlink()
    assert not shown.readlink().is_absolute()
    assert shown.read_text(encoding="utf-8") == default_text()


def test_a_merchants_text_may_number_its_points_and_hold_lists() -> None:
    scope = "Terms\n\n1. Scope\n  - goods\n    of any kind\n  - services\n"
    text = scope + "2. Limits\n2.1 none\n2.2. some\n1. no heading\n"
    found = clauses(text)
    assert list(found) == ["1", "1.1", "1.2", "2", "2.1", "2.2"]
    assert found["1.1"] == "- goods\nof any kind"
    assert found["2.1"] == "2.1 none"
    assert found["2"].endswith("1. no heading")


def test_a_text_without_numbers_has_no_clauses() -> None:
    assert clauses("We never cancel.\n") == {}
    assert clauses("") == {}


def test_rules_on_another_text_must_name_its_clauses() -> None:
    policy = load('[[rule]]\nid = "a"\nthen = "refuse"\nreason = "a"\nclause = "1"\n', "1. We never cancel\n")
    assert policy.clause_text("1") == "1. We never cancel"
