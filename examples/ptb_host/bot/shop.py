"""What the shop's bot does by itself: a catalogue with a button, and a form that asks for feedback."""

from telegram import InlineKeyboardButton, InlineKeyboardMarkup, Update
from telegram.ext import (
    BaseHandler,
    CallbackQueryHandler,
    CommandHandler,
    ContextTypes,
    ConversationHandler,
    MessageHandler,
    filters,
)

Context = ContextTypes.DEFAULT_TYPE
WORDS = 1
"""The form's one question."""


async def start(update: Update, _: Context) -> None:
    """Greet."""
    await update.message.reply_text(
        "Welcome to the shop! /catalogue, /feedback, or /support for your orders."
    )


async def catalogue(update: Update, _: Context) -> None:
    """Show what there is, with a button."""
    more = InlineKeyboardMarkup([[InlineKeyboardButton("More", callback_data="catalogue:2")]])
    await update.message.reply_text("Mugs and blankets.", reply_markup=more)


async def page(update: Update, _: Context) -> None:
    """Another page."""
    await update.callback_query.answer("There is no more.")


async def feedback(update: Update, _: Context) -> int:
    """Open the form."""
    await update.message.reply_text("What would you like to tell us? /cancel to leave it.")
    return WORDS


async def cancel(update: Update, _: Context) -> int:
    """Close the form: this command is the shop's own."""
    await update.message.reply_text("Never mind.")
    return ConversationHandler.END


async def told(update: Update, _: Context) -> int:
    """Take the answer."""
    await update.message.reply_text(f"Thank you for: {update.message.text}")
    return ConversationHandler.END


async def anything_else(update: Update, _: Context) -> None:
    """Whatever nobody else wanted."""
    await update.message.reply_text(f"The shop heard: {update.message.text}")


def handlers() -> list[BaseHandler]:
    """The shop's handlers, in order."""
    form = ConversationHandler(
        entry_points=[CommandHandler("feedback", feedback)],
        states={WORDS: [MessageHandler(filters.TEXT & ~filters.COMMAND, told)]},
        fallbacks=[CommandHandler("cancel", cancel)],
    )
    return [
        CommandHandler("start", start),
        CommandHandler("catalogue", catalogue),
        CallbackQueryHandler(page, pattern="^catalogue:"),
        form,
        CommandHandler("cancel", cancel),
        MessageHandler(filters.ALL & filters.UpdateType.MESSAGE, anything_else),
    ]
