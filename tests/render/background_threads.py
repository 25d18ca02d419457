"""Which of a render's own threads are still there."""

from __future__ import annotations

import threading


def background_threads() -> set[str]:
    """Return the names of the threads that render beside the one that dreams."""
    return {thread.name for thread in threading.enumerate()} & {
        "read-ahead",
        "decode",
        "analyzer",
        "write-behind",
    }
