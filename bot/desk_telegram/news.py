"""What is new in a conversation since it was last shown in its topic, as one message."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import tzinfo
from heapq import merge
from typing import TypeAlias

from bot.channels.telegram_text import units
from bot.desk_telegram import words
from storage.desk_records import Note, QueueItem, State
from storage.records import Author, Entry
from storage.store import Store
from storage.topic_records import SourceKind, Topic

_ENTRIES = 100
_NOTES = 20
"""Older notes than so many do not come into a topic that is made anew."""


@dataclass(frozen=True, slots=True)
class News:
    """A message, and what is shown once it stands there."""

    text: str
    then: Topic
    answered: int = 0
    """Agents are answered up to this update."""
    losses: frozenset[int] | None = None
    """Where given: the messages that were given up, all of which the topic tells of then."""


_Change: TypeAlias = Mapping[str, Topic | int | frozenset[int]]
_Line: TypeAlias = tuple[str, _Change]
"""A line (empty: there is nothing to say), and the fields of `News` that are so once it is said."""


async def news(store: Store, topic: Topic, item: QueueItem, zone: tzinfo) -> News | None:
    """Everything new that fits into one message: transcript and notes by time, then what else is to be told.

    What was written in the topic itself is not repeated there; `None` where nothing is new. The result may
    have no text: then nothing has to be sent for what is shown to be up to date. Times are told in `zone`.
    """
    rest = [await _loss(store, topic), *await _answers(store, topic.key)]
    if topic.closed:
        return _with_rest([], News("", topic), rest, topic)
    entries = await store.entries(topic.key, topic.seq, _ENTRIES)
    here = await store.topics.said_here(topic.key, topic.seq)
    ids = [int(e.update_id) for e in entries if e.update_id and e.update_id.isdecimal()]
    edits = await store.topics.edits(topic.key, ids) if ids else frozenset()
    notes = [note for note in await store.desk.notes(topic.key) if note.id > topic.note][-_NOTES:]
    noted = await store.topics.noted_here(topic.key, topic.note) if notes else frozenset()
    texts: list[str] = []
    then = topic
    for one in _by_time(entries, notes):
        text, after = _shown(one, then, item, edits=edits, here=here, noted=noted)
        if text and not _fits(texts, text):
            return News(words.told(texts), then)
        texts += [text] if text else []
        then = after
    if len(entries) == _ENTRIES:
        return News(words.told(texts), then)
    return _with_rest(texts, News("", then), [_standing(then, item, zone), *rest], topic)


def _with_rest(texts: list[str], found: News, rest: Iterable[_Line | None], was: Topic) -> News | None:
    """The message with as much of the rest as fits into it; the same line twice is said once."""
    for line, after in filter(None, rest):
        if line and line not in texts:
            if not _fits(texts, line):
                break
            texts.append(line)
        found = replace(found, **after)  # type: ignore[arg-type]  # each by its own name
    return None if found == News("", was) else replace(found, text=words.told(texts))


def _fits(texts: list[str], more: str) -> bool:
    return not texts or units("\n".join((*texts, more))) <= words.LIMIT


def _standing(then: Topic, item: QueueItem, zone: tzinfo) -> _Line | None:
    """Who has the chat, where that changed."""
    told = then.told if _on_its_way(item) else told_of(item)
    if told == then.told:
        return None
    return f"➤ {words.standing(item, zone)}", {"then": replace(then, told=told)}


async def _loss(store: Store, topic: Topic) -> _Line | None:
    """What did not reach the customer, where the topic does not tell of it yet.

    In a closed topic only where it was an agent's: whoever wrote it believes that it arrived.
    """
    _, lost = await store.desk.deliveries(topic.key)
    told = await store.topics.losses(topic.key)
    if lost.keys() == told:
        return None
    new = [
        entry for seq in sorted(lost.keys() - told) for entry in await store.entries(topic.key, seq - 1, 1)
    ]
    if topic.closed:
        new = [entry for entry in new if entry.author is Author.AGENT]
    return words.lost(new, lost[new[-1].seq]) if new else "", {"losses": frozenset(lost)}


async def _answers(store: Store, key: str) -> list[_Line]:
    """What agents are to be told."""
    return [(one.text, {"answered": one.update_id}) for one in await store.topics.answers(key)]


def _on_its_way(item: QueueItem) -> bool:
    """Whether the desk is about to note that nobody has it any more, and why."""
    return item.state is State.BOT and item.row.holder is not None


def told_of(item: QueueItem) -> str:
    """What the line about who has the chat depends on."""
    if item.state is State.SNOOZED:
        return f"{item.state} {item.agent} {item.row.snoozed_until}"
    return f"{item.state} {item.agent}"


def _by_time(entries: tuple[Entry, ...], notes: list[Note]) -> Iterator[Entry | Note]:
    """Both in their own order, merged by time."""
    return merge(entries, notes, key=lambda one: one.at)


def _shown(
    one: Entry | Note,
    topic: Topic,
    item: QueueItem,
    *,
    edits: frozenset[int],
    here: frozenset[int],
    noted: frozenset[int],
) -> tuple[str, Topic]:
    """How it stands in the topic (empty: it stands there already), and what is shown then."""
    if isinstance(one, Note):
        return "" if one.id in noted else words.noted(one), replace(topic, note=one.id)
    edited = one.update_id is not None and one.update_id.isdecimal() and int(one.update_id) in edits
    text = "" if one.seq in here else words.said(one, item.customer, edited=edited)
    return text, replace(topic, seq=one.seq)


async def pictures(store: Store, topic: Topic, room: int) -> tuple[tuple[int, ...], Topic]:
    """The customer's pictures and files to copy, at most `room`, and what is shown then."""
    found = (await store.topics.sources(topic.key, topic.source))[: max(room, 0)]
    if not found:
        return (), topic
    copied = tuple(source.message for source in found if source.kind is SourceKind.MEDIA)
    return copied, replace(topic, source=found[-1].update_id)
