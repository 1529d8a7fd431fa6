"""Of an update only a little is read, and it means what the library's model of the whole update says."""

import copy
import json
from collections.abc import Callable
from itertools import combinations

import pytest
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Chat, Message, Update, User
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from msgspec import Raw
from pydantic import ValidationError

from bot.channels.telegram_contents import content_of
from bot.channels.telegram_text import sound
from bot.channels.telegram_updates import _WORDLESS, Arrival, Claim, UpdateReader, What
from bot.channels.telegram_wire import NotAnUpdate, receive
from bot.ports import Incoming, Press, Wordless, Words
from dialogs.events import Unreadable
from tests.telegram_updates import Json, texts, updates


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


@pytest.mark.parametrize("kind", [kind for kind in ContentType if kind not in (ContentType.ANY, "unknown")])
def test_what_a_message_is_is_told_by_its_field(kind: ContentType) -> None:
    message: Json = {kind.value: {"x": 1}}
    assert content_of(raw(message)) == Message.model_construct(**message).content_type == kind


@pytest.mark.parametrize(("one", "other"), list(combinations([ContentType.TEXT, *_WORDLESS], 2)))
def test_where_two_come_together_it_is_what_the_library_says(one: ContentType, other: ContentType) -> None:
    message = {kind.value: {"x": 1} for kind in (one, other)}
    assert content_of(raw(message)) == Message.model_construct(**message).content_type


@pytest.mark.parametrize("nothing", [None, [], "", False, 0])
def test_a_field_that_holds_nothing_is_no_content(nothing: object) -> None:
    message = {"photo": nothing, "sticker": {"x": 1}}
    assert content_of(raw(message)) == Message.model_construct(**message).content_type == ContentType.STICKER


def raw(message: Json) -> dict[str, Raw]:
    return {name: Raw(json.dumps(value).encode()) for name, value in message.items()}


@settings(max_examples=50)
@given(updates)
def test_the_librarys_model_is_made_of_nothing(update: Json) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Update, "model_validate", lambda *_: pytest.fail("the library's model was made"))
        patch.setattr(Message, "model_validate", lambda *_: pytest.fail("the library's model was made"))
        ours(update)
