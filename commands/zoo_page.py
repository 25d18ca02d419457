"""docs/zoo.md: every published network there is, read off the files in `models/zoo/networks/`.

python -m lucidreel.commands.zoo_page > docs/zoo.md
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator

from ..models.zoo.published import ZooNetwork, published_networks

_HEAD = """# The zoo

Networks that others trained and published, most of them in the years of the first deep dreams. Each dreams
of what it was taught: dogs and lanterns, castles, flowers, drawn eyes.

```sh
lucidreel models fetch bvlc_googlenet
lucidreel still photo.jpg -o dream.png --model bvlc_googlenet --layer inception_4c/output
```

`models fetch` tells the size before it downloads, asks one server after the other, and keeps a file only if
its SHA-256 is the published one, whoever served it. Where nobody published a SHA-256, that way is closed:
the network's entry says where its files are, and `lucidreel models add FOLDER` takes them
([networks](networks.md)).

Licences are those of the weights.

"""

_ABOUT_LAYERS = """
What follows are five layers of each that are good to begin with, in the order of their depth: the first
ones work on textures, the last ones on whole things. SqueezeNet v1.0's dreams were looked at for this list.
Of the others the words are those of people who published pictures of such dreams or looked into such
networks; where none were found, they say what the network was taught, and what layers of that depth usually
see. Each file in `models/zoo/networks/` says which it is.

"""

_TAIL = """
## Where the checksums come from

Beside each checksum, the network's file in `models/zoo/networks/` says which document states it: Intel's
Open Model Zoo for most, besides BVLC's own readme files, OpenCV's and MXNet's test suites, and recipes of
package managers. Definitions and labels lie at fixed versions in public repositories, and their checksums
were computed from there.

`python -m lucidreel.commands.zoo_page > docs/zoo.md` writes this page.
"""


def zoo_page(networks: Iterable[ZooNetwork] | None = None) -> str:
    """Return the page: a table of all networks, then an entry for each, those that are fetched first."""
    known = sorted(
        published_networks().values() if networks is None else networks,
        key=lambda network: (bool(network.by_hand), network.name),
    )
    parts = [_HEAD, *_table(known), _ABOUT_LAYERS, *(_entry(network) for network in known), _TAIL]
    return "".join(parts).replace("\n\n\n", "\n\n")


def _table(networks: Iterable[ZooNetwork]) -> Iterator[str]:
    yield "| name | what it is | size | licence | to get it |\n|---|---|---|---|---|\n"
    for network in networks:
        link = f"[{network.name}](#{_anchor(network.name)})"
        get = "by hand" if network.by_hand else f"`models fetch {network.name}`"
        yield f"| {link} | {network.title} | {_size(network)} | {network.licence} | {get} |\n"


def _entry(network: ZooNetwork) -> str:
    lines = [f"## {network.name}\n", f"{network.dreams}\n"]
    if network.by_hand:
        lines.append(f"By hand: {network.by_hand}\n")
    lines += ["| layer | dreams of |", "|---|---|"]
    lines += [f"| `{layer.name}` | {layer.dreams} |" for layer in network.layers]
    lines.append(f"\nFrom <{network.source}>.\n\n")
    return "\n".join(lines)


def _size(network: ZooNetwork) -> str:
    return "not known" if network.size_bytes is None else f"{network.size_bytes / 1e6:,.0f} MB"


def _anchor(name: str) -> str:
    """Return the address within the page that a heading gets, as GitHub makes it."""
    return "".join(letter for letter in name.lower() if letter.isalnum() or letter in "_-")


if __name__ == "__main__":
    sys.stdout.write(zoo_page())
