"""Random documents: sequences of operations as people make them, some of them impossible, from one seed each."""

from __future__ import annotations

import hashlib
import math
import random
import struct
from typing import Any

import numpy as np

from editor.kernels.reference import MODES
from editor.replay import strokes
from editor.replay.geometry import placing, resizing, warping
from editor.replay.planes import Bytes
from editor.replay.retouch import liquifying
from editor.replay.retouch import operations as retouch
from tests.editor import describing

Operation = dict[str, Any]


class Author:
    """Makes the operations of one document. It does not know what came of them, so some are impossible.

    A document has at most 700 x 600 pixels, or the size that is asked for, which it keeps. With `pictures` it has some
    of its own, by their names, which layers and masks are made of.
    """

    def __init__(self, seed: int, size: tuple[int, int] | None = None, *, pictures: int = 0) -> None:
        self.random = random.Random(seed)
        self.pictures = dict(self.picture() for _ in range(pictures))
        self.large = size
        self.width, self.height = size or (self.random.randint(1, 700), self.random.randint(1, 600))
        self.layers = ["base"]
        self.count = 0

    def document(self, length: int) -> list[Operation]:
        base = {}
        if self.pictures and not self.large and self.random.random() < 0.3:
            name, pixels = self.random.choice(list(self.pictures.items()))
            self.height, self.width, base = *pixels.shape[:2], {"asset": name}
        start = self.op("open", width=self.width, height=self.height, layer="base", name="Background", **base)
        if self.random.random() < 0.7:
            start["body"]["rgba"] = self.colour(opaque=True)
        return [start, *(self.next() for _ in range(length))]

    def next(self) -> Operation:
        kinds = (
            *(self.stroke, self.layer, self.set, self.select, self.fill, self.other, self.effect),
            *(self.geometry, self.retouch, self.shape, self.text, self.of_picture),
        )
        weights = (6, 3, 3, 4, 2, 2, 3, 3, 5, 2, 2, 5 if self.pictures else 0)
        return self.random.choices(kinds, weights=weights)[0]()

    def stroke(self) -> Operation:
        r = self.random
        body: dict[str, Any] = {
            "layer": self.any_layer(),
            "tool": r.choice(["brush", "brush", "erase"]),
            "radius": r.choice([8, 40, 165, 300, 900, 1600, 3000]),
            "hardness": r.choice([0, 128, 255]),
            "flow": r.choice([32767, 9000]),
            "spacing": r.choice([26, 64, 300]),
            "opacity": r.choice([255, 140]),
            "flags": r.randint(0, 3),
            "rgb": self.colour() & 0xFFFFFF,
        }
        if r.random() < 0.15:
            body.update(target="mask", value=r.choice([0, 255, 90]))
        return self.op("stroke", self.path(), **body)

    def path(self) -> bytes:
        r, points = self.random, []
        x, y = r.randint(-50, self.width + 50) * 16, r.randint(-50, self.height + 50) * 16
        for _ in range(r.randint(1, 12)):
            points.append((x, y, r.choice([255, r.randint(0, 255)])))
            x, y = x + r.randint(-900, 900), y + r.randint(-900, 900)
        return strokes.pack(np.array(points, np.int32))

    def retouch(self) -> Operation:
        """Pixels changed by other pixels along a stroke, or inside of an ellipse."""
        r, body = self.random, dict[str, Any]()
        what = r.choice(["clone", "heal", "spot", "tone", "smudge", "red", "liquify", "bend", "bend"])
        place = {name: r.randint(-300, 12000) for name in ("x", "y")}
        if what == "red":
            radii = {name: r.choice([8, 300, 4000]) for name in ("rx", "ry")}
            values = {"tolerance": r.choice([0, 128, 255]), "dark": r.choice([0, 100])}
            return self.op("retouch.red", layer=self.any_layer(), **place, **radii, **values)
        if what == "bend":
            return self.bend()
        if what == "liquify":
            body = {"layer": self.any_layer(), "how": r.choice(liquifying.HOWS)}
            body |= {"radius": r.choice([16, 300, 900, 2400]), "strength": r.choice([255, 90])}
            return self.op("retouch.liquify", self.path(), **body)
        body = {
            "layer": self.any_layer(),
            "radius": r.choice([8, 165, 500, 1600]),
            "hardness": r.choice([0, 128, 255]),
            "spacing": r.choice([26, 64, 300]),
            "flags": r.choice([0, 2]) if what == "smudge" else r.randint(0, 3),
        }
        flow = {"flow": r.choice([32767, 9000])}
        source = {"opacity": r.choice([255, 140]), "all": r.random() < 0.5}
        by = {name: r.choice([0, 256, -37, r.randint(-300, 300)]) for name in ("dx", "dy")}
        tone = {"tool": r.choice(["dodge", "burn"]), "range": r.choice(retouch.RANGES)}
        own: dict[str, dict[str, Any]] = {
            "clone": {**source, **flow, **by},
            "heal": {**source, **by},
            "spot": source,
            "tone": {**tone, **flow, "exposure": r.choice([255, 60])},
            "smudge": {"strength": r.choice([255, 200, 90])},
        }
        return self.op(f"retouch.{what}", self.path(), **body, **own[what])

    def bend(self) -> Operation:
        """Strokes of liquify as one, some of which restore."""
        r, points, several = self.random, [], list[dict[str, Any]]()
        for _ in range(r.randint(1, 4)):
            samples = strokes.unpack(self.path())
            points.append(samples)
            look = {"how": r.choice(liquifying.ALL_HOWS), "radius": r.choice([16, 300, 900, 2400])}
            several.append({**look, "strength": r.choice([255, 90]), "points": len(samples)})
        blob = strokes.pack(np.concatenate(points))
        return self.op("retouch.bend", blob, layer=self.any_layer(), strokes=several)

    def layer(self) -> Operation:
        r = self.random
        what = r.choice(["add", "add", "add", "remove", "move", "duplicate", "merge", "mask", "shift"])
        layer = self.any_layer()
        if what == "add":
            new = self.new_id()
            place = {
                "group": r.choice([None, None, self.any_layer()]),
                "above": r.choice([None, self.any_layer()]),
            }
            return self.op("layer.add", layer=new, name=new, group_layer=r.random() < 0.3, **place)
        if what == "move":
            above = r.choice([None, self.any_layer()])
            return self.op("layer.move", layer=layer, group=r.choice([None, self.any_layer()]), above=above)
        if what == "duplicate":
            return self.op("layer.duplicate", layer=layer, ids=[self.new_id()], name="copy")
        if what == "merge":
            return self.op("layer.merge", layer=layer, into=self.new_id())
        if what == "mask":
            how = r.choice(["white", "black", "selection", "selection", "none", "apply"])
            return self.op("layer.mask", layer=layer, **{"from": how})
        if what == "shift":
            return self.op(
                "layer.shift", layer=layer, dx=r.randint(-300, 300), dy=r.choice([0, 256, r.randint(-99, 99)])
            )
        return self.op("layer.remove", layer=layer)

    def effect(self) -> Operation:
        """An adjustment, its other values, or a filter."""
        r = self.random
        what = r.choice(["add", "add", "change", "filter"])
        if what == "add":
            new = self.new_id()
            above, masked = r.choice([None, self.any_layer()]), r.random() < 0.4
            return self.op(
                "layer.add",
                layer=new,
                name=new,
                above=above,
                adjust=describing.adjustment(r),
                mask_from_selection=masked,
            )
        if what == "change":
            return self.op("layer.adjust", layer=self.any_layer(), adjust=describing.adjustment(r))
        return self.op("filter", layer=self.any_layer(), filter=describing.filter_of(r))

    def shape(self) -> Operation:
        """A new shape, other values of one, or one as pixels."""
        r = self.random
        if r.random() < 0.5:
            new = self.new_id()
            place = {"above": r.choice([None, self.any_layer()])}
            return self.op("layer.add", layer=new, name=new, shape=describing.shape(r), **place)
        if r.random() < 0.2:
            return self.op("layer.rasterize", layer=self.any_layer())
        return self.op("layer.shape", layer=self.any_layer(), shape=describing.shape(r))

    def text(self) -> Operation:
        """A new text, or another one in its place."""
        r = self.random
        if r.random() < 0.4:
            return self.op("layer.text", layer=self.any_layer(), text=describing.text(r))
        new = self.new_id()
        place = {"above": r.choice([None, self.any_layer()])}
        return self.op("layer.add", layer=new, name=new, text=describing.text(r), **place)

    def geometry(self) -> Operation:
        """Another size or place of the document or of a layer."""
        r = self.random
        kinds = (
            ["transform", "transform"] if self.large else ["orient", "crop", "resize", "straighten", "canvas"]
        )
        what = r.choice([*kinds, "transform", "transform", "mesh", "mesh"])
        if what == "mesh":
            return self.mesh()
        if what == "transform":
            box = self.box()
            layer = self.any_layer()
            return self.op(
                "transform", layer=layer, **box, matrix=self.matrix(), method=r.choice(warping.METHODS)
            )
        if what == "orient":
            how = r.choice(placing.HOWS)
            self.width, self.height = placing.turned_size(how, (self.width, self.height))
            return self.op("orient", how=how)
        if what == "crop":
            box = self.box()
            self.width, self.height = box["x1"] - box["x0"], box["y1"] - box["y0"]
            return self.op("crop", **box, discard=r.random() < 0.5)
        self.width, self.height = r.randint(1, 700), r.randint(1, 600)
        size = {"width": self.width, "height": self.height}
        if what == "resize":
            return self.op("resize", **size, method=r.choice(resizing.METHODS))
        if what == "canvas":
            return self.op("canvas", **size, dx=r.randint(-99, 99), dy=r.choice([0, 256]), keep=True)
        return self.op("straighten", **size, matrix=self.matrix(), method=r.choice(warping.METHODS))

    def mesh(self) -> Operation:
        """A grid whose handles were moved: a little, folded over, far away, all alike, or not at all."""
        r = self.random
        columns, rows = r.randint(1, 5), r.randint(1, 5)
        count, far = 2 * (columns + 1) * (rows + 1), r.choice([100, 900, 9000])
        points = r.choice(
            [
                [r.randint(-far, far) for _ in range(count)],
                [r.randint(-far, far) if r.random() < 0.1 else 0 for _ in range(count)],
                [r.choice([0, 16 * 40])] * count,
            ]
        )
        grid = {"columns": columns, "rows": rows, "points": points}
        return self.op("mesh", layer=self.any_layer(), **self.box(), **grid, method=r.choice(warping.METHODS))

    def box(self) -> dict[str, int]:
        r = self.random
        x, y = r.choice([0, r.randint(-99, 400)]), r.choice([0, 256, r.randint(-99, 300)])
        return {"x0": x, "y0": y, "x1": x + r.randint(1, 700), "y1": y + r.randint(1, 600)}

    def matrix(self) -> list[int]:
        """A projection: a mirror image, something turned and scaled, or askew; now and then anything."""
        r, one = self.random, 1 << 24
        if r.random() < 0.1:
            return [r.randint(-(2**34), 2**34) if i % 3 < 2 else r.randint(-(2**50), 2**50) for i in range(9)]
        scale, turn = r.choice([1, 1, r.uniform(0.1, 9)]), r.choice([0, 0, r.uniform(0, 7)])
        a, b = round(scale * math.cos(turn) * one), round(scale * math.sin(turn) * one)
        tilt = [0, 0] if r.random() < 0.6 else [r.randint(-30000, 30000), r.randint(-30000, 30000)]
        dx, dy = r.randint(-300, 600) * one, r.choice([0, r.randint(-300, 300)]) * one
        return [a, b, dx, -b, r.choice([a, -a]), dy, *tilt, one]

    def of_picture(self) -> Operation:
        """A picture as a layer, with or without a mask, or as the mask of a layer; some of it beside the document."""
        r, layer = self.random, self.any_layer()
        place = {"x": r.randint(-400, 700), "y": r.choice([0, 256, r.randint(-400, 600)])}
        names = list(self.pictures)
        if r.random() < 0.4:
            return self.op("layer.mask", layer=layer, asset=r.choice(names), **{"from": "asset"}, **place)
        new = self.new_id()
        body: dict[str, Any] = {"layer": new, "name": new, "above": r.choice([None, layer]), **place}
        if r.random() < 0.8:
            body["asset"] = r.choice(names)
        if r.random() < 0.7:
            body |= {"mask": r.choice(names), "words": "a red boat", "job": "job-1"}
        return self.op("layer.add", **body)

    def picture(self) -> tuple[str, Bytes]:
        """A name and pixels: noise whose opacity is all, none or some, in patches."""
        r = self.random
        noise = np.random.default_rng(r.getrandbits(32))
        height, width = r.choice([1, 63, 256, 300]), r.choice([1, 100, 256, 290])
        pixels = noise.integers(0, 256, (height, width, 4), np.uint8)
        patches = noise.integers(0, 3, (-(-height // 40), -(-width // 40)))
        patches = patches.repeat(40, axis=0).repeat(40, axis=1)[:height, :width]
        pixels[..., 3] = np.choose(patches, [0, 255, pixels[..., 3]])
        pixels[pixels[..., 3] == 0] = 0
        return hashlib.sha256(pixels.tobytes()).hexdigest(), pixels

    def set(self) -> Operation:
        r = self.random
        values = {
            "opacity": r.randint(0, 255),
            "mode": r.choice(MODES),
            "visible": r.random() < 0.8,
            "clip": r.random() < 0.5,
            "lock_alpha": r.random() < 0.5,
            "through": r.random() < 0.5,
            "mask_on": r.random() < 0.8,
        }
        name = r.choice(list(values))
        return self.op("layer.set", layer=self.any_layer(), **{name: values[name]})

    def select(self) -> Operation:
        r, blob = self.random, b""
        shape = r.choice(
            [
                "rectangle",
                "outline",
                "outline",
                "quick",
                "quick",
                "wand",
                "colour",
                "alpha",
                "mask",
                *(["picture"] * 3 if self.pictures else []),
                "none",
                "all",
                "invert",
                "grow",
                "feather",
            ]
        )
        x, y = r.randint(0, self.width - 1), r.randint(0, self.height - 1)
        body: dict[str, Any] = {"shape": shape, "how": r.choice(["replace", "add", "subtract", "intersect"])}
        if shape == "rectangle":
            body |= {"x0": x - 40, "y0": y - 40, "x1": x + r.randint(1, 300), "y1": y + r.randint(1, 300)}
        if shape == "outline":
            corners = [r.randint(-50, 700) * 16 + r.randint(0, 15) for _ in range(2 * r.randint(3, 9))]
            blob = struct.pack(f"<{len(corners)}i", *corners)
        if shape == "quick":
            points = [(r.randint(-20, self.width) * 16, r.randint(-20, self.height) * 16, 255)]
            for _ in range(r.randint(0, 4)):
                points.append(
                    (points[-1][0] + r.randint(-900, 900), points[-1][1] + r.randint(-900, 900), 255)
                )
            blob = strokes.pack(np.array(points, np.int32))
            body["brush"] = r.choice([8, 100, 480, 1600])
        if shape == "quick" and r.random() < 0.4:
            body["layer"] = self.any_layer()
        if shape in ("wand", "colour"):
            body |= {"x": x, "y": y, "tolerance": r.choice([0, 20, 255]), "soft": r.choice([0, 60])}
            if r.random() < 0.5:
                body["layer"] = self.any_layer()
        if shape in ("alpha", "mask"):
            body["layer"] = self.any_layer()
        if shape == "picture":
            body |= {"asset": r.choice(list(self.pictures)), "x": r.choice([0, x, -x]), "y": r.choice([0, y])}
        if shape in ("grow", "feather"):
            body["radius"] = r.choice([1, 7, 40])
        if shape == "grow" and r.random() < 0.5:
            body["radius"] *= -1
        if r.random() < 0.3:
            body["feather"] = r.randint(0, 20)
        return self.op("select", blob, **body)

    def fill(self) -> Operation:
        r = self.random
        layer, look = self.any_layer(), {"opacity": r.choice([255, 128]), "mode": r.choice(MODES)}
        what = r.choice(["fill", "gradient", "clear"])
        if what == "clear":
            return self.op("clear", layer=layer)
        if what == "fill":
            return self.op("fill", layer=layer, rgba=self.colour(), **look)
        ends = {name: r.randint(-2000, 12000) for name in ("x0", "y0", "x1", "y1")}
        stops = [[r.randint(0, 1023), self.colour()] for _ in range(r.randint(1, 4))]
        shape = r.choice(["linear", "radial", "conic"])
        return self.op("gradient", layer=layer, shape=shape, stops=stops, **ends, **look)

    def other(self) -> Operation:
        r = self.random
        what = r.choice(["canvas", "flatten", "erase", "erase", "move", "move", "move"])
        if what == "move":
            by = {"dx": r.choice([0, 256, r.randint(-300, 300)]), "dy": r.randint(-300, 300)}
            return self.op("move", layer=self.any_layer(), copy=r.random() < 0.3, **by)
        if what == "erase":
            return self.op("erase", layer=self.any_layer(), seed=r.randint(0, 2**31 - 1))
        if what == "flatten":
            return self.op("flatten", layer=self.new_id(), name="flat")
        self.width, self.height = self.large or (r.randint(1, 700), r.randint(1, 600))
        return self.op(
            "canvas",
            width=self.width,
            height=self.height,
            dx=r.randint(-99, 99),
            dy=r.choice([0, r.randint(-99, 99)]),
        )

    def colour(self, *, opaque: bool = False) -> int:
        return describing.colour(self.random, opaque=opaque)

    def any_layer(self) -> str:
        return self.random.choice(self.layers[-5:])

    def new_id(self) -> str:
        self.count += 1
        self.layers.append(f"layer-{self.count}")
        return self.layers[-1]

    def op(self, kind: str, blob: bytes = b"", /, **body: Any) -> Operation:
        return {"kind": kind, "body": body, "blob": blob}
