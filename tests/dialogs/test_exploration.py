"""Promises over every conversation there can be; `exploration.py` says how, `scenes.py` within what."""

import sys
from functools import cache

import pytest

from bot.speech import load
from dialogs import for_the_desk, late_news, news
from dialogs.conversation import Conversation, Mode, Question, Topic
from dialogs.events import CancelEnded, RecordContradicts
from dialogs.flows import FLOWS, cancel_order
from dialogs.hearing import Heard
from dialogs.moves import Ask, Attempt, Move
from dialogs.replacing import replace
from dialogs.rules import Rules
from tests.dialogs.alphabet import PRESSED, A, B
from tests.dialogs.exploration import Explored, Found, endless, explore, messages_to_go
from tests.dialogs.scenes import AN_AGENT_CANCELS, CHATTER, LATE_NEWS, ONE_ORDER, SCENES, Scene

every_scene = pytest.mark.parametrize(
    "scene", [pytest.param(s, id=s.name, marks=pytest.mark.xdist_group(s.name)) for s in SCENES]
)


@cache
def explored(scene: Scene) -> Explored:
    """Explored once a process; every step's own promises are checked on the way."""
    return explore(scene)


@every_scene
def test_every_step_in_every_state_keeps_its_promises(scene: Scene) -> None:
    found = explored(scene)
    sys.stdout.write(f"{found}\n")
    assert len(found.edges) == len(found.states) > 1000


@every_scene
def test_no_sequence_of_messages_is_asked_on_for_ever(scene: Scene) -> None:
    assert endless(explored(scene)) == []


@every_scene
def test_three_messages_lead_from_everywhere_to_an_outcome_or_a_person(scene: Scene) -> None:
    found = explored(scene)
    fewest = messages_to_go(
        found, lambda _, edge: edge.answers or found.states[edge.target].mode is not Mode.BOT
    )
    assert _farther(found, fewest, than=3) == []


@every_scene
def test_who_never_asks_for_a_person_is_three_messages_from_an_answer_as_well(scene: Scene) -> None:
    found = explored(scene)
    fewest = messages_to_go(found, lambda _, edge: edge.answers)
    assert _farther(found, fewest, than=3) == []


def _farther(found: Explored, fewest: list[int | None], than: int) -> list[list[str]]:
    """The ways to the states with the bot that are farther away from their goal, the shortest five."""
    far = [
        number
        for number, messages in enumerate(fewest)
        if found.states[number].mode is Mode.BOT and (messages is None or messages > than)
    ]
    return [found.way(number) for number in far[:5]]


@every_scene
@pytest.mark.parametrize("locale", ["en", "es"])
def test_everything_said_can_be_rendered(scene: Scene, locale: str) -> None:
    speech = load("UTC")
    words = [speech.text(text, locale) for text in explored(scene).texts.values()]
    assert len(words) > 40
    assert all(words)


@every_scene
def test_every_button_offered_is_one_that_is_explored(scene: Scene) -> None:
    candidates = {f"{kind}:{value}" for kind, value in (("number", A), ("number", B))}
    pressed = {*PRESSED, *candidates, "yes:?", "no:?", "language:en", "language:es"}
    assert explored(scene).buttons <= pressed | {"intent:other_request"}


def _hasty(c: Conversation, rules: Rules) -> Move:
    """The flow without its check for consent."""
    move = cancel_order.next_move(c, rules)
    if isinstance(move, Ask) and move.question is Question.CONFIRM:
        assert c.order is not None
        return Attempt(rules.policy.decide(c.order))
    return move


def test_a_flow_that_does_not_wait_for_the_yes_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(FLOWS, Topic.CANCEL, _hasty)
    with pytest.raises(Found, match="CancelOrder, and not: the customer said a clear yes"):
        explore(ONE_ORDER)


_ended = news._ended


def _keeping_the_yes(c: Conversation, event: CancelEnded) -> Heard:
    heard = _ended(c, event)
    return replace(heard, c=replace(heard.c, consent=c.consent))


def test_a_yes_that_outlives_its_attempt_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(news, "_ended", _keeping_the_yes)
    with pytest.raises(Found, match="CancelOrder, and not: the customer said a clear yes"):
        explore(ONE_ORDER)


_about = late_news._about


def _of_the_correction_alone(c: Conversation, event: RecordContradicts) -> Conversation:
    return _about(replace(c, awaiting=None), event)


def test_an_attempt_that_a_correction_silences_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(late_news, "_about", _of_the_correction_alone)
    with pytest.raises(Found, match="an attempt under way is not forgotten"):
        explore(LATE_NEWS)


_corrected = late_news.corrected


def _to_whoever_is_there(c: Conversation, event: RecordContradicts, rules: Rules) -> Heard:
    return _corrected(c, replace(event, proved=True), rules)


def test_late_news_said_to_who_has_not_proved_the_order_are_found_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(late_news, "corrected", _to_whoever_is_there)
    with pytest.raises(Found, match="nothing of an order that is not proved is said"):
        explore(LATE_NEWS)


def test_an_end_that_nobody_is_called_for_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(for_the_desk, "_needed", lambda *_: None)
    with pytest.raises(Found, match="a person looks into what did not go well"):
        explore(AN_AGENT_CANCELS)


def test_patience_without_end_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("dialogs.outward._too_long", lambda *_: False)
    assert endless(explore(CHATTER)) != []
