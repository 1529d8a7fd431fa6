"""A shop's own bot on aiogram, with Rescind's order assistant mounted in it."""
