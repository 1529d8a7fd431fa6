"""What a customer does in Telegram arrives as what it means."""

import json

import pytest

from bot.channels.telegram_updates import Arrival, UpdateReader
from bot.channels.telegram_wire import receive
from bot.ports import Incoming, Language, Open, Press, Wordless, Words
from dialogs.events import Unreadable
from tests.telegram_customer import Customer
from tests.telegram_server import TelegramServer


class Desk:
    """A customer whose updates are read as soon as they are made."""

    def __init__(self, **person: str) -> None:
        self.server = TelegramServer()
        self.server.allowed = (*self.server.allowed, "poll", "channel_post")
        self.ann = Customer(self.server, 7, **person)
        self.reader = UpdateReader(("en", "es", "pt-BR"), "RescindTestBot")

    def arrival(self) -> Arrival:
        return self.reader.read(receive(json.dumps(self.server.updates[-1]).encode()))

    def what(self) -> object:
        incoming = self.arrival().incoming
        return incoming and incoming.what


def test_a_message_arrives_with_who_wrote_it_and_the_number_of_its_update() -> None:
    desk = Desk(first_name="Ann", last_name="Lee", language="es-MX")
    id_ = desk.ann.say("cancel 1042")
    assert desk.arrival().incoming == Incoming(
        key="telegram:7", id=str(id_), what=Words("cancel 1042"), locale="es-MX", name="Ann Lee"
    )


def test_a_customer_without_last_name_or_language_is_fine() -> None:
    desk = Desk(first_name="<b>Ann</b>", language="")
    desk.ann.say("hi")
    incoming = desk.arrival().incoming
    assert incoming is not None
    assert (incoming.name, incoming.locale) == ("<b>Ann</b>", None)


def test_an_edited_message_is_marked_as_such() -> None:
    desk = Desk()
    desk.ann.say("cancel 1042")
    desk.ann.edit("cancel 1043")
    assert desk.what() == Words("cancel 1043", edited=True)


def test_an_edited_command_does_not_act_again() -> None:
    desk = Desk()
    desk.ann.say("/status")
    desk.ann.edit("/cancel")
    assert desk.what() == Words("/cancel", edited=True)


def test_a_live_location_that_moves_on_is_not_answered_each_time() -> None:
    desk = Desk()
    desk.ann.send(location={"latitude": 1.0, "longitude": 2.0})
    assert desk.what() == Wordless(Unreadable.OTHER)
    desk.ann.edit_without_words()
    assert desk.arrival().incoming is None


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("/start", Open()),
        ("/start 1042", Open("1042")),
        ("/start AB-1042_x", Open("AB-1042_x")),
        ("/start what is this", Open()),
        ("/cancel", Press("intent:cancel", "/cancel")),
        ("/CANCEL", Press("intent:cancel", "/cancel")),
        ("/cancel@rescindtestbot", Press("intent:cancel", "/cancel")),
        ("/cancel@OtherBot", None),
        ("/status", Press("intent:order_status", "/status")),
        ("/refund", Press("intent:refund_status", "/refund")),
        ("/human", Press("intent:human", "/human")),
        ("/language", Press("language:ask", "/language")),
        ("/language es", Language("es")),
        ("/language ES-mx", Language("es")),
        ("/language pt_br", Language("pt-BR")),
        ("/language tlh", Press("language:ask", "/language")),
        ("/frobnicate 1042", Words("/frobnicate 1042")),
        ("/ cancel", Words("/ cancel")),
        ("cancel /status", Words("cancel /status")),
        ("   ", Wordless(Unreadable.EMPTY)),
        ("x" * 4000, Words("x" * 4000)),
        ("x" * 4001, Wordless(Unreadable.TOO_LONG)),
    ],
)
def test_a_text_arrives_as_what_it_means(text: str, what: object) -> None:
    desk = Desk()
    desk.ann.say(text)
    assert desk.what() == what


