"""Two pictures in, a `Flow` out, estimated on a device beside whatever else runs there.

On CUDA it has a stream of its own. PyTorch's current stream belongs to the thread, so an estimator on the
analysis thread neither waits for the dream's kernels nor makes them wait. Only for the answer's copy does the
thread wait, without the interpreter's lock.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor

from ....errors import OutOfMemoryError
from ...frames.frames import Picture
from ...settings.flow import FlowConfig
from ..flow import Flow, estimation_size, still_flow, too_small
from .confidence import consistent, enlarged, filled, softened
from .search import dense_flow

# Of red, green and blue in grey, ITU-R BT.601.
_LUMA = 0.299, 0.587, 0.114


class TorchFlowEstimator:
    """Estimates the flow of one stream of frames on a device of PyTorch."""

    def __init__(self, config: FlowConfig, device: torch.device) -> None:
        self._config, self._device = config, device
        self._stream = _new_stream(device) if device.type == "cuda" else None

    @torch.inference_mode()
    def between(self, before: Picture, now: Picture) -> Flow:
        """Return the flow from the frame now back to the frame before, see `FlowEstimator`.

        Raises OutOfMemoryError when the device has no room for it.
        """
        size = estimation_size(now, self._config)
        if too_small(size):
            return still_flow(now)
        try:
            return self._estimated(before, now, size)
        except torch.OutOfMemoryError as error:
            raise OutOfMemoryError(
                f"the optical flow of frames of {size[0]}x{size[1]} does not fit {self._device} beside the "
                "dream. Set a smaller size_px in [clip.flow], or --memory, which leaves it more."
            ) from error

    def _estimated(self, before: Picture, now: Picture, size: tuple[int, int]) -> Flow:
        with self._own_stream():
            was, here = (self._grey(picture, size) for picture in (before, now))
            both = dense_flow(torch.cat([here, was]), torch.cat([was, here]))
            back, forth = both[:1], both[1:]
            back, confidence = filled(back, consistent(back, forth, self._config), was, here, self._config)
            confidence = softened(confidence, self._config.softness_px)
            back, confidence = enlarged(back, confidence, (now.shape[1], now.shape[2]))
            field = back[0].permute(1, 2, 0).contiguous().cpu().numpy()
            return Flow(field.astype(np.float32, copy=False), confidence[0, 0].contiguous().cpu().numpy())

    def _grey(self, picture: Picture, size: tuple[int, int]) -> Tensor:
        """Return a picture in levels of 255, (1, 1, h, w), of a width and height."""
        colours = torch.from_numpy(np.require(picture, np.float32, ["C", "W"])).to(self._device)
        red, green, blue = (255 * share for share in _LUMA)
        grey = (red * colours[0] + green * colours[1] + blue * colours[2])[None, None]
        if grey.shape[2:] == (size[1], size[0]):
            return grey
        return F.interpolate(grey, size=size[::-1], mode="bilinear", antialias=True)

    def _own_stream(self) -> AbstractContextManager[object]:
        return nullcontext() if self._stream is None else torch.cuda.stream(self._stream)


def _new_stream(device: torch.device) -> torch.cuda.Stream:
    return torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
