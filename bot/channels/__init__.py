"""Channels: each alone in knowing its library."""
