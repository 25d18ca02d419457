"""What targets are in a network, in a form that tests can compare."""

from __future__ import annotations

from dataclasses import fields

from lucidreel.dream.targets.resolved import ResolvedTargets


def weights(resolved: ResolvedTargets, kind: str) -> dict[tuple[object, ...], float]:
    """Return the weights of a kind by what was found and the region's name: {(1, "dark"): 0.5}."""
    return {
        (
            *(getattr(found, field.name) for field in fields(found) if field.name != "region"),
            "" if found.region is None else found.region.name,
        ): weight
        for found, weight in resolved.by_kind.get(kind, {}).items()
    }


def class_weights(resolved: ResolvedTargets) -> dict[tuple[object, ...], float]:
    """Return the weights of the classes by number and region: {(1, ""): 1.0}."""
    return weights(resolved, "classes")
