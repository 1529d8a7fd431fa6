from dataclasses import fields
from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal
from typing import get_args

import msgspec
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from storage_makers import NOW, ORDER

from dialogs.conversation import Conversation
from dialogs.effects import DecisionMade
from storage.codec import decode_choices, decode_conversation, decode_decision, decode_work, encode, kind_of
from storage.ids import Ids
from storage.records import Choice, Deliver, Work
from storage.times import micros, moment

# Every field of every type by its annotation: a field added later is covered without a change here.
TIMES = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(fold=0))
st.register_type_strategy(datetime, TIMES)
st.register_type_strategy(Decimal, st.decimals(allow_nan=False, allow_infinity=False))
st.register_type_strategy(str, st.text(st.characters(exclude_categories=["Cs"]), max_size=12))


@settings(max_examples=100, deadline=None)
@given(st.from_type(Conversation))
def test_a_conversation_comes_back_equal(conversation: Conversation) -> None:
    back = decode_conversation(encode(conversation))
    assert back == conversation
    assert repr(back) == repr(conversation), "equal is not enough: 1 == Decimal('1.0') == Decimal('1.00')"


@pytest.mark.parametrize("kind", get_args(Work), ids=lambda kind: kind.__name__)
def test_every_kind_of_work_comes_back_equal(kind: type[Work]) -> None:
    @settings(max_examples=50, deadline=None)
    @given(st.from_type(kind))
    def comes_back(work: Work) -> None:
        assert repr(decode_work(kind_of(work), encode(work))) == repr(work)

    comes_back()


@settings(max_examples=50, deadline=None)
@given(st.from_type(DecisionMade))
def test_a_decision_comes_back_equal(made: DecisionMade) -> None:
    assert repr(decode_decision(encode(made))) == repr(made)


@given(st.from_type(tuple[Choice, ...]))
def test_choices_come_back_equal(choices: tuple[Choice, ...]) -> None:
    assert decode_choices(encode(choices)) == choices


def test_a_conversation_of_an_older_release_loads_with_defaults() -> None:
    assert decode_conversation('{"seed": "s", "turn": 3}') == Conversation("s", turn=3)


def test_a_conversation_of_another_release_loads_without_what_nobody_knows() -> None:
    stored = encode(Conversation("s", order=ORDER)).replace("{", '{"gone": {"a": [1]},')
    assert decode_conversation(stored) == Conversation("s", order=ORDER)


def test_every_field_but_the_seed_has_a_default() -> None:
    assert decode_conversation('{"seed": "s"}') == Conversation("s")
    assert {field.name for field in fields(Conversation)} > {"seed", "order", "wake_at"}


def test_a_value_of_the_wrong_type_is_an_error() -> None:
    with pytest.raises(msgspec.ValidationError):
        decode_conversation('{"seed": 1}')
    with pytest.raises(KeyError):
        decode_work("Nonsense", "{}")


@given(TIMES)
def test_times_are_exact_in_any_zone(utc: datetime) -> None:
    assume(utc < datetime.max.replace(tzinfo=UTC) - timedelta(days=1))
    at = utc.astimezone(timezone(timedelta(hours=5, minutes=45)))
    assert moment(micros(at)) == at
    assert moment(micros(at)).tzinfo is UTC


def test_a_time_without_a_zone_is_an_error() -> None:
    with pytest.raises(TypeError):
        micros(NOW.replace(tzinfo=None))


@given(st.lists(TIMES.filter(lambda at: 1970 < at.year < 2200), max_size=20))
def test_ids_are_unique_and_grow_whatever_the_clock_does(times: list[datetime]) -> None:
    ids = Ids()
    made = [ids.next(micros(at)) for at in times for _ in range(3)]
    assert made == sorted(set(made))
    assert all(0 < one < 2**63 for one in made)


def test_work_is_tagged_by_its_class() -> None:
    assert kind_of(Deliver(1)) == "Deliver"
