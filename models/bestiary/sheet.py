"""A contact sheet: one row for every drawn class, or any folder of pictures with their names under them.

``python -m lucidreel.models.bestiary.sheet -o sheet.jpg`` draws the classes;
``python -m lucidreel.models.bestiary.sheet --folder dreams -o dreams.jpg`` lays out existing pictures.
"""

import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from .catalogue import class_names
from .picture import draw_picture

_CAPTION_PX = 14
_GAP_PX = 4


def class_sheet(columns: int = 4, seed: int = 1, size_px: int = 96, blocks: int = 3) -> Image.Image:
    """A sheet with a captioned row of freshly drawn pictures for every class, in blocks side by side."""
    names = class_names()
    step, high = size_px + _GAP_PX, size_px + _GAP_PX + _CAPTION_PX
    rows, wide = -(-len(names) // blocks), columns * step + 2 * _GAP_PX
    sheet = Image.new("RGB", (blocks * wide - _GAP_PX, rows * high + _GAP_PX), "white")
    pen = ImageDraw.Draw(sheet)
    for index, name in enumerate(names):
        left, top = index // rows * wide + _GAP_PX, index % rows * high + _GAP_PX
        pen.text((left, top - 1), name, fill="black")
        for column in range(columns):
            picture = draw_picture(index, (seed, index, column), size_px)
            sheet.paste(Image.fromarray(picture), (left + column * step, top + _CAPTION_PX))
    return sheet


def folder_sheet(folder: Path, columns: int = 6, size_px: int = 192) -> Image.Image:
    """A sheet of every PNG and JPEG in a folder, in order of name, captioned with the name."""
    files = sorted(file for file in folder.iterdir() if file.suffix.lower() in {".png", ".jpg", ".jpeg"})
    step = size_px + _GAP_PX
    rows = -(-len(files) // columns)
    sheet = Image.new("RGB", (columns * step + _GAP_PX, rows * (step + _CAPTION_PX) + _GAP_PX), "white")
    pen = ImageDraw.Draw(sheet)
    for index, file in enumerate(files):
        left, top = index % columns * step + _GAP_PX, index // columns * (step + _CAPTION_PX) + _GAP_PX
        pen.text((left, top - 1), file.stem.replace("_", " "), fill="black")
        with Image.open(file) as picture:
            sheet.paste(picture.convert("RGB").resize((size_px, size_px)), (left, top + _CAPTION_PX))
    return sheet


def main(arguments: list[str] | None = None) -> None:
    """Write the sheet named on the command line."""
    parser = argparse.ArgumentParser(prog="python -m lucidreel.models.bestiary.sheet", description=__doc__)
    parser.add_argument("-o", "--output", type=Path, required=True, help="picture to write, .jpg or .png")
    parser.add_argument(
        "--folder", type=Path, help="lay out the pictures of this folder instead of drawing classes"
    )
    parser.add_argument("--columns", type=int, default=4, help="pictures per class or row (default 4)")
    parser.add_argument("--blocks", type=int, default=3, help="classes side by side (default 3)")
    parser.add_argument("--seed", type=int, default=1, help="seed of the drawn pictures (default 1)")
    options = parser.parse_args(arguments)
    if options.folder is None:
        sheet = class_sheet(options.columns, options.seed, blocks=options.blocks)
    else:
        sheet = folder_sheet(options.folder, options.columns)
    sheet.save(options.output, quality=80)


if __name__ == "__main__":
    main()
