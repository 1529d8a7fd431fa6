"""A yes is to what was put: the merchant's rules may change between the question and the yes.

Rules change with a new `policy.toml` or `methods.toml` and a restart, or where a second process already has
them; the conversation goes on. Each test puts the question under one set of rules and hears the yes under
another.
"""

from dataclasses import replace
from pathlib import Path

import pytest

import dialogs.policy
from dialogs.conversation import Asked, Conversation, Mode, Question, Topic
from dialogs.effects import CancelOrder, DecisionMade, HandoffReason, LookUpOrder
from dialogs.engine import Dialogue, Step
from dialogs.events import CancelEnded, OrderFound, Outcome, Said
from dialogs.orders import Order, Stage
from dialogs.policy import Policy, default_text, load
from dialogs.reading import Answer, Reading
from dialogs.refunds import Calendar, RefundWindows, default_methods
from dialogs.rules import Rules
from storage.codec import decode_conversation, encode
from tests.dialogs.alphabet import ALLOWED, ANN, NOW, A
from tests.dialogs.promises import texts
from tests.dialogs.scenes import rules

TOML = (Path(dialogs.policy.__file__).parent / "policy.toml").read_text(encoding="utf-8")
RULES = rules()
SHOWN = RULES.policy.decide(ALLOWED)
YES = Said(NOW, "yes", Reading(answer=Answer.YES))


def changed(*, rule: str = "", ruling: str = "", reason: str = "") -> Rules:
    """The product's rules, where the one that decides about `ALLOWED` has another name, ruling or reason."""
    head, mark, tail = TOML.partition(f'id = "{SHOWN.rule}"')
    assert mark
    tail = tail.replace(f'then = "{SHOWN.ruling}"', f'then = "{ruling or SHOWN.ruling}"', 1)
    tail = tail.replace(f'reason = "{SHOWN.reason}"', f'reason = "{reason or SHOWN.reason}"', 1)
    policy = load(f'{head}id = "{rule or SHOWN.rule}"{tail}', default_text())
    decided = policy.decide(ALLOWED)
    assert (decided.rule, decided.ruling, decided.reason) == (
        rule or SHOWN.rule, ruling or SHOWN.ruling, reason or SHOWN.reason,
    )  # fmt: skip
    return replace(RULES, policy=policy)


def asked(by: Rules = RULES, order: Order = ALLOWED) -> Conversation:
    """The question has been put under these rules, and the conversation was kept and loaded again."""
    c = Conversation(seed="terms", turn=5, case=1, case_open=True, topic=Topic.CANCEL, number=A, email=ANN)
    c = Dialogue(by).step(c, YES).conversation
    c = Dialogue(by).step(c, OrderFound(NOW, c.turn, order, NOW)).conversation
    assert c.asked is not None
    assert c.asked.question is Question.CONFIRM
    return decode_conversation(encode(c))


def found(step: Step, by: Rules, order: Order = ALLOWED) -> Step:
    """The record is read anew."""
    (look_up,) = (effect for effect in step.effects if isinstance(effect, LookUpOrder))
    return Dialogue(by).step(step.conversation, OrderFound(NOW, look_up.turn, order, NOW))


def said(step: Step) -> list[str]:
    return [text.key for text in texts(step.effects)]


def attempts(step: Step) -> list[CancelOrder]:
    return [effect for effect in step.effects if isinstance(effect, CancelOrder)]


def test_a_yes_under_unchanged_rules_is_attempted_at_once() -> None:
    step = Dialogue(RULES).step(asked(), YES)
    (attempt,) = attempts(step)
    assert (attempt.rule, attempt.ruling, attempt.reason) == (SHOWN.rule, SHOWN.ruling, SHOWN.reason)
    assert step.conversation.consent is not None
    assert step.conversation.consent.rule == SHOWN.rule


def test_a_rule_that_only_has_another_name_now_is_no_other_deal_and_the_consent_names_the_one_shown() -> None:
    step = Dialogue(changed(rule="early")).step(asked(), YES)
    (attempt,) = attempts(step)
    assert attempt.rule == "early"  # by which the record is compared before the shop is asked
    assert step.conversation.consent is not None
    assert step.conversation.consent.rule == SHOWN.rule


OTHER_WORDS = [
    changed(reason="binding"),
    changed(rule="early", reason="binding"),
    changed(ruling="attempt"),
    changed(rule="early", ruling="attempt", reason="binding"),
]


