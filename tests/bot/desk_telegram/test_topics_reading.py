"""Whose an update is, and what is heard of it: the same as the library's model of all of it says."""

import json
from types import SimpleNamespace

import pytest
from agents_makers import GROUP, OTHER, World
from aiogram.enums import ContentType
from aiogram.types import CallbackQuery, Message, Update
from hypothesis import event, given, settings
from hypothesis import strategies as st

from bot.channels.telegram_commands import parse
from bot.channels.telegram_text import sound
from bot.channels.telegram_wire import receive
from bot.desk_telegram import ears
from bot.desk_telegram.ears import Ears, OwnEars
from bot.desk_telegram.reading import Heard, read, source_of
from storage.topic_records import Source, SourceKind
from tests import telegram_updates
from tests.telegram_updates import CONTENTS, Json, keyboards, queries, texts

BOT, PERSON = 4242, 501
MEDIA = ("photo", "voice", "video", "audio", "document", "sticker", "animation", "video_note")


HEARING = SimpleNamespace(bot=SimpleNamespace(id=BOT))
"""Hears as our bot, and is told nothing."""


# ---- by the library


def by_the_library(update: Update) -> Heard | None:
    """What was heard, from the library's model of all of it."""
    if (query := update.callback_query) is not None:
        return pressed(update.update_id, query)
    message = update.message or update.edited_message
    if message is None or (person := message.from_user) is None:
        return None
    number, chat = message.message_id, message.chat
    if message.forum_topic_created is not None and person.id == BOT:
        made = sound(message.forum_topic_created.name)
        return Heard(
            update.update_id,
            chat.id,
            private=False,
            topic=number,
            message=number,
            person=0,
            name="",
            made=made,
        )
    if person.is_bot and message.sender_chat is None:
        return None
    media = message.content_type if message.content_type in MEDIA else ""
    words = message.text if message.text is not None else message.caption
    if words is None and not media:
        return None
    before = message.reply_to_message
    ours = before is not None and before.from_user is not None and before.from_user.id == BOT
    return Heard(
        update.update_id,
        chat.id,
        chat.type == "private",
        message.message_thread_id if message.is_topic_message else None,
        number,
        person.id,
        sound(person.full_name),
        None if words is None else sound(words),
        edited=update.edited_message is not None,
        anonymous=message.sender_chat is not None,
        media=str(ContentType(media).value) if media else "",
        answers=sound(before.text or "") if before is not None and ours else "",
    )


def pressed(id_: int, query: CallbackQuery) -> Heard | None:
    if (shown := query.message) is None:
        return None
    topic = isinstance(shown, Message) and shown.is_topic_message and shown.message_thread_id
    return Heard(
        id_,
        shown.chat.id,
        shown.chat.type == "private",
        topic or None,
        shown.message_id,
        query.from_user.id,
        sound(query.from_user.full_name),
        query=sound(query.id),
        data=sound(query.data or ""),
    )


def agents_by_the_library(update: Update) -> bool:
    """Whether it is from the agents' group, or about a link to an account."""
    query = update.callback_query
    carrier = update.message or update.edited_message or (query and query.message)
    if not carrier or carrier.chat.type != "private":
        return bool(carrier and carrier.chat.id == GROUP)
    command = parse((update.message and update.message.text) or "")
    return command is not None and command.name in ("link", "unlink")


def source_by_the_library(update: Update) -> Source | None:
    message = update.edited_message or update.message
    if message is None or message.chat.type != "private":
        return None
    kind = SourceKind.EDIT if update.edited_message else SourceKind.MEDIA
    if kind is SourceKind.MEDIA and message.content_type not in MEDIA:
        return None
    return Source(f"telegram:{message.chat.id}", update.update_id, message.message_id, kind)


# ---- updates of groups and of customers

