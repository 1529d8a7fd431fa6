"""The dialogue of `benchmarks.telegram` written by hand, as aiogram's own examples would: its FSM in memory.

Nothing is durable, nothing asks a shop over a wire, nobody is checked twice: as little as can answer alike.
`python on_aiogram.py TOKEN API_URL ORDERS`.
"""

import sys

import uvloop
from aiogram import Bot, Dispatcher
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from aiogram.filters import Command
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import InlineKeyboardButton, InlineKeyboardMarkup, Message

FIRST = 500_000
TOKEN, API, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
ORDERS = {str(FIRST + n): f"ann{n}@shop.test" for n in range(COUNT)}
CANCELLED: set[str] = set()
dispatcher = Dispatcher()


class Cancelling(StatesGroup):
    number = State()
    email = State()
    confirm = State()
    more = State()


@dispatcher.message(Command("cancel_order"))
async def begin(message: Message, state: FSMContext) -> None:
    await state.set_state(Cancelling.number)
    await message.answer("Which order is it? Please tell me its order number, for example 1042.")


@dispatcher.message(Cancelling.number)
async def number(message: Message, state: FSMContext) -> None:
    if message.text not in ORDERS:
        await message.answer("I can't find that order number.")
        return
    await state.update_data(number=message.text)
    await state.set_state(Cancelling.email)
    await message.answer("Which e-mail address did you order with?")


@dispatcher.message(Cancelling.email)
async def email(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    if message.text != ORDERS[data["number"]]:
        await message.answer("That does not match.")
        return
    await state.set_state(Cancelling.confirm)
    await message.answer(
        f"Order {data['number']} has been paid and can still be cancelled. Shall I cancel it?",
        reply_markup=buttons("Yes, cancel it", "No, keep it"),
    )


@dispatcher.message(Cancelling.confirm)
async def confirm(message: Message, state: FSMContext) -> None:
    data = await state.get_data()
    if message.text == "yes":
        CANCELLED.add(data["number"])
        await state.set_state(Cancelling.more)
        await message.answer(
            f"Done: order {data['number']} is cancelled. Anything else?", reply_markup=buttons("Yes", "No")
        )
    else:
        await state.clear()
        await message.answer("It stays as it is.")


@dispatcher.message(Cancelling.more)
async def more(message: Message, state: FSMContext) -> None:
    await state.clear()
    await message.answer("You're welcome. Goodbye!")


def buttons(*labels: str) -> InlineKeyboardMarkup:
    row = [InlineKeyboardButton(text=label, callback_data=label) for label in labels]
    return InlineKeyboardMarkup(inline_keyboard=[row])


async def main() -> None:
    bot = Bot(TOKEN, session=AiohttpSession(api=TelegramAPIServer.from_base(API)))
    await dispatcher.start_polling(bot)


if __name__ == "__main__":
    uvloop.run(main())
