"""What is published of a network stands in a file that is held to its schema."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from lucidreel.errors import ModelFileError
from lucidreel.models.model_folder import read_dreams, read_metadata
from lucidreel.models.zoo.published import published_networks, read_network

SMALLEST = f"""title = "Five"
licence = "MIT"
source = "https://example.org"
[[files]]
name = "deploy.prototxt"
urls = ["https://example.org/d", "http://mirror.example.org/d"]
sha256 = "{"a" * 64}"
bytes = 1234
"""


def test_a_file_says_what_its_network_is(tmp_path: Path) -> None:
    path = tmp_path / "five.toml"
    path.write_text(f"""mean = [1, 2.5, 3]
class_layer = "fc"
{SMALLEST}
[[layers]]
name = "conv1"
dreams = "stripes"
""")
    network = read_network(path)
    assert network.name == "five"
    assert network.files[0].size_bytes == 1234
    assert network.files[0].urls[1] == "http://mirror.example.org/d"
    assert network.layers[0].dreams == "stripes"
    assert network.metadata == {
        "title": "Five", "licence": "MIT", "source": "https://example.org", "class_layer": "fc",
        "mean": (1.0, 2.5, 3.0),
    }  # fmt: skip
    network.describe_in(tmp_path)
    assert read_metadata(tmp_path).class_layer == "fc"
    assert read_dreams(tmp_path).layers == network.layers


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ('licence = "MIT"\nmeans = [1]', r"'means': Extra inputs are not permitted\. Nearest: mean"),
        ('licence = "MIT"\nname = "six"', "has the key 'name', but a network is called as its file is"),
        ("", "'licence': Field required"),
        ('licence = ""', "'licence': .* at least 1"),
        ("licence = ", "it is not TOML"),
    ],
)
def test_a_wrong_key_is_named_with_its_file(tmp_path: Path, wrong: str, message: str) -> None:
    path = tmp_path / "five.toml"
    path.write_text(SMALLEST.replace('licence = "MIT"', wrong))
    with pytest.raises(ModelFileError, match=rf"{re.escape(str(path))} is not .*{message}"):
        read_network(path)


@pytest.mark.parametrize(
    ("key", "wrong"),
    [
        ("sha256", '"ABC"'),
        ("bytes", "0"),
        ("size", "7"),
        ("urls", '["ftp://example.org/d"]'),
        ("name", '"../d"'),
        ("name", '"a/b"'),
    ],
)
def test_a_wrong_file_is_refused(tmp_path: Path, key: str, wrong: str) -> None:
    path = tmp_path / "five.toml"
    lines = [line for line in SMALLEST.splitlines() if not line.startswith(f"{key} =")]
    path.write_text("\n".join([*lines, f"{key} = {wrong}"]))
    with pytest.raises(ModelFileError, match=rf"'files\.0\.{key}"):
        read_network(path)


@pytest.mark.parametrize("line", [*SMALLEST.splitlines()[-3:], 'member = "in/an/archive"'])
def test_what_cannot_be_downloaded_by_name_says_why(tmp_path: Path, line: str) -> None:
    path = tmp_path / "five.toml"
    lines = SMALLEST.splitlines()
    lines = [each for each in lines if each != line] if line in lines else [*lines, line]
    path.write_text("\n".join(lines))
    with pytest.raises(ModelFileError, match=r"deploy\.prototxt needs urls, sha256 and bytes, .* or by_hand"):
        read_network(path)
    path.write_text("\n".join(['by_hand = "Ask them."', *lines]))
    assert read_network(path).by_hand == "Ask them."


def test_every_published_network_is_described() -> None:
    assert "bvlc_googlenet" in published_networks()
    assert all(network.name == name for name, network in published_networks().items())
