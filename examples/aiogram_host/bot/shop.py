"""What the shop's bot does by itself: a catalogue with a button, and a form that asks for feedback."""

from aiogram import F, Router
from aiogram.filters import Command, CommandStart
from aiogram.fsm.context import FSMContext
from aiogram.fsm.state import State, StatesGroup
from aiogram.types import CallbackQuery, InlineKeyboardButton, InlineKeyboardMarkup, Message

shop = Router(name="shop")


class Feedback(StatesGroup):
    """The form: one question."""

    words = State()


@shop.message(CommandStart())
async def start(message: Message) -> None:
    """Greet."""
    await message.answer("Welcome to the shop! /catalogue, /feedback, or /support for your orders.")


@shop.message(Command("catalogue"))
async def catalogue(message: Message) -> None:
    """Show what there is, with a button."""
    more = InlineKeyboardButton(text="More", callback_data="catalogue:2")
    await message.answer("Mugs and blankets.", reply_markup=InlineKeyboardMarkup(inline_keyboard=[[more]]))


@shop.callback_query(F.data.startswith("catalogue:"))
async def page(query: CallbackQuery) -> None:
    """Another page."""
    await query.answer("There is no more.")


@shop.message(Command("feedback"))
async def feedback(message: Message, state: FSMContext) -> None:
    """Open the form."""
    await state.set_state(Feedback.words)
    await message.answer("What would you like to tell us? /cancel to leave it.")


@shop.message(Command("cancel"))
async def cancel(message: Message, state: FSMContext) -> None:
    """Close the form: this command is the shop's own."""
    await state.clear()
    await message.answer("Never mind.")


@shop.message(Feedback.words)
async def told(message: Message, state: FSMContext) -> None:
    """Take the answer."""
    await state.clear()
    await message.answer(f"Thank you for: {message.text}")


@shop.message()
async def anything_else(message: Message) -> None:
    """Whatever nobody else wanted."""
    await message.answer(f"The shop heard: {message.text}")
