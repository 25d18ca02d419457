"""Times, sizes, speeds and frame rates: every form that is understood, and refusals of what is not."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lucidreel.render.frames.frames import exact_seconds
from lucidreel.render.settings.quantities import (
    CUTS,
    FRAME_RATE,
    SHIFT,
    SIZE,
    SPEED,
    TIME,
    read_cuts,
    read_frame_rate,
    read_shift,
    read_size,
    read_speed,
    read_time,
    written_time,
)

SECONDS = st.just(0.0) | st.floats(1e-9, 1e9)
SPEEDS = st.floats(-1e9, 1e9)


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
        with pytest.raises(ValueError, match="not a time"):
            read_time(text)
    else:
        assert read_time(text) == pytest.approx(seconds, abs=1e-12)


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
    with pytest.raises(ValueError, match="not a time") as caught:
        read_time(text)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("text", "advice"),
    [("960*540", "960x540"), ("960, 540", "960x540"), ("1080p", "1920x1080"), ("50%", "960x540")],
)
def test_a_size_in_another_form_is_answered_with_what_to_write(text: str, advice: str) -> None:
    with pytest.raises(ValueError, match="not a size") as caught:
        read_size(text)
    assert advice in str(caught.value)


@pytest.mark.parametrize(
    ("text", "cuts"),
    [("auto", "auto"), (" none ", "none"), ("2s", (2.0,)), ("2s, 3.5s,1:02.5,350ms", (2.0, 3.5, 62.5, 0.35))],
)
def test_cuts_are_a_word_or_times(text: str, cuts: str | tuple[float, ...]) -> None:
    assert read_cuts(text) == cuts


@pytest.mark.parametrize("text", ["", "often", "2s,", "2s;3s", "-1"])
def test_cuts_that_are_neither_are_refused_with_both_forms(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a time: .*\. Or write auto or none"):
        read_cuts(text)


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
    assert read_time(text) == pytest.approx(hours * 3600 + minutes * 60 + milliseconds / 1000)


@given(st.integers(0, 10**9))
@example(1400)
def test_milliseconds_are_the_very_time_they_say(milliseconds: int) -> None:
    assert exact_seconds(read_time(f"{milliseconds}ms")) == Fraction(milliseconds, 1000)
    assert read_time(f"{milliseconds}ms") == read_time(f"{milliseconds / 1000}s")


@given(st.floats(0, 1e6))
def test_plain_seconds_read_back_exactly_as_written(seconds: float) -> None:
    written = f"{seconds:.6f}"
    assert read_time(written) == read_time(f"{written}s") == float(written)


@pytest.mark.parametrize(
    ("parse", "text"),
    [
        *[
            (read_time, text)
            for text in ("", "soon", "-1", "2 x", "1:75", "1:2:3:4", "nan", "inf", "1e3", "٣")
        ],
        *[(read_size, text) for text in ("", "960", "960x", "x540", "960x-1", "9.5x5", "960 by 540")],
        *[(read_frame_rate, text) for text in ("", "0", "0/1", "24/0", "-24", "fast", "24fps", "1/2/3")],
        *[(read_speed, text) for text in ("", "/s", "fast", "1.5/min", "nan", "1_0")],
        *[(read_shift, text) for text in ("", "5", "1,2,3", "a,b/s", ",/s")],
    ],
)
def test_what_cannot_be_read_is_refused_with_the_words_themselves(
    parse: Callable[[str], object], text: str
) -> None:
    with pytest.raises(ValueError) as caught:
        parse(text)
    assert repr(text) in str(caught.value)


@given(st.integers(1, 999_999), st.integers(1, 999_999), st.sampled_from("xX×"))
def test_a_size_is_width_then_height(width: int, height: int, sign: str) -> None:
    assert read_size(f"{width}{sign}{height}") == (width, height)


@pytest.mark.parametrize("text", ["24", "23.976", "30000/1001"])
def test_frame_rates_stay_as_written_so_that_nothing_is_rounded(text: str) -> None:
    assert read_frame_rate(text) == text


@given(st.floats(-1000, 1000, allow_nan=False))
def test_speeds_mean_the_same_with_and_without_their_unit(speed: float) -> None:
    assert read_speed(f"{speed:.4f}/s") == read_speed(f"{speed:.4f}") == float(f"{speed:.4f}")


def test_a_shift_is_right_then_down() -> None:
    assert read_shift("0,5/s") == (0.0, 5.0)
    assert read_shift("-2.5, 1") == (-2.5, 1.0)


@given(st.text(max_size=20))
@example("1:00:00:00")
def test_no_text_at_all_makes_a_reader_fail_otherwise(text: str) -> None:
    for read in (read_time, read_cuts, read_size, read_frame_rate, read_speed, read_shift):
        try:
            read(text)
        except ValueError:
            continue


@given(SECONDS)
def test_a_time_reads_back_as_it_was_printed(time_s: float) -> None:
    assert TIME.read(TIME.write(time_s)) == time_s


@given(st.sampled_from(["auto", "none"]) | st.lists(SECONDS, min_size=1).map(tuple))
def test_cuts_read_back_as_they_were_printed(cuts: str | tuple[float, ...]) -> None:
    assert CUTS.read(CUTS.write(cuts)) == cuts


@given(st.tuples(st.integers(1, 999_999), st.integers(1, 999_999)))
def test_a_size_reads_back_as_it_was_printed(size_px: tuple[int, int]) -> None:
    assert SIZE.read(SIZE.write(size_px)) == size_px


@given(SPEEDS, SPEEDS)
def test_speeds_and_shifts_read_back_as_they_were_printed(right: float, down: float) -> None:
    assert SPEED.read(SPEED.write(right)) == right
    assert SHIFT.read(SHIFT.write((right, down))) == (right, down)


@given(st.integers(1, 1000).map(str) | st.fractions(1, 1000, max_denominator=1001).map(str))
def test_a_frame_rate_reads_back_as_it_was_printed(rate: str) -> None:
    assert FRAME_RATE.read(FRAME_RATE.write(rate)) == rate


@pytest.mark.parametrize("text", ["99999999999999999min", "1000000001", "999999999:00:00"])
def test_times_that_no_clip_has_are_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"a time is at most 1,000,000,000 seconds"):
        read_time(text)
    assert read_time(written_time(1e9)) == 1e9
