"""The dialogue of `benchmarks.telegram` written by hand, as PTB's own examples would: a ConversationHandler.

Nothing is durable, nothing asks a shop over a wire, nobody is checked twice: as little as can answer alike.
`python on_ptb.py TOKEN API_URL ORDERS`.
"""

import asyncio
import sys

import uvloop
from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    Application,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

FIRST = 500_000
TOKEN, API, COUNT = sys.argv[1], sys.argv[2], int(sys.argv[3])
ORDERS = {str(FIRST + n): f"ann{n}@shop.test" for n in range(COUNT)}
CANCELLED: set[str] = set()
NUMBER, EMAIL, CONFIRM, MORE = range(4)
Context = ContextTypes.DEFAULT_TYPE


async def begin(update: Update, _: Context) -> int:
    await update.message.reply_text("Which order is it? Please tell me its order number, for example 1042.")
    return NUMBER


async def number(update: Update, context: Context) -> int:
    if update.message.text not in ORDERS:
        await update.message.reply_text("I can't find that order number.")
        return NUMBER
    context.user_data["number"] = update.message.text
    await update.message.reply_text("Which e-mail address did you order with?")
    return EMAIL


async def email(update: Update, context: Context) -> int:
    order = context.user_data["number"]
    if update.message.text != ORDERS[order]:
        await update.message.reply_text("That does not match.")
        return EMAIL
    await update.message.reply_text(
        f"Order {order} has been paid and can still be cancelled. Shall I cancel it?",
        reply_markup=buttons("Yes, cancel it", "No, keep it"),
    )
    return CONFIRM


async def confirm(update: Update, context: Context) -> int:
    order = context.user_data["number"]
    if update.message.text != "yes":
        await update.message.reply_text("It stays as it is.")
        return ConversationHandler.END
    CANCELLED.add(order)
    await update.message.reply_text(
        f"Done: order {order} is cancelled. Anything else?", reply_markup=buttons("Yes", "No")
    )
    return MORE


async def more(update: Update, _: Context) -> int:
    await update.message.reply_text("You're welcome. Goodbye!")
    return ConversationHandler.END


def buttons(*labels: str) -> InlineKeyboardMarkup:
    return InlineKeyboardMarkup([[InlineKeyboardButton(label, callback_data=label) for label in labels]])


def main() -> None:
    asyncio.set_event_loop(uvloop.new_event_loop())
    application = Application.builder().token(TOKEN).base_url(f"{API}/bot").build()
    words = filters.TEXT & ~filters.COMMAND
    states = {
        state: [MessageHandler(words, handler)]
        for state, handler in {NUMBER: number, EMAIL: email, CONFIRM: confirm, MORE: more}.items()
    }
    application.add_handler(
        ConversationHandler([CommandHandler("cancel_order", begin)], states, fallbacks=[])
    )
    application.run_polling()


if __name__ == "__main__":
    main()
