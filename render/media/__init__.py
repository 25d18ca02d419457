"""Clips, pictures and sound as files: what is in them, out of them, into them, whole or not at all."""
