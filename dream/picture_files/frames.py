"""Which of the pictures in one file are frames of an animation, or pages, and which are not.

A JPEG of several (MPO) holds other eyes, depths and brightness; a TIFF's reduced pages are thumbnails; the
first picture of a PNG may stand apart from its animation, for programs that show no other.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image

ANIMATIONS = ("PNG", "WEBP", "AVIF", "GIF")
"""Formats, in Pillow's words, whose frames have times."""
_PAGES = "TIFF"
_KIND_OF_PAGE = 254  # TIFF's NewSubfileType: 1 marks reduced pages, 4 masks
_MOST_PAGES = 10_000


def shown_frames(image: Image.Image) -> Sequence[int]:
    """Return the numbers, in Pillow's count, of the frames or pages that are shown one after the other.

    How many there are is what the file says: a PNG's header may promise thousands of millions.
    """
    count = int(getattr(image, "n_frames", 1))
    if image.format == _PAGES and count > 1:
        return _full_pages(image, min(count, _MOST_PAGES))
    if image.format not in ANIMATIONS or count <= 1:
        return (0,)
    return range(1 if getattr(image, "default_image", False) else 0, count)


def first_frame_note(image: Image.Image, count: int) -> str:
    """Say that of an animation, or of several pages, the first one was taken, and how to have them all."""
    many = f"has {count} pages" if image.format == _PAGES else f"is animated, with {count} frames"
    return f"{many}: the first one was taken. `lucidreel render` dreams them all"


def _full_pages(image: Image.Image, count: int) -> tuple[int, ...]:
    pages = []
    for number in range(count):
        image.seek(number)
        tags = getattr(image, "tag_v2", {})
        if not int(tags.get(_KIND_OF_PAGE, 0)) & 5:
            pages.append(number)
    image.seek(0)
    return tuple(pages) or (0,)
