"""A schedule written octave by octave, ours or deepdraw's, turned into one list per setting.

    [[dream.schedule]]              auduno/deepdraw              becomes
    iterations = 60                 'iter_n': 60                 iterations
    step_size = "11..6"             'start_step_size': 11.0,     step_size
                                    'end_step_size': 6.0
    blur_px = "2.5..0.8"            'start_sigma': 2.5,          blur_px: it blurs the picture, not the
                                    'end_sigma': 0.8             gradient
    scale = 1.2                     'scale': 1.2                 octave_scale
    targets.layers = { … = 1 }      'layer': 'inception_4c/…'    octave_targets
    sigma_px, jitter_px                                          sigma_px, jitter_px

What a table leaves out is as it is for the whole dream; only a table of deepdraw's that names no scale stays
at the size before it. Deepdraw climbs a class through the layer of its scores ('loss3/classifier'): the
dream's own class targets do that, so such a layer changes nothing.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from ...errors import suggestion
from ..setting.numbers import without_noise
from ..setting.varying import Varying

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
_CLASS_LAYER = re.compile(r"loss\d/classifier|prob|fc8\w*")


def spread_tables(dream: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return the keys of [dream] with `schedule`, a list of tables, spread over the settings it is made of.

    `defaults` are the settings where neither the tables nor the dream say. Raises ValueError naming a table's
    unknown key, or a number of octaves that is not the tables'.
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
        elsewhere = _per_octave(key, spread.get(key, defaults[key]), len(own))
        spread[key] = [table.get(key, value) for table, value in zip(own, elsewhere, strict=True)]
    return spread


def _per_octave(key: str, value: Any, octaves: int) -> list[Any]:
    """Return what the dream says of a setting, once per octave."""
    if key == "iterations" and isinstance(value, str):
        return [round(each) for each in Varying.of(value).over_octaves(octaves)]
    if not isinstance(value, list):
        return [value] * octaves
    if key == "octave_targets" and not value:
        return [{}] * octaves
    if len(value) != octaves:
        raise ValueError(f"{key} lists {len(value)} values, and the schedule {octaves} octaves")
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
    if any(key in _DEEPDRAW for key in table):
        words.setdefault("octave_scale", 1.0)
    if "iter_n" in table:
        words.setdefault("iterations", table["iter_n"])
    for ours, theirs in (("blur_px", "sigma"), ("step_size", "step_size")):
        ends = [table[key] for key in (f"start_{theirs}", f"end_{theirs}") if key in table]
        if ends:
            first, last = without_noise(ends[0]), without_noise(ends[-1])
            words.setdefault(ours, first if first == last else f"{first}..{last}")
    if "layer" in table and not _CLASS_LAYER.fullmatch(str(table["layer"])):
        words.setdefault("octave_targets", {"layers": {str(table["layer"]): 1.0}})
    return words
