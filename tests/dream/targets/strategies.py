"""Targets of every kind with all that they may hold, drawn by hypothesis."""

from __future__ import annotations

from hypothesis import strategies as st

from lucidreel.dream.targets.classes import (
    ClassFile,
    ClassList,
    ClassName,
    ClassNumber,
    ClassRange,
    EveryClass,
    RandomClasses,
)
from lucidreel.dream.targets.kinds.channels import STRENGTHS, ChannelTarget, Strength
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.kinds.guides import GuideTarget
from lucidreel.dream.targets.kinds.layers import LayerTarget
from lucidreel.dream.targets.kinds.neurons import NeuronTarget
from lucidreel.dream.targets.kinds.palette import PaletteTarget
from lucidreel.dream.targets.regions import Band, Centre, Dark, Hue, Luminance, RegionFile, Row
from lucidreel.dream.targets.target import Target

_SIGNS = (
    "@",
    "=",
    ":",
    "::",
    ",",
    "!",
    '"',
    '""',
    " ",
    "-",
    "#",
    ".png",
    ".json",
    "eye",
    "2",
    "0.5",
    "dark",
    "random:3",
)
NAMES = st.one_of(
    st.lists(st.sampled_from(_SIGNS), min_size=1, max_size=8).map("".join), st.text(min_size=1, max_size=9)
)
"""Names with every sign of the grammar in them, and any other text."""

_WHOLE = st.integers(0, 999_999_999)
_SHARES = st.floats(0, 1)
_STRETCHES = st.tuples(_SHARES, _SHARES).filter(lambda ends: ends[0] < ends[1])
_INVERTED = st.booleans()
REGIONS = st.one_of(
    st.builds(RegionFile, NAMES, inverted=_INVERTED),
    st.builds(Luminance, inverted=_INVERTED),
    st.builds(Dark, inverted=_INVERTED),
    st.builds(Centre, inverted=_INVERTED),
    st.builds(Hue, st.floats(0, 360), st.floats(1, 180), inverted=_INVERTED),
    st.builds(Hue, st.integers(0, 360).map(float), inverted=_INVERTED),
    st.builds(lambda ends, inverted: Band(*ends, inverted=inverted), _STRETCHES, _INVERTED),
    st.builds(lambda ends, inverted: Row(*ends, inverted=inverted), _STRETCHES, _INVERTED),
)

_NAMED = st.builds(ClassName, NAMES.filter(lambda name: not name.lower().endswith((".json", ".toml"))))
_MEMBERS = st.one_of(
    _NAMED,
    st.builds(ClassNumber, _WHOLE),
    st.builds(ClassRange, _WHOLE, _WHOLE),
    st.builds(RandomClasses, _WHOLE, st.integers(1, 99)),
    st.builds(EveryClass),
)
CLASSES = st.one_of(
    _MEMBERS,
    st.builds(ClassFile, st.tuples(NAMES, st.sampled_from([".json", ".toml", ".JSON"])).map("".join)),
    st.builds(ClassList, st.lists(_MEMBERS, min_size=2, max_size=4).map(tuple)),
)

_WEIGHTS = st.floats(-1000, 1000)
_PULLS = st.floats(0, 1000, exclude_min=True)
_NETWORKS = st.one_of(st.just(""), NAMES)
_EVERYWHERE = st.one_of(st.none(), REGIONS)
_COMMON = {"weight": _WEIGHTS, "region": _EVERYWHERE, "network": _NETWORKS}
_STRENGTH = st.builds(Strength, st.sampled_from(STRENGTHS), st.one_of(st.none(), _WHOLE))

TARGETS: dict[type[Target], st.SearchStrategy[Target]] = {
    ClassTarget: st.builds(ClassTarget, CLASSES, **_COMMON),
    PaletteTarget: st.builds(PaletteTarget, CLASSES, **{**_COMMON, "weight": _PULLS}),
    LayerTarget: st.builds(LayerTarget, NAMES, **_COMMON),
    ChannelTarget: st.builds(ChannelTarget, NAMES, st.one_of(_WHOLE, _STRENGTH), **_COMMON),
    NeuronTarget: st.builds(
        NeuronTarget,
        NAMES,
        _WHOLE,
        st.one_of(st.none(), st.tuples(_SHARES, _SHARES)),
        weight=_WEIGHTS,
        network=_NETWORKS,
    ),
    GuideTarget: st.builds(GuideTarget, NAMES, NAMES, **_COMMON)
    | st.builds(GuideTarget, NAMES, weight=_WEIGHTS, region=_EVERYWHERE),
}
