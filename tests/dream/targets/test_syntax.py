"""How targets are written: reading is the inverse of printing, for every kind and every name."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.targets.classes import Classes, ClassList, ClassName, read_classes
from lucidreel.dream.targets.kinds.channels import ChannelTarget
from lucidreel.dream.targets.kinds.classes import ClassTarget
from lucidreel.dream.targets.kinds.guides import GuideTarget
from lucidreel.dream.targets.kinds.layers import LayerTarget
from lucidreel.dream.targets.kinds.neurons import NeuronTarget
from lucidreel.dream.targets.regions import Band, Dark, Region, RegionFile, read_region
from lucidreel.dream.targets.syntax import cut, cut_last, name_in, parts, quoted
from lucidreel.dream.targets.target import Target
from lucidreel.dream.targets.targets import Targets
from lucidreel.errors import ConfigError

from .strategies import CLASSES, NAMES, REGIONS, TARGETS


def test_every_kind_of_target_is_drawn_here() -> None:
    assert set(TARGETS) == set(Targets.kinds().values())


@given(st.one_of(*TARGETS.values()))
def test_a_target_reads_back_from_what_it_prints(target: Target) -> None:
    assert type(target).read(str(target)) == target


@given(st.one_of(*TARGETS.values()))
def test_a_target_reads_back_from_its_entry_in_a_table_of_weights(target: Target) -> None:
    assert type(target).read_entry(target.entry).weighing(target.weight) == target


@given(st.one_of(*TARGETS.values()))
def test_what_is_printed_stays_when_it_is_read_and_printed_again(target: Target) -> None:
    assert str(type(target).read(str(target))) == str(target)


@given(st.data())
def test_targets_read_back_from_the_tables_of_a_preset(data: st.DataObject) -> None:
    drawn = {
        name: data.draw(st.lists(TARGETS[kind], max_size=3), name) for name, kind in Targets.kinds().items()
    }
    try:
        targets = Targets.model_validate(drawn)
    except ValueError as error:  # two that are the same may weigh too much, or nothing, together
        assert "weigh" in str(error)
        return
    assert Targets.model_validate(targets.tables) == targets


@given(REGIONS)
def test_a_region_reads_back_from_its_name(region: Region) -> None:
    assert read_region(region.name) == region


@given(CLASSES)
def test_classes_read_back_from_what_they_print_in_quotes(classes: Classes) -> None:
    assert read_classes(classes.text(quoted)) == classes


@given(NAMES)
def test_quotes_come_off_as_they_went_on(name: str) -> None:
    assert name_in(quoted(name)) == name
    assert cut(f"{quoted(name)}@{quoted(name)}", "@") == (quoted(name), "@", quoted(name))
    assert parts(f"{quoted(name)},{quoted(name)}", ",") == [quoted(name), quoted(name)]


def test_signs_are_found_outside_quotes_alone() -> None:
    assert cut('"a@b"@c@d', "@") == ('"a@b"', "@", "c@d")
    assert cut_last('a:"b:c"', ":") == ("a", ":", '"b:c"')
    assert parts('a, "b,c" ,d', ",") == ["a", ' "b,c" ', "d"]
    assert cut('5" nail@dark', "@") == ('5" nail', "@", "dark"), "a quote within a name is none"


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        (ClassTarget, "goldfish", ClassTarget("goldfish")),
        (ClassTarget, " goldfish @ !dark = 2", ClassTarget("goldfish", region=Dark(inverted=True), weight=2)),
        (ClassTarget, "bestiary::eye", ClassTarget("eye", network="bestiary")),
        (ClassTarget, '"a, b",c', ClassTarget(ClassList((ClassName("a, b"), ClassName("c"))))),
        (ClassTarget, "a@b.png", ClassTarget("a", region=RegionFile("b.png"))),
        (LayerTarget, "fire8/concat@band:.5-1", LayerTarget("fire8/concat", region=Band(0.5, 1))),
        (ChannelTarget, "net::a:b:3", ChannelTarget("a:b", 3, network="net")),
        (NeuronTarget, "conv1:3@0.2,.7", NeuronTarget("conv1", 3, (0.2, 0.7))),
        (GuideTarget, "bees.jpg", GuideTarget("bees.jpg")),
        (GuideTarget, "bees.jpg@conv1", GuideTarget("bees.jpg", "conv1")),
        (GuideTarget, "bees.jpg@@dark", GuideTarget("bees.jpg", region=Dark())),
        (GuideTarget, "a@b.c/x.jpg@n::l@dark", GuideTarget("a@b.c/x.jpg", "l", region=Dark(), network="n")),
    ],
)  # fmt: skip
def test_words_are_read_as_the_values_that_they_mean(kind: type[Target], text: str, value: Target) -> None:
    assert kind.read(text) == value


@pytest.mark.parametrize(
    ("target", "text"),
    [
        (ClassTarget("fish", weight=0.5, region=RegionFile("/a@b/water.png")), "fish@/a@b/water.png=0.5"),
        (ClassTarget(ClassName("a@b")), '"a@b"'),
        (ClassTarget(ClassName("5")), '"5"'),
        (ClassTarget("eye", network="nets/mine"), '"nets/mine"::"eye"'),
        (LayerTarget('say "cheese"'), 'say "cheese"'),
        (GuideTarget("/x=1/bees.jpg"), "/x=1/bees.jpg"),
    ],
)  # fmt: skip
def test_names_are_printed_in_quotes_only_where_they_need_them(target: Target, text: str) -> None:
    assert str(target) == text


@given(st.text(max_size=20), st.sampled_from(list(TARGETS)))
def test_no_text_at_all_makes_a_kind_fail_otherwise(text: str, kind: type[Target]) -> None:
    try:
        target = kind.read(text)
    except ConfigError:
        return
    assert kind.read(str(target)) == target


def test_a_weight_that_cannot_be_is_refused_wherever_it_comes_from() -> None:
    for weight in (1001.0, float("nan"), float("inf")):
        with pytest.raises(ConfigError, match="weights go from -1000 to 1000"):
            replace(ClassTarget("eye"), weight=weight)
