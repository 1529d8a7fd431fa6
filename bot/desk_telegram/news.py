"""What is new in a conversation since it was last shown in its topic, as one message."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from heapq import merge

from bot.channels.telegram_text import units
from bot.desk_telegram import words
from storage.desk_records import Note, QueueItem, State
from storage.records import Entry
from storage.store import Store
from storage.topic_records import SourceKind, Topic

_ENTRIES = 100
_NOTES = 20
"""Older notes than so many do not come into a topic that is made anew."""


@dataclass(frozen=True, slots=True)
class News:
    """A message, what is shown once it stands there, and the asides in it."""

    text: str
    then: Topic
    asides: tuple[str, ...] = ()


async def news(store: Store, topic: Topic, item: QueueItem, asides: tuple[str, ...]) -> News | None:
    """Everything new that fits into one message: transcript and notes by time, who has the chat, asides.

    What was written in the topic itself is not repeated there; `None` where nothing is new. The result may
    have no text: then nothing has to be sent for what is shown to be up to date.
    """
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
        if text and texts and units("\n".join((*texts, text))) > words.LIMIT:
            return News(words.told(texts), then)
        texts += [text] if text else []
        then = after
    if len(entries) < _ENTRIES:
        then, asides = _end(texts, then, item, asides)
    else:
        asides = ()
    if then == topic and not asides:
        return None
    return News(words.told(texts), then, asides)


def _end(
    texts: list[str], then: Topic, item: QueueItem, asides: tuple[str, ...]
) -> tuple[Topic, tuple[str, ...]]:
    """Who has the chat, where that changed, and the asides, as far as they fit."""
    told = then.told if _on_its_way(item) else told_of(item)
    lines = [f"➤ {words.standing(item)}"] if told != then.told else []
    for line in (*lines, *asides):
        if texts and units("\n".join((*texts, line))) > words.LIMIT:
            return then, tuple(aside for aside in asides if aside in texts)
        texts.append(line)
    return replace(then, told=told), asides


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
