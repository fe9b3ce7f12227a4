"""What is in the sky or falls from it: sun, moon, stars, clouds, rain; bubbles under water."""

from random import Random

from .canvas import Layout, Thing
from .palette import RGB, lit, mix, vary
from .scatter import strew
from .scenes import Scene


def hang(scene: Scene, rng: Random, p: Layout, fog: float) -> None:
    """Add what is in the sky, behind everything else."""
    m = min(p.width, p.height)
    if scene.setting == "underwater":
        strew(rng, p, "bubble", 6, (0.08 * p.height, 0.75 * p.height), (0.8, 0.95, 1.0))
        return
    stars = scene.setting == "space" or scene.sky == "stars"
    if stars or (scene.time == "night" and scene.weather == "clear"):
        count = (20 if scene.setting == "space" else 13) if stars else 6
        strew(rng, p, "star", count, (0.02 * p.height, _above_ground(p, 0.95)), (1.0, 0.98, 0.86))
    side = _free_side(scene, rng)
    if scene.setting == "space" and rng.random() < 0.8:
        colour = rng.choice(((0.85, 0.55, 0.35), (0.45, 0.65, 0.85), (0.75, 0.50, 0.75), (0.85, 0.75, 0.45)))
        p.things.append(
            Thing("planet", *_corner(rng, p, 1 - side), m * rng.uniform(0.11, 0.17), vary(rng, colour))
        )
    x, y = _corner(rng, p, side)
    if scene.sky == "rainbow":
        end = min(p.far_line.base, p.ground_line.base)
        size = min(p.width * 0.46, end)
        p.things.append(
            Thing("rainbow", p.width * rng.uniform(0.38, 0.62), end - 0.6 * size, size, (1, 1, 1))
        )
    elif scene.sky == "sun":
        low = scene.time in ("sunrise", "sunset")
        colour = (
            (1.0, 0.72, 0.30) if scene.time == "sunset" else (1.0, 0.86, 0.45) if low else (1.0, 0.84, 0.25)
        )
        y = p.height * rng.uniform(0.28, 0.46) if low else y
        p.things.append(Thing("sun", x, y, m * rng.uniform(0.15, 0.19), vary(rng, colour, 0.02), 0.4 * fog))
    elif scene.sky in ("moon", "crescent"):
        p.things.append(Thing(scene.sky, x, y, m * rng.uniform(0.13, 0.16), (0.98, 0.96, 0.86), 0.4 * fog))
    if scene.weather in ("cloudy", "rain", "snowfall"):
        white = lit(
            (1, 1, 1) if scene.weather == "cloudy" else (0.80, 0.84, 0.89), mix(p.tint, (1, 1, 1), 0.35)
        )
        for _ in range(round(rng.randint(2, 4) * p.width / 16 + rng.random() * 0.9)):
            size = m * rng.uniform(0.12, 0.20)
            at = (rng.uniform(0, p.width), p.height * rng.uniform(0.06, 0.36))
            if (scene.sky and abs(at[0] - x) < m * 0.34) or not _is_clear(p, *at, size):
                continue  # what the sky shows stays visible, and every cloud whole
            p.things.append(Thing("cloud", *at, size, vary(rng, _unlit(white, p.tint), 0.02)))


def _is_clear(p: Layout, x: float, y: float, size: float) -> bool:
    """Whether a cloud of that size touches no other."""
    return all(
        abs(x - other.x) > 0.85 * (size + other.size) + 1 or abs(y - other.y) > 0.42 * (size + other.size) + 1
        for other in p.things
        if other.kind == "cloud"
    )


def _unlit(colour: RGB, tint: RGB) -> RGB:
    return (min(1.0, colour[0] / tint[0]), min(1.0, colour[1] / tint[1]), min(1.0, colour[2] / tint[2]))


def _free_side(scene: Scene, rng: Random) -> float:
    """A side of the sky, as a share of the width."""
    place = scene.groups[0].place if len(scene.groups) == 1 else ""
    return {"left": 0.80, "right": 0.20}.get(place) or rng.choice((0.17, 0.83))


def _corner(rng: Random, p: Layout, side: float) -> tuple[float, float]:
    return p.width * (side + rng.uniform(-0.05, 0.05)), p.height * rng.uniform(0.12, 0.22)


def _above_ground(p: Layout, lowest: float) -> float:
    """The height in cells down to which the sky is seen, at most that share of the picture."""
    return min(lowest * p.height, p.far_line.base, p.ground_line.base)


def weather(scene: Scene, rng: Random, p: Layout) -> None:
    """Add rain or snow; objects come later, in front of it, so that they stay whole."""
    if scene.weather == "rain":
        strew(rng, p, "rain", 24, (0.2 * p.height, 0.98 * p.height), (0.72, 0.84, 0.95))
    elif scene.weather == "snowfall":
        strew(rng, p, "flake", 28, (0.03 * p.height, 0.98 * p.height), (0.98, 0.98, 1.0))
