"""The async shell around the dialogue: channels, shops, the desk, the web and the command line."""
