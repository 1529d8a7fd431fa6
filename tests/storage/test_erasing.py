"""Erasing a conversation, on both engines: nothing of it is left, and nothing else is touched."""

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import Connection, select
from storage_makers import NOW, SECOND, decision, turn, waiting

from dialogs.conversation import Asked, Conversation, Question, reference
from dialogs.effects import CaseClosed, CaseOpened
from storage import erasing, schema
from storage.audit import Record
from storage.erasing import Erasure
from storage.records import Contact, Deliver, Saved, Stale
from storage.store import Store
from storage.times import micros
from storage.topic_records import Answer, Source, SourceKind, Topic

KEY, OTHER = "telegram:7", "telegram:8"
LATER = NOW + timedelta(days=400)
ASKED = Record(KEY, micros(LATER), "cli:root", "root", "", {"because": "the customer asked"})
WHOLE = frozenset(table.name for table in erasing.WHOLE)
LEFT = {"conversations": "its key and counters", "seen": "its updates are still known, for a week"}
"""Tables that keep something of an erased conversation."""


def talk(key: str) -> Conversation:
    """A conversation in which much is known."""
    asked = Asked(Question.CONFIRM, turn=4)
    return Conversation(f"seed {key}", turn=4, case=2, number="1042", email="ann@shop.test", asked=asked)


async def fill(store: Store, key: str) -> None:
    """Something in every table that can tell of a conversation."""
    said = turn(
        key,
        said=("cancel 1042", "I am ann@shop.test"),
        update_id="u1",
        conversation=talk(key),
        records=(
            CaseOpened(reference(f"seed {key}", 1)),
            CaseClosed(reference(f"seed {key}", 1), "cancelled"),
            CaseOpened(reference(f"seed {key}", 2)),
            decision(reference(f"seed {key}", 2)),
        ),
        work=(Deliver(1),),
        wake_at=LATER,
    )
    saved = await store.save(replace(said, notes=("Her phone is 0171 555",)))
    assert isinstance(saved, Saved)
    await store.give_up(saved.work_ids[0], key, "blocked")
    topic = Topic(key, -1001, int(key[-1]), "AAAA-BBBB", "Ann", head="Ann wants 1042")
    await store.topics.note_made(topic, NOW)
    await store.topics.note_source(Source(key, 5, 6, SourceKind.MEDIA), NOW)
    await store.topics.answer(key, Answer(9, "Sent to Ann."), NOW)
    labelled = Record(key, micros(NOW), "a1", "Kim", "labelled", {"what": "angry Ann"})
    await store.desk.change(key, {"priority": 2}, labelled, labels=("angry",))
    await store.desk.begin_reply(key, "r1", seq=2, at=NOW, record=labelled)
    await store.topics.shown(topic, answered=0, losses=frozenset({1}))


def telling(folder: Path, word: bytes) -> list[str]:
    """The files in which the word stands."""
    return [file.name for file in folder.iterdir() if word in file.read_bytes()]


async def rows(store: Store, key: str) -> dict[str, list[tuple[object, ...]]]:
    """What each table has of a conversation."""

    def read(connection: Connection) -> dict[str, list[tuple[object, ...]]]:
        found = {}
        for table in schema.metadata.sorted_tables:
            by = next((table.c[name] for name in ("conversation", "chain") if name in table.c), None)
            column = table.c.key if table is schema.conversations else by
            if column is not None:
                found[table.name] = [
                    tuple(row) for row in connection.execute(select(table).where(column == key))
                ]
        return found

    return await store.database.read(read)


def test_every_table_that_tells_of_a_conversation_is_emptied_or_said_why_not() -> None:
    telling = {table.name for table in schema.metadata.sorted_tables if "conversation" in table.c}
    assert telling == (WHOLE | {"seen", "outbox"})


