"""Which flow estimator a render gets: PyTorch's on CUDA, else OpenCV's."""

from __future__ import annotations

from ..settings.flow import FlowConfig
from .flow import FlowEstimator


def choose_estimator(config: FlowConfig, device: str) -> FlowEstimator:
    """Return the estimator for renders on "auto", "cpu", "cuda" or "mps".

    A checkpoint tells frames of one device from those of another, so it also tells the two estimators apart.
    Raises DeviceError when the device is not there.
    """
    from ...dream.device import choose_device

    chosen = choose_device(device)
    if chosen.type == "cuda":
        from .torch_flow.estimator import TorchFlowEstimator

        return TorchFlowEstimator(config, chosen)
    from .opencv_flow import OpenCVFlowEstimator

    return OpenCVFlowEstimator(config)
