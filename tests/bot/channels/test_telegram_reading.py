"""Of an update only a little is read, and it means what the library's model of the whole update says."""

import copy
import json
from collections.abc import Callable

import pytest
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Chat, Message, Update, User
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.channels.telegram_text import sound
from bot.channels.telegram_updates import _WORDLESS, Arrival, Claim, UpdateReader, What
from bot.channels.telegram_wire import NotAnUpdate, Received, receive
from bot.ports import Incoming, Press, Wordless, Words
from dialogs.events import Unreadable

Json = dict[str, object]
FILE: Json = {"file_id": "f", "file_unique_id": "u"}
SIZED = FILE | {"width": 1, "height": 1, "duration": 1}
STICKER = FILE | {"width": 1, "height": 1, "is_animated": False, "is_video": False, "type": "regular"}
CONTENTS: dict[str, object] = {
    "photo": [FILE | {"width": 1, "height": 1}],
    "sticker": STICKER,
    "voice": FILE | {"duration": 1},
    "document": FILE,
    "animation": SIZED,
    "video": SIZED,
    "location": {"latitude": 1.0, "longitude": 2.0},
    "dice": {"emoji": "🎲", "value": 6},
    "contact": {"phone_number": "+1", "first_name": "Ann"},
    "invention_of_2031": {"x": 1},
}
NOTICES: dict[str, object] = {"new_chat_title": "x", "group_chat_created": True}


def commanded(text: str) -> bool:
    """Whether a text could be a command: what those mean is tested by example."""
    return text.strip().startswith("/")


class ByTheLibrary:
    """What an update means, told from the library's model of all of it. Without albums and commands."""

    def read(self, update: Update) -> Arrival:
        id_ = update.update_id
        if (message := update.message) is not None:
            return self._customers(id_, message.chat, message.from_user, *self._content(message))
        if (message := update.edited_message) is not None:
            words = message.text if message.text is not None else message.caption
            what = None if words is None else self._words(words, edited=True)
            return self._customers(id_, message.chat, message.from_user, what, Claim.IF_OPEN)
        if (query := update.callback_query) is not None:
            return self._pressed(id_, query)
        return Arrival(id_)

    def _content(self, message: Message) -> tuple[What | None, Claim]:
        words = message.text if message.text is not None else message.caption
        if words is not None:
            return self._words(words), Claim.IF_OPEN
        kind = _WORDLESS.get(ContentType(message.content_type))
        return (None, Claim.NEVER) if kind is None else (Wordless(kind), Claim.IF_OPEN)

    def _words(self, text: str, *, edited: bool = False) -> What:
        if len(text) > 4000:
            return Wordless(Unreadable.TOO_LONG)
        return Words(sound(text), edited) if text.strip() else Wordless(Unreadable.EMPTY)

    def _pressed(self, id_: int, query: CallbackQuery) -> Arrival:
        if query.message is None or query.data is None:
            return Arrival(id_, query=sound(query.id), claim=Claim.ALWAYS)
        label = query.data
        if isinstance(query.message, Message) and query.message.reply_markup is not None:
            for row in reversed(query.message.reply_markup.inline_keyboard):
                for button in reversed(row):
                    label = button.text if button.callback_data == query.data else label
        what = Press(sound(query.data), sound(label or query.data))
        return self._customers(id_, query.message.chat, query.from_user, what, Claim.ALWAYS, sound(query.id))

    def _customers(
        self,
        id_: int,
        chat: Chat,
        user: User | None,
        what: What | None,
        claim: Claim,
        query: str | None = None,
    ) -> Arrival:
        if chat.type != "private":
            return Arrival(id_, query=query, claim=Claim.ALWAYS if query else Claim.NEVER)
        key, incoming = f"telegram:{chat.id}", None
        if what is not None:
            locale, name = (None, None) if user is None else (user.language_code, sound(user.full_name))
            incoming = Incoming(key, str(id_), what, locale and sound(locale), name)
        return Arrival(id_, incoming, query, key, claim)


# ---- updates as Telegram makes them