async def test_nothing_is_left_of_an_erased_conversation_but_its_counters(store: Store) -> None:
    await fill(store, KEY)
    await fill(store, OTHER)
    before = await rows(store, OTHER)
    mine = await rows(store, KEY)
    empty = {name for name, kept in mine.items() if not kept}
    assert empty <= {"outbox", "topic_behind"}, "the test fills every table"
    assert await store.erasures.erase(ASKED) is Erasure.ERASED
    after = await rows(store, KEY)
    assert {name for name, kept in after.items() if kept} == {*LEFT, "audit", "audit_heads"}
    assert not any(word in repr(after) for word in ("Ann", "ann@", "1042", "0171", "angry", "5f0c"))
    stored = await store.load(KEY)
    assert stored is not None
    assert stored.conversation == Conversation(f"seed {KEY}", turn=4, case=2)
    assert (stored.last_seq, stored.contact) == (2, Contact())
    assert await store.due(LATER + SECOND, 10, SECOND) == (OTHER,)
    assert await rows(store, OTHER) == before | {"conversations": (await rows(store, OTHER))["conversations"]}


async def test_who_erased_it_stays_on_record_and_the_log_holds(store: Store) -> None:
    await fill(store, KEY)
    await store.save(turn("web:1"))
    for key in (KEY, "web:1"):
        assert await store.erasures.erase(replace(ASKED, chain=key)) is Erasure.ERASED
        (stone,) = await store.desk.trail(key)
        assert (stone.act, stone.name) == ("erased", "root")
        assert stone.details["because"] == "the customer asked"
    await store.desk.record(Record(KEY, micros(LATER), "a1", "Kim", "claimed"))
    assert (await store.desk.verify()).broken == ()
    assert (await store.desk.verify()).erased == 2


async def test_a_process_that_remembers_the_conversation_does_not_bring_it_back(
    store: Store, database_url: str
) -> None:
    await fill(store, KEY)
    other = await Store.open(database_url, perform=False)
    assert await other.erasures.erase(ASKED) is Erasure.ERASED
    await other.close()
    remembered = await store.load(KEY)
    assert remembered is not None
    assert remembered.conversation.email == "ann@shop.test"
    late = replace(turn(KEY, 1, said=("yes", "?")), conversation=remembered.conversation)
    assert await store.save(late) == Stale()
    fresh = await store.load(KEY)
    assert fresh is not None
    assert fresh.conversation.email is None
    again = replace(turn(KEY, fresh.version, said=("hello",)), last_seq=3)
    again = replace(again, entries=(replace(again.entries[0], seq=3),))
    assert isinstance(await store.save(again), Saved)
    assert [entry.text for entry in await store.entries(KEY)] == ["hello"]


async def test_an_update_that_comes_again_is_known_still(store: Store) -> None:
    await fill(store, KEY)
    await store.erasures.erase(ASKED)
    assert await store.knows(KEY, "u1")


@pytest.mark.parametrize("agent", [None, "Kim"])
async def test_what_a_person_has_or_is_wanted_for_is_not_erased(store: Store, agent: str | None) -> None:
    await store.save(turn(KEY, conversation=waiting(KEY, NOW, agent)))
    assert await store.erasures.erase(ASKED) is Erasure.PERSON
    assert len(await store.entries(KEY)) == 1


async def test_what_has_an_intercept_to_follow_is_not_erased(store: Store) -> None:
    await store.save(turn(KEY))
    record = Record(KEY, micros(NOW), "a1", "Kim", "intercept")
    await store.desk.change(KEY, {"intercept_by": micros(LATER), "intercept_order": "1042"}, record)
    assert await store.erasures.erase(ASKED) is Erasure.PERSON


async def test_what_has_something_still_to_be_done_is_not_erased(store: Store) -> None:
    saved = await store.save(turn(KEY, work=(Deliver(1),)))
    assert isinstance(saved, Saved)
    assert await store.erasures.erase(ASKED) is Erasure.WORK
    await store.give_up(saved.work_ids[0], KEY, "blocked")
    assert await store.erasures.erase(ASKED) is Erasure.ERASED


async def test_erasing_again_or_what_was_never_there_changes_nothing(store: Store) -> None:
    await fill(store, KEY)
    assert await store.erasures.erase(replace(ASKED, chain="web:none")) is Erasure.NOTHING
    await store.erasures.erase(ASKED)
    before = await rows(store, KEY)
    assert await store.erasures.erase(ASKED) is Erasure.NOTHING
    assert await rows(store, KEY) == before


