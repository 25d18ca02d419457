"""A network that is published on a server of a test's own, described as all published ones are."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
import tomli_w

from lucidreel.models.zoo import published

DEFINITION = b"""input: "data" input_dim: [1, 3, 8, 8]
layer { name: "fc" type: "InnerProduct" bottom: "data" top: "fc" inner_product_param { num_output: 5 } }"""


def file_of(content: bytes, name: str, *urls: str) -> dict[str, Any]:
    """Return the table of a file with this content."""
    sha256 = hashlib.sha256(content).hexdigest()
    return {"name": name, "urls": list(urls), "sha256": sha256, "bytes": len(content)}


def publish(
    beside: Path, monkeypatch: pytest.MonkeyPatch, files: Sequence[dict[str, Any]], **more: Any
) -> None:
    """Publish a network `tiny` with these files, and no other network, until the test is over."""
    folder = Path(tempfile.mkdtemp(dir=beside))
    tables = {"title": "Five", "licence": "MIT", "source": "https://example.org", **more, "files": files}
    (folder / "tiny.toml").write_text(tomli_w.dumps(tables))
    monkeypatch.setattr(published, "FOLDER", folder)
