"""Files from anybody do not steer the terminal that their words are printed on."""

from __future__ import annotations

import io

import pytest

from lucidreel.commands.tables import print_table
from lucidreel.commands.terminal import say_of_file

STEERING = "goldfish \x1b[31m \x9b2J \u202eevil\x07"


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_what_would_steer_a_terminal_is_spelt_out(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    print_table(["NAME", "WORDS"], [["0", STEERING]])
    assert terminal.getvalue().splitlines()[1] == r"0     goldfish \x1b[31m \x9b2J \u202eevil\x07"
    say_of_file("größe\tnaïve\xa0日本\n")
    assert terminal.getvalue().endswith("größe\tnaïve\xa0日本\n\n")


def test_what_goes_into_a_file_stays_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    say_of_file(STEERING)
    assert capsys.readouterr().out == f"{STEERING}\n"


ROWS = (("fire9", "512", "animals, whole, in their fur"), ("conv1", "64", "edges"))


def shown(monkeypatch: pytest.MonkeyPatch, columns: int) -> list[str]:
    terminal = Terminal()
    monkeypatch.setattr("sys.stdout", terminal)
    monkeypatch.setenv("COLUMNS", str(columns))
    print_table(("LAYER", "CHANNELS", "DREAMS"), ROWS, ("CHANNELS",), ("CHANNELS",))
    return terminal.getvalue().splitlines()


def test_words_of_a_table_go_on_below_on_a_narrow_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    assert shown(monkeypatch, 40) == [
        "LAYER  CHANNELS  DREAMS",
        "fire9       512  animals, whole, in",
        "                 their fur",
        "conv1        64  edges",
    ]


def test_a_table_goes_without_lesser_columns_where_words_have_no_room(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shown(monkeypatch, 30) == [
        "LAYER  DREAMS",
        "fire9  animals, whole, in",
        "       their fur",
        "conv1  edges",
    ]
    assert capsys.readouterr().err == "Left out on a terminal this narrow: CHANNELS.\n"


def test_the_words_of_a_table_stay_on_their_line_for_other_programs(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_table(("LAYER", "DREAMS"), [("fire9", "animals " * 40 + "all")])
    assert len(capsys.readouterr().out.splitlines()) == 2
