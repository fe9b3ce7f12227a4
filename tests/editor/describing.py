"""What describes shapes, texts, adjustments and filters, at random; all of it is allowed."""

from __future__ import annotations

import random
from typing import Any

from editor.fonts import catalogue
from editor.replay.effects import adjustments, filters
from editor.replay.shapes import description as shapes
from editor.replay.text import description as texts

WORDS = {"Latn": ("fox", "AV ffi", "été", "Zebra 42"), "Arab": ("سلام", "لا"), "Deva": ("क्षत्रिय", "शांति")}


def colour(r: random.Random, *, opaque: bool = False) -> int:
    return r.getrandbits(24) | (255 if opaque else r.choice([255, 255, 100, 0])) << 24


def shape(r: random.Random) -> dict[str, Any]:
    """What describes a shape: of any kind, filled, stroked, both or neither."""
    kind = r.choice(list(shapes.KINDS))
    out: dict[str, Any] = {"kind": kind}
    for name, (low, high) in shapes.KINDS[kind].items():
        out[name] = max(low, min(high, r.choice([r.randint(0, 60000), r.randint(0, 40000), 1, 5])))
    if "sides" in out:
        out["sides"] = r.randint(3, 12)
    if kind == "path":
        out |= {"closed": r.random() < 0.5, "even_odd": r.random() < 0.5}
        counts = [r.choice([2, 2, 6]) for _ in range(r.randint(2, 7))]
        out["nodes"] = [[r.choice([r.randint(-3000, 44000), 640]) for _ in range(n)] for n in counts]
    if kind not in ("line", "arrow") and r.random() < 0.7:
        out["fill"] = colour(r)
    if r.random() < 0.7:
        out["stroke"] = {
            "rgba": colour(r),
            "width": r.choice([1, 64, 300, 5000]),
            "cap": r.choice(shapes.CAPS),
            "join": r.choice(shapes.JOINS),
        }
        if r.random() < 0.4:
            out["stroke"] |= {
                "dashes": r.choice([[], [640, 1280], [0, 2000]]),
                "limit": r.choice([64, 700]),
            }
    return out


def text(r: random.Random) -> dict[str, Any]:
    """One to three short lines, each of one run, as a page would have found them."""
    family, weight = r.choice(["sans", "sans", "sans", "serif", "hand"]), r.choice(list(catalogue.WEIGHTS))
    lines, content = [], ""
    for _ in range(r.randint(1, 3)):
        script = r.choice(["Latn", "Latn", *WORDS])
        words = r.choice(WORDS[script])
        font, start = catalogue.font_of(family, weight, script), len(content)
        lines.append([[start, start + len(words), font, script, int(script == "Arab")]])
        content += f"{words}\n"
    out: dict[str, Any] = {"content": content, "family": family, "weight": weight, "lines": lines}
    out |= {"size": r.choice([100, 320, 700, 1500]), "rgba": colour(r), "align": r.choice(texts.ALIGNS)}
    out |= {"leading": r.choice([80, 120]), "tracking": r.choice([0, 0, -40, 150])}
    out |= {"x": r.randint(-500, 8000), "y": r.randint(-500, 6000)}
    if r.random() < 0.3:
        out["width"] = r.randint(16, 9000)
    if r.random() < 0.2:
        out["path"] = [_some(r, 2), *(_some(r, 6) for _ in range(r.randint(1, 3)))]
    if r.random() < 0.3:
        out["outline"] = {"width": r.choice([1, 40, 200]), "rgba": colour(r)}
    if r.random() < 0.3:
        out["shadow"] = {
            "dx": r.randint(-200, 200),
            "dy": 48,
            "blur": r.choice([0, 40, 160]),
            "rgba": colour(r),
        }
    return out


def _some(r: random.Random, count: int) -> list[int]:
    return [r.randint(-1000, 9000) for _ in range(count)]


def adjustment(r: random.Random) -> dict[str, Any]:
    kind = r.choice(list(adjustments.KINDS))
    out: dict[str, Any] = {"kind": kind}
    if kind in ("levels", "curves"):
        for channel in r.sample(adjustments.CHANNELS, r.randint(0, 4)):
            if kind == "levels":
                black = r.randint(0, 253)
                ends = r.randint(0, 255), r.randint(0, 255)
                out[channel] = [black, r.randint(10, 999), r.randint(black + 2, 255), *ends]
            else:
                xs = sorted(r.sample(range(256), r.randint(2, 16)))
                out[channel] = [[x, r.randint(0, 255)] for x in xs]
        return out
    for name, (low, high, _neutral) in adjustments.KINDS[kind].items():
        if r.random() < 0.8:
            out[name] = r.randint(low, high)
    return out


def filter_of(r: random.Random) -> dict[str, Any]:
    kind = r.choice(list(filters.KINDS))
    return {
        "kind": kind,
        **{
            name: r.choice([low, min(high, low + 9), r.randint(low, high)])
            for name, (low, high) in filters.KINDS[kind].items()
        },
    }