async def test_only_what_was_silent_long_enough_is_found_and_erased(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(erasing, "_CHUNK", 2)
    for n in range(5):
        await store.save(turn(f"web:{n}", at=NOW + n * SECOND))
    before = NOW + 3 * SECOND
    found, after = list[str](), ""
    pages = 0
    while True:
        page, more = await store.erasures.quiet(before, after)
        found, pages = [*found, *page], pages + 1
        if more is None:
            break
        after = more
    assert (found, pages) == (["web:0", "web:1", "web:2"], 3)
    late = replace(ASKED, chain="web:3")
    assert await store.erasures.erase(late, quiet_since=before) is Erasure.NOT_QUIET
    for key in found:
        assert await store.erasures.erase(replace(ASKED, chain=key), quiet_since=before) is Erasure.ERASED
    assert await store.erasures.quiet(before, "") == ((), "web:1")
    assert await store.desk.trail("web:0") == (), "nothing was on record, and nobody asked"


async def test_its_topics_wait_to_be_deleted_and_a_late_note_does_not_bring_them_back(store: Store) -> None:
    await fill(store, KEY)
    topic = await store.topics.of(KEY)
    assert topic is not None
    await store.topics.note_made(replace(topic, topic=70), NOW)
    await store.erasures.erase(ASKED)
    assert await store.topics.erased() == ((-1001, 7), (-1001, 70))
    await store.topics.keep(replace(topic, closed=True))
    assert await store.topics.of(KEY) is None
    await store.topics.forget_erased(-1001, 7)
    assert await store.topics.erased() == ((-1001, 70),)


async def test_what_is_held_of_a_customer_is_found_by_whole_words(store: Store) -> None:
    await fill(store, KEY)
    await store.save(turn("web:1", said=("my order 1042.", "joann@shop.test")))
    await store.save(turn("web:2", said=("costs 1042.50", "21042", "ann@shop.testing")))
    await store.save(turn("web:3", conversation=replace(waiting("web:3", NOW), email="Ann@Shop.test")))
    (by_key,), (by_reference,) = [
        await store.erasures.find(words) for words in (KEY, reference(f"seed {KEY}", 1).lower())
    ]
    assert by_key == by_reference
    assert (by_key.key, by_key.customer, by_key.messages, by_key.held) == (KEY, "Ann", 2, None)
    assert by_key.references == (reference(f"seed {KEY}", 1), reference(f"seed {KEY}", 2))
    found = {one.key: one.held for one in await store.erasures.find("ann@shop.test")}
    assert found == {KEY: None, "web:3": Erasure.PERSON}
    assert {one.key for one in await store.erasures.find("1042")} == {KEY, "web:1"}
    assert {one.key for one in await store.erasures.find("0171 555")} == {KEY}
    await store.erasures.erase(ASKED)
    assert {one.key for one in await store.erasures.find("ann@shop.test")} == {"web:3"}
    assert await store.erasures.find(KEY) == ()


async def test_an_order_that_only_a_decision_names_is_found(store: Store) -> None:
    await store.save(turn("web:1", records=(CaseOpened("AAAA-AAAA"), decision("AAAA-AAAA"))))
    assert [one.key for one in await store.erasures.find("ann@shop.test")] == ["web:1"]


async def test_no_file_of_the_database_holds_what_was_erased(sqlite_url: str, tmp_path: Path) -> None:
    store = await Store.open(sqlite_url)
    for n in range(40):
        words = (f"write to secret.{n}@shop.test please, " + "x" * 200,)
        await store.save(
            turn(f"web:{n}", said=words, conversation=replace(talk("w"), email=f"secret.{n}@a.test"))
        )
        await store.save(turn(f"web:{n}", 1, said=("thanks",), conversation=Conversation("s", turn=2)))
    assert telling(tmp_path, b"secret.")
    for n in range(40):
        assert await store.erasures.erase(replace(ASKED, chain=f"web:{n}")) is Erasure.ERASED
    await store.erasures.scrub()
    assert telling(tmp_path, b"secret.") == []
    await store.save(turn("web:new"))
    await store.close()
