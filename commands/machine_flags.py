"""On which network, where and in which arithmetic to dream: the flags that every dreaming command takes.

The defaults named in the help are those of `render.settings.Settings`; a test holds the two together, so that
asking for help need not load the settings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from .completion import offer_models
from .flag_groups import Sets, flag
from .parsing import parse_models

MACHINE = "Network and machine"


@dataclass(frozen=True)
class MachineFlags:
    """Which network dreams, where, and in which arithmetic."""

    model: Annotated[
        list[str] | None,
        flag(
            "--model",
            "-m",
            complete=offer_models,
            everyday=True,
            metavar="NAME|FOLDER[=WEIGHT]",
            panel=MACHINE,
            default="bestiary",
            help="A network by name (lucidreel models list), or a folder with a .prototxt and a .caffemodel. "
            "Given again, networks dream together, each with a like part of every step or by its weight.",
        ),
        Sets("model", parse_models),
    ] = None

    device: Annotated[
        str | None,
        flag(
            "--device",
            metavar="auto|cpu|cuda|mps",
            panel=MACHINE,
            default="auto",
            help="Where the network runs.",
        ),
        Sets("device"),
    ] = None

    threads: Annotated[
        int | None,
        flag(
            "--threads",
            metavar="N",
            panel=MACHINE,
            default="one per core",
            help="CPU threads that compute. The same picture needs the same number.",
        ),
        Sets("threads"),
    ] = None

    precision: Annotated[
        str | None,
        flag(
            "--precision",
            metavar="auto|fp32|bf16",
            panel=MACHINE,
            default="auto",
            help="Arithmetic of the network: auto is bf16 where that is fast.",
        ),
        Sets("dream.precision"),
    ] = None

    memory: Annotated[
        int | None,
        flag(
            "--memory",
            metavar="MIB",
            panel=MACHINE,
            default="as much as helps, at most half of the machine's",
            help="Memory for one gradient: larger frames are cut into tiles that give the same result.",
        ),
        Sets("dream.memory_mib"),
    ] = None
