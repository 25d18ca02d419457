"""Names of timm, and files of weights: what is found where, and what is said of what is not."""

from __future__ import annotations

import http.server
import os
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
import torch

from lucidreel.commands.models.fetching import fetch
from lucidreel.errors import LucidreelError, ModelFileError
from lucidreel.models.timm.importing import import_timm
from lucidreel.models.timm.source import TimmSource
from lucidreel.models.zoo.choices import read_choices, refuse_the_same
from lucidreel.models.zoo.fetch_timm import fetch_timm
from lucidreel.models.zoo.registry import find_network


def source(name: str, folder: Path) -> TimmSource:
    return TimmSource(f"timm:{name}", folder)


@pytest.fixture
def own(tmp_path: Path) -> Path:
    """A folder with weights of one's own for a small network."""
    torch.manual_seed(0)
    model = import_timm().create_model("test_byobnet", num_classes=3)
    torch.save({"state_dict": model.state_dict(), "epoch": 3}, tmp_path / "test_byobnet.mine.pth")
    return tmp_path


def test_without_a_tag_timms_own_choice_is_meant() -> None:
    assert find_network("timm:resnet50").identity == find_network("timm:resnet50.a1_in1k").identity
    assert find_network("timm:resnet50.a2_in1k").identity == "timm:resnet50.a2_in1k"
    with pytest.raises(ModelFileError, match="the same network"):
        refuse_the_same(read_choices(["timm:resnet50", "timm:resnet50.a1_in1k=0.5"]))


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("resnet5", "timm has no architecture 'resnet5'. Nearest: resnet50"),
        ("", "a name is missing behind the colon, as in timm:resnet50"),
        ("vit_base_patch16_224", "only takes pictures of 224x224, as most vision transformers do"),
        ("naflexvit_base_patch16_gap", "no map, as vision transformers do"),
        ("hrnet_w18_small", "does not run on pictures of any size"),
        ("resnet50.a9_in1k", "timm has no weights 'a9_in1k' for resnet50 (it has: a1_in1k,"),
        (
            "test_byobnet",
            "`lucidreel models fetch timm:test_byobnet.r160_in1k` downloads them from huggingface",
        ),
        ("legacy_xception", "nor in the hub. Download https://github.com/"),
    ],
)
def test_what_cannot_dream_is_said_in_words(
    name: str, told: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("torch.hub.get_dir", lambda: str(tmp_path))
    with pytest.raises(ModelFileError) as caught:
        source(name, tmp_path / "models").outline()
    assert told in str(caught.value) and "\n" not in str(caught.value)


def test_weights_of_ones_own_are_loaded_by_a_tag_of_ones_own(own: Path) -> None:
    network = source("test_byobnet.mine", own).load()
    assert (network.class_layer, len(network.labels)) == ("head.fc", 0)
    assert network.layers[-1].shape == (1, 3)
    assert source("test_byobnet.mine", own).files() == {
        "test_byobnet.mine.pth": own / "test_byobnet.mine.pth"
    }


def test_words_for_classes_of_ones_own_lie_beside_the_weights(own: Path) -> None:
    (own / "test_byobnet.mine.txt").write_text("moth\nmoon\nmoss\n")
    assert source("test_byobnet.mine", own).outline().labels.find("moon") == 1
    assert set(source("test_byobnet.mine", own).files()) == {"test_byobnet.mine.pth", "test_byobnet.mine.txt"}
    (own / "test_byobnet.mine.txt").write_text("moth\nmoon\n")
    with pytest.raises(ModelFileError, match="has 2 labels for 3 classes"):
        source("test_byobnet.mine", own).load()


def test_files_that_are_no_weights_are_refused(own: Path, tmp_path: Path) -> None:
    class Runs:
        def __reduce__(self) -> tuple[object, ...]:
            return (Path.touch, (tmp_path / "ran",))

    model = import_timm().create_model("test_convnext").state_dict()
    torch.save({"state_dict": {"a": Runs()}}, own / "test_byobnet.code.pth")
    torch.save(model, own / "test_byobnet.other.pth")
    torch.save({"epoch": 3}, own / "test_byobnet.empty.pth")
    (own / "test_byobnet.text.safetensors").write_bytes(b"<html>log in</html>")
    (own / "test_byobnet.cut.pth").write_bytes((own / "test_byobnet.mine.pth").read_bytes()[:5000])
    broken = torch.load(own / "test_byobnet.mine.pth", weights_only=True)
    broken["state_dict"]["head.fc.bias"][0] = float("nan")
    torch.save(broken, own / "test_byobnet.nan.pth")
    for tag, told in {
        "code": "cannot be read as weights", "other": "does not hold the weights of test_byobnet",
        "empty": "holds no tensors by name", "text": "cannot be read as weights",
        "cut": "cannot be read as weights", "nan": "head.fc.bias holds numbers that are not finite",
    }.items():  # fmt: skip
        with pytest.raises(LucidreelError, match=told):
            source(f"test_byobnet.{tag}", own).load()
    assert not (tmp_path / "ran").exists()


def test_weights_in_the_hubs_cache_are_found(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = own / "hub" / "models--timm--test_byobnet.r160_in1k"
    (cache / "refs").mkdir(parents=True)
    (cache / "refs" / "main").write_text("0" * 40)
    snapshot = cache / "snapshots" / ("0" * 40)
    snapshot.mkdir(parents=True)
    shutil.copy(own / "test_byobnet.mine.pth", snapshot / "pytorch_model.bin")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(own / "hub"))
    assert source("test_byobnet", own / "none").files() == {
        "test_byobnet.r160_in1k.bin": snapshot / "pytorch_model.bin"
    }


def test_it_does_not_run_in_a_real_caffe(tmp_path: Path) -> None:
    with pytest.raises(ModelFileError, match="runs in PyTorch alone"):
        source("resnet18", tmp_path).refuse("pycaffe")


@pytest.mark.parametrize(
    ("gone", "told"),
    [
        ("timm", "which is not installed: pip install 'lucidreel[timm]'"),
        ("torchvision", "timm needs the package"),
    ],
)
def test_what_is_not_installed_is_named(gone: str, told: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, gone, None)
    with pytest.raises(ModelFileError) as caught:
        import_timm.__wrapped__()
    assert told in str(caught.value)


def test_names_are_listed_without_importing_timm(own: Path) -> None:
    (own / "models").mkdir()
    (own / "models" / "timm").symlink_to(own)
    code = (
        "import sys; from lucidreel.cli import run; code = run(['models', 'list']); "
        "print([name for name in ('timm', 'torch', 'torchvision') if name in sys.modules]); sys.exit(code)"
    )
    environment = os.environ | {"LUCIDREEL_HOME": str(own)}
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    assert ended.stdout.splitlines()[-1] == "[]"
    listed = {line.split()[0]: line.split()[1] for line in ended.stdout.splitlines()[1:-1]}
    assert listed["timm:test_byobnet.mine"] == "here"
    assert listed["timm:resnet50.madry_l2_eps3"] in ("to", "here")


def test_robust_weights_are_read_out_of_what_their_authors_saved(own: Path) -> None:
    """Their files hold the network twice, once within the adversary, and NumPy's numbers beside it."""
    state = import_timm().create_model("resnet18").state_dict()
    saved = {
        f"module.{inside}model.{name}": each for inside in ("", "attacker.") for name, each in state.items()
    }
    saved["module.normalizer.new_mean"] = torch.zeros(3, 1, 1)
    torch.save(
        {"model": saved, "epoch": 89, "nat_prec1": np.float64(53.1)}, own / "resnet18.madry_l2_eps3.ckpt"
    )
    network = source("resnet18.madry_l2_eps3", own).load()
    assert torch.equal(network.model.state_dict()["layer1.0.conv1.weight"], state["layer1.0.conv1.weight"])
    assert network.preprocess.mean == (0.485, 0.456, 0.406)
    assert network.labels.find("goldfish") == 1


class Hub(http.server.BaseHTTPRequestHandler):
    """A hub that has one file, and speaks as the real one does."""

    content = b""
    path_of_file = "/timm/test_byobnet.r160_in1k/resolve/main/pytorch_model.bin"

    def do_HEAD(self) -> None:
        self.do_GET(body=False)

    def do_GET(self, body: bool = True) -> None:
        found = self.path == self.path_of_file
        self.send_response(200 if found else 404)
        headers = {
            "Content-Length": str(len(self.content) if found else 0),
            "X-Repo-Commit": "1" * 40,
            "ETag": '"abc"',
        }
        for name, value in (headers if found else {"X-Error-Code": "EntryNotFound"}).items():
            self.send_header(name, value)
        self.end_headers()
        if found and body:
            self.wfile.write(self.content)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


def test_weights_come_from_the_hub_and_their_size_is_told_before(
    own: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = (own / "test_byobnet.mine.pth").read_bytes()
    handler = type("OneFile", (Hub,), {"content": content})
    told: list[tuple[str, int | None]] = []
    monkeypatch.setenv("LUCIDREEL_HOME", str(own / "home"))
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(own / "hub"))
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        endpoint = f"http://127.0.0.1:{server.server_port}"  # as HF_ENDPOINT sets it, once for a process
        monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", endpoint)
        template = endpoint + "/{repo_id}/resolve/{revision}/{filename}"
        monkeypatch.setattr("huggingface_hub.constants.HUGGINGFACE_CO_URL_TEMPLATE", template)
        file = fetch_timm("timm:test_byobnet", lambda *what: told.append(what))
        assert fetch_timm("timm:test_byobnet", lambda *what: told.append(what)) == file
        server.shutdown()
    assert told == [("pytorch_model.bin of timm/test_byobnet.r160_in1k", len(content))]
    assert file.is_relative_to(own / "hub") and file.read_bytes() == content


def test_without_the_hub_it_is_said_what_was_tried_and_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("LUCIDREEL_HOME", str(tmp_path))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path / "hub"))
    with pytest.raises(ModelFileError) as caught:
        fetch(["timm:resnet18"])
    message = str(caught.value)
    assert "model.safetensors of timm/resnet18.a1_in1k could not be downloaded" in message
    assert "HF_HUB_OFFLINE is set" in message
    assert str(tmp_path / "models" / "timm" / "resnet18.a1_in1k.safetensors") in message
