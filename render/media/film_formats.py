"""Which files count as films: those that hold everything themselves, in a format known by its content.

FFmpeg also opens lists of other files (HLS, DASH, ffconcat, SDP, image patterns), which nobody counts as
the clip and which may lie anywhere, and reads any text as the art of a terminal, by its name alone. So the
formats are listed here, and both that open clips, PyAV and the ffmpeg program, are told: only these, and only
through the file system. References from QuickTime files to others ("dref") FFmpeg passes over by itself.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import av
from PIL import Image

from ...dream.picture_files.reading import FORMATS
from .containers import PICTURE_SUFFIXES

if TYPE_CHECKING:
    from av.container import InputContainer

_FORMATS = (
    "mov,matroska,webm,avi,mpegts,mpeg,mpegvideo,flv,live_flv,asf,asf_o,wtv,ogg,nut,mxf,gxf,dv,rm,ivr,ivf,obu,av1,"
    "h264,hevc,vvc,evc,apv,m4v,mjpeg,mjpeg_2000,mpjpeg,vc1,vc1test,dirac,dnxhd,cavsvideo,avs2,avs3,ipu,"
    "yuv4mpegpipe,gif,apng,webp_anim,jpegxl_anim,"
    "swf,kux,nsv,nuv,pva,pmp,ty,dhav,lvf,mxg,smjpeg,ser,cine,r3d,vivo,rpl,siff,simbiosis_imx,iv8,ifv,"
    "3dostr,4xm,anm,bethsoftvid,bfi,bink,bmv,c93,cdxl,dfa,dsicin,dxa,ea,film_cpk,flic,gdv,hnm,idcin,iff,ipmovie,"
    "jv,lmlm4,mm,mods,moflex,mtv,mv,mvi,paf,pdv,psxstr,rl2,roq,sga,smk,smush,thp,tiertexseq,tmv,usm,vividas,vmd,"
    "wc3movie,wsvqa,xmv,yop"
)
# Sounds alone are no films, but opening them lets the error say so.
_SOUNDS = "mp3,wav,w64,flac,aiff,caf,aac,ac3,eac3,dts,truehd,amr,ape,wv,tta,tak,mpc,mpc8,au,oma,dsf,aa"

OPEN_OPTIONS = {"format_whitelist": f"{_FORMATS},{_SOUNDS}", "protocol_whitelist": "file"}
"""What PyAV is told whenever it opens a clip."""

# By its content FFmpeg takes a raw Motion JPEG for a pile of single pictures.
_BY_NAME = {".mjpg": "mjpeg", ".mjpeg": "mjpeg"}


def format_by_name(path: Path) -> str | None:
    """Return the format that a file's suffix decides; None for all that are known by their content."""
    return _BY_NAME.get(path.suffix.lower())


def open_clip(path: Path) -> InputContainer:
    """Open the clip for reading; metadata that is not valid text is dropped instead of failing the clip.

    An absolute path cannot be taken for a protocol, as "a:b.mp4" would be. Only files of the kinds in
    `film_formats` are opened, which hold everything themselves.
    """
    return av.open(
        str(path.absolute()),
        mode="r",
        format=format_by_name(path),
        options=OPEN_OPTIONS,
        metadata_errors="ignore",
    )


def input_arguments(path: Path) -> list[str]:
    """Return what the ffmpeg program is told to open a clip: the same as PyAV."""
    by_name = format_by_name(path)
    chosen = ["-f", by_name] if by_name is not None else []
    options = [word for name, value in OPEN_OPTIONS.items() for word in (f"-{name}", value)]
    # Spelt so that ffmpeg cannot take it for an option or a protocol ("a:b.mp4").
    return [*options, *chosen, "-i", f"file:{path}"]


_HEAD_BYTES = 4096
_LISTS = (
    b"#extm3u",
    b"ffconcat",
    b"v=0",
    b"[playlist]",
    b"[reference]",
    b"rtsptext",
    b"<smil",
    b"<asx",
    b"<?wpl",
)
_XML_LISTS = (b"<mpd", b"<smoothstreamingmedia", b"compositionplaylist", b"<assetmap", b"<playlist", b"<smil")


def what_it_is(path: Path) -> str:
    """Say, to be put behind a file's name, what a file is that does not open as a film."""
    with path.open("rb") as file:
        head = file.read(_HEAD_BYTES)
    folded = head.removeprefix(b"\xef\xbb\xbf").strip().lower()
    is_xml = folded.startswith((b"<?xml", b"<"))
    if folded.startswith(_LISTS) or (is_xml and any(mark in folded for mark in _XML_LISTS)):
        return "is a list of other files. Give a film it names, or join its parts to one file first."
    if _is_text(head):
        return "is text, not a film. Give a clip, or a folder of numbered pictures."
    if kind := _picture_kind(path):
        return (
            f"is a single picture ({kind}) under another name. Rename it ({', '.join(PICTURE_SUFFIXES)}) for "
            "`lucidreel still` or `lucidreel zoom`, or give a clip."
        )
    return (
        "is damaged, cut off before its index, or of no kind that lucidreel reads. Check that it plays, copy "
        "it again, or convert it (to mp4, say)."
    )


def _is_text(head: bytes) -> bool:
    """Tell text by its bytes: no control characters but those that format and colour it."""
    control = set(range(32)) - set(b"\t\n\v\f\r\x1b\x1a") | {127}
    return bool(head) and not control.intersection(head)


def _picture_kind(path: Path) -> str | None:
    try:
        with Image.open(path, formats=FORMATS) as image:
            return image.format
    except MemoryError:
        raise
    except Exception:  # Pillow lets slip RuntimeError, struct.error and more about hostile files
        return None
