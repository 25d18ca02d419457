"""What is told of a network as JSON, for programs: the fields of `NetworkDescription`, classes spelt out."""

from __future__ import annotations

import json
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ...models.description import NetworkDescription


def as_json_text(described: NetworkDescription) -> str:
    """Return a description as JSON; what is not known is null or empty."""
    plain = asdict(described)
    plain["labels"] = [
        {"index": label.index, "wnid": label.wnid, "names": list(label.words)} for label in described.labels
    ]
    plain["good_layers"] = [each.model_dump() for each in described.good_layers]
    plain["classes"] = described.classes
    return json.dumps(plain, indent=2, ensure_ascii=False)
