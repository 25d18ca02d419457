"""What a training run depends on, besides the drawings; every field is an option of the command."""

from dataclasses import dataclass


@dataclass(frozen=True)
class TrainSettings:
    """What a training run depends on. Shares are of the run's arithmetic, see ``schedule``."""

    seed: int = 1
    schedule: str = "64:2000:1,96:1000:1,128:800:2"
    """Phases as SIDE:STEPS:ATTACK_STEPS: pictures' side in pixels, steps, gradient steps of the attack."""
    batch: int = 64
    uses: int = 4
    """How often each picture is used; it divides ``batch``."""
    spacing: int = 40
    """Steps between two uses of a picture."""
    bare: float = 0.06
    """Bare backgrounds, to be scored alike for every class, per picture of a class."""
    peak_rate: float = 0.1
    """Highest learning rate."""
    climb: float = 0.06
    """Share of the run over which the rate climbs, before it falls along a half cosine."""
    weight_decay: float = 5e-4
    smoothing: float = 0.05
    """Share of the certainty that is spread over all classes."""
    strength: float = 2.7
    """Of the attack at its full: root mean square of the change per value, in steps of 255."""
    easing: float = 0.4
    """Share of the run over which the attack grows: at full strength at once, nothing is learnt."""
    averaging: float = 0.3
    """Share of the run in which a class's score is its map's average. The average teaches every cell and so
    learns fast; the maximum asks for one whole creature somewhere."""
    turning: float = 0.15
    """Share of the run in which the score then goes over from the average to the maximum."""
    memory: float = 0.995
    """How much of the averaged weights, which are what is exported, is kept from one step to the next."""
