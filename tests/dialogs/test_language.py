from datetime import UTC, datetime, timedelta

import pytest

from dialogs.conversation import Conversation
from dialogs.engine import Dialogue
from dialogs.events import LanguageChosen, Opened, Pressed, Said
from dialogs.policy import default_policy
from dialogs.reading import Intent, Reading
from dialogs.refunds import Calendar, RefundWindows, default_rows, load
from dialogs.rules import Rules

START = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
ENGLISH, SPANISH, FRENCH = (
    Reading(intents=(Intent.CANCEL,), language=language) for language in ("en", "es", "fr")
)
UNCLEAR = Reading(intents=(Intent.GREETING,))
NO = Reading(intents=(Intent.GOODBYE,))


@pytest.fixture(scope="module")
def dialogue() -> Dialogue:
    windows = RefundWindows(load(default_rows()), Calendar("US", "UTC"))
    return Dialogue(Rules(default_policy(), windows))


def after(dialogue: Dialogue, locale: str, *events: Reading | Pressed | Opened | LanguageChosen) -> str:
    """The locale of a conversation that began with this hint, after these events."""
    c = Conversation("seed", locale=locale)
    for minutes, event in enumerate(events):
        at = START + timedelta(minutes=minutes)
        c = dialogue.step(c, Said(at, "text", event) if isinstance(event, Reading) else event).conversation
    return c.locale


def test_who_writes_in_another_language_than_the_chat_began_in_is_answered_in_it(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", SPANISH) == "es"
    assert after(dialogue, "es-MX", ENGLISH) == "en"


def test_the_region_that_the_channel_told_is_kept_where_the_language_is_the_same(dialogue: Dialogue) -> None:
    assert after(dialogue, "es-MX", SPANISH) == "es-MX"
    assert after(dialogue, "en_GB", ENGLISH) == "en_GB"


def test_a_welcome_and_messages_without_a_clear_language_leave_the_question_open(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", Opened(START), UNCLEAR, Pressed(START, "intent:cancel"), SPANISH) == "es"


def test_the_language_does_not_follow_every_message(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", ENGLISH, SPANISH) == "en"
    assert after(dialogue, "en", SPANISH, ENGLISH) == "es"


def test_a_greeting_is_answered_in_its_language_and_settles_nothing(dialogue: Dialogue) -> None:
    hola = Reading(intents=(Intent.GREETING,), language="es")
    assert after(dialogue, "en", hola) == "es"
    assert after(dialogue, "en", hola, ENGLISH) == "en"
    assert after(dialogue, "en", hola, ENGLISH, SPANISH) == "en"
    assert after(dialogue, "en", ENGLISH, hola) == "en"


def test_a_language_that_was_chosen_stays(dialogue: Dialogue) -> None:
    assert after(dialogue, "es", LanguageChosen(START, "en"), SPANISH) == "en"


def test_a_choice_that_nobody_offers_changes_nothing(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", LanguageChosen(START, "fr")) == "en"
    assert after(dialogue, "en", LanguageChosen(START, "fr"), SPANISH) == "es"


def test_a_language_without_texts_is_not_answered_in(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", FRENCH) == "en"


def test_the_language_outlives_the_request(dialogue: Dialogue) -> None:
    assert after(dialogue, "en", SPANISH, Reading(intents=(Intent.START_OVER,)), ENGLISH) == "es"
    assert after(dialogue, "en", Reading(language="es"), NO, ENGLISH) == "es"


def test_the_answer_to_the_first_message_is_in_its_language_already(dialogue: Dialogue) -> None:
    asks_for_a_person = Reading(intents=(Intent.HUMAN,), language="es")
    assert after(dialogue, "en", asks_for_a_person) == "es"
