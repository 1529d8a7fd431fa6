"""The pure heart: what is known in, the next move out. Nothing here awaits or reads a clock."""
