"""What PyTorch reads from the environment when it is loaded, in one place.

Its threads wait for the next convolution or loop, some sixty times a step. Asleep, they take long to wake;
spinning for as long as OpenMP lets them by default, they steal the cores from decoder, encoder and whatever
else runs. So they spin for about a millisecond, which is longer than what lies between two layers, and then
sleep; where there are more of them than cores, they sleep at once (docs/engine.md).

Maps of many MiB are asked of the system anew for every layer, page by page. In huge pages of 2 MiB these are
a few dozen per step instead of thousands. Where the system has none to give, nothing changes.

This module is imported before PyTorch is, and by every worker process of a training: it imports nothing.
"""

from __future__ import annotations

import os

_POLICY, _SPINS = "OMP_WAIT_POLICY", "GOMP_SPINCOUNT"
_HUGE_PAGES = "THP_MEM_ALLOC_ENABLE"


def prepare_environment(spins: int = 20_000) -> None:
    """Say how PyTorch's threads wait, and ask for huge pages, unless somebody has said otherwise already.

    It is of no use once torch is imported. Twenty spins or so are a microsecond; beside processes that work
    all the time, none are best.
    """
    if _POLICY not in os.environ and _SPINS not in os.environ:
        os.environ.update({_POLICY: "PASSIVE", _SPINS: str(spins)})
    os.environ.setdefault(_HUGE_PAGES, "1")
