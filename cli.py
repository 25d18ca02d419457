"""The `lucidreel` program: how it begins.

    cli.py        signals and streams in order, before anything else is loaded
    commands/     the commands (`program`), one module each; words -> Settings -> render;
                  errors -> one message and an exit code (`outcome`)

Nothing is imported here but what Python has loaded already: a Ctrl-C in between would end in a traceback.
torch, OpenCV and PyAV load inside the commands that need them, so that `lucidreel --help` answers at once.
Imports name the package in full so that `python cli.py` works as well.
"""

from __future__ import annotations

import sys

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Never


def run(arguments: list[str]) -> int:
    """Run the program on its arguments and return the exit code."""
    from lucidreel.commands.outcome import carry_out
    from lucidreel.models.torch_environment import prepare_environment

    prepare_environment()
    return carry_out(arguments)


def main() -> Never:
    """Run the program as the shell called it."""
    # `signal` itself takes milliseconds to import, for its enumerations.
    import _signal as signal  # type: ignore[import-not-found]

    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)  # ends the process without a word
    from lucidreel.commands.outcome import DEBUG, EXIT_INTERRUPTED, fail
    from lucidreel.commands.streams import Streams, open_missing
    from lucidreel.render.signals import ends_at_second_request

    arguments = sys.argv[1:]
    open_missing()
    with ends_at_second_request(EXIT_INTERRUPTED):
        streams = Streams.take_over(shows_all=DEBUG in arguments)
        code = run(arguments)
        if (refusal := streams.close()) is not None and code == 0:
            code = fail(refusal, str(refusal), refusal.exit_code, debug=False)
    sys.exit(code)


if __name__ == "__main__":
    main()
