"""One of each kind of update a customer can make."""

from tests.telegram_customer import Customer

Json = dict[str, object]


def everything(ann: Customer) -> dict[int, Json]:
    """By number, as Telegram sent them: those in a private chat that are a customer's words or ours."""
    keyboard = {"inline_keyboard": [[{"text": "Yes", "callback_data": "rsd:yes:3"}]]}
    shown = {"message_id": 1, "date": 1, "chat": {"id": 7, "type": "private"}, "text": "Cancel it?"}
    ids = [
        ann.say("/support"),
        ann.say("cancel 1042, ann@shop.test 😀 <b>&</b>"),
        ann.edit("cancel 1043"),
        ann.say("hi", link_preview_options={"is_disabled": True}, something_of_2031={"x": [1, None]}),
        ann.sticker(),
        ann.photo("it is broken", album="a1"),
        ann.voice(),
        ann.document(),
        ann.press_value("rsd:yes:3", shown | {"reply_markup": keyboard}),
        ann.press_value("rsd:yes:3"),
    ]
    return {int(str(u["update_id"])): u for u in ann.server.updates if u["update_id"] in ids}
