"""A shop's own bot on python-telegram-bot, with Rescind's order assistant mounted in it."""
