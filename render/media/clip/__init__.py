"""A clip: its facts, its streams, and its frames one after another."""
