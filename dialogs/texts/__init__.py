"""Every sentence the bot can say, one file a language."""
