"""Numbers that vary: lists per octave and ramps, read and printed by one grammar."""

from __future__ import annotations

from typing import Annotated

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from lucidreel.dream.setting.varying import Ramp, Varies, Varying

NUMBERS = st.just(0.0) | st.floats(1e-9, 1e9) | st.integers(0, 10**9)
RAMPS = NUMBERS.map(lambda value: Ramp(value, value)) | st.builds(Ramp, NUMBERS, NUMBERS)
VARYING = RAMPS.map(lambda ramp: Varying((ramp,))) | st.lists(RAMPS, min_size=1, max_size=5).map(
    lambda ramps: Varying(tuple(ramps), listed=True)
)
STEPS = Varies(0, 100)
COUNTS = Varies(0, 10_000, whole=True, runs="octaves", example="30..12", listed_example="20,20,10,10")
SCALES = Varies(1, 4, runs="")
SHARE = Varies(0, 1, listed=False, runs="octaves", example="0.1..0.5")


@given(VARYING)
@example(Varying((Ramp(3, 3),), listed=True))
@example(Varying((Ramp(1e-05, 1),)))
def test_what_is_printed_reads_back_the_same(varying: Varying) -> None:
    assert Varying.of(str(varying)) == varying


@given(VARYING)
def test_plain_data_read_back_the_same(varying: Varying) -> None:
    assert Varying.of(varying.plain()) == varying


@given(st.text(max_size=20))
@example("1...2")
@example("5,")
def test_no_text_at_all_makes_the_reader_fail_otherwise(text: str) -> None:
    try:
        Varying.of(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("2", 2.0),
        (2, 2.0),
        ("2.5..0.8", "2.5..0.8"),
        ("2>.5", "2..0.5"),
        ("3..1,2,1", ["3..1", 2.0, 1.0]),
        ("1, 2", [1.0, 2.0]),
        (["2..1", 3], ["2..1", 3.0]),
        ("1..1", 1.0),
        ("5,", [5.0]),
    ],
)
def test_it_is_a_number_or_start_and_end_and_may_differ_per_octave(value: object, plain: object) -> None:
    assert STEPS.checked(value) == plain


@pytest.mark.parametrize(
    "value",
    ["", "1>2>3", "1..", "a..b", "1...2", "2.5->0.8", "101", -1, "1..101", True, None, [[1]], []],
)
def test_what_is_no_ramp_is_refused_with_the_forms_there_are(value: object) -> None:
    with pytest.raises(
        ValueError, match=r"from 0 to 100, start\.\.end, like 2\.5\.\.0\.8, or one of them per"
    ):
        STEPS.checked(value)


@pytest.mark.parametrize(
    ("value", "plain"),
    [
        ("20", 20),
        ("20,20,10", [20, 20, 10]),
        ("30..12", "30..12"),
        ("30>12", "30..12"),
        (" 5 .. 1 ", "5..1"),
        (7.0, 7),
    ],
)
def test_counts_are_one_number_a_list_or_a_run_over_the_octaves(value: object, plain: object) -> None:
    checked = COUNTS.checked(value)
    assert checked == plain and type(checked) is type(plain)


@pytest.mark.parametrize(
    "value", ["30..", "..3", "1..2..3", "1.5..2", "3...2", "many", "1.5", "99999..1", "٣"]
)
def test_what_is_no_run_over_the_octaves_is_refused(value: str) -> None:
    with pytest.raises(ValueError, match=r"a whole number from 0 to 10000, .* 30\.\.12, or one per octave"):
        COUNTS.checked(value)


def test_a_field_may_leave_out_lists_or_runs() -> None:
    assert (SCALES.checked("1.5,1"), SHARE.checked("0.1..0.5")) == ([1.5, 1.0], "0.1..0.5")
    for varies, value in ((SCALES, "1..2"), (SHARE, "0.1,0.5"), (SHARE, [0.1])):
        with pytest.raises(ValueError, match="write a number from"):
            varies.checked(value)


def test_a_ramp_runs_over_the_octaves_and_a_list_is_theirs() -> None:
    assert Varying.of("30..12").over_octaves(4) == [30, 24, 18, 12]
    assert Varying.of([3, 2, 1]).over_octaves(3) == [3, 2, 1]
    assert Varying.of("2..1,5").in_octave(0) == Ramp(2, 1)
    assert Varying.of("2..1").in_octave(3) == Ramp(2, 1)


def test_a_field_holds_plain_data_whatever_it_was_given() -> None:
    adapter: TypeAdapter[object] = TypeAdapter(Annotated[float | str | list[float | str], STEPS])
    assert adapter.validate_python(adapter.validate_python("3..1,2")) == ["3..1", 2.0]
    with pytest.raises(ValidationError, match="'3x': write a number"):
        adapter.validate_python("3x")


def test_the_entry_of_a_list_that_is_wrong_is_named() -> None:
    with pytest.raises(
        ValueError, match=r"\[3, 101, 2\]: in place of 101 write a number from 0 to 100, or start"
    ):
        STEPS.checked([3, 101, 2])
    with pytest.raises(
        ValueError, match=r"'30\.\.1,2': in place of '30\.\.1' write a whole number from 0 to 1"
    ):
        COUNTS.checked("30..1,2")
    with pytest.raises(ValueError, match=r"'5,,1': in place of '' write a whole number"):
        COUNTS.checked("5,,1")
