"""Whether the number of CPU threads changes a network's bits, on this machine.

    python -m lucidreel.benchmarks.threads NETWORK[:LAYER] ... [--threads 1,2,3,4,8]

For each network (a name, a folder, or a definition, whose weights are then random), arithmetic and size: the
value of a layer and its gradient at the pixels, forward and back, with each number of threads against the
first. oneDNN cuts a convolution's work to the number of threads, and sums in another order where that makes
its blocks others. Other processors' kernels are tried with ONEDNN_MAX_CPU_ISA=AVX2 or AVX512_CORE.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from lucidreel.models.network import Network
from lucidreel.models.torch_internals import fuses_convolutions
from lucidreel.models.zoo.registry import load_network

SIZES = ((176, 208), (227, 227), (300, 410))
CPU = torch.device("cpu")


def main() -> None:
    """Print one line for each network, arithmetic and size."""
    options = _options()
    counts = [int(count) for count in options.threads.split(",")]
    for words in options.networks:
        for dtype in (
            (torch.float32, torch.bfloat16) if fuses_convolutions(torch.bfloat16) else (torch.float32,)
        ):
            for size, changed in differing(words, dtype, counts):
                told = (
                    f"other bits with {', '.join(map(str, changed))} threads" if changed else "the same bits"
                )
                print(f"{words:40} {str(dtype)[6:]:9} {size[1]}x{size[0]}  {told}", flush=True)


def differing(
    words: str, dtype: torch.dtype, counts: list[int]
) -> Iterator[tuple[tuple[int, int], list[int]]]:
    """Yield every size with the numbers of threads that give other bits than the first of `counts`."""
    name, _, layer = words.partition(":")
    path = Path(name)
    loaded = load_network(path, random_seed=0) if path.suffix == ".prototxt" else load_network(name)
    wanted = layer or loaded.class_layer
    assert wanted is not None, f"{name} has no class layer: name a layer, as in {name}:LAYER"
    network = (loaded if layer else loaded.dense([0])).to(CPU, dtype)
    for size in SIZES:
        first = _value_and_gradient(network, wanted, size, counts[0])
        yield (
            size,
            [
                count
                for count in counts[1:]
                if not all(map(torch.equal, first, _value_and_gradient(network, wanted, size, count)))
            ],
        )


def _value_and_gradient(
    network: Network, layer: str, size: tuple[int, int], threads: int
) -> tuple[Tensor, Tensor]:
    torch.set_num_threads(threads)
    image = torch.rand(1, 3, *size, generator=torch.Generator().manual_seed(1)).requires_grad_()
    value = network.activations(image, [layer])[layer]
    (gradient,) = torch.autograd.grad(value.float().square().sum(), image)
    return value.detach(), gradient


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("networks", nargs="+", metavar="NETWORK[:LAYER]")
    parser.add_argument("--threads", default="1,2,3,4,5,8", help="numbers of threads, the first the measure")
    return parser.parse_args()


if __name__ == "__main__":
    main()
