"""Endless batches of layouts: every step and worker has its own seed, so a run is the same each time."""

from random import Random
from typing import Final

from generation.bundled.canvas import Layout
from generation.bundled.layout import lay_out
from generation.bundled.scenes import Scene, sample

# Canvas sizes in cells and how often they are seen.
SHAPES: Final[tuple[tuple[int, int], ...]] = (
    (16, 16), (16, 9), (9, 16), (16, 12), (12, 16), (18, 12), (12, 18), (21, 9),
)  # fmt: skip
_SHARES: Final = (30, 24, 12, 9, 9, 6, 5, 5)
TRAINING: Final = "train"
HELD_OUT: Final = "held-out"


def batch(
    kind: str, step: int, worker: int, size: int, shape: tuple[int, int] | None = None
) -> tuple[list[Scene], list[Layout], Random]:
    """Scenes and layouts of one shape, and the random source they came from. Held-out seeds are never trained on."""
    rng = Random(f"{kind}:{step}:{worker}")
    width, height = shape or rng.choices(SHAPES, _SHARES)[0]
    scenes = [sample(rng) for _ in range(size)]
    return scenes, [lay_out(scene, rng, width, height) for scene in scenes], rng
