"""Files from anybody do not steer the terminal that their words are printed on."""

from __future__ import annotations

import io

import pytest

from lucidreel.commands.terminal import print_table, say_of_file

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
