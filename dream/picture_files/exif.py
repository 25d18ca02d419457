"""What EXIF says of a picture: which way up it is, and Adobe's colours.

EXIF is written by anybody, and Pillow lets slip whatever it meets there: what cannot be read says nothing.
"""

from __future__ import annotations

from typing import BinaryIO

from PIL import ExifTags, Image

from .png_chunks import kept_place, png_chunks

_TEXTS = (b"eXIf", b"tEXt", b"zTXt", b"iTXt")
_ADOBE_RGB = 2  # not in the standard, which says 1 (sRGB) or 65535 (whatever R03 or a profile says)


def orientation(image: Image.Image, file: BinaryIO) -> int:
    """Return EXIF's orientation, 1 to 8, of an open picture: 1 where nothing is said."""
    try:
        return int(image.getexif().get(ExifTags.Base.Orientation, 1)) if _may_have_exif(image, file) else 1
    except Exception:
        return 1


def is_adobe_rgb(image: Image.Image, file: BinaryIO) -> bool:
    """Tell whether a camera marked its levels as Adobe RGB (1998): DCF's option R03, or colour space 2."""
    try:
        if not _may_have_exif(image, file):
            return False
        exif = image.getexif()
        option = exif.get_ifd(ExifTags.IFD.Interop).get(ExifTags.Interop.InteropIndex)
        space = exif.get_ifd(ExifTags.IFD.Exif).get(ExifTags.Base.ColorSpace)
        return str(option).startswith("R03") or space == _ADOBE_RGB
    except Exception:
        return False


def _may_have_exif(image: Image.Image, file: BinaryIO) -> bool:
    """Tell whether to ask Pillow, which decodes a whole PNG to find out that it has none."""
    if image.format != "PNG" or "exif" in image.info or not getattr(image, "tile", None):
        return True
    if "Raw profile type exif" in image.info:
        return True
    with kept_place(file):
        behind = False
        for kind, _ in png_chunks(file):
            behind = behind or kind == b"IDAT"
            if behind and kind in _TEXTS:
                return True
    return False