people = st.fixed_dictionaries(
    {
        "id": st.sampled_from([BOT, PERSON, 7]),
        "is_bot": st.sampled_from([False, False, False, True]),
        "first_name": texts,
    },
    optional={"last_name": texts, "language_code": st.just("en")},
)
places = st.sampled_from([(GROUP, "supergroup"), (OTHER, "supergroup"), (7, "private"), (8, "group")]).map(
    lambda place: {"id": place[0], "type": place[1], "is_forum": place[1] == "supergroup"}
)
threads = st.fixed_dictionaries(
    {}, optional={"message_thread_id": st.integers(1, 99), "is_topic_message": st.booleans()}
)
commands = st.sampled_from(
    ["/link A-B", "/unlink", " /link@x y", "/links", "/claim", "// no", "/order@rescind"]
)
plain = st.fixed_dictionaries(
    {"message_id": st.integers(1, 2**31), "date": st.integers(1, 2**31), "chat": places, "from": people},
    optional={"edit_date": st.just(1), "reply_markup": keyboards},
)
more = st.fixed_dictionaries(
    {},
    optional={
        "sender_chat": places,
        "reply_to_message": st.builds(
            lambda frame, text: frame | text, plain, st.just({}) | st.builds(dict, text=texts)
        ),
        "forum_topic_created": st.builds(dict, name=texts, icon_color=st.just(7322096)),
    },
)
held = st.one_of(
    st.builds(dict, text=commands | texts),
    telegram_updates.contents,
    telegram_updates.notices,
    st.builds(lambda content, below: content | below, telegram_updates.contents, telegram_updates.below),
)
messages = st.builds(
    lambda frame, thread, extra, content: frame | thread | extra | content, plain, threads, more, held
) | st.builds(lambda frame: {name: frame[name] for name in frame if name != "from"}, plain)
presses = st.fixed_dictionaries(
    {"id": texts, "from": people, "chat_instance": st.just("c")},
    optional={
        "message": messages | st.builds(dict, message_id=st.just(9), date=st.just(0), chat=places),
        "data": st.sampled_from(["d:claim:X", "d:yes:1", "x"]) | texts,
    },
)
kinds = st.one_of(
    st.builds(dict, message=messages),
    st.builds(dict, message=messages),
    st.builds(dict, edited_message=messages),
    st.builds(dict, callback_query=presses),
    st.builds(dict, callback_query=queries),
    st.builds(dict, my_chat_member=telegram_updates.changes),
)
updates = st.builds(lambda id_, kind: {"update_id": id_} | kind, st.integers(1, 2**31), kinds)


@settings(max_examples=800)
@given(updates)
def test_what_is_heard_is_what_the_librarys_model_of_all_of_it_says(update: Json) -> None:
    model, received = Update.model_validate(update), receive(json.dumps(update).encode())
    heard = read(received, BOT)
    event(f"heard: {'nothing' if heard is None else 'a press' if heard.query else heard.media or 'words'}")
    assert heard == by_the_library(model)
    assert source_of(received) == source_by_the_library(model)


@pytest.mark.parametrize("kind", MEDIA)
@pytest.mark.parametrize("chat", [{"id": 7, "type": "private"}, {"id": GROUP, "type": "supergroup"}])
def test_every_kind_of_picture_and_file_is_seen(kind: str, chat: Json) -> None:
    person = {"id": PERSON, "is_bot": False, "first_name": "Kim"}
    message: Json = {"message_id": 3, "date": 1, "chat": chat, "from": person, kind: CONTENTS[kind]}
    received = receive(json.dumps({"update_id": 5, "message": message}).encode())
    heard = read(received, BOT)
    assert heard is not None
    assert heard.media == kind
    customers = Source("telegram:7", 5, 3, SourceKind.MEDIA)
    assert source_of(received) == (customers if chat["id"] == 7 else None)


@settings(max_examples=400)
@given(updates)
def test_whose_an_update_is_is_what_the_librarys_model_of_all_of_it_says(update: Json) -> None:
    model, received = Update.model_validate(update), receive(json.dumps(update).encode())
    shared = Ears(None, None, HEARING, frozenset({GROUP}))  # type: ignore[arg-type]  # asked for nothing else
    lane = shared.lane(received)
    event(f"agents': {lane is not None}")
    assert (lane is not None) == agents_by_the_library(model)
    heard = by_the_library(model)
    if lane is not None and heard is not None and not heard.private:
        assert lane == f"desk {GROUP} {heard.topic}"
        assert OwnEars(HEARING, frozenset({GROUP})).lane(received) == lane  # type: ignore[arg-type]
    elsewhere = Ears(None, None, HEARING, None)  # type: ignore[arg-type]  # as above
    assert elsewhere.lane(received) is None


@given(telegram_updates.updates)
def test_a_customers_update_is_not_read_a_second_time_to_see_whose_it_is(update: Json) -> None:
    received = receive(json.dumps(update).encode())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ears, "read", lambda *_: pytest.fail("it was read as an agent's"))
        assert Ears(None, None, HEARING, frozenset({GROUP})).lane(received) is None  # type: ignore[arg-type]


async def test_the_librarys_model_of_an_update_is_made_for_nobody(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With topics on, customers and agents in the same bot: words, edits, presses, pictures, places."""
    made: list[object] = []
    monkeypatch.setattr(Update, "model_validate", made.append)
    _, kim = await world.agent("Kim", 501)
    customer, topic = await world.asks_for_a_person()
    customer.say("Where is it?")
    await world.shown("👤 Ann: Where is it?", topic=topic)
    customer.edit("Where is my parcel?")
    await world.shown("(changed a message): Where is my parcel?", topic=topic)
    customer.photo("the lid")
    await world.shown("the lid", "[copy of", topic=topic)
    customer.send(location={"latitude": 1.0, "longitude": 2.0})
    customer.sticker()
    await world.shown("[sticker]", topic=topic)
    kim.presses(world.forum, topic, "Claim")
    await world.shown("➤ Kim has this chat.", topic=topic)
    kim.writes(world.forum, topic, "It is on its way")
    await world.hears(customer, "It is on its way")
    assert made == []
