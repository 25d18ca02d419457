"""What `import lucidreel` offers: these names, lazily, with types that hold."""

from __future__ import annotations

import inspect
import subprocess
import sys

import lucidreel as lr

NAMES = [
    "DreamConfig",
    "Dreamer",
    "Film",
    "Image",
    "LucidreelError",
    "RenderJob",
    "Settings",
    "Targets",
    "Video",
    "VideoFrame",
    "__version__",
    "events",
    "list_networks",
    "list_presets",
    "load_network",
    "noise",
    "open_video",
    "preview",
    "read_image",
    "render",
    "render_job",
    "sample_clip",
    "side_by_side",
    "still",
    "write_image",
    "zoom",
    "zoom_job",
]


def test_these_are_the_public_names() -> None:
    assert sorted(lr.__all__) == sorted(NAMES)
    assert set(NAMES) <= set(dir(lr))


def test_every_public_name_is_there_and_says_what_it_is() -> None:
    for name in NAMES:
        found = getattr(lr, name)
        assert name == "__version__" or inspect.getdoc(found), name


def test_a_name_that_is_not_offered_is_an_attribute_error() -> None:
    assert not hasattr(lr, "rendr")


def test_importing_loads_nothing_and_a_name_loads_what_it_needs() -> None:
    code = """
import sys, lucidreel as lr
heavy = ("torch", "scipy", "numpy", "av", "cv2", "PIL")
print([name for name in heavy if name in sys.modules])
lr.Targets
print([name for name in ("torch", "scipy", "av", "cv2") if name in sys.modules])
lr.noise(32, 32)
print([name for name in ("torch", "cv2") if name in sys.modules])
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.split("\n")[:3] == ["[]", "[]", "[]"]


def test_render_is_a_function_and_a_package_in_whatever_order_it_is_met() -> None:
    code = """
import lucidreel as lr
assert callable(lr.render) and "on_event" in str(__import__("inspect").signature(lr.render))
import lucidreel.render.frames.frames
assert callable(lr.render) and lucidreel.render.frames.frames.Frame
try:
    lr.render("no.mp4", "out.mp4")
except lr.LucidreelError as error:
    print(error)
"""
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stdout.startswith("no.mp4 does not exist")
