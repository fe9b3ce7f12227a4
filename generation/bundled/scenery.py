"""How the parts of a setting look: sun, clouds, mountains, pines, waves... painters as in `objects.py`."""

from typing import Final

import torch

from .brush import Brush, both, box, circle, either, ellipse, line, polygon, ring, without
from .objects import DARK, WHITE, WOOD, Painter

PANE: Final = 0.23  # from window to window of a tower; the decoder's knots are aligned with it


def sun(b: Brush) -> None:
    b.glow(circle(b.u, b.v, 0, 0, 0.98), b.colour, 0.28)
    b.glow(circle(b.u, b.v, 0, 0, 0.70), b.colour)


def moon(b: Brush) -> None:
    u, v = b.u, b.v
    b.glow(circle(u, v, 0, 0, 0.98), (0.98, 0.96, 0.86), 0.16)
    b.glow(circle(u, v, 0, 0, 0.72), (0.98, 0.96, 0.86))
    spots = either(
        circle(u, v, -0.26, -0.20, 0.16), circle(u, v, 0.22, 0.10, 0.20), circle(u, v, -0.18, 0.34, 0.11)
    )
    b.glow(spots, (0.88, 0.86, 0.77))


def crescent(b: Brush) -> None:
    b.glow(without(circle(b.u, b.v, 0, 0, 0.80), circle(b.u, b.v, 0.40, -0.18, 0.66)), (0.99, 0.94, 0.72))


def star(b: Brush) -> None:
    u, v = b.u.abs(), b.v.abs()
    d = (u + v + 1.4 * torch.minimum(u, v) - 0.34) / 2.6  # the slope across each of its eight sides
    b.glow(d, (1.0, 0.98, 0.86))


def cloud(b: Brush) -> None:
    u, v = b.u, b.v
    puffs = either(
        circle(u, v, -0.48, 0.14, 0.27), circle(u, v, -0.10, -0.06, 0.37), circle(u, v, 0.34, 0.06, 0.30)
    )
    puffs = either(puffs, circle(u, v, 0.66, 0.20, 0.20), box(u, v, 0.05, 0.26, 0.78, 0.14, 0.14))
    b.fill(puffs)
    b.shadow(both(puffs, 0.26 - v), 0.08)


def rain(b: Brush) -> None:
    b.glow(line(b.u, b.v, 0.16, -0.62, -0.16, 0.62, 0.075), b.colour)


def flake(b: Brush) -> None:
    b.glow(circle(b.u, b.v, 0, 0, 0.30), WHITE, 0.95)


def mountain(b: Brush) -> None:
    u, v = b.u, b.v
    left = polygon(u, v, (0, -0.95), (0.0, 0.62), (-1.0, 0.62))
    right = polygon(u, v, (0, -0.95), (1.0, 0.62), (0.0, 0.62))
    b.fill(left)
    b.fill(right, None, 0.80)
    zigzag = ((u * 3.4).remainder(1.0) - 0.5).abs() * 0.28
    peak = polygon(u, v, (0, -0.95), (1.0, 0.62), (-1.0, 0.62))
    b.detail(both(peak, v + 0.44 + zigzag), WHITE)
    b.shadow(both(both(peak, v + 0.44 + zigzag), -u), 0.14)


def tower(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, 0.1, 0.40, 0.92))
    b.fill(box(u, v, 0, -0.86, 0.22, 0.10), None, 0.85)
    b.fill(line(u, v, 0, -0.90, 0, -1.0, 0.02), DARK)
    _panes(b, both((u).abs() - 0.34, both(v - 0.86, -0.72 - v)), PANE, PANE)


def block(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, 0.35, 0.70, 0.66))
    b.fill(box(u, v, 0, -0.30, 0.74, 0.05), None, 0.8)
    _panes(b, both(u.abs() - 0.62, both(v - 0.86, -0.16 - v)), 1.5 * PANE, 1.5 * PANE)


def _panes(b: Brush, where: torch.Tensor, du: float, dv: float) -> None:
    p = ((b.u / du + 0.5).remainder(1.0) - 0.5) * du
    q = ((b.v / dv).remainder(1.0) - 0.5) * dv
    b.window(both(where, box(p, q, 0, 0, du * 0.28, dv * 0.30)))


def pine(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, 0.85, 0.08, 0.15), WOOD, 0.8)
    b.fill(polygon(u, v, (0, -0.20), (0.56, 0.74), (-0.56, 0.74)), None, 0.80)
    b.fill(polygon(u, v, (0, -0.60), (0.46, 0.30), (-0.46, 0.30)), None, 0.90)
    b.fill(polygon(u, v, (0, -0.98), (0.34, -0.16), (-0.34, -0.16)))


