"""Rescind's order assistant inside a shop's own Telegram bot.

`rescind_mount.aiogram` is for bots on aiogram, `rescind_mount.telegram` for those on python-telegram-bot.
"""
