"""A bestiary network with made-up weights, for tests that need one that is trained a little."""

from __future__ import annotations

import torch

from lucidreel.models.bestiary.catalogue import class_names
from lucidreel.models.bestiary.net import BestiaryNet


def randomised_network() -> BestiaryNet:
    """A network whose batch norms have something to fold."""
    torch.manual_seed(2)
    network = BestiaryNet(len(class_names())).eval()
    torch.nn.init.normal_(network.classes.weight)  # scores far enough apart to be compared
    for module in network.modules():
        if isinstance(module, torch.nn.BatchNorm2d):
            torch.nn.init.uniform_(module.weight, 0.5, 1.5)
            torch.nn.init.uniform_(module.bias, -0.3, 0.3)
            for statistic, low, high in ((module.running_mean, -0.3, 0.3), (module.running_var, 0.5, 1.5)):
                assert statistic is not None
                torch.nn.init.uniform_(statistic, low, high)
    return network
