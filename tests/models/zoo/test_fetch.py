"""A published network arrives as a whole or not at all, and what has come of it is gone on with."""

from __future__ import annotations

from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.zoo import fetch
from lucidreel.models.zoo.connection import Patience
from lucidreel.models.zoo.events import BytesCame, DownloadEvent, FileBegins
from lucidreel.models.zoo.fetch import FetchPlan, fetch_network, plan_fetch
from lucidreel.models.zoo.registry import list_networks, load_network
from lucidreel.tests.models.zoo.publishing import DEFINITION, file_of, publish
from lucidreel.tests.models.zoo.server import Server, ok, with_ranges

ONCE = Patience(pauses_s=())


def left(home: Path) -> list[str]:
    """Return the files under the user's folder, those that are on their way as "*.part"."""
    files = [path.relative_to(home) for path in home.rglob("*") if path.is_file()]
    return sorted(str(path.with_name("*.part") if path.suffix == ".part" else path) for path in files)


def test_fetching_gives_a_network_that_loads(home: Path, tiny: Server) -> None:
    entry = fetch_network("tiny")
    assert load_network("tiny").class_layer == "fc"
    assert entry.folder == home / "models" / "tiny"
    assert entry in list_networks()
    assert [path.name for path in (home / "models").iterdir()] == ["tiny"]
    before = len(tiny.requests)
    assert fetch_network("tiny").folder == plan_fetch("tiny").folder == entry.folder
    assert len(tiny.requests) == before


def test_what_comes_is_told_before_and_while_it_comes(home: Path, tiny: Server, weights: bytes) -> None:
    plan = plan_fetch("tiny")
    assert isinstance(plan, FetchPlan)
    assert plan.folder == home / "models" / "tiny"
    assert (plan.size_bytes, plan.have_bytes) == (len(DEFINITION) + len(weights), 0)
    assert tiny.requests == [] and not home.exists()
    told: list[DownloadEvent] = []
    fetch_network("tiny", told.append)
    begun = [event for event in told if isinstance(event, FileBegins)]
    assert begun == [
        FileBegins("deploy.prototxt", len(DEFINITION), 0), FileBegins("tiny.caffemodel", len(weights), 0),
    ]  # fmt: skip
    assert told[-1] == BytesCame(len(weights))


def test_an_interrupted_network_goes_on_where_it_stopped(home: Path, tiny: Server, weights: bytes) -> None:
    tiny.answers["/w"] = ok(weights[:1000], length=len(weights))
    with pytest.raises(
        ModelFileError, match=r"`lucidreel models fetch tiny` goes on where it stopped"
    ) as told:
        fetch_network("tiny", patience=ONCE)
    assert f"\n{tiny.address}/w: the connection ended after 1,000 of" in str(told.value)
    assert left(home) == ["models/.tiny.partial/*.part", "models/.tiny.partial/deploy.prototxt"]
    assert [entry.name for entry in list_networks() if entry.folder and entry.name[0] == "."] == []
    plan = plan_fetch("tiny")
    assert isinstance(plan, FetchPlan) and plan.have_bytes == len(DEFINITION) + 1000
    tiny.answers["/w"] = with_ranges(weights)
    fetch_network("tiny")
    assert (tiny.asked_for("/d"), tiny.asked_for("/w")) == (["0"], ["0", "1000"])
    assert load_network("tiny").class_layer == "fc"


def test_ctrl_c_keeps_what_has_come(home: Path, tiny: Server, weights: bytes) -> None:
    came: list[int] = []

    def interrupt(event: DownloadEvent) -> None:
        if isinstance(event, BytesCame) and event.have_bytes != len(DEFINITION):
            came.append(event.have_bytes)
            raise KeyboardInterrupt

    tiny.answers["/w"], tiny.endless["/w"] = ok(weights[:1000], length=len(weights)), b""
    tiny.pause_s = 0.01
    with pytest.raises(KeyboardInterrupt):
        fetch_network("tiny", interrupt)
    assert "models/.tiny.partial/*.part" in left(home)
    tiny.answers["/w"] = with_ranges(weights)
    fetch_network("tiny")
    assert tiny.asked_for("/w") == ["0", str(came[0])]