@pytest.mark.parametrize("now", OTHER_WORDS, ids=["reason", "rule and reason", "ruling", "all"])
def test_a_yes_to_other_words_than_would_be_said_now_is_asked_for_anew_on_a_new_reading(now: Rules) -> None:
    step = Dialogue(now).step(asked(), YES)
    assert (attempts(step), said(step)) == ([], ["note-terms-moved"])
    assert step.conversation.consent is None
    anew = found(step, now)
    assert said(anew)[0] == "ask-confirm"
    assert next(texts(anew.effects)).args["times"] == 1  # in full, not "still waiting for your answer"
    (made,) = (effect for effect in anew.effects if isinstance(effect, DecisionMade))
    assert (made.rule, made.policy) == (now.policy.decide(ALLOWED).rule, now.policy.hash)
    (attempt,) = attempts(Dialogue(now).step(anew.conversation, YES))
    assert attempt.rule == now.policy.decide(ALLOWED).rule


def test_a_yes_that_the_rules_now_refuse_is_refused() -> None:
    now = changed(rule="too-late", ruling="refuse", reason="confirmed")
    step = Dialogue(now).step(asked(), YES)
    assert (attempts(step), said(step)) == ([], ["note-terms-moved"])
    refused = found(step, now)
    assert (said(refused)[0], attempts(refused)) == ("told-refused", [])
    assert refused.conversation.done


def test_a_yes_that_the_rules_now_leave_to_a_person_goes_to_one() -> None:
    now = changed(rule="look", ruling="person", reason="on-hold")
    handed = found(Dialogue(now).step(asked(), YES), now)
    assert (said(handed)[0], attempts(handed)) == ("handover-rule", [])
    assert handed.conversation.mode is Mode.WAITING
    assert handed.conversation.handoff is not None
    assert handed.conversation.handoff.reason is HandoffReason.RULE


def test_a_yes_to_another_word_about_the_money_is_asked_for_anew() -> None:
    """The same verdict and amount, and another time in which the money is said to come back."""
    ours = (replace(method, max=method.max and method.max + 30) for method in default_methods())
    now = replace(RULES, windows=RefundWindows(ours, Calendar("US", "America/New_York")))
    step = Dialogue(now).step(asked(), YES)
    assert (attempts(step), said(step)) == ([], ["note-terms-moved"])
    assert said(found(step, now))[0] == "ask-confirm"


def test_a_question_that_did_not_keep_what_it_put_is_put_anew() -> None:
    """One of an older program: nobody knows any more what the customer was shown."""
    c = replace(asked(), asked=Asked(Question.CONFIRM, 7))
    step = Dialogue(RULES).step(c, YES)
    assert (attempts(step), said(step)) == ([], ["note-terms-moved"])
    anew = found(step, RULES)
    assert len(attempts(Dialogue(RULES).step(anew.conversation, YES))) == 1


def test_a_stage_within_the_same_rule_and_words_needs_no_other_yes() -> None:
    """The question names the rule's reason, not the stage."""
    allocated = replace(ALLOWED, stage=Stage.ALLOCATED)
    c = replace(asked(), order=allocated)
    assert len(attempts(Dialogue(RULES).step(c, YES))) == 1


def test_an_attempt_that_met_other_rules_and_the_same_record_is_not_told_as_a_record_that_moved() -> None:
    """The policy became another between the yes and the reading that follows it."""
    c = Dialogue(RULES).step(asked(), YES).conversation
    now = changed(ruling="attempt")
    assert c.awaiting is not None
    ended = CancelEnded(NOW, c.awaiting.turn, Outcome.STAGE_MOVED, ALLOWED, NOW)
    assert said(Dialogue(now).step(c, ended))[:2] == ["note-terms-moved", "ask-confirm"]
    by_the_shops_word = replace(ended, asked_on=ALLOWED, asked_read_at=NOW)
    assert said(Dialogue(RULES).step(c, by_the_shops_word))[:2] == ["note-record-moved", "ask-confirm"]


def test_two_processes_that_disagree_about_the_rules_do_not_ask_for_ever() -> None:
    both: tuple[Rules, Rules] = (RULES, changed(ruling="attempt"))
    c, yeses = asked(), 0
    while c.mode is Mode.BOT:
        yeses += 1
        now = both[yeses % 2]
        step = Dialogue(now).step(c, YES)
        assert attempts(step) == []
        c = step.conversation
        if c.awaiting is not None:
            c = found(step, now).conversation
    assert yeses <= RULES.patience + 1
    assert c.handoff is not None
    assert c.handoff.reason is HandoffReason.FAILED_ANSWERS


def test_the_words_put_are_the_same_from_one_process_to_the_next() -> None:
    def terms(policy: Policy) -> object:
        c = asked(replace(RULES, policy=policy))
        return c.asked and c.asked.terms

    assert terms(load(TOML, default_text())) == terms(RULES.policy) is not None
