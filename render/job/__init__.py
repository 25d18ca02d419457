"""Job: one render as an object, which every kind of client runs in the same way."""
