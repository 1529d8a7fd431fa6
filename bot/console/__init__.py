"""The desk's door for browsers: pages, an API for their scripts, and what is live. See `docs/desk.md`."""
