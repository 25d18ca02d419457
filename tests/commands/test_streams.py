"""The real program with streams that are closed, broken or in a code page, and libraries that talk."""

from __future__ import annotations

import os
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

pytestmark = pytest.mark.skipif(os.name != "posix", reason="closes streams as a shell does")

PROGRAM = f"{sys.executable} -m lucidreel.cli"


def _shell(line: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        ["bash", "-c", line],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        env={**os.environ, "OMP_NUM_THREADS": "1", **environment},
    )


@pytest.fixture
def words(tmp_path: Path, tiny: Path) -> str:
    """A still that takes a moment, but for its output."""
    photo = tmp_path / "photo.png"
    Image.fromarray(np.full((32, 32, 3), 99, np.uint8)).save(photo)
    return f"{PROGRAM} still {photo} -m {tiny} --octaves 1 --iterations 1 --device cpu"


@pytest.mark.parametrize("closed", ["2>&-", ">&-", "<&-", "<&- >&- 2>&-", "2>&1 | head -1"])
def test_a_picture_is_made_whatever_stream_is_closed(closed: str, tmp_path: Path, words: str) -> None:
    out = tmp_path / "dream.png"
    ended = _shell(f"set -o pipefail; {words} -o {out} {closed}")
    assert ended.returncode == 0, ended
    assert "Traceback" not in ended.stderr + ended.stdout
    with Image.open(out) as image:
        assert image.size == (32, 32)
    assert out.with_name("dream.png.toml").exists()


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii", "utf-8"])
def test_names_that_a_code_page_has_no_letters_for_are_told_all_the_same(
    encoding: str, tmp_path: Path, words: str
) -> None:
    command = [*words.split(), "-o", str(tmp_path / "日本é.png")]
    environment = {**os.environ, "PYTHONIOENCODING": encoding, "OMP_NUM_THREADS": "1"}
    ended = subprocess.run(command, capture_output=True, check=False, env=environment)
    assert ended.returncode == 0, ended
    told = ended.stdout.decode(encoding)
    assert "日本é.png" in told or "\\u65e5\\u672c" in told
    assert (tmp_path / "日本é.png.toml").exists()


def _with_broken_profile(path: Path) -> Path:
    """A picture of 16 bits per channel that libpng, in OpenCV, warns of on its own."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))

    rows = b"".join(b"\0" + np.full((32, 3), 30_000, ">u2").tobytes() for _ in range(32))
    path.write_bytes(
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0))
        + chunk(b"gAMA", bytes(4))
        + chunk(b"iCCP", b"bad\0\0" + zlib.compress(b"no profile"))
        + chunk(b"IDAT", zlib.compress(rows))
        + chunk(b"IEND", b"")
    )
    return path


def test_what_libraries_say_stays_off_the_terminal(tmp_path: Path, words: str) -> None:
    transparent = Image.new("P", (32, 32))
    transparent.putpalette(list(range(256)) * 3)
    transparent.save(tmp_path / "photo.png", transparency=bytes(range(256)))
    deep = _with_broken_profile(tmp_path / "deep.png")
    for photo in (tmp_path / "photo.png", deep):
        line = words.replace(str(tmp_path / "photo.png"), str(photo))
        ended = _shell(f"{line} -q -y -o {tmp_path / 'dream.png'}")
        assert ended.returncode == 0
        assert "libpng" not in ended.stderr and "Warning" not in ended.stderr


def test_warnings_are_dropped_and_shown_with_debug(tmp_path: Path, words: str) -> None:
    said = (
        "import os, sys, warnings, logging\n"
        "from lucidreel import cli\n"
        "from lucidreel.dream.engine import Dreamer\n"
        "dream = Dreamer.dream\n"
        "def warned(self, *given, **named):\n"
        "    warnings.warn('a warning of a library')\n"
        "    logging.getLogger('library').warning('a log line')\n"
        "    os.write(2, b'straight from C\\n')\n"
        "    return dream(self, *given, **named)\n"
        "Dreamer.dream = warned\n"
        "cli.main()\n"
    )
    command = [sys.executable, "-c", said, *words.split()[3:], "-q", "-y", "-o", str(tmp_path / "dream.png")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    ended = subprocess.run([*command, "--debug"], capture_output=True, text=True, check=False)
    assert ended.returncode == 0
    for words_of_others in ("a warning of a library", "a log line", "straight from C"):
        assert words_of_others in ended.stderr


def test_a_folder_that_is_gone_is_said_to_be_gone(tmp_path: Path, words: str) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    ended = _shell(f"cd {gone} && rmdir {gone} && {words} -o dream.png")
    assert ended.returncode == 6
    assert ended.stderr.startswith("error: the current folder is not there any more")