def wave(b: Brush) -> None:
    b.fill(both(ellipse(b.u, b.v, 0, 0, 0.90, 0.13), b.v))


def tuft(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(either(polygon(u, v, (-0.55, -0.40), (0.02, 0.5), (-0.22, 0.5)),
                  polygon(u, v, (0, -0.75), (0.14, 0.5), (-0.14, 0.5)),
                  polygon(u, v, (0.55, -0.40), (0.22, 0.5), (-0.02, 0.5))))  # fmt: skip


def blossom(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, 0.45, 0.06, 0.45), (0.25, 0.55, 0.28))
    b.fill(either(circle(u, v, 0, -0.42, 0.24), circle(u, v, 0, 0.06, 0.24), circle(u, v, -0.25, -0.18, 0.24),
                  circle(u, v, 0.25, -0.18, 0.24)))  # fmt: skip
    b.detail(circle(u, v, 0, -0.18, 0.17), (0.99, 0.85, 0.30))


def seaweed(b: Brush) -> None:
    u, v = b.u, b.v
    for x, top in ((-0.45, -0.35), (0.0, -0.95), (0.45, -0.55)):
        sway = 0.14 * torch.sin(5.0 * v + 6.0 * x)
        b.fill(box(u - sway, v, x, (top + 1) / 2, 0.11, (1 - top) / 2, 0.10), None, 0.85 if x else 1.0)


def bubble(b: Brush) -> None:
    b.glow(ring(circle(b.u, b.v, 0, 0, 0.42), 0.09), (0.80, 0.95, 1.0))


def coral(b: Brush) -> None:
    u, v = b.u, b.v
    arms = either(line(u, v, 0, 0.95, 0, -0.70, 0.15), line(u, v, 0, 0.40, -0.58, -0.20, 0.13))
    arms = either(arms, line(u, v, -0.58, -0.20, -0.58, -0.60, 0.13), line(u, v, 0, 0.15, 0.56, -0.25, 0.13))
    b.fill(either(arms, line(u, v, 0.56, -0.25, 0.60, -0.80, 0.13)))


def planet(b: Brush) -> None:
    u, v = b.u, b.v
    disc = circle(u, v, 0, 0, 0.56)
    b.glow(disc, b.colour)
    b.shadow(both(disc, (v - 0.12).abs() - 0.10), 0.15)
    b.shadow(without(disc, circle(u, v, -0.18, -0.14, 0.60)), 0.22)
    p, q = u * 0.94 + v * 0.34, v * 0.94 - u * 0.34
    b.glow(without(ring(ellipse(p, q, 0, 0, 0.90, 0.24), 0.045), both(disc, q)), (0.95, 0.86, 0.72))


def rainbow(b: Brush) -> None:
    u, v = b.u, b.v
    r = torch.hypot(u, v - 0.6)
    colours = ((0.93, 0.33, 0.31), (0.98, 0.66, 0.28), (0.99, 0.90, 0.42), (0.45, 0.78, 0.45), (0.36, 0.60, 0.92),
               (0.60, 0.44, 0.80))  # fmt: skip
    for i, colour in enumerate(colours):
        b.glow(both((r - (0.97 - 0.05 * i)).abs() - 0.0255, v - 0.6), colour, 0.9)


def rock(b: Brush) -> None:
    u, v = b.u, b.v
    stone = polygon(u, v, (-0.85, 0.6), (-0.6, -0.1), (-0.1, -0.5), (0.45, -0.25), (0.85, 0.6))
    b.fill(stone)
    b.detail(both(stone, polygon(u, v, (-0.1, -0.5), (0.45, -0.25), (0.85, 0.6), (0.15, 0.6))), None, 0.82)


def crater(b: Brush) -> None:
    b.fill(ellipse(b.u, b.v, 0, 0, 0.90, 0.34))
    b.detail(ellipse(b.u, b.v, 0, 0.07, 0.74, 0.24), None, 0.88)


def island(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(ellipse(u, v, 0, 0.10, 0.98, 0.30))
    b.detail(ellipse(u, v, 0, 0.0, 0.86, 0.18), (0.50, 0.70, 0.35))


PAINTERS: Final[dict[str, Painter]] = {
    "sun": sun, "moon": moon, "crescent": crescent, "star": star, "cloud": cloud, "rain": rain, "flake": flake,
    "mountain": mountain, "tower": tower, "block": block, "pine": pine, "wave": wave, "tuft": tuft,
    "blossom": blossom, "seaweed": seaweed, "bubble": bubble, "coral": coral, "planet": planet, "rainbow": rainbow,
    "rock": rock, "crater": crater, "island": island,
}  # fmt: skip
# Small things that stand in one or two cells of the latent grid: each has a whole cell to itself.
SMALL: Final = frozenset(("star", "rain", "flake", "wave", "tuft", "blossom", "bubble"))