texts = st.text(st.characters(exclude_categories=()) | st.sampled_from("😀é \ud83d\ude00"), max_size=12)
some_words = texts.filter(lambda text: not commanded(text))
numbers = st.integers(-(2**52), 2**52)
persons = st.fixed_dictionaries(
    {"id": numbers, "is_bot": st.booleans(), "first_name": texts},
    optional={
        "last_name": texts | st.just(""),
        "language_code": st.sampled_from(["en", "es-MX", ""]),
        "is_premium": st.booleans(),
    },
)
chats = st.fixed_dictionaries(
    {
        "id": numbers,
        "type": st.sampled_from([*["private"] * 6, "group", "supergroup", "channel"]),
    },
    optional={"first_name": texts, "is_forum": st.booleans()},
)
one = st.sampled_from(list(CONTENTS))
contents = st.one_of(
    st.builds(lambda name: {name: CONTENTS[name]}, one),
    st.builds(lambda name, other: {name: CONTENTS[name], other: CONTENTS[other]}, one, one),
)
buttons = st.builds(dict, text=texts, callback_data=st.sampled_from("abc")) | st.builds(dict, text=texts)
rows = st.lists(buttons, min_size=1, max_size=3)
keyboards = st.builds(dict, inline_keyboard=st.lists(rows, min_size=1, max_size=2))
frames = st.fixed_dictionaries(
    {"message_id": st.integers(1, 2**31), "date": st.integers(1, 2**31), "chat": chats},
    optional={"from": persons, "edit_date": st.just(1)},
)
said = st.builds(dict, text=some_words)
below = st.builds(dict, caption=some_words) | st.builds(dict, caption=some_words, text=some_words)
notices = st.builds(lambda name: {name: NOTICES[name]}, st.sampled_from(list(NOTICES)))
messages = st.one_of(
    st.builds(lambda frame, more: frame | more, frames, notices),
    st.builds(lambda frame, more: frame | more, frames, said),
    st.builds(lambda frame, more: frame | more, frames, contents),
    st.builds(lambda frame, content, more: frame | content | more, frames, contents, below),
)
shown = messages | st.builds(
    lambda message, more: message | more, messages, st.builds(dict, reply_markup=keyboards)
)
too_old = st.fixed_dictionaries({"message_id": st.integers(0, 9), "date": st.just(0), "chat": chats})
asked = {"id": texts, "from": persons, "chat_instance": st.just("c")}
data = st.sampled_from("abc")
queries = st.one_of(
    st.fixed_dictionaries(asked | {"message": shown, "data": data}),
    st.fixed_dictionaries(
        asked, optional={"message": too_old, "data": data, "inline_message_id": st.just("i")}
    ),
)
BOT: Json = {"user": {"id": 1, "is_bot": True, "first_name": "b"}}
changes = st.fixed_dictionaries(
    {
        "chat": chats,
        "from": persons,
        "date": st.just(1),
        "old_chat_member": st.just(BOT | {"status": "member"}),
        "new_chat_member": st.just(BOT | {"status": "kicked", "until_date": 0}),
    }
)
kinds = st.one_of(
    st.builds(dict, message=messages),
    st.builds(dict, message=messages),
    st.builds(dict, edited_message=messages),
    st.builds(dict, callback_query=queries),
    st.builds(dict, callback_query=queries),
    st.builds(dict, my_chat_member=changes) | st.builds(dict, channel_post=messages),
)
updates = st.builds(lambda id_, kind: {"update_id": id_} | kind, st.integers(1, 2**31), kinds)


def ours(update: object) -> Arrival:
    """What we read of it."""
    return UpdateReader(("en",)).read(receive(json.dumps(update).encode()))


@settings(max_examples=500)
@given(updates)
def test_an_update_means_what_the_librarys_model_of_all_of_it_says(update: Json) -> None:
    assert ours(update) == ByTheLibrary().read(Update.model_validate(update))


def places(node: object, set_here: Callable[[object], None]) -> list[Callable[[object], None]]:
    """Ways to put something else in the place of each value."""
    found = [set_here]
    if isinstance(node, dict | list):
        for key in list(node) if isinstance(node, dict) else range(len(node)):
            found += places(node[key], lambda value, node=node, key=key: node.__setitem__(key, value))
    return found


@settings(max_examples=500)
@given(updates, st.data())
def test_what_is_spoilt_is_nothing_or_means_what_the_rest_of_it_says(
    update: Json, data: st.DataObject
) -> None:
    """Where even the library can read it, it means the same; numbers come as numbers, not as text."""
    whole: list[object] = [copy.deepcopy(update)]
    spoil = data.draw(st.sampled_from(places(whole[0], lambda value: whole.__setitem__(0, value))))
    spoil(data.draw(st.sampled_from([None, {}, [], "x", -1, [[1]], {"x": "\ud83d"}])))
    try:
        read = ours(whole[0])
    except NotAnUpdate:
        assume(isinstance(whole[0], dict))
        assert not isinstance(whole[0].get("update_id"), int)
        return
    except ValidationError:  # which the intake tells as such
        with pytest.raises(ValidationError):
            Update.model_validate(whole[0])
        return
    try:
        expected = ByTheLibrary().read(Update.model_validate(whole[0]))
    except ValidationError:
        assert read.id == whole[0]["update_id"]
        return
    assert read == expected


@given(st.binary(max_size=40) | texts.map(lambda text: text.encode("utf-8", "surrogatepass")))
@example(b"[" * 100_000)
@example(b'{"update_id": ' + b"9" * 5000 + b"}")
@example(b'{"update_id": NaN}')
@example(b'{"update_id": 1.5}')
def test_what_is_no_update_is_refused_as_such(body: bytes) -> None:
    with pytest.raises(NotAnUpdate):
        receive(body)


@pytest.mark.parametrize("half", ['"a \\ud83d b"', '"a \\ude00 b"', '"a \ud83d b"'])
def test_half_a_surrogate_pair_costs_nobody_their_message(half: str) -> None:
    body = '{"update_id": 5, "message": {"message_id": 1, "chat": {"id": 7, "type": "private"}, "text": %s}}'
    read = UpdateReader(("en",)).read(receive((body % half).encode("utf-8", "surrogatepass")))
    assert read.incoming is not None
    assert read.incoming.what == Words("a \ufffd b")


def test_the_whole_of_a_text_message_is_not_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(Received, "whole")
    message = {"message_id": 1, "chat": {"id": 7, "type": "private"}, "text": "hi"}
    assert ours({"update_id": 5, "message": message}).incoming is not None
