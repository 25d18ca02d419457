"""The kinds of targets, one file each: the value, how it is written, what it is in a network."""
