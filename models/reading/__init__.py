"""Outside formats, each with one reader: text, lines, TOML, JSON, Python's lists, NumPy arrays.

What a reader gives back is bounded in size, depth and digits, so that nobody above has to think of files that
were made to be hard to read. What it refuses ends in one message: the file, what is wrong and where, the
limit, the next step. Devices, pipes and sockets are never opened.
"""
