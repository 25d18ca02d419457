"""Telling of any network that a word means: one by name, here or not, a folder's, a definition's alone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from ..description import FileDescription, NetworkDescription
from ..folder_description import describe_folder
from ..reading.files import is_file
from .published import ZooNetwork, published_networks
from .registry import find_network, list_networks


def describe(name_or_path: str | Path) -> NetworkDescription:
    """Return what is known of a network, by its name, its folder, or its definition (a `.prototxt`).

    Of one that is not here it is what was published. Raises ModelFileError for an unknown name, and for files
    that cannot be read.
    """
    path, word = Path(name_or_path), str(name_or_path)
    entry = next((entry for entry in list_networks() if entry.name == word), None)
    published = published_networks().get(word)
    if entry is not None and entry.folder is None and published is not None:
        return _describe_published(published, entry.get_with)
    if entry is None and path.suffix == ".prototxt" and is_file(path):
        return describe_folder(path.parent, path.stem, {path.name: path}, definition=path)
    found = find_network(name_or_path).describe()
    if entry is not None and not found.title:
        found = replace(found, title=entry.title, licence=found.licence or entry.licence)
    return found if published is None else _completed(found, published)


def _describe_published(network: ZooNetwork, get_with: str) -> NetworkDescription:
    """Return what is known of a network that is not here."""
    to_do = f"its files: {network.by_hand}" if network.by_hand else f"its files. `{get_with}` downloads them."
    return NetworkDescription(
        name=network.name,
        title=network.title,
        source=network.source,
        licence=network.licence,
        dreams=network.dreams,
        files=tuple(FileDescription.of(file.name, file.size_bytes) for file in network.files),
        good_layers=network.layers,
        class_layer=network.class_layer,
        missing=(to_do,),
    )


def _completed(found: NetworkDescription, published: ZooNetwork) -> NetworkDescription:
    """Return a description with what is published of its dreams, where its folder says nothing of them.

    A network of somebody's own that is only called the same comes from elsewhere.
    """
    if found.good_layers or found.dreams or found.source != published.source:
        return found
    dreams = {each.name: each.dreams for each in published.layers}
    return replace(
        found,
        dreams=published.dreams,
        good_layers=tuple(each for each in published.layers if found.layer(each.name)),
        layers=tuple(replace(layer, dreams=dreams.get(layer.name, "")) for layer in found.layers),
    )
