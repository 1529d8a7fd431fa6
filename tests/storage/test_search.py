from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from storage_makers import HOUR, NOW, ORDER, turn, waiting

from dialogs.effects import CaseOpened
from storage.desk_queue import Sight
from storage.records import Contact
from storage.search import _around
from storage.store import Store

ALL = Sight("Kim", all=True)


async def found(store: Store, words: str, limit: int = 50) -> list[tuple[str, str]]:
    return [(one.key, one.where) for one in await store.desk.search(ALL, words, limit)]


async def said(store: Store, key: str, *texts: str, name: str = "Ann") -> None:
    made = turn(key, said=texts, conversation=waiting(key, NOW))
    await store.save(replace(made, contact=Contact(name)))


@pytest.mark.parametrize(
    "words", ["100%", "a_b", "it's", 'say "yes"', "back\\slash", "🙂", "'; --", "%", "_"]
)
async def test_signs_mean_themselves(store: Store, words: str) -> None:
    await said(store, "web:1", f"before {words} after")
    await said(store, "web:2", "100x axb its say yes backslash :) --")
    hits = await found(store, words)
    assert ("web:1", "message") in hits
    assert ("web:2", "message") not in hits


async def test_letters_match_in_either_case_beyond_ascii_too(store: Store) -> None:
    await said(store, "web:1", "GRÜSSE aus Köln, Élodie")
    for words in ("köln", "KÖLN", "Köln", "grüsse", "élodie", "ÉLODIE", "KöLN"):
        assert await found(store, words) == [("web:1", "message")], words


async def test_by_reference_number_name_and_address(store: Store) -> None:
    c = replace(waiting("web:1", NOW), number="1042", email="ann@shop.test", order=ORDER)
    made = turn("web:1", conversation=c, records=(CaseOpened(c.reference),))
    await store.save(replace(made, contact=Contact("Zoë Quinn")))
    await said(store, "web:2", "no match here", name="Bob")
    half = c.reference[:5].lower()
    for words, where in (
        (c.reference, "reference"),
        (half, "reference"),
        ("1042", "order"),
        ("#1042", "order"),
        ("ann@SHOP", "email"),
        ("zoë", "customer"),
        ("QUINN", "customer"),
    ):
        assert ("web:1", where) in await found(store, words), words
        assert all(key == "web:1" for key, _ in await found(store, words))
    assert await found(store, "seed") == []  # what only the state's own words hold is not found
    assert await found(store, '"number"') == []


async def test_notes_are_found_too(store: Store) -> None:
    await said(store, "web:1", "hello")
    await store.desk.note("web:1", author="Kim", words="likes 50% discounts", at=NOW)
    hits = await store.desk.search(ALL, "50% disc", 50)
    assert [(one.where, one.snippet) for one in hits] == [("note", "likes 50% discounts")]


async def test_the_newest_messages_come_first_and_no_more_than_asked_for(store: Store) -> None:
    for n in range(5):
        made = turn(f"web:{n}", said=("zebra",), conversation=waiting(f"web:{n}", NOW), at=NOW + n * HOUR)
        entries = tuple(replace(entry, at=NOW + n * HOUR) for entry in made.entries)
        await store.save(replace(made, entries=entries))
    hits = await store.desk.search(ALL, "zebra", 3)
    assert [(one.key, one.seq) for one in hits] == [("web:4", 1), ("web:3", 1), ("web:2", 1)]


async def test_words_of_chats_that_the_desk_never_knew_are_not_read(store: Store) -> None:
    await store.save(turn("web:1", said=("zebra",)))
    assert await found(store, "zebra") == []
    await store.desk.change("web:1", {})
    assert await found(store, "zebra") == [("web:1", "message")]


@given(st.text(max_size=30), st.text(max_size=300))
def test_what_is_shown_around_the_words_is_short_and_one_line(words: str, text: str) -> None:
    shown = _around(text, words)
    assert len(shown) <= len(words) + 122
    assert "\n" not in shown
