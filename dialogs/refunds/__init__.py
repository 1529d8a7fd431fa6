"""Refund windows by payment method, and one calculator."""
