"""The desk's door in Telegram: a topic a conversation, in groups of agents."""
