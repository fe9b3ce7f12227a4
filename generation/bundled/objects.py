"""How the kinds of objects look: one short painter each, in local coordinates (u right, v down, about -1..1)."""

from collections.abc import Callable
from typing import Final

from torch import Tensor

from .brush import Brush, both, box, circle, either, ellipse, line, polygon, without

Painter = Callable[[Brush], None]

WOOD: Final = (0.50, 0.32, 0.20)
CREAM: Final = (0.97, 0.93, 0.85)
DARK: Final = (0.16, 0.15, 0.20)
ROOF: Final = (0.55, 0.25, 0.20)
WHITE: Final = (0.98, 0.98, 0.97)
LEAF: Final = (0.25, 0.58, 0.28)
BEAK: Final = (0.98, 0.66, 0.15)
ROSE: Final = (0.95, 0.55, 0.60)


def house(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0.42, -0.62, 0.11, 0.26), ROOF, 0.8)
    b.fill(box(u, v, 0, 0.42, 0.74, 0.58))
    b.shadow(both(box(u, v, 0, 0.42, 0.74, 0.58), 0.42 - u), 0.10)
    b.fill(polygon(u, v, (0, -0.92), (0.98, -0.08), (-0.98, -0.08)), ROOF)
    b.detail(box(u, v, 0, 0.66, 0.17, 0.34, 0.03), WOOD, 0.75)
    for x in (-0.45, 0.45):
        b.detail(box(u, v, x, 0.36, 0.19, 0.21), WHITE)
        b.window(box(u, v, x, 0.36, 0.14, 0.16))
        b.detail(either(box(u, v, x, 0.36, 0.02, 0.16), box(u, v, x, 0.36, 0.14, 0.02)), WHITE)


def tree(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.08, 0.0), (0.08, 0.0), (0.15, 1.0), (-0.15, 1.0)), WOOD)
    crown = either(
        circle(u, v, 0, -0.50, 0.48), circle(u, v, -0.40, -0.10, 0.40), circle(u, v, 0.40, -0.10, 0.40)
    )
    b.fill(either(crown, ellipse(u, v, 0, 0.05, 0.45, 0.30)), None, 0.86)
    b.detail(either(circle(u, v, -0.08, -0.56, 0.36), circle(u, v, -0.44, -0.18, 0.26)))
    b.detail(circle(u, v, 0.34, -0.20, 0.24))


def sailboat(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, -0.15, 0.035, 0.80), WOOD)
    b.fill(polygon(u, v, (0.08, -0.92), (0.78, 0.42), (0.08, 0.42)))
    b.fill(polygon(u, v, (-0.08, -0.70), (-0.08, 0.42), (-0.62, 0.42)), None, 0.80)
    hull = polygon(u, v, (-0.92, 0.54), (0.96, 0.54), (0.62, 0.96), (-0.66, 0.96))
    b.fill(hull, WOOD)
    b.detail(both(hull, v - 0.64), CREAM)


def lighthouse(b: Brush) -> None:
    u, v = b.u, b.v
    tower = polygon(u, v, (-0.22, -0.45), (0.22, -0.45), (0.36, 1.0), (-0.36, 1.0))
    b.fill(tower, CREAM)
    for top in (-0.22, 0.24, 0.70):
        b.detail(both(tower, (v - top - 0.115).abs() - 0.115))
    b.shadow(both(tower, 0.10 - u), 0.10)
    b.fill(box(u, v, 0, -0.47, 0.32, 0.05), DARK)
    b.glow(box(u, v, 0, -0.62, 0.17, 0.12), (1.0, 0.88, 0.42))
    b.fill(polygon(u, v, (0, -0.98), (0.26, -0.72), (-0.26, -0.72)), None, 0.75)
    b.detail(box(u, v, 0, 0.86, 0.09, 0.14, 0.04), DARK)


