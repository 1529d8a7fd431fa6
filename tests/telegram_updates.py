"""Updates as Telegram makes them, of any kind, for Hypothesis: real ones hold more than anybody reads."""

from hypothesis import strategies as st

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
    "video_note": SIZED | {"length": 1},
    "audio": SIZED,
    "location": {"latitude": 1.0, "longitude": 2.0},
    "dice": {"emoji": "🎲", "value": 6},
    "contact": {"phone_number": "+1", "first_name": "Ann"},
    "invention_of_2031": {"x": 1},
}
NOTICES: dict[str, object] = {"new_chat_title": "x", "group_chat_created": True}


def commanded(text: str) -> bool:
    """Whether a text could be a command: what those mean is tested by example."""
    return text.strip().startswith("/")


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
