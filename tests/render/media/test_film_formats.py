"""Only files that hold everything themselves are films: lists of other files and plain text are not."""

from __future__ import annotations

import re
import shutil
import struct
import subprocess
from pathlib import Path

import imageio_ffmpeg
import pytest
from PIL import Image

from lucidreel.dream.targets.regions import read_region
from lucidreel.errors import InputNotFoundError, MediaError
from lucidreel.render.maps import MapSupply
from lucidreel.render.media.clip.probe import probe
from lucidreel.render.media.film_formats import input_arguments
from lucidreel.render.media.sources import open_source
from lucidreel.render.settings.settings import ClipConfig

HLS = "#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:0.8,\nother.ts\n#EXT-X-ENDLIST\n"
LISTS = {
    "list.m3u8": HLS,
    "list.mp4": HLS,
    "joined.mp4": "ffconcat version 1.0\nfile other.mp4\n",
    "joined.txt": "ffconcat version 1.0\nfile other.mp4\n",
    "stream.sdp": "v=0\no=- 0 0 IN IP4 127.0.0.1\ns=x\nc=IN IP4 127.0.0.1\nt=0 0\nm=video 5004 RTP/AVP 96\n",
    "stream.mp4": "v=0\r\no=- 0 0 IN IP4 127.0.0.1\r\ns=x\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\n",
    "dash.mpd": (
        '<?xml version="1.0"?>\n<MPD xmlns="urn:mpeg:dash:schema:mpd:2011" profiles="x" type="static">'
        "<Period><AdaptationSet><Representation id='0'><BaseURL>other.mp4</BaseURL></Representation>"
        "</AdaptationSet></Period></MPD>"
    ),
    "package.xml": '<?xml version="1.0"?>\n<CompositionPlaylist xmlns="http://www.smpte-ra.org/x"/>',
    "old.asx": '<asx version="3.0"><entry><ref href="other.wmv"/></entry></asx>',
    "old.pls": "[playlist]\nFile1=other.mp4\n",
}
OWN_WAYS = {
    ".mxf": ("-c:v", "mpeg2video"),
    ".ivf": ("-c:v", "libvpx"),
    ".3gp": ("-c:v", "mpeg4"),
    ".apng": ("-pix_fmt", "rgb24", "-f", "apng"),
    ".gif": ("-pix_fmt", "rgb8"),
}
"""How to make a film of a kind, where its name alone does not do it."""
ART = "\x1b[31mA red letter\x1b[0m\r\n" * 40


@pytest.fixture
def beside(tmp_path: Path, short_clip: Path) -> Path:
    """A folder in which the files lie that the lists name."""
    shutil.copy(short_clip, tmp_path / "other.mp4")
    command = [imageio_ffmpeg.get_ffmpeg_exe(), "-loglevel", "error", "-i", short_clip]
    subprocess.run([*command, "-pix_fmt", "yuv420p", tmp_path / "other.ts"], check=True)
    return tmp_path


def _refused_by_ffmpeg(path: Path) -> bool:
    command = [imageio_ffmpeg.get_ffmpeg_exe(), *input_arguments(path), "-f", "null", "-"]
    return subprocess.run(command, capture_output=True, check=False).returncode != 0


@pytest.mark.parametrize("name", list(LISTS))
def test_a_list_of_other_files_is_refused_by_everything_that_opens_clips(name: str, beside: Path) -> None:
    path = beside / name
    path.write_text(LISTS[name], encoding="utf-8", newline="")
    words = rf"{name} cannot be read as a video: it is a list of other files"
    with pytest.raises(MediaError, match=words):
        probe(path)
    with pytest.raises(MediaError, match=words):
        MapSupply([read_region(str(path))])
    assert _refused_by_ffmpeg(path)


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("concat:a.ts|b.ts", "concat:a.ts|b.ts does not exist. It is read as the name of a file"),
        ("subfile,,start,0,end,9,,:a.ts", "does not exist"),
        ("https://example.org/a.mp4", "It is read as the name of a file"),
        ("frame%03d.png", "Patterns are not read: give the folder"),
        ("frames/*.png", "Patterns are not read: give the folder"),
    ],
)
def test_protocols_and_patterns_are_names_of_files_that_are_not_there(name: str, words: str) -> None:
    with pytest.raises(InputNotFoundError, match=re.escape(words)):
        open_source(Path(name), ClipConfig())


