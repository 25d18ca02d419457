"""A schedule written octave by octave, ours or deepdraw's, turned into one list per setting.

    [[dream.schedule]]              auduno/deepdraw              becomes
    iterations = 60                 'iter_n': 60                 iterations
    step_size = "11>6"              'start_step_size': 11.0,     step_size
                                    'end_step_size': 6.0
    blur_px = "2.5>0.8"             'start_sigma': 2.5,          blur_px: it blurs the picture, not the
                                    'end_sigma': 0.8             gradient
    scale = 1.2                     'scale': 1.2                 octave_scale
    targets.layers = { … = 1 }      'layer': 'inception_4c/…'    octave_targets
    sigma_px, jitter_px                                          sigma_px, jitter_px

What a table leaves out is as it is for the whole dream. Deepdraw climbs a class through the layer of its
scores ('loss3/classifier'): the dream's own class targets do that, so such a layer changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import suggestion

_OWN = {
    "iterations": "iterations",
    "step_size": "step_size",
    "sigma_px": "sigma_px",
    "blur_px": "blur_px",
    "jitter_px": "jitter_px",
    "scale": "octave_scale",
    "targets": "octave_targets",
}
_DEEPDRAW = ("layer", "iter_n", "start_sigma", "end_sigma", "start_step_size", "end_step_size")
# What a setting is where neither the tables nor the dream say.
_DEFAULTS: dict[str, Any] = {
    "iterations": 20,
    "step_size": 1.0,
    "sigma_px": 0.0,
    "blur_px": 0.0,
    "jitter_px": 32,
    "octave_scale": 1.0,
    "octave_targets": {},
}
_CLASS_LAYER = re.compile(r"loss\d/classifier|prob|fc8")


def spread_tables(dream: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of [dream] with `schedule`, a list of tables, spread over the settings it is made of.

    Raises ValueError naming a table's unknown key, or a number of octaves that is not the tables'.
    """
    spread = {key: value for key, value in dream.items() if key != "schedule"}
    if "schedule" not in dream:
        return spread
    tables = dream["schedule"]
    if not isinstance(tables, list) or not tables or not all(isinstance(each, Mapping) for each in tables):
        raise ValueError(f"schedule = {tables!r}: write a list of tables, one per octave, coarsest first")
    own = [_own_words(table, number) for number, table in enumerate(tables, 1)]
    if spread.setdefault("octaves", len(own)) != len(own):
        raise ValueError(
            f"schedule lists {len(own)} octaves, and octaves = {spread['octaves']}: leave octaves out"
        )
    for key in dict.fromkeys(key for table in own for key in table):
        spread[key] = [table.get(key, _elsewhere(spread, key, place)) for place, table in enumerate(own)]
    return spread


def _elsewhere(dream: Mapping[str, Any], key: str, place: int) -> Any:
    """Return what the dream says of a setting that a table leaves out."""
    value = dream.get(key, _DEFAULTS[key])
    if isinstance(value, Sequence) and not isinstance(value, str):
        return value[place] if place < len(value) else _DEFAULTS[key]
    return value


def _own_words(table: Mapping[str, Any], number: int) -> dict[str, Any]:
    """Return one octave's table with the keys of the settings, deepdraw's words translated."""
    for key in table:
        if key not in _OWN and key not in _DEEPDRAW:
            known = (*_OWN, *_DEEPDRAW)
            raise ValueError(
                f"octave {number} of the schedule: unknown key {key!r}.{suggestion(key, known)} "
                f"Known keys here: {', '.join(known)}"
            )
    words = {ours: table[key] for key, ours in _OWN.items() if key in table}
    if "iter_n" in table:
        words.setdefault("iterations", table["iter_n"])
    for ours, theirs in (("blur_px", "sigma"), ("step_size", "step_size")):
        ends = [table[key] for key in (f"start_{theirs}", f"end_{theirs}") if key in table]
        if ends:
            words.setdefault(ours, ends[0] if ends[0] == ends[-1] else f"{ends[0]}>{ends[-1]}")
    if "layer" in table and not _CLASS_LAYER.fullmatch(str(table["layer"])):
        words.setdefault("octave_targets", {"layers": {str(table["layer"]): 1.0}})
    return words
