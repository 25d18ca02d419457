"""lucidreel turns video into lucid deep dreams.

`models` knows network files, `dream` knows one image, `render` knows time, `commands` and `cli` know words.
"""

__version__ = "0.1.0"
