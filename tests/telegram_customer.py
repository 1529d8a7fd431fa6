"""A customer with Telegram in hand, for tests: writes, presses, edits, and reads what the bot sent."""

import re
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.telegram_server import TelegramServer

Json = dict[str, object]
_COMMAND = re.compile(r"/[A-Za-z0-9_]{1,32}(@[A-Za-z0-9_]+)?(?=\s|$)")
_FILE = {"file_id": "f", "file_unique_id": "u", "file_size": 1}


class Customer:
    """One person in one chat; what they do returns the number of the update it makes."""

    def __init__(
        self,
        server: "TelegramServer",
        chat: int,
        *,
        first_name: str = "Ann",
        last_name: str = "",
        language: str = "en",
        chat_type: str = "private",
    ) -> None:
        self.server = server
        self.id = chat
        self.key = f"telegram:{chat}"
        self._person: Json = {"id": chat, "is_bot": False, "first_name": first_name}
        self._person |= {"last_name": last_name} if last_name else {}
        self._person |= {"language_code": language} if language else {}
        self._chat: Json = {"id": chat, "type": chat_type, "first_name": first_name}
        self._last: Json = {}
        self._read = 0

    def say(self, text: str, **more: object) -> int:
        """Write a message."""
        return self.send(text=text, **more)

    def send(self, **content: object) -> int:
        """Send a message of any content."""
        message: Json = {"message_id": self.server.message_id(), "date": int(time.time())}
        if command := _COMMAND.match(str(content.get("text", ""))):
            message["entities"] = [{"type": "bot_command", "offset": 0, "length": command.end()}]
        self._last = message | {"chat": self._chat, "from": self._person} | content
        return self.server.happen("message", self._last)

    def edit(self, text: str) -> int:
        """Change the last message."""
        self._last = {**self._last, "text": text, "edit_date": int(time.time())}
        return self.server.happen("edited_message", self._last)

    def edit_without_words(self) -> int:
        """A change that is not in words, such as a live location that moves on."""
        place = {"latitude": 1.0, "longitude": 2.0}
        moved = {key: value for key, value in self._last.items() if key != "text"} | {"location": place}
        return self.server.happen("edited_message", moved)

    def sticker(self) -> int:
        """Send a sticker."""
        kind = {"width": 512, "height": 512, "is_animated": False, "is_video": False, "type": "regular"}
        return self.send(sticker=_FILE | kind)

    def photo(self, caption: str | None = None, album: str | None = None) -> int:
        """Send a picture, perhaps as one of an album."""
        more = {"caption": caption, "media_group_id": album}
        sizes = [_FILE | {"width": 90, "height": 90}]
        return self.send(photo=sizes, **{key: value for key, value in more.items() if value is not None})

    def voice(self) -> int:
        """Send a voice message."""
        return self.send(voice=_FILE | {"duration": 3})

    def document(self) -> int:
        """Send a file."""
        return self.send(document=_FILE | {"file_name": "invoice.pdf"})

    def press(self, label: str) -> int:
        """Press the newest button of this label."""
        for message in reversed(self.server.chats[self.id]):
            for row in message.get("reply_markup", {}).get("inline_keyboard", []):
                for button in row:
                    if button["text"] == label:
                        return self.press_value(button["callback_data"], message)
        raise AssertionError(f"no button {label!r} in chat {self.id}")

    def press_value(self, value: str, message: Json | None = None) -> int:
        """Press a button by what it carries; without its message, one that is too old to be shown."""
        shown = message or {"message_id": 1, "date": 0, "chat": self._chat}
        query: Json = {"id": f"q{self.server.message_id()}", "from": self._person, "chat_instance": "c"}
        return self.server.happen("callback_query", query | {"message": shown, "data": value})

    def block(self) -> int:
        """Block the bot."""
        bot = {"id": 4242, "is_bot": True, "first_name": "Rescind"}
        was = {"user": bot, "status": "member"}
        now = {"user": bot, "status": "kicked", "until_date": 0}
        change = {"chat": self._chat, "from": self._person, "date": int(time.time())}
        change |= {"old_chat_member": was, "new_chat_member": now}
        return self.server.happen("my_chat_member", change)

    async def reads(self, count: int = 1) -> list[str]:
        """The next messages of the bot, waiting until so many are there."""
        sent = self.server.chats[self.id]
        await self.server.until(lambda: len(sent) >= self._read + count)
        texts = [str(message["text"]) for message in sent[self._read : self._read + count]]
        self._read += count
        return texts

    def buttons(self) -> list[list[str]]:
        """The labels below the bot's newest message, row by row."""
        markup = self.server.chats[self.id][-1].get("reply_markup", {})
        return [[button["text"] for button in row] for row in markup.get("inline_keyboard", [])]
