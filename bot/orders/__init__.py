"""Order-status adapters, one file a shop system."""