@pytest.mark.parametrize(
    "name", ["art.txt", "art.ans", "art.nfo", "art.mp4", "art.diz", "words.srt", "art.asc"]
)
def test_text_is_not_rendered_as_the_art_of_a_terminal(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_text("1\n00:00:00,000 --> 00:00:01,000\nwords\n" if name.endswith(".srt") else ART, newline="")
    with pytest.raises(MediaError, match=rf"{name} cannot be read as a video: it is text, not a film"):
        probe(path)
    assert _refused_by_ffmpeg(path)


@pytest.mark.parametrize(
    "name", ["noise.bin", "noise.xb", "noise.yuv", "noise.rgb", "noise.adf", "noise.mp4"]
)
def test_bytes_that_only_a_name_makes_a_picture_are_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    path.write_bytes(bytes(range(256)) * 600)
    with pytest.raises(
        MediaError, match=rf"{name} cannot be read as a video: it is damaged, .* or of no kind"
    ):
        probe(path)
    assert _refused_by_ffmpeg(path)


@pytest.mark.parametrize(
    ("kind", "name"), [("PNG", "photo.mp4"), ("JPEG", "photo.mkv"), ("BMP", "frame%03d.mov")]
)
def test_a_picture_under_a_films_name_is_told_as_one(kind: str, name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    Image.new("RGB", (32, 32), "red").save(path, kind)
    with pytest.raises(
        MediaError, match=rf"{name} cannot be read as a video: it is a single picture \({kind}\)"
    ):
        probe(path)


def test_a_clip_whose_samples_lie_in_another_file_opens_no_other_file(beside: Path) -> None:
    """A QuickTime file may name another one for its samples: an alias, as its "dref" keeps them."""
    path = str(beside / "other.mp4").encode()
    alias = bytes(10) + bytes(28) + bytes(12) + bytes(64) + bytes(16) + bytes(4) + bytes(16)
    alias += struct.pack(">HH", 2, len(path)) + path + bytes(len(path) % 2) + b"\xff\xff\x00\x00" + bytes(40)
    entry = struct.pack(">I4sI", 12 + len(alias), b"alis", 0) + alias
    reference = struct.pack(">II", 0, 1) + entry
    whole = (beside / "other.mp4").read_bytes()
    kinds = [b"moov", b"trak", b"mdia", b"minf", b"dinf", b"dref"]
    (beside / "refers.mov").write_bytes(_with_box(whole, kinds, reference))
    with pytest.raises(MediaError, match="not one frame"):
        probe(beside / "refers.mov")


def _with_box(boxes: bytes, kinds: list[bytes], content: bytes) -> bytes:
    """Return ISO boxes with another content in the first one that lies along this path."""
    place = 0
    while True:
        size, kind = struct.unpack_from(">I4s", boxes, place)
        if kind == kinds[0]:
            break
        place += size
    inner = boxes[place + 8 : place + size]
    inner = content if len(kinds) == 1 else _with_box(inner, kinds[1:], content)
    return boxes[:place] + struct.pack(">I4s", 8 + len(inner), kind) + inner + boxes[place + size :]


@pytest.mark.parametrize(
    "suffix",
    [
        ".mp4",
        ".mov",
        ".mkv",
        ".avi",
        ".ts",
        ".mpg",
        ".flv",
        ".wmv",
        ".ogv",
        ".nut",
        ".mxf",
        ".dv",
        ".gif",
        ".apng",
        ".y4m",
        ".ivf",
        ".h264",
        ".mjpeg",
        ".m2v",
        ".swf",
        ".webm",
        ".3gp",
        ".wtv",
    ],
)
def test_a_film_of_every_common_kind_opens(suffix: str, tmp_path: Path) -> None:
    path = tmp_path / f"film{suffix}"
    size = "720x576" if suffix == ".dv" else "64x64"
    source = ("-f", "lavfi", "-i", f"testsrc2=s={size}:r=25:d=0.2", "-pix_fmt", "yuv420p")
    command = [
        imageio_ffmpeg.get_ffmpeg_exe(),
        "-loglevel",
        "error",
        *source,
        *OWN_WAYS.get(suffix, ()),
        path,
    ]
    subprocess.run(command, check=True)
    assert len(probe(path).packet_times_s) == 5