def hot_air_balloon(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(
        either(line(u, v, -0.34, 0.20, -0.13, 0.72, 0.018), line(u, v, 0.34, 0.20, 0.13, 0.72, 0.018)), WOOD
    )
    envelope = either(
        circle(u, v, 0, -0.32, 0.64), polygon(u, v, (-0.56, 0), (0.56, 0), (0.17, 0.50), (-0.17, 0.50))
    )
    b.fill(envelope)
    b.detail(both(envelope, ellipse(u, v, 0, -0.25, 0.22, 0.80)), CREAM)
    b.shadow(both(envelope, 0.42 - u), 0.12)
    b.fill(box(u, v, 0, 0.84, 0.17, 0.14, 0.04), WOOD)
    b.detail(box(u, v, 0, 0.74, 0.19, 0.04), WOOD, 0.7)


def balloon(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(
        either(line(u, v, 0, 0.42, 0.06, 0.72, 0.02), line(u, v, 0.06, 0.72, -0.02, 0.98, 0.02)), DARK, 2.0
    )
    b.fill(ellipse(u, v, 0, -0.28, 0.55, 0.68))
    b.fill(polygon(u, v, (0, 0.34), (0.11, 0.48), (-0.11, 0.48)), None, 0.8)
    b.highlight(ellipse(u, v, -0.20, -0.52, 0.13, 0.22), 0.6)


def rocket(b: Brush) -> None:
    u, v = b.u, b.v
    b.glow(polygon(u, v, (-0.16, 0.66), (0.16, 0.66), (0, 1.0)), (1.0, 0.72, 0.20))
    fin = (0.86, 0.22, 0.20)
    b.fill(polygon(u, v, (-0.30, 0.10), (-0.30, 0.62), (-0.68, 0.80), (-0.62, 0.46)), fin)
    b.fill(polygon(u, v, (0.30, 0.10), (0.62, 0.46), (0.68, 0.80), (0.30, 0.62)), fin)
    body = both(circle(u, v, -0.68, 0.16, 1.10), circle(u, v, 0.68, 0.16, 1.10))
    body = both(body, v - 0.62)
    b.fill(both(body, -0.97 - v))
    b.detail(both(body, v + 0.42), fin)
    b.shadow(both(body, 0.10 - u), 0.10)
    b.detail(circle(u, v, 0, -0.10, 0.17), DARK, 1.6)
    b.detail(circle(u, v, 0, -0.10, 0.12), (0.55, 0.83, 0.97))
    b.fill(box(u, v, 0, 0.64, 0.18, 0.05), DARK, 1.6)


def cactus(b: Brush) -> None:
    u, v = b.u, b.v
    arms = either(line(u, v, -0.55, -0.25, -0.55, 0.15, 0.14), line(u, v, -0.55, 0.15, 0, 0.15, 0.14))
    arms = either(arms, line(u, v, 0.52, -0.45, 0.52, -0.05, 0.14), line(u, v, 0.52, -0.05, 0, -0.05, 0.14))
    trunk = both(line(u, v, 0, -0.70, 0, 1.3, 0.24), v - 1.0)
    b.fill(either(arms, trunk))
    for x in (-0.09, 0.09):
        b.detail(line(u, v, x, -0.70, x, 0.92, 0.02), None, 0.75)
    b.detail(either(circle(u, v, 0, -0.90, 0.10), circle(u, v, 0.52, -0.58, 0.07)), ROSE)


def mushroom(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.22, 0.0), (0.22, 0.0), (0.30, 1.0), (-0.30, 1.0)), CREAM)
    b.shadow(both(box(u, v, 0, 0.5, 0.3, 0.5), 0.08 - u), 0.10)
    cap = both(ellipse(u, v, 0, 0.08, 0.92, 0.98), v - 0.14)
    b.fill(cap)
    b.detail(both(cap, 0.02 - v), None, 0.78)
    for x, y, r in ((0.0, -0.55, 0.17), (-0.48, -0.22, 0.14), (0.46, -0.26, 0.15), (0.02, -0.13, 0.09)):
        b.detail(circle(u, v, x, y, r), WHITE)


