"""The embedded network: its drawings, its training, its weights."""
