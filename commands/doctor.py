"""`lucidreel doctor`: what this machine can do, each fact measured or asked for, never assumed."""

from __future__ import annotations

import os
import platform
import subprocess
import time
from collections.abc import Callable, Iterator

import typer

from .. import __version__
from .terminal import say

Finding = tuple[str, str]

# Encoders of the containers that lucidreel writes, best known first.
_ENCODERS = ("libx264", "libx265", "libvpx-vp9", "libsvtav1", "gif", "png")
_NEEDED_ENCODERS = ("libx264", "libvpx-vp9", "gif", "png")


def doctor() -> None:
    """Tell what this machine can do: devices, memory, ffmpeg, networks, Caffe; and dream one tiny picture.

    Ends with exit code 1 when something that lucidreel needs is missing or fails.
    """
    broken = 0
    for check in (_program, _arithmetic, _devices, _memory, _media, _networks, _caffe, _tiny_dream):
        try:
            for name, finding in check():
                say(f"  ok   {name:<10} {finding}")
        except Exception as error:  # whatever fails here is the finding
            broken += 1
            say(f"  FAIL {check.__name__.strip('_').replace('_', ' '):<10} {type(error).__name__}: {error}")
    say("Everything lucidreel needs works here." if not broken else f"{broken} of these checks failed.")
    if broken:
        raise typer.Exit(1)


def _program() -> Iterator[Finding]:
    yield "lucidreel", f"{__version__} on Python {platform.python_version()}, {platform.platform()}"


def _arithmetic() -> Iterator[Finding]:
    import torch

    from ..models.torch_internals import cpu_bf16, fast_cpu_bf16

    slow = f"slower than fp32 ({cpu_bf16()})" if cpu_bf16() else "emulated"
    fast = f"fast ({cpu_bf16()})" if fast_cpu_bf16() else f"{slow}, so fp32 is used"
    yield (
        "torch",
        f"{torch.__version__}, {torch.get_num_threads()} of {os.cpu_count()} CPU threads, bf16 {fast}",
    )


def _devices() -> Iterator[Finding]:
    import torch

    for index in range(torch.cuda.device_count()):
        facts = torch.cuda.get_device_properties(index)
        yield (
            "cuda",
            f"{facts.name}, {facts.total_memory / 2**30:.0f} GiB, compute {facts.major}.{facts.minor}",
        )
    if torch.backends.mps.is_available():
        yield "mps", "Apple GPU"
    if not torch.cuda.is_available() and not torch.backends.mps.is_available():
        yield "devices", "CPU only: everything works, a GPU would be faster"


def _memory() -> Iterator[Finding]:
    import torch

    from ..dream.memory import free_mib, total_mib

    machine = torch.device("cpu")
    total, free = (mib(machine) / 1024 for mib in (total_mib, free_mib))
    yield "memory", f"{total:.1f} GiB, {free:.1f} GiB free right now"


def _media() -> Iterator[Finding]:
    import av
    import imageio_ffmpeg

    yield "PyAV", f"{av.__version__}, libavcodec {_dotted(av.library_versions['libavcodec'])}"
    program = imageio_ffmpeg.get_ffmpeg_exe()
    listing = _output_of([program, "-hide_banner", "-encoders"])
    found = [name for name in _ENCODERS if f" {name} " in listing]
    yield "ffmpeg", f"{imageio_ffmpeg.get_ffmpeg_version()} ({program}), encoders: {', '.join(found)}"
    if missing := [name for name in _NEEDED_ENCODERS if name not in found]:
        raise RuntimeError(
            f"ffmpeg lacks {', '.join(missing)}: unset IMAGEIO_FFMPEG_EXE or install another ffmpeg"
        )


def _networks() -> Iterator[Finding]:
    from ..models.zoo.registry import list_networks

    entries = list_networks()
    here = ", ".join(entry.name for entry in entries if entry.folder is not None)
    others = sum(entry.folder is None for entry in entries)
    yield "networks", f"{here}; {others} more can be had: lucidreel models list"


def _caffe() -> Iterator[Finding]:
    """Start the real Caffe; none at all is no fault, but one that somebody named has to work."""
    from ..errors import BackendError
    from ..models.pycaffe.find_python import VARIABLE, find_caffe_python
    from ..models.pycaffe.running_caffe import RunningCaffe

    try:
        python = find_caffe_python()
    except BackendError:
        if os.environ.get(VARIABLE):
            raise
        yield "caffe", "no real one found, and none needed but for --backend pycaffe (docs/caffe.md)"
        return
    caffe = RunningCaffe(python)
    caffe.close()
    version = caffe.facts.caffe or "of an unknown version"
    yield "caffe", f"{version} on Python {caffe.facts.python} ({python}), for --backend pycaffe"


def _tiny_dream() -> Iterator[Finding]:
    import numpy as np

    from ..dream.config.dream import DreamConfig
    from ..dream.device import choose_device
    from ..dream.engine import Dreamer
    from ..dream.targets.targets import Targets
    from ..models.zoo.registry import load_network

    device = choose_device("auto")
    dreamer = Dreamer(load_network(), Targets(), DreamConfig(octaves=1, iterations=1), device)
    grey = np.full((3, 96, 160), 0.5, np.float32)
    dreamer.dream(grey)  # the first pass pays for warming up
    spent_s = _seconds(lambda: dreamer.dream(grey))
    yield "dream", f"one step of 160x96 on {device} takes {spent_s * 1000:.0f} ms ({dreamer.description})"


def _dotted(version: tuple[int, ...]) -> str:
    return ".".join(str(number) for number in version)


def _output_of(command: list[str]) -> str:
    return subprocess.run(
        command, capture_output=True, text=True, check=True, stdin=subprocess.DEVNULL
    ).stdout


def _seconds(work: Callable[[], object]) -> float:
    started_s = time.perf_counter()
    work()
    return time.perf_counter() - started_s