def flower(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(box(u, v, 0, 0.50, 0.05, 0.50), LEAF)
    b.fill(either(ellipse(u, v, -0.26, 0.66, 0.24, 0.11), ellipse(u, v, 0.26, 0.76, 0.24, 0.11)), LEAF, 0.9)
    petals = [circle(u, v, 0.34 * x, -0.36 + 0.34 * y, 0.25) for x, y in _ROSETTE]
    b.fill(either(*petals))
    b.detail(either(*[circle(u, v, 0.34 * x, -0.36 + 0.34 * y, 0.12) for x, y in _ROSETTE]), None, 0.88)
    b.detail(circle(u, v, 0, -0.36, 0.20), (0.99, 0.80, 0.22))
    b.detail(circle(u, v, 0, -0.36, 0.11), (0.93, 0.62, 0.15))


_ROSETTE: Final = ((0, -1), (0.866, -0.5), (0.866, 0.5), (0, 1), (-0.866, 0.5), (-0.866, -0.5))


def fish(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.50, 0), (-0.98, -0.44), (-0.98, 0.44)), None, 0.82)
    b.fill(polygon(u, v, (-0.18, -0.30), (0.10, -0.72), (0.38, -0.34)), None, 0.82)
    b.fill(polygon(u, v, (-0.05, 0.34), (0.25, 0.34), (0.0, 0.62)), None, 0.82)
    body = ellipse(u, v, 0.12, 0, 0.76, 0.48)
    b.fill(body)
    b.detail(both(body, (u - 0.18).abs() - 0.08), WHITE)
    b.detail(both(body, (u + 0.22).abs() - 0.07), WHITE)
    b.detail(circle(u, v, 0.55, -0.10, 0.12), WHITE)
    b.detail(circle(u, v, 0.58, -0.10, 0.065), DARK)


def bird(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.40, 0.02), (-0.98, -0.10), (-0.92, 0.26), (-0.40, 0.30)), None, 0.78)
    b.fill(polygon(u, v, (0.70, -0.22), (0.99, -0.08), (0.70, 0.02)), BEAK)
    b.fill(either(ellipse(u, v, 0, 0.16, 0.62, 0.36), circle(u, v, 0.50, -0.12, 0.28)))
    b.detail(ellipse(u, v, 0.20, 0.34, 0.32, 0.15), CREAM)
    b.fill(polygon(u, v, (-0.34, -0.86), (0.22, 0.10), (-0.34, 0.20)), None, 0.72)
    b.detail(circle(u, v, 0.56, -0.17, 0.075), WHITE)
    b.detail(circle(u, v, 0.57, -0.17, 0.045), DARK)
    b.fill(
        either(line(u, v, -0.05, 0.48, -0.05, 0.74, 0.025), line(u, v, 0.13, 0.48, 0.13, 0.74, 0.025)), BEAK
    )