def test_a_network_that_no_server_sends_leaves_nothing_behind(home: Path, tiny: Server) -> None:
    tiny.answers["/d"] = ok(b"<html>log in</html>", "Content-Type: text/html")
    with pytest.raises(
        ModelFileError, match=r"run `lucidreel models fetch tiny` again.*models add FOLDER --name"
    ):
        fetch_network("tiny")
    assert left(home) == []
    with pytest.raises(ModelFileError, match="downloads it"):
        load_network("tiny")


def test_what_was_begun_of_other_files_does_not_stay(
    home: Path, tiny: Server, weights: bytes, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tiny.answers["/w"] = ok(weights[:1000], length=len(weights))
    with pytest.raises(ModelFileError):
        fetch_network("tiny", patience=ONCE)
    definition, newer = DEFINITION + b"\n", weights + b"\0"
    tiny.answers = {"/d": ok(definition), "/w": with_ranges(newer)}
    files = [
        file_of(definition, "deploy.prototxt", f"{tiny.address}/d"),
        file_of(newer, "tiny.caffemodel", f"{tiny.address}/w"),
    ]
    publish(tmp_path, monkeypatch, files)
    fetch_network("tiny")
    assert (tiny.asked_for("/d"), tiny.asked_for("/w")) == (["0", "0"], ["0", "0"])
    folder = home / "models" / "tiny"
    assert (folder / "deploy.prototxt").read_bytes() == definition
    assert (folder / "tiny.caffemodel").read_bytes() == newer
    assert len(left(home)) == 3


def test_labels_that_no_file_gives_are_written_beside(
    home: Path, tiny: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = ["0 to 2 years", "4 to 6 years", "old", "older", "oldest"]
    plan = plan_fetch("tiny")
    assert isinstance(plan, FetchPlan)
    files = [file.model_dump(by_alias=True, exclude_none=True) for file in plan.network.files]
    publish(tmp_path, monkeypatch, files, labels=labels)
    fetch_network("tiny")
    assert [label.name for label in load_network("tiny").labels] == labels
    assert load_network("tiny").labels.find("4 to 6 years") == 1


def test_a_full_disk_is_told_before_the_first_byte(
    home: Path, tiny: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fetch, "SPARE_BYTES", 1 << 60)
    with pytest.raises(ModelFileError, match=r"MB of disk space left.*LUCIDREEL_HOME"):
        fetch_network("tiny")
    assert tiny.requests == [] and left(home) == []


def test_two_at_once_do_not_write_into_one_file(home: Path, tiny: Server) -> None:
    def begin_another(event: DownloadEvent) -> None:
        if isinstance(event, FileBegins):
            with pytest.raises(ModelFileError, match="another lucidreel is fetching it"):
                fetch_network("tiny")

    fetch_network("tiny", begin_another)
    assert len(tiny.requests) == 2
    assert left(home) == [
        "models/tiny/deploy.prototxt", "models/tiny/model.toml", "models/tiny/tiny.caffemodel",
    ]  # fmt: skip


def test_a_file_in_place_of_a_folder_is_named(home: Path, tiny: Server) -> None:
    (home / "models").mkdir(parents=True)
    (home / "models" / "tiny").write_text("mine")
    with pytest.raises(ModelFileError, match="is there already, and is no network"):
        fetch_network("tiny")
    (home / "models" / "tiny").unlink()
    (home / "models").rmdir()
    (home / "models").write_text("mine")
    with pytest.raises(ModelFileError, match="LUCIDREEL_HOME names another place"):
        fetch_network("tiny")
    assert tiny.requests == [] and left(home) == ["models"]


def test_only_known_names_can_be_fetched(home: Path) -> None:
    with pytest.raises(ModelFileError, match=r"'bvlc_googlnet' is not known\. Nearest: bvlc_googlenet"):
        fetch_network("bvlc_googlnet")


def test_a_network_to_get_by_hand_says_how(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = {"name": "deploy.prototxt", "urls": ["https://example.org/d"]}
    publish(tmp_path, monkeypatch, [file], by_hand="nobody published a checksum. Get it from example.org.")
    with pytest.raises(ModelFileError, match=r"got by hand: nobody published .* from example\.org\."):
        fetch_network("tiny")
    assert [entry.status for entry in list_networks() if entry.name == "tiny"] == ["by hand"]
    with pytest.raises(ModelFileError, match="`lucidreel models fetch tiny` says how to get it"):
        load_network("tiny")
