"""People taking over."""
