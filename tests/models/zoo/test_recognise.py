"""Weights that came by hand are known by their checksum, whatever they are called."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import pytest

from lucidreel.models.zoo.recognise import recognise
from lucidreel.tests.models.zoo.publishing import publish

WEIGHTS = b"weights" * 100


@pytest.mark.parametrize(
    ("known", "is_known"),
    [
        ({"sha256": hashlib.sha256(WEIGHTS).hexdigest()}, True),
        ({"sha256": hashlib.sha256(WEIGHTS).hexdigest(), "bytes": 700}, True),
        ({"sha1": hashlib.sha1(WEIGHTS).hexdigest(), "bytes": 700}, True),
        ({"sha256": hashlib.sha256(WEIGHTS).hexdigest(), "bytes": 701}, False),
        ({"sha256": "0" * 64, "sha1": hashlib.sha1(WEIGHTS).hexdigest()}, False),
        ({"sha256": hashlib.sha256(WEIGHTS).hexdigest(), "member": "in/archive"}, False),
        ({}, False),
    ],
    ids=["sha256", "and size", "sha1", "another size", "another sha256", "the archive's", "none published"],
)
def test_weights_are_recognised_by_their_checksum(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], is_known: bool
) -> None:
    publish(tmp_path, monkeypatch, [{"name": "tiny.caffemodel", **known}], class_layer="fc", by_hand="-")
    (tmp_path / "renamed.bin").write_bytes(WEIGHTS)
    found = recognise(tmp_path / "renamed.bin")
    if is_known:
        assert found is not None and found.name == "tiny" and found.metadata["class_layer"] == "fc"
    else:
        assert found is None


@pytest.mark.parametrize(
    ("known", "is_believed"),
    [({}, True), ({"sha1": "0" * 40, "member": "in/archive"}, True), ({"sha1": "0" * 40}, False)],
)
def test_a_name_is_believed_where_no_checksum_was_published(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, known: dict[str, Any], is_believed: bool
) -> None:
    publish(tmp_path, monkeypatch, [{"name": "tiny.caffemodel", **known}], by_hand="-")
    (tmp_path / "w.caffemodel").write_bytes(WEIGHTS)
    assert (recognise(tmp_path / "w.caffemodel", "tiny") is not None) == is_believed
    assert recognise(tmp_path / "w.caffemodel", "another") is None


def test_labels_that_several_networks_share_tell_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    labels = {"name": "synset_words.txt", "sha256": hashlib.sha256(b"a dog").hexdigest()}
    publish(tmp_path, monkeypatch, [labels], by_hand="-")
    (tmp_path / "synset_words.txt").write_bytes(b"a dog")
    assert recognise(tmp_path / "synset_words.txt") is None
