"""Files that arrived under the name of another kind: a page for a download, a note for a file."""

from __future__ import annotations

_PAGE = (b"<!doctype html", b"<html", b"<?xml", b"<!--")
_LFS = b"version https://git-lfs.github.com/spec"
_ARCHIVES = (b"PK\x03\x04", b"\x1f\x8b", b"BZh", b"\xfd7zXZ", b"7z\xbc\xaf", b"Rar!")


HDF5_ENDING = ".caffemodel.h5"
FROM_HDF5 = (
    "weights in Caffe's HDF5 form, which lucidreel does not read. Caffe itself turns them into the usual "
    "one: caffe.Net(definition, weights, caffe.TEST).save('net.caffemodel')."
)


def what_else(content: bytes) -> str:
    """Return what a file is by its first bytes, and what to do; "" for one that may be what it should."""
    start = content[:200].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if start.startswith(_PAGE):
        return (
            "it is a web page. Download the file itself: on GitHub the button is called Raw; other places "
            "may want you to log in"
        )
    if start.startswith(_LFS):
        return "it is a note of Git LFS about where the file is. `git lfs pull` brings the file itself"
    if content.startswith(_ARCHIVES):
        return "it is an archive. Unpack it, or give it to `lucidreel models add` with its own ending"
    return ""
