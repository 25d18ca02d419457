"""Loading compiled loops without what compiles them.

Before numba looks into its cache it makes ready to compile whatever Python can say: strings, dictionaries,
linear algebra by SciPy where that is installed. That is over a hundred modules and a third of a second in
every process. Code that is kept needs none of them, only numba's runtime. Where a loop is not in the cache,
numba makes ready to compile it after all.

Loops contain functions of other files, and numba takes notice of a loop's own file alone: code that was kept
before another one changed would go on being used. So it counts as old when any file of this folder changes.

All this hangs on names that numba does not document. Where one is missing, numba does as it pleases.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from numba.core import runtime as untyped

runtime: Any = untyped


def load_without_compiler(loop: Any) -> None:
    """Have a numba function look into its cache before numba makes ready to compile."""
    try:
        cache, start_runtime = loop._cache, runtime.rtsys.initialize
        found, guarded = cache._load_overload, cache._guard_against_spurious_io_errors
    except AttributeError:
        return

    def load_overload(signature: Any, context: Any) -> Any:
        start_runtime(context)
        with guarded():
            return found(signature, context)

    cache.load_overload = load_overload


def forget_with_other_files(loop: Any) -> None:
    """Have the kept code of a numba function count as old when a file of this folder has changed."""
    kept: Any = getattr(getattr(loop, "_cache", None), "_cache_file", None)
    if hasattr(kept, "_source_stamp"):
        kept._source_stamp = (kept._source_stamp, stamps(Path(__file__).parent))


@cache
def stamps(folder: Path) -> tuple[tuple[str, float, int], ...]:
    """Return name, time and size of a folder's Python files."""
    found = ((file.name, file.stat()) for file in sorted(folder.glob("*.py")))
    return tuple((name, stat.st_mtime, stat.st_size) for name, stat in found)
