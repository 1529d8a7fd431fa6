"""What must hold of the turns that a house saved while people and the bot shared a chat."""

import re
from collections.abc import Iterable, Sequence

from desk_stage import Taken
from shell_house import SPEECH

from dialogs.conversation import Conversation, Mode
from dialogs.effects import Text
from storage.records import Author, Entry

_HOLE = "\N{PILCROW SIGN}"


def _pattern(key: str, **known: str) -> re.Pattern[str]:
    """A sentence of the product with what a test cannot know left open, up to the end of the message."""
    args = {"agent": _HOLE, "reference": _HOLE} | known
    words = re.escape(SPEECH.text(Text(key, args), "en")).replace(re.escape(_HOLE), ".+")
    return re.compile(words, re.DOTALL)


def holder(c: Conversation | None) -> str | None:
    """Who has the chat; nobody where it waits or is the bot's."""
    return c.handoff.agent if c is not None and c.mode is Mode.PERSON and c.handoff is not None else None


def check_turn(taken: Taken) -> None:
    """The bot says of the hand-over what is so, and otherwise nothing while a person has the chat."""
    before, after = holder(taken.before), holder(taken.turn.conversation)
    said = [entry.text for entry in taken.entries(Author.BOT)]
    told = (taken.before, taken.turn.entries)
    if after is not None:
        if before is None and taken.entries(Author.AGENT):
            assert said == [], told  # who speaks needs no introduction
        elif before is None:
            assert len(said) == 1, told
            assert _pattern("note-person-here", agent=after).fullmatch(said[0]), told
        elif before == after:
            assert said == [], told
        else:
            assert len(said) == 1, told
            assert _pattern("note-passed-on", agent=after).fullmatch(said[0]), told
    elif before is not None:
        over = {Mode.WAITING: ("note-person-left",), Mode.BOT: ("note-given-back", "note-closed")}
        keys = over[taken.turn.conversation.mode]
        assert any(_pattern(key, agent=before).match(said[0]) for key in keys), told
        assert len(said) == 1 or taken.turn.conversation.mode is Mode.BOT, told
    for entry in taken.entries(Author.AGENT):
        assert entry.agent == after, told


def check_transcript(entries: Sequence[Entry], turns: Iterable[Taken], sent: Sequence[str]) -> None:
    """Nothing but turns adds to the transcript; what the customer sent is there once and in order."""
    assert list(entries) == [entry for taken in turns for entry in taken.turn.entries]
    assert [entry.seq for entry in entries] == list(range(1, len(entries) + 1))
    assert [entry.update_id for entry in entries if entry.author is Author.CUSTOMER] == list(sent)


def check_waiting(c: Conversation, reassurances: int) -> None:
    """Whoever waits for a person will be told so again, until it was said as often as it is said."""
    if c.mode is Mode.WAITING and c.awaiting is None:
        assert c.handoff is not None
        assert c.wake_at is not None or c.handoff.reassured >= reassurances, c
