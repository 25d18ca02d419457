"""Numbers in words: read strictly, printed so that they read back."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lucidreel.dream.setting.numbers import read_number, read_whole, written_number


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_reads_back_as_it_was_printed(value: float) -> None:
    again = read_number(written_number(value))
    assert (again, math.copysign(1, again)) == (value, math.copysign(1, value))


@pytest.mark.parametrize("text", ["", "x", "nan", "inf", "1_0", "٣", "1e999", "0x10", "1,5"])
def test_what_is_no_plain_decimal_is_refused_with_its_words(text: str) -> None:
    with pytest.raises(ValueError, match=f"^{text!r} is not a number"):
        read_number(text)


def test_what_is_meant_by_another_form_is_said() -> None:
    with pytest.raises(ValueError, match=r"'0,5' is not a number: write 0\.5"):
        read_number("0,5")
    with pytest.raises(ValueError, match=r"'50%' is not a number: write 0\.5"):
        read_number("50%")


@pytest.mark.parametrize("text", ["1.5", "1_0", "many", "", "٣"])
def test_a_whole_number_has_no_decimals(text: str) -> None:
    with pytest.raises(ValueError, match="is not a whole number"):
        read_whole(text)


def test_a_whole_number_too_large_for_a_field_is_still_a_number() -> None:
    assert read_whole("99999999999999999999") == 99_999_999_999_999_999_999