FILE = {"file_id": "f", "file_unique_id": "u"}
SIZED = FILE | {"width": 1, "height": 1, "duration": 1}


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        ({"voice": FILE | {"duration": 1}}, Unreadable.VOICE),
        ({"document": FILE}, Unreadable.FILE),
        ({"video": SIZED}, Unreadable.FILE),
        ({"audio": SIZED}, Unreadable.FILE),
        ({"animation": SIZED, "document": FILE}, Unreadable.OTHER),
        ({"video_note": FILE | {"length": 1, "duration": 1}}, Unreadable.OTHER),
        ({"contact": {"phone_number": "+1", "first_name": "Ann"}}, Unreadable.OTHER),
        ({"dice": {"emoji": "🎲", "value": 6}}, Unreadable.OTHER),
        ({"something_of_2031": {"x": 1}}, Unreadable.OTHER),
    ],
)
def test_what_is_not_text_arrives_as_its_kind(content: dict[str, object], kind: Unreadable) -> None:
    desk = Desk()
    desk.ann.send(**content)
    assert desk.what() == Wordless(kind)


def test_a_sticker_and_a_photo_arrive_as_such_and_a_caption_as_words() -> None:
    desk = Desk()
    desk.ann.sticker()
    assert desk.what() == Wordless(Unreadable.STICKER)
    desk.ann.photo()
    assert desk.what() == Wordless(Unreadable.PHOTO)
    desk.ann.photo("cancel 1042")
    assert desk.what() == Words("cancel 1042")


def test_an_album_is_answered_once_and_its_caption_is_read() -> None:
    desk = Desk()
    kinds = []
    for caption in (None, None, "it is broken", None):
        desk.ann.photo(caption, album="a1")
        kinds.append(desk.what())
    assert kinds == [Wordless(Unreadable.PHOTO), None, Words("it is broken"), None]


def test_the_first_of_an_album_reads_the_same_when_it_comes_again() -> None:
    desk = Desk()
    desk.ann.photo(album="a1")
    assert desk.what() == desk.what() == Wordless(Unreadable.PHOTO)


@pytest.mark.parametrize(
    "notice", ["pinned_message", "message_auto_delete_timer_changed", "chat_background_set"]
)
def test_notices_of_telegram_are_not_taken_for_messages(notice: str) -> None:
    desk = Desk()
    pinned = {"message_id": 1, "date": 0, "chat": {"id": 7, "type": "private"}}
    timer = {"message_auto_delete_time": 86400}
    background = {"type": {"type": "chat_theme", "theme_name": "x"}}
    what = {
        "pinned_message": pinned,
        "message_auto_delete_timer_changed": timer,
        "chat_background_set": background,
    }
    desk.ann.send(**{notice: what[notice]})
    assert desk.arrival().incoming is None


def test_a_pressed_button_arrives_with_the_label_it_had() -> None:
    desk = Desk()
    buttons = [[{"text": "No", "callback_data": "no:3"}, {"text": "Yes, cancel", "callback_data": "yes:3"}]]
    message = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "Cancel it?"}
    desk.ann.press_value("yes:3", message | {"reply_markup": {"inline_keyboard": buttons}})
    assert desk.what() == Press("yes:3", "Yes, cancel")
    assert desk.arrival().query is not None


def test_a_button_whose_message_is_too_old_to_be_seen_arrives_with_its_value() -> None:
    desk = Desk()
    desk.ann.press_value("yes:3")
    assert desk.what() == Press("yes:3", "yes:3")


@pytest.mark.parametrize("chat_type", ["group", "supergroup", "channel"])
def test_other_chats_than_private_ones_are_left_alone(chat_type: str) -> None:
    desk = Desk(chat_type=chat_type)
    desk.ann.say("/cancel")
    assert desk.arrival() == Arrival(desk.server.updates[-1]["update_id"])
    desk.ann.press_value("yes:3")
    assert desk.arrival().incoming is None
    assert desk.arrival().query is not None


def test_blocking_the_bot_and_kinds_we_did_not_ask_for_are_nothing_to_answer() -> None:
    desk = Desk()
    desk.ann.block()
    assert desk.arrival().incoming is None
    desk.server.happen("channel_post", {"message_id": 1, "date": 1, "chat": {"id": -1, "type": "channel"}})
    assert desk.arrival().incoming is None
