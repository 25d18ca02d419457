"""`--backend` and `--caffe-python`: what they set, what they go together with, what a film is held to."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from lucidreel import Dreamer, load_network
from lucidreel.api.settings import PICTURE, settings_of
from lucidreel.commands.given import Given
from lucidreel.commands.resolve import resolve_settings
from lucidreel.commands.run_options import SourceFlags
from lucidreel.errors import ConfigError, ModelFileError, ResumeMismatchError, UsageError
from lucidreel.models.imagenet.wheel import INSTALL, weights_file
from lucidreel.presets.catalogue import read_preset
from lucidreel.render.checkpoint.fingerprints import digest_of_order, settings_facts
from lucidreel.render.checkpoint.plan import CheckpointPlan, check_plan, plan_text
from lucidreel.render.dreamer import check_dream, load_dreamer
from lucidreel.render.frames.frames import FilmFormat
from lucidreel.render.settings.records import read_record, write_record
from lucidreel.render.settings.settings import Settings


def asked(**flags: str) -> Settings:
    """Return the settings of a command line: `dream__precision` is the flag of dream.precision."""
    typed = {key.replace("__", "."): value for key, value in flags.items()}
    return resolve_settings(SourceFlags(), Given.of(typed))[0]


def test_a_python_beside_the_folder_is_named_in_full_and_one_by_name_stays_as_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "link").symlink_to("/usr/bin/python3")
    assert asked(backend="pycaffe", caffe_python="./link").caffe_python == str(tmp_path / "link")
    assert asked(backend="pycaffe", caffe_python="python3.6").caffe_python == "python3.6"
    assert asked(backend="pycaffe", caffe_python="~/py").caffe_python == str(Path.home() / "py")


@pytest.mark.parametrize("head", ["", '[record]\nlucidreel = "0.1.0"\nschema = 2\n'])
def test_a_file_cannot_name_a_program_to_run(head: str, tmp_path: Path) -> None:
    look = tmp_path / "look.toml"
    look.write_text(f'backend = "pycaffe"\ncaffe_python = "env/bin/python"\n{head}')
    for read in (read_preset, lambda path: read_record(Path(path))):
        with pytest.raises(
            ConfigError, match=r"caffe_python = 'env/bin/python' is a program.*--caffe-python"
        ):
            read(str(look))


def test_a_record_tells_the_backend_and_replays_with_it(tmp_path: Path) -> None:
    settings = asked(backend="pycaffe", caffe_python="/opt/caffe/python")
    record = write_record(tmp_path / "a.png", "still", "b.png", settings)
    assert 'backend = "pycaffe"' in record.read_text(encoding="utf-8")
    assert "/opt/caffe" not in record.read_text(encoding="utf-8")
    assert read_record(record).settings == settings.model_copy(update={"caffe_python": None})


@pytest.mark.parametrize(
    ("flags", "words"),
    [
        ({"backend": "caffe"}, ["--backend caffe", "'torch' or 'pycaffe'"]),
        ({"caffe_python": "python3"}, ["--caffe-python", "no effect with --backend torch"]),
        ({"backend": "pycaffe", "dream__precision": "bf16"}, ["--backend pycaffe", "fp32 alone", "bf16"]),
        ({"backend": "pycaffe", "device": "mps"}, ["--backend pycaffe", "cpu and cuda", "mps"]),
    ],
)
def test_what_a_real_caffe_cannot_do_is_refused_on_the_command_line(
    flags: dict[str, str], words: list[str]
) -> None:
    with pytest.raises(UsageError) as caught:
        asked(**flags)
    for word in words:
        assert word in str(caught.value)


def test_a_half_finished_film_goes_on_with_its_backend_alone_and_with_any_python(tmp_path: Path) -> None:
    here, there = (asked(backend="pycaffe", caffe_python=python) for python in ("/a/python", "/b/python"))
    path = tmp_path / "plan.toml"
    path.write_text(plan_text(plan_of(here)), encoding="utf-8")
    check_plan(path, plan_of(there), 3)
    assert digest_of_order("render", here, {}) == digest_of_order("render", there, {})
    with pytest.raises(ResumeMismatchError, match="backend: pycaffe then, torch now") as caught:
        check_plan(path, plan_of(Settings()), 3)
    assert "--restart" in str(caught.value)


def plan_of(settings: Settings) -> CheckpointPlan:
    film = FilmFormat(320, 180, Fraction(1, 12800), Fraction(1, 24), 42)
    return CheckpointPlan(settings_facts(settings, {}), {"blake2": "00ff"}, film)


def test_auto_is_the_cpu_for_a_real_caffe() -> None:
    assert (asked(backend="pycaffe").runs_on, asked().runs_on) == ("cpu", "auto")
    assert asked(backend="pycaffe", device="cuda").runs_on == "cuda"


@pytest.mark.skipif(weights_file() is None, reason=f"the weights are not installed: {INSTALL}")
def test_a_network_without_caffe_files_is_refused_before_anything_loads() -> None:
    with pytest.raises(
        ModelFileError, match=r"'imagenet' runs in PyTorch alone: .* Leave the backend pycaffe"
    ):
        check_dream(asked(backend="pycaffe", model=["imagenet"]))  # type: ignore[arg-type]


def test_a_loaded_network_brings_its_backend_along_and_another_is_refused() -> None:
    bestiary = load_network()
    given: dict[str, Any] = {"tables": PICTURE, "where": "still"}
    assert settings_of({}, network=bestiary, **given).backend == "torch"
    assert settings_of({"backend": "pycaffe"}, network=bestiary, **given).backend == "pycaffe"
    with pytest.raises(
        ConfigError, match="say backend pycaffe, and bestiary, which was given, runs in torch"
    ):
        load_dreamer(asked(backend="pycaffe"), bestiary)


def test_python_refuses_a_backend_that_there_is_not() -> None:
    with pytest.raises(ConfigError, match="no backend 'caffe': say 'torch' or 'pycaffe'"):
        load_network(backend="caffe")  # type: ignore[arg-type]


def test_python_refuses_what_a_real_caffe_cannot_run() -> None:
    if weights_file() is None:
        pytest.skip(f"the weights are not installed: {INSTALL}")
    with pytest.raises(ModelFileError, match="runs in PyTorch alone"):
        Dreamer("imagenet", {"layers": {"block8": 1}}, backend="pycaffe")