def cat(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(
        either(line(u, v, 0.40, 0.85, 0.80, 0.70, 0.09), line(u, v, 0.80, 0.70, 0.82, 0.28, 0.09)), None, 0.85
    )
    b.fill(either(ellipse(u, v, 0, 0.58, 0.50, 0.50), box(u, v, 0, 0.86, 0.50, 0.14, 0.12)))
    ears = either(polygon(u, v, (-0.50, -0.95), (-0.10, -0.62), (-0.52, -0.30)),
                  polygon(u, v, (0.50, -0.95), (0.52, -0.30), (0.10, -0.62)))  # fmt: skip
    b.fill(ears)
    b.detail(either(polygon(u, v, (-0.44, -0.80), (-0.24, -0.62), (-0.44, -0.50)),
                    polygon(u, v, (0.44, -0.80), (0.44, -0.50), (0.24, -0.62))), ROSE)  # fmt: skip
    b.fill(ellipse(u, v, 0, -0.28, 0.56, 0.46))
    b.detail(ellipse(u, v, 0, 0.62, 0.24, 0.30), CREAM)
    b.detail(ellipse(u, v, 0, -0.10, 0.26, 0.17), CREAM)
    for x in (-0.24, 0.24):
        b.detail(ellipse(u, v, x, -0.34, 0.11, 0.13), (0.80, 0.90, 0.45))
        b.detail(ellipse(u, v, x, -0.34, 0.05, 0.11), DARK)
    b.detail(polygon(u, v, (-0.08, -0.18), (0.08, -0.18), (0, -0.08)), ROSE)


def dog(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(line(u, v, 0.42, 0.70, 0.78, 0.36, 0.08), None, 0.85)
    b.fill(either(ellipse(u, v, 0, 0.56, 0.46, 0.52), box(u, v, 0, 0.86, 0.48, 0.14, 0.12)))
    b.fill(ellipse(u, v, 0, -0.34, 0.50, 0.52))
    b.fill(
        either(ellipse(u, v, -0.52, -0.28, 0.20, 0.44), ellipse(u, v, 0.52, -0.28, 0.20, 0.44)), None, 0.62
    )
    b.detail(ellipse(u, v, 0, 0.60, 0.22, 0.32), CREAM)
    b.detail(ellipse(u, v, 0, -0.08, 0.28, 0.24), CREAM)
    for x in (-0.22, 0.22):
        b.detail(circle(u, v, x, -0.42, 0.105), WHITE)
        b.detail(circle(u, v, x, -0.41, 0.065), DARK)
    b.detail(ellipse(u, v, 0, -0.16, 0.13, 0.09), DARK)
    b.detail(ellipse(u, v, 0, 0.10, 0.08, 0.12), ROSE)
    b.detail(box(u, v, 0, 0.22, 0.30, 0.05), (0.85, 0.20, 0.22))


def rabbit(b: Brush) -> None:
    u, v = b.u, b.v
    ears = either(ellipse(u, v, -0.22, -0.66, 0.15, 0.36), ellipse(u, v, 0.22, -0.66, 0.15, 0.36))
    b.fill(ears)
    b.detail(either(ellipse(u, v, -0.22, -0.66, 0.07, 0.26), ellipse(u, v, 0.22, -0.66, 0.07, 0.26)), ROSE)
    b.fill(circle(u, v, 0.50, 0.72, 0.16), WHITE)
    b.fill(either(ellipse(u, v, 0, 0.62, 0.46, 0.42), box(u, v, 0, 0.90, 0.46, 0.10, 0.09)))
    b.fill(ellipse(u, v, 0, -0.08, 0.44, 0.38))
    b.detail(ellipse(u, v, 0, 0.66, 0.24, 0.26), CREAM)
    for x in (-0.19, 0.19):
        b.detail(ellipse(u, v, x, -0.14, 0.075, 0.10), DARK)
        b.detail(circle(u, v, x + 0.02, -0.18, 0.03), WHITE)
    b.detail(circle(u, v, 0, 0.02, 0.06), ROSE)
    b.detail(box(u, v, 0, 0.15, 0.055, 0.08), WHITE)


def penguin(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(either(ellipse(u, v, -0.24, 0.92, 0.24, 0.09), ellipse(u, v, 0.24, 0.92, 0.24, 0.09)), BEAK)
    b.fill(either(ellipse(u, v, -0.54, 0.22, 0.16, 0.46), ellipse(u, v, 0.54, 0.22, 0.16, 0.46)), None, 0.8)
    b.fill(either(ellipse(u, v, 0, 0.30, 0.54, 0.64), circle(u, v, 0, -0.50, 0.42)))
    b.detail(ellipse(u, v, 0, 0.38, 0.38, 0.50), WHITE)
    b.detail(either(ellipse(u, v, -0.16, -0.44, 0.19, 0.22), ellipse(u, v, 0.16, -0.44, 0.19, 0.22)), WHITE)
    for x in (-0.15, 0.15):
        b.detail(circle(u, v, x, -0.50, 0.075), DARK)
    b.detail(polygon(u, v, (-0.14, -0.36), (0.14, -0.36), (0, -0.18)), BEAK)


def car(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.36, -0.50), (0.26, -0.50), (0.58, 0.02), (-0.62, 0.02)))
    b.window(polygon(u, v, (-0.32, -0.40), (-0.05, -0.40), (-0.05, -0.02), (-0.50, -0.02)))
    b.window(polygon(u, v, (0.05, -0.40), (0.22, -0.40), (0.44, -0.02), (0.05, -0.02)))
    b.fill(box(u, v, 0, 0.20, 0.96, 0.24, 0.12))
    b.detail(box(u, v, 0, 0.36, 0.96, 0.05), None, 0.7)
    b.glow(circle(u, v, 0.86, 0.14, 0.075), (1.0, 0.93, 0.60))
    b.detail(box(u, v, -0.90, 0.14, 0.05, 0.07), (0.90, 0.15, 0.15))
    for x in (-0.52, 0.52):
        b.fill(circle(u, v, x, 0.44, 0.23), DARK)
        b.detail(circle(u, v, x, 0.44, 0.11), (0.80, 0.82, 0.85))


def butterfly(b: Brush) -> None:
    u, v = b.u.abs(), b.v
    b.fill(line(u, v, 0.03, -0.45, 0.24, -0.86, 0.022), DARK)
    b.fill(ellipse(u, v, 0.44, 0.44, 0.34, 0.38), None, 0.80)
    b.fill(ellipse(u, v, 0.52, -0.26, 0.46, 0.44))
    b.detail(ellipse(u, v, 0.58, -0.28, 0.24, 0.23), CREAM)
    b.detail(circle(u, v, 0.46, 0.48, 0.14), CREAM)
    b.detail(circle(u, v, 0.62, -0.30, 0.11), None, 0.6)
    b.fill(box(u, v, 0, 0.10, 0.075, 0.62, 0.07), DARK)
    b.fill(circle(u, v, 0, -0.50, 0.12), DARK)


def whale(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(either(line(u, v, 0.36, -0.42, 0.36, -0.68, 0.04), line(u, v, 0.36, -0.68, 0.18, -0.84, 0.05),
                  line(u, v, 0.36, -0.68, 0.54, -0.84, 0.05)), (0.75, 0.92, 1.0))  # fmt: skip
    b.fill(either(polygon(u, v, (-0.70, 0.10), (-0.98, -0.46), (-0.62, -0.30)),
                  polygon(u, v, (-0.70, 0.10), (-0.72, -0.26), (-0.38, -0.50))), None, 0.85)  # fmt: skip
    back = polygon(u, v, (-0.84, -0.12), (-0.52, -0.18), (0.20, -0.30), (0.20, 0.42), (-0.40, 0.36))
    body = either(both(ellipse(u, v, 0.22, 0.06, 0.74, 0.52), v - 0.42), back)
    b.fill(body)
    b.detail(both(ellipse(u, v, 0.34, 0.42, 0.60, 0.26), body), WHITE)
    b.detail(circle(u, v, 0.62, 0.02, 0.07), DARK)
    b.detail(ellipse(u, v, 0.16, 0.36, 0.22, 0.10), None, 0.75)


def snowman(b: Brush) -> None:
    u, v = b.u, b.v
    snow = (0.95, 0.97, 1.0)
    b.fill(either(line(u, v, -0.30, 0.0, -0.78, -0.26, 0.03), line(u, v, 0.30, 0.0, 0.78, -0.26, 0.03)), WOOD)
    b.fill(
        either(circle(u, v, 0, 0.56, 0.44), circle(u, v, 0, -0.02, 0.33), circle(u, v, 0, -0.46, 0.25)), snow
    )
    b.shadow(both(circle(u, v, 0, 0.56, 0.44), 0.42 - circle(u, v, -0.16, 0.46, 0.0)), 0.10)
    b.fill(box(u, v, 0, -0.24, 0.27, 0.07, 0.05))
    b.fill(polygon(u, v, (0.08, -0.22), (0.24, -0.22), (0.26, 0.14), (0.10, 0.14)))
    b.fill(box(u, v, 0, -0.84, 0.19, 0.15), DARK)
    b.fill(box(u, v, 0, -0.68, 0.32, 0.04), DARK)
    b.detail(box(u, v, 0, -0.75, 0.19, 0.035))
    b.detail(either(circle(u, v, -0.10, -0.52, 0.04), circle(u, v, 0.10, -0.52, 0.04)), DARK)
    b.detail(polygon(u, v, (0, -0.48), (0.26, -0.42), (0, -0.38)), BEAK)
    b.detail(
        either(circle(u, v, 0, 0.34, 0.045), circle(u, v, 0, 0.56, 0.045), circle(u, v, 0, 0.06, 0.04)), DARK
    )


def tent(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (0.02, -0.62), (0.62, -0.42), (0.98, 0.70), (0.30, 0.70)), None, 0.72)
    b.fill(polygon(u, v, (-0.12, -0.62), (0.66, 0.70), (-0.90, 0.70)))
    b.window(polygon(u, v, (-0.12, -0.16), (0.20, 0.70), (-0.44, 0.70)))
    b.shadow(polygon(u, v, (-0.12, -0.16), (0.20, 0.70), (-0.44, 0.70)), 0.45)
    b.fill(line(u, v, -0.12, -0.60, -0.12, -0.80, 0.025), WOOD)
    b.fill(polygon(u, v, (-0.12, -0.94), (0.16, -0.84), (-0.12, -0.74)), (0.98, 0.80, 0.25))


def castle(b: Brush) -> None:
    u, v = b.u, b.v
    teeth = ((u * 4.0 + 0.5).remainder(1.0) - 0.5).abs() / 4.0 - 0.075
    for x in (-0.66, 0.66):
        b.fill(line(u, v, x, -0.86, x, -0.98, 0.02), WOOD)
        b.fill(polygon(u, v, (x, -0.92), (x + 0.32, -0.42), (x - 0.32, -0.42)), (0.75, 0.28, 0.26))
        b.fill(box(u, v, x, 0.29, 0.24, 0.71), None, 0.90)
        b.window(box(u, v, x, -0.10, 0.07, 0.13, 0.06))
    b.fill(box(u, v, 0, 0.44, 0.50, 0.56))
    b.fill(both(box(u, v, 0, -0.15, 0.44, 0.11), teeth))
    b.detail(either(box(u, v, 0, 0.80, 0.19, 0.20), circle(u, v, 0, 0.60, 0.19)), WOOD, 0.6)
    for x in (-0.24, 0.24):
        b.window(box(u, v, x, 0.16, 0.06, 0.11, 0.05))


def windmill(b: Brush) -> None:
    u, v = b.u, b.v
    b.fill(polygon(u, v, (-0.22, -0.20), (0.22, -0.20), (0.38, 1.0), (-0.38, 1.0)))
    b.shadow(polygon(u, v, (0.06, -0.20), (0.22, -0.20), (0.38, 1.0), (0.06, 1.0)), 0.10)
    b.fill(both(circle(u, v, 0, -0.18, 0.27), v + 0.16), ROOF)
    b.detail(box(u, v, 0, 0.82, 0.11, 0.18, 0.04), WOOD, 0.75)
    b.window(box(u, v, 0, 0.34, 0.08, 0.10))
    p, q = (u + v + 0.22) * 0.70711, (v + 0.22 - u) * 0.70711
    for x, y in ((p, q), (-q, p), (-p, -q), (q, -p)):
        b.fill(box(x, y, 0.40, 0.085, 0.34, 0.085), CREAM)
        b.detail(box(x, y, 0.40, 0.085, 0.34, 0.012), WOOD)
        b.fill(box(x, y, 0.38, 0.0, 0.38, 0.026), WOOD)
    b.detail(circle(u, v, 0, -0.22, 0.07), DARK)


def palm(b: Brush) -> None:
    u, v = b.u, b.v
    trunk = without(circle(u, v, 1.60, 0.72, 1.78), circle(u, v, 1.66, 0.72, 1.62))
    b.fill(both(both(trunk, -0.48 - v), both(v - 1.0, u - 0.4)), WOOD, 1.15)
    x, y = 0.12, -0.52
    for dx, dy, shade in ((-0.62, 0.36, 0.78), (0.62, 0.40, 0.78), (-0.70, -0.02, 0.9), (0.70, 0.02, 0.9)):
        b.fill(_frond(b, x, y, dx, dy), None, shade)
    b.fill(either(_frond(b, x, y, -0.44, -0.34), _frond(b, x, y, 0.46, -0.32)))
    b.detail(
        either(circle(u, v, x - 0.08, y + 0.10, 0.08), circle(u, v, x + 0.09, y + 0.10, 0.08)), WOOD, 0.75
    )


def _frond(b: Brush, x: float, y: float, dx: float, dy: float) -> Tensor:
    """A leaf from (x, y): a lens along (dx, dy), bent down towards its tip."""
    length = (dx * dx + dy * dy) ** 0.5
    p = ((b.u - x) * dx + (b.v - y) * dy) / length
    q = ((b.v - y) * dx - (b.u - x) * dy) / length * (1 if dx > 0 else -1)
    q = q - 0.35 * p * p
    return ellipse(p, q, length / 2, 0, length / 2 + 0.06, 0.12)


PAINTERS: Final[dict[str, Painter]] = {
    "house": house, "tree": tree, "sailboat": sailboat, "lighthouse": lighthouse, "hot_air_balloon": hot_air_balloon,
    "balloon": balloon, "rocket": rocket, "cactus": cactus, "mushroom": mushroom, "flower": flower, "fish": fish,
    "bird": bird, "cat": cat, "dog": dog, "rabbit": rabbit, "penguin": penguin, "car": car, "butterfly": butterfly,
    "whale": whale, "snowman": snowman, "tent": tent, "castle": castle, "windmill": windmill, "palm": palm,
}  # fmt: skip
