"""Long texts leave in parts that Telegram takes, and nothing of them is lost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.channels.telegram_text import LIMIT, sound, split, units

WORDS = st.text(st.sampled_from("ab \n.é😀👨\u200d👩🇪🇸\ufe0f\u0301"), max_size=300)


@given(text=st.text(max_size=300) | WORDS, limit=st.integers(2, 40))
def test_the_parts_make_the_text_again_and_each_is_within_the_limit(text: str, limit: int) -> None:
    parts = split(text, limit)
    assert "".join(parts) == text
    assert all(units(part) <= limit for part in parts)
    assert all(parts) or parts == [""]


@given(st.lists(st.text("abcdé", min_size=1, max_size=10), max_size=60), st.integers(20, 60))
def test_no_word_is_broken_that_would_fit(words: list[str], limit: int) -> None:
    parts = split(" ".join(words), limit)
    assert [word for part in parts for word in part.split()] == words


@given(st.integers(0, 30), st.integers(20, 60))
def test_an_emoji_at_the_cut_stays_whole(before: int, limit: int) -> None:
    family = "👨\u200d👩\u200d👧"
    parts = split("x" * before + family * 20, limit)
    assert sum(part.count(family) for part in parts) == 20


@pytest.mark.parametrize("sign", ["é\u0301", "👍🏽", "🇪🇸", "❤\ufe0f"])
def test_an_accent_a_skin_tone_and_a_flag_stay_with_their_sign(sign: str) -> None:
    for before in range(6):
        parts = split("x" * before + sign * 30, 21)
        assert sum(part.count(sign) for part in parts) == 30


def test_a_surrogate_pair_counts_as_two_units() -> None:
    assert [len(part) for part in split("😀" * 3000)] == [LIMIT // 2, 3000 - LIMIT // 2]


def test_the_cut_falls_between_paragraphs_rather_than_inside_one() -> None:
    first, second = "word " * 600, "other " * 400
    assert split(f"{first}\n\n{second}") == [f"{first}\n\n", second]


def test_a_text_within_the_limit_is_left_alone() -> None:
    assert split("x" * LIMIT) == ["x" * LIMIT]


def test_half_a_surrogate_pair_is_replaced_and_two_halves_are_joined() -> None:
    assert sound("a\ud83db\ud83d\ude00") == "a�b😀"
