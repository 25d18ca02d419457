"""Carry: what of the last frame's dream the next one starts from, along a clip's flow or a camera's path."""
