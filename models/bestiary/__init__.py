"""The bestiary: the network lucidreel ships, trained on pictures that this package draws.

Drawings (``catalogue`` and the modules it lists) become pictures (``picture``), pictures train a network
(``train``), and the trained network is written as Caffe files (``export``) into ``network/``, which is loaded
like anybody's network.
"""

from pathlib import Path

NETWORK_FOLDER = Path(__file__).parent / "network"
