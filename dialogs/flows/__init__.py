"""One file a dialogue: what is known of a request in, the next move out."""
