"""Text to Reading: pure and fast."""
