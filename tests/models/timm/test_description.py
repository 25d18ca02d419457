"""What is told of a network of timm without its weights is what its definition in Caffe's form tells."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.models.description import describe_network
from lucidreel.models.zoo.describe import describe

from .conftest import MadeUp


def test_lite0_is_described_as_the_same_network_in_caffes_form(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path))
    ours, timms = describe("imagenet"), describe("timm:tf_efficientnet_lite0.mine")
    assert timms.classes == ours.classes == 1000 and timms.input_size == ours.input_size
    ends = [each.layer(each.class_layer or "") for each in (ours, timms)]
    costs = [end.gflop_per_megapixel_to_here for end in ends if end is not None]
    assert costs[0] == pytest.approx(costs[1], rel=0.01)
    assert ours.parameters == pytest.approx(timms.parameters, rel=0.01)  # with norms worked in, or apart
    block, stage = ours.layer("block11"), timms.layer("blocks.4.2")
    assert block is not None and stage is not None
    assert (block.channels, block.stride_px, block.field_px) == (
        stage.channels,
        stage.stride_px,
        stage.field_px,
    )
    assert "put them at" in timms.missing[0]


def test_any_network_tells_of_itself_through_the_protocol(made_up: MadeUp) -> None:
    described = describe_network(made_up("resnet18"))
    first = described.layers[0]
    assert (first.name, first.stride_px, first.field_px, first.parameters) == ("conv1", 2, 7, None)
    assert described.classes == 1000 and "minus" in described.pictures
