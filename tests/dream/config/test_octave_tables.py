"""Schedules written octave by octave, ours and deepdraw's, and their files."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from lucidreel.dream.config.dream import DreamConfig
from lucidreel.dream.config.schedule_files import read_schedule
from lucidreel.dream.engine import Dreamer
from lucidreel.dream.setting.varying import Ramp
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError, InputNotFoundError, PresetError
from lucidreel.models.network import Network

# The numbers of deepdraw's second list, with a layer of pictures in its second octave, in the manner of its
# notebook and with what stands around it there.
DEEPDRAW = """
original_w = net.blobs['data'].width
background_color = np.float32([200.0, 200.0, 200.0])
octaves = [
    {
        'layer':'loss3/classifier',
        'iter_n':190,
        'start_sigma':2.5,
        'end_sigma':0.78,
        'start_step_size':11.,
        'end_step_size':11.
    },
    {
        'layer':'conv2',
        'scale':1.2,
        'iter_n':450,
        'start_sigma':0.78*1.2,
        'end_sigma':0.40,
        'start_step_size':6.,
        'end_step_size':3.
    }
]
gen_image = np.random.normal(background_color, 8, (original_w, 224, 3))
gen_image = deepdraw(net, gen_image, octaves, focus=244, random_crop=True, visualize=False)
"""


def test_tables_become_lists_and_what_they_leave_out_is_the_dreams() -> None:
    tables = [{"iterations": 30, "sigma_px": "2>1"}, {"jitter_px": 4, "scale": 2.0}, {"iterations": 5}]
    config = DreamConfig.model_validate({"schedule": tables, "iterations": 7, "jitter_px": 16})
    assert config.octaves == 3
    assert config.iterations == [30, 7, 5]
    assert config.jitter_px == [16, 4, 16]
    assert config.sigma_px == ["2..1", 0.0, 0.0]
    assert config.step_size == 1.0
    assert [plan.ratio for plan in config.plans()][1:] == [2.0, 1.4]


def test_deepdraws_list_is_understood(tmp_path: Path) -> None:
    (tmp_path / "owl.py").write_text(DEEPDRAW)
    config = DreamConfig.model_validate({"schedule": read_schedule(tmp_path / "owl.py")})
    first, second = config.plans()
    assert (first.iterations, second.iterations) == (190, 450)
    assert (first.step_size, second.step_size) == (Ramp(11, 11), Ramp(6, 3))
    assert first.blur_px == Ramp(2.5, 0.78)
    assert second.blur_px.start == pytest.approx(0.78 * 1.2)
    assert second.ratio == 1.2
    assert first.targets.empty
    assert second.targets == Targets(layers={"conv2": 1.0})


def test_deepdraws_list_runs_with_the_dreams_class_and_then_its_own_layer(
    tmp_path: Path, network: Network, picture: NDArray[np.float32]
) -> None:
    (tmp_path / "owl.py").write_text(DEEPDRAW)
    config = DreamConfig.model_validate({"schedule": read_schedule(tmp_path / "owl.py"), "tiles": "random"})
    dreamer = Dreamer(network, Targets(classes={"goldfish": 1.0}), config, torch.device("cpu"))
    assert dreamer.description == "goldfish, then conv2"
    told: list[tuple[int, int]] = []
    dreamer.on_step = lambda done, total: told.append((done, total))
    dream = dreamer.dream(picture, iterations_share=0.01)
    assert told[-1] == (7, 7)
    assert np.abs(dream - picture).mean() > 5 / 255


def test_an_octave_of_deepdraws_that_names_no_scale_stays_at_the_size_before_it() -> None:
    tables = [{"iter_n": 3}, {"iter_n": 3, "scale": 1.5}, {"iter_n": 2}]
    config = DreamConfig.model_validate({"schedule": tables, "octave_scale": 2.0})
    assert [plan.ratio for plan in config.plans()][1:] == [1.5, 1.0]


@pytest.mark.parametrize("layer", ["loss1/classifier", "loss3/classifier", "prob", "fc8", "fc8_flickr"])
def test_a_layer_of_scores_leaves_the_dream_its_own_classes(layer: str) -> None:
    (plan,) = DreamConfig.model_validate({"schedule": [{"layer": layer}]}).plans()
    assert plan.targets.empty


def test_an_octaves_own_words_win_over_deepdraws() -> None:
    table = {
        "iter_n": 5,
        "iterations": 6,
        "start_sigma": 1,
        "end_sigma": 1e-05,
        "step_size": 2,
        "start_step_size": 9,
    }
    (plan,) = DreamConfig.model_validate({"schedule": [table]}).plans()
    assert (plan.iterations, plan.step_size, plan.blur_px) == (6, Ramp(2, 2), Ramp(1, 1e-05))


def test_a_list_for_the_whole_dream_fills_the_gaps_of_the_tables_octave_by_octave() -> None:
    config = DreamConfig.model_validate({"schedule": [{"iterations": 3}, {}], "iterations": [8, 9]})
    assert config.iterations == [3, 9]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '[{"iterations": 3}, {"iterations": 2}]'),
        ("b.json", '{"octaves": [{"iter_n": 3}, {"iter_n": 2}]}'),
        ("c.toml", "[[schedule]]\niterations = 3\n[[schedule]]\niterations = 2"),
        ("d.toml", "[[dream.schedule]]\niterations = 3\n[[dream.schedule]]\niter_n = 2"),
        ("e.txt", "[{'iter_n': 3}, {'iter_n': 2}]"),
    ],
)
def test_every_kind_of_file_is_read(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    config = DreamConfig.model_validate({"schedule": read_schedule(tmp_path / name)})
    assert config.iterations == [3, 2]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", "[1, 2]"),
        ("b.json", "{"),
        ("c.toml", "[dream]\noctaves = 3"),
        ("d.py", "print('hello')"),
        ("e.py", "octaves = [{'iter_n': 'a' * 9}]"),
        ("f.py", "octaves = ["),
        ("g.json", "[]"),
        ("h.py", "octaves = []"),
        ("i.py", "octaves = [{'scale': 1.2 * 'a'}]"),
        ("j.py", "octaves = [{**more}]"),
        ("k.txt", "print 'python 2'"),
        ("l.py", "[" * 10_000),
        ("m.py", f"[{{'iter_n': {'-' * 100_000}1}}]"),
    ],
)
def test_what_is_no_schedule_is_named(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(ConfigError, match=re.escape(name)):
        read_schedule(tmp_path / name)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (
            "octaves = [\n{[1]: 2}]",
            "line 2: [1] is not the name of a setting: write a string, such as 'iter_n'",
        ),
        ("[{1: 2}]", "line 1: 1 is not the name of a setting"),
        ("\n\n[{'iter_n': x}]", "line 3: x is not a plain value: write numbers, strings, lists and tables"),
        ("[{'iter_n': 2 ** 9}]", "line 1: 2 ** 9 is not a plain value"),
        ("[{'scale': 1.2 * 'a'}]", "line 1: 'a' is not a number"),
        ("[{'scale': -'a'}]", "line 1: 'a' is not a number"),
        ("[{**more}]", "line 1: {**more} takes from another table"),
        (f"[{{'iter_n': {'long' * 20}}}]", f"line 1: {'long' * 6}lo…{'glonglonglong'} is not a plain value"),
        ("x = 1\noctaves = [{'iter_n': 3}", "(line 2: '[' was never closed)"),
    ],
)
def test_a_list_that_is_not_plain_is_told_with_line_and_words(
    tmp_path: Path, text: str, message: str
) -> None:
    (tmp_path / "owl.py").write_text(text)
    with pytest.raises(ConfigError, match=re.escape(message)):
        read_schedule(tmp_path / "owl.py")


def test_signs_and_pairs_in_a_list_are_plain(tmp_path: Path) -> None:
    (tmp_path / "owl.py").write_text("[{'a': -1.5, 'b': +2, 'c': (1, None), 'd': {'e': True}}]")
    assert read_schedule(tmp_path / "owl.py") == [{"a": -1.5, "b": 2, "c": [1, None], "d": {"e": True}}]


@pytest.mark.parametrize(
    ("ends", "written"),
    [
        ((0.78 * 1.2, 0.4), "0.936..0.4"),
        ((11.0, 6), "11..6"),
        ((0.1 + 0.2, 1e-05), "0.3..1e-05"),
        ((1.23456789, 0.0), "1.23456789..0"),
        ((0.78 * 1.2, 0.78 * 1.2), 0.936),
        ((2, "1"), "2..1"),
    ],
)
def test_ramps_of_tables_are_written_without_rounding_noise_and_mean_the_same(
    ends: tuple[Any, Any], written: object
) -> None:
    config = DreamConfig.model_validate(
        {"schedule": [dict(zip(("start_sigma", "end_sigma"), ends, strict=True))]}
    )
    assert config.blur_px == [written]
    (plan,) = config.plans()
    assert (plan.blur_px.start, plan.blur_px.end) == pytest.approx([float(end) for end in ends], rel=1e-12)


def test_a_schedule_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputNotFoundError, match=r"the schedule .*fog\.json does not exist"):
        read_schedule(tmp_path / "fog.json")


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (
            {"schedule": [{"iteration": 3}]},
            "octave 1 of the schedule: unknown key 'iteration'. Nearest: iter",
        ),
        ({"schedule": [{}], "octaves": 3}, "schedule lists 1 octaves, and octaves = 3"),
        ({"schedule": []}, "schedule = []: write a list of tables"),
        (
            {"schedule": [{"iterations": 3}], "iterations": [1, 2]},
            "iterations lists 2 values, and the schedule 1 octaves",
        ),
        ({"schedule": [{"iter_n": -1}]}, "iterations = [-1]: write a whole number from 0 to 10000"),
        (
            {"schedule": [{"start_sigma": "much"}]},
            "blur_px = ['much']: write a number from 0 to 100, start..end",
        ),
        (
            {"schedule": [{"targets": {"clases": {}}}]},
            "unknown key 'octave_targets.0.clases'. Nearest: classes",
        ),
    ],
)
def test_bad_tables_say_what_is_wrong(data: dict[str, Any], message: str) -> None:
    with pytest.raises(PresetError, match=re.escape(message)):
        DreamConfig.read(data, "preset fog.toml", PresetError)


def test_lists_made_of_tables_read_back_the_same() -> None:
    config = DreamConfig.model_validate(
        {"schedule": [{"iterations": 3, "targets": {"layers": {"conv1": 1}}}, {"blur_px": "1>0"}]}
    )
    assert DreamConfig.model_validate(config.model_dump(mode="json", exclude_none=True)) == config
