"""The words of the command line: every form that is understood, and refusals of what is not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lucidreel.commands.parsing import (
    absolute_if_folder,
    parse_counts,
    parse_cuts,
    parse_frame_rate,
    parse_numbers,
    parse_shift,
    parse_size,
    parse_speed,
    parse_time,
)
from lucidreel.commands.schedule_words import parse_counts_or_ramp, parse_ramps
from lucidreel.errors import UsageError
from lucidreel.render.frames import exact_seconds


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("2", 2.0),
        ("2s", 2.0),
        (" 2.5 s ", 2.5),
        (".5", 0.5),
        ("350ms", 0.35),
        ("1.5min", 90.0),
        ("2m", 120.0),
        ("1h", 3600.0),
        ("0:07", 7.0),
        ("1:02.5", 62.5),
        ("90:00", None),
        ("00:01:02", 62.0),
        ("2:00:00.25", 7200.25),
        ("1h2m", 3720.0),
        ("1m30.5s", 90.5),
        ("1 h 2 min 3 s 4ms", 3723.004),
        ("1s2h", None),
        ("1h30", None),
        ("00:00:02:12", None),
        ("00:00:02;12", None),
        ("50%", None),
        ("2,5s", None),
    ],
)
def test_times_are_read_in_every_form_people_write(text: str, seconds: float | None) -> None:
    if seconds is None:
        with pytest.raises(UsageError, match="not a time"):
            parse_time(text)
    else:
        assert parse_time(text) == pytest.approx(seconds, abs=1e-12)


@pytest.mark.parametrize(
    ("text", "advice"),
    [
        ("00:00:02:12", "counts frames"),
        ("1:02:03;04", "1:02:03.5"),
        ("50%", "seconds"),
        ("2,5s", "write decimals with a point: 2.5s"),
    ],
)
def test_a_time_in_another_form_is_answered_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(UsageError, match="not a time") as caught:
        parse_time(text)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [("960*540", "960x540"), ("960, 540", "960x540"), ("1080p", "1920x1080"), ("50%", "960x540")],
)
def test_a_size_in_another_form_is_answered_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(UsageError, match="not a size") as caught:
        parse_size(text)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("text", "cuts"),
    [("auto", "auto"), (" none ", "none"), ("2s", [2.0]), ("2s, 3.5s,1:02.5,350ms", [2.0, 3.5, 62.5, 0.35])],
)
def test_cuts_are_a_word_or_times(text: str, cuts: str | list[float]) -> None:
    assert parse_cuts(text) == cuts


@pytest.mark.parametrize("text", ["", "often", "2s,", "2s;3s", "-1"])
def test_cuts_that_are_neither_are_refused_with_both_forms(text: str) -> None:
    with pytest.raises(UsageError, match=r"is not a time: .* auto or none"):
        parse_cuts(text)


@given(
    hours=st.integers(0, 99),
    minutes=st.integers(0, 59),
    milliseconds=st.integers(0, 59_999),
    padded=st.booleans(),
)
def test_a_clock_time_reads_back_as_its_parts(
    hours: int, minutes: int, milliseconds: int, padded: bool
) -> None:
    width = 2 if padded else 1
    text = f"{hours:0{width}}:{minutes:0{width}}:{milliseconds / 1000:06.3f}"
    assert parse_time(text) == pytest.approx(hours * 3600 + minutes * 60 + milliseconds / 1000)


@given(st.integers(0, 10**9))
@example(1400)
def test_milliseconds_are_the_very_time_they_say(milliseconds: int) -> None:
    assert exact_seconds(parse_time(f"{milliseconds}ms")) == Fraction(milliseconds, 1000)
    assert parse_time(f"{milliseconds}ms") == parse_time(f"{milliseconds / 1000}s")


@given(st.floats(0, 1e6))
def test_plain_seconds_read_back_exactly_as_written(seconds: float) -> None:
    written = f"{seconds:.6f}"
    assert parse_time(written) == parse_time(f"{written}s") == float(written)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *[
            (parse_time, text)
            for text in ("", "soon", "-1", "2 x", "1:75", "1:2:3:4", "nan", "inf", "1e3", "٣")
        ],
        *[(parse_size, text) for text in ("", "960", "960x", "x540", "960x-1", "9.5x5", "960 by 540")],
        *[(parse_frame_rate, text) for text in ("", "0", "0/1", "24/0", "-24", "fast", "24fps", "1/2/3")],
        *[(parse_speed, text) for text in ("", "/s", "fast", "1.5/min", "nan", "1_0")],
        *[(parse_shift, text) for text in ("", "5", "1,2,3", "a,b/s", ",/s")],
        *[(parse_counts, text) for text in ("", "many", "20,,10", "1.5", "20;10", "-1", "1_0", "٣")],
        *[(parse_numbers, text) for text in ("", "x", "1,,2", "nan", "inf")],
    ],
)
def test_what_cannot_be_read_is_refused_with_the_words_themselves(
    parse: Callable[[str], object], text: str
) -> None:
    with pytest.raises(UsageError) as caught:
        parse(text)
    assert repr(text) in str(caught.value)


@given(st.text(max_size=20))
@example("1:00:00:00")
def test_no_text_at_all_makes_a_parser_fail_otherwise(text: str) -> None:
    for parse in (
        parse_time,
        parse_size,
        parse_frame_rate,
        parse_speed,
        parse_shift,
        parse_counts,
        parse_numbers,
    ):
        try:
            parse(text)
        except UsageError:
            continue


@given(st.integers(1, 999_999), st.integers(1, 999_999), st.sampled_from("xX×"))
def test_a_size_is_width_then_height(width: int, height: int, sign: str) -> None:
    assert parse_size(f"{width}{sign}{height}") == [width, height]


@pytest.mark.parametrize("text", ["24", "23.976", "30000/1001"])
def test_frame_rates_stay_as_written_so_that_nothing_is_rounded(text: str) -> None:
    assert parse_frame_rate(text) == text


@given(st.floats(-1000, 1000, allow_nan=False))
def test_speeds_mean_the_same_with_and_without_their_unit(speed: float) -> None:
    assert parse_speed(f"{speed:.4f}/s") == parse_speed(f"{speed:.4f}") == float(f"{speed:.4f}")


def test_a_shift_is_right_then_down() -> None:
    assert parse_shift("0,5/s") == [0.0, 5.0]
    assert parse_shift("-2.5, 1") == [-2.5, 1.0]


def test_a_list_of_iterations_is_one_per_octave() -> None:
    assert parse_counts("20") == 20
    assert parse_counts("20,20,10,10") == [20, 20, 10, 10]
    assert parse_numbers("1.5,1,.5") == [1.5, 1.0, 0.5]


def test_a_folder_is_named_in_full_unless_a_network_has_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("bestiary", "mine"):
        (tmp_path / name).mkdir()
    monkeypatch.chdir(tmp_path)
    assert absolute_if_folder("bestiary") == "bestiary"
    assert absolute_if_folder("./bestiary") == str(tmp_path / "bestiary")
    assert absolute_if_folder("mine") == str(tmp_path / "mine")
    assert absolute_if_folder("elsewhere") == "elsewhere"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2", 2.0),
        ("2.5..0.8", "2.5>0.8"),
        ("2>.5", "2>0.5"),
        ("3..1,2,1", ["3>1", 2.0, 1.0]),
        ("1, 2", [1.0, 2.0]),
    ],
)
def test_a_ramp_is_a_number_or_start_and_end_and_may_differ_per_octave(text: str, value: object) -> None:
    assert parse_ramps(text) == value


@pytest.mark.parametrize("text", ["", "1>2>3", "1..", "a..b", "1,,2", "1...2"])
def test_what_is_no_ramp_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"start\.\.end"):
        parse_ramps(text)


@pytest.mark.parametrize(
    ("text", "value"),
    [("20", 20), ("20,20,10", [20, 20, 10]), ("30..12", "30>12"), ("30>12", "30>12"), (" 5 .. 1 ", "5>1")],
)
def test_steps_are_one_number_a_list_or_a_run_over_the_octaves(text: str, value: object) -> None:
    assert parse_counts_or_ramp(text) == value


@pytest.mark.parametrize("text", ["30..", "..3", "1..2..3", "30..1,2", "1.5..2", "3...2", "many"])
def test_what_is_no_run_over_the_octaves_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match=r"30\.\.12"):
        parse_counts_or_ramp(text)
