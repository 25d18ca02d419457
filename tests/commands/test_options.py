"""Flags are made from fields: one more field is one more flag, with its help, and is in the record."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Annotated

import pytest
import typer
from pydantic import Field
from typer.testing import CliRunner

from lucidreel.commands.completion import COMPLETIONS
from lucidreel.commands.flag_command import FlagCommand
from lucidreel.commands.given import Given
from lucidreel.commands.options import Reads, flag_of, with_options
from lucidreel.commands.settings_page import settings_page
from lucidreel.dream.setting.fields import Setting, settings_of
from lucidreel.dream.setting.option import Option
from lucidreel.errors import ConfigError
from lucidreel.render.settings.records import record_text
from lucidreel.render.settings.settings import Settings

PAGE = Path(__file__).parents[2] / "docs" / "settings.md"
ALL = list(settings_of(Settings))


class Toy(Settings):
    """The settings with one more field, which is all that a new setting takes."""

    glow: Annotated[
        float, Field(ge=0, le=1), Option("--glow -g", panel="How it shines", everyday=True, metavar="0..1")
    ] = 0.25
    """How much a dream shines."""


def toy_program(heard: list[Given]) -> typer.Typer:
    def paint(*, given: Annotated[Given, Reads("glow", "dream.octaves", config=Toy)]) -> None:
        heard.append(given)

    app = typer.Typer(pretty_exceptions_enable=False, rich_markup_mode=None)
    app.command(cls=FlagCommand)(with_options(paint))
    return app


def test_a_field_is_a_flag_with_its_help_and_true_default() -> None:
    told = CliRunner().invoke(toy_program([]), ["--help"], env={"COLUMNS": "200"}).output
    assert re.search(r"-g, --glow 0\.\.1 +How much a dream shines\. \(default: 0\.25\)", told)


def test_a_field_is_read_checked_and_recorded() -> None:
    heard: list[Given] = []
    assert CliRunner().invoke(toy_program(heard), ["-g", "0.5"]).exit_code == 0
    settings = Toy.read(heard[0].tree(), "the command line", spoken=heard[0].typed())
    assert settings.glow == 0.5
    assert "\nglow = 0.5\n" in record_text(Path("out.png"), "still", None, settings)


@pytest.mark.parametrize(
    ("word", "message"),
    [
        ("2", "--glow 2: 2.0 must be less than or equal to 1."),
        ("much", "--glow much is not a number."),
        ("0,5", "--glow 0,5 is not a number: write 0.5."),
    ],
)
def test_a_wrong_value_of_a_field_is_told_by_its_flag(word: str, message: str) -> None:
    given = Given.of({"glow": word}, Toy)
    with pytest.raises(ConfigError) as caught:
        Toy.read(given.tree(), "the command line", spoken=given.typed())
    assert str(caught.value) == message


def test_a_field_has_its_entry_on_the_page_of_settings() -> None:
    assert "**`glow`** · `--glow, -g 0..1` · default `0.25` · from 0 to 1\n\nHow much a dream shines.\n" in (
        settings_page(Toy)
    )


def test_the_page_of_settings_is_as_the_fields_are() -> None:
    assert PAGE.read_text(encoding="utf-8") == settings_page(), (
        "write it anew: .venv/bin/python -m lucidreel.commands.settings_page > docs/settings.md"
    )


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.key)
def test_every_setting_is_documented(setting: Setting) -> None:
    assert setting.field.description


@pytest.mark.parametrize(
    "setting", [each for each in ALL if each.option and not each.is_switch], ids=lambda setting: setting.key
)
def test_the_help_tells_every_default(setting: Setting) -> None:
    assert setting.option is not None
    told = flag_of(setting).help or ""
    silent = setting.key == "dream.schedule" or (
        setting.key.startswith("targets.") and setting.key != "targets.classes"
    )
    assert silent or told.endswith(f"(default: {setting.default_in_words})")


def test_flags_are_those_of_one_setting_each() -> None:
    names = [name for each in ALL if each.option for name in each.option.names.split()]
    twice = {name for name in names if names.count(name) > 1}
    assert twice == {"--size", "--fps"}  # of a clip, and of a flight


def test_what_completes_is_there() -> None:
    named = {each.option.completes for each in ALL if each.option and each.option.completes}
    assert named <= set(COMPLETIONS)


@pytest.mark.parametrize("setting", ALL, ids=lambda setting: setting.key)
def test_a_default_reads_back_from_what_is_printed(setting: Setting) -> None:
    option = setting.option
    if option is None or option.repeatable or option.read or setting.is_switch or setting.default is None:
        return
    tree = Given.of({setting.key: setting.written(setting.default)}).tree()
    assert Settings.read(tree, "printed") == Settings()


def test_importing_settings_loads_neither_torch_nor_scipy() -> None:
    program = (
        "import sys; import lucidreel.render.settings.settings, lucidreel.commands.program\n"
        "print(sorted({'torch', 'scipy', 'numpy', 'av', 'cv2'} & set(sys.modules)))"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert said.stdout == "[]\n"


def test_the_help_of_the_program_loads_no_settings_and_tells_of_every_command() -> None:
    program = (
        "import sys; from lucidreel import cli; cli.run(['--help'])\n"
        "assert 'pydantic' not in sys.modules and 'lucidreel.render.settings.settings' not in sys.modules"
    )
    said = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    for line in ("Turn a clip into a dream", "Fly into a picture", "Show one moment", "Dream one picture"):
        assert line in said.stdout
