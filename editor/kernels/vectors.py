"""The vectors that hold every build of the kernels, in Python, node and the browser, to the same bytes.

`vectors.json` is a list of calls. An argument is a number, or a block of memory: {"zeros": bytes}, {"i32": [...]},
{"bytes": base64} or {"random": bytes, "seed": n}, to which may be added "and": a mask for 16-bit words, "alpha": what
every fourth byte is, or "below": bytes under it become 255, others 0. {"addresses": [n, ...]} holds where blocks of
`before` begin, which lie in memory without being arguments. `out` names the blocks that are hashed after the call,
`sha256` what must come out, `returns` the kernel's number.

`python -m editor.kernels.vectors` adds what is missing. It never changes what is there: documents were saved with it.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from editor.kernels import reference_mesh
from editor.replay.engine import Kernels

FILE: Final = Path(__file__).with_name("vectors.json")
RESULTS: Final = ("sha256", "returns")
Vector = dict[str, Any]


def random_bytes(size: int, seed: int) -> NDArray[np.uint8]:
    """Return the bytes of a small generator that JavaScript has too: the high byte of x = x * 1664525 + 1013904223."""
    out = np.empty(size, np.uint8)
    x = seed
    for i in range(size):
        x = (x * 1664525 + 1013904223) & 0xFFFFFFFF
        out[i] = x >> 24
    return out


def block(argument: dict[str, Any]) -> NDArray[np.uint8]:
    """Return the bytes of an argument that is a block of memory."""
    if "random" in argument:
        values = random_bytes(argument["random"], argument["seed"])
        if "and" in argument:
            values = (values.view(np.uint16) & argument["and"]).view(np.uint8)
        if "alpha" in argument:
            values[3::4] = argument["alpha"]
        if "below" in argument:
            values = np.where(values < argument["below"], 255, 0).astype(np.uint8)
        return values
    if "i32" in argument:
        return np.array(argument["i32"], np.int32).view(np.uint8)
    if "bytes" in argument:
        return np.frombuffer(base64.b64decode(argument["bytes"]), np.uint8)
    return np.zeros(argument["zeros"], np.uint8)


def run(kernels: Kernels, vector: Vector) -> tuple[str, int]:
    """Run a call and return the SHA-256 of its outputs and its number."""
    kernels.reset()
    places: list[tuple[int, int]] = []
    arguments: list[int] = []
    before = [kernels.put(block(argument)) for argument in vector.get("before", [])]
    for argument in vector["args"]:
        if isinstance(argument, int):
            places.append((0, 0))
            arguments.append(argument)
        else:
            if "addresses" in argument:
                data = np.array([before[n] for n in argument["addresses"]], np.int32).view(np.uint8)
            else:
                data = block(argument)
            at = kernels.put(data)
            places.append((at, data.size))
            arguments.append(at)
    number = kernels.call(vector["kernel"], *arguments)
    digest = hashlib.sha256()
    for index in vector["out"]:
        at, size = places[index]
        digest.update(kernels.view(at, (size,)).tobytes())
    return digest.hexdigest(), number


def load() -> list[Vector]:
    """Return the frozen vectors."""
    vectors: list[Vector] = json.loads(FILE.read_text())
    return vectors


def _calls() -> list[Vector]:
    """Return the calls that the vectors are made of; a new kernel adds its own at the end."""
    calls: list[Vector] = []

    def add(kernel: str, *args: Any, out: tuple[int, ...] = (0,)) -> None:
        calls.append({"kernel": kernel, "args": list(args), "out": list(out)})

    def noise(size: int, seed: int, **more: int) -> dict[str, int]:
        return {"random": size, "seed": seed, **more}

    opaque = noise(4096, 3, alpha=255)
    few = noise(65536, 11, below=160)
    for mode in range(16):
        for opacity in (255, 77):
            add("composite", noise(1340, mode), noise(1340, mode + 90), noise(335, 7), 335, opacity, mode)
        add("composite", opaque, noise(4096, mode), 0, 1023, 200, mode)
        add("composite_atop", noise(1340, mode), noise(1340, mode + 50), noise(335, 8), 335, 190, mode)
    add("apply_mask", noise(404, 1), noise(101, 2), 101)
    for r16, hardness in ((8, 0), (8, 255), (165, 100), (165, 255), (6400, 0), (16384, 128)):
        add("brush_profile", {"zeros": 8192}, r16, hardness)
    lut = noise(8192, 5, **{"and": 32767})
    for w, r16, px, py in ((5, 8, 0, 0), (27, 165, 3, 12), (67, 480, 15, 15)):
        add("brush_mask", {"zeros": w * w * 2}, lut, w, r16, px, py)
    path = [0, 0, 255, 160, 320, 128, 165, 330, 0, 4000, -600, 255, 4000, -600, 10, 131000, 90000, 255]
    for r16, spacing, flags in ((8, 10, 0), (165, 32, 0), (165, 32, 1), (6400, 64, 1)):
        add(
            "brush_walk",
            {"i32": [0] * 5},
            {"i32": path},
            6,
            r16,
            spacing,
            flags,
            {"zeros": 12 * 90000},
            90000,
            out=(0, 6),
        )
    cover = noise(131072, 6, **{"and": 32767})
    short = noise(654, 9, **{"and": 32767})
    for flags in (0, 1):
        add("brush_paint", {"zeros": 1308}, noise(1308, 3), short, noise(327, 4), 327, 0x3366CC, 220, flags)
        add("brush_paint", {"zeros": 4096}, opaque, cover, 0, 1024, 0xFFFFFF, 255, flags)
    add("brush_erase", {"zeros": 1308}, noise(1308, 3), short, noise(327, 4), 327, 220)
    add("brush_mask_paint", {"zeros": 327}, noise(327, 3), short, noise(327, 4), 327, 200, 220)
    for op in range(4):
        add("mask_combine", noise(1003, 1), noise(1003, 2), 1003, op)
    add("mask_invert", noise(1003, 1), 1003)
    add("mask_similar", {"zeros": 500}, noise(2000, 1), 500, 0xFF408090, 40, 0)
    add("mask_similar", {"zeros": 500}, noise(2000, 1), 500, 0x80408090, 90, 60)
    for room in (2, 4000):
        add("mask_flood", few, 256, 256, 9, 200, {"zeros": 4 * room}, room)
    for r, edge in ((0, 0), (1, 0), (9, 255), (120, 0)):
        add("mask_feather", noise(101 * 67, 3), {"zeros": 101 * 67}, 101, 67, r, edge)
    for r in (0, 1, 7, 40):
        add("mask_grow", few, {"zeros": 131072}, {"zeros": 2048}, 256, 256, r)
    star = [160, 0, 250, 500, -90, 180, 1700, 190, 30, 490, 160, 0, 777, 1001]
    for w, y0, rows in ((40, 0, 40), (100, 10, 7), (3, -4, 80)):
        add("shape_fill", {"zeros": w * rows}, {"zeros": 8 * (w + 2) * rows}, {"i32": star}, 7, w, y0, rows)
    for kind in range(3):
        add("gradient", {"zeros": 1200}, noise(4096, 2), 5, 7, 30, 10, 100, 200, 2000, 1500, kind)
        add("gradient", {"zeros": 1200}, noise(4096, 2), -50, 12, 300, 1, 160, 160, 160, 160, kind)
    lines = b"".join(bytes([y % 5]) + random_bytes(93, y).tobytes() for y in range(20))
    for bpp in (3, 4):
        add(
            "png_unfilter",
            {"bytes": base64.b64encode(lines).decode()},
            noise(93, 70),
            93,
            20,
            bpp,
            out=(0, 1),
        )
        add("to_rgba", {"zeros": 400}, noise(400, 1), 100, bpp)
    add("png_unfilter", noise(94, 1), {"zeros": 93}, 93, 1, 3, out=(0, 1))
    add("present", {"zeros": 400}, noise(400, 1), 100, 3, 9, 250, 200)
    add("tile_half", {"zeros": 262144}, noise(262144, 2), 1, 0)
    add("tile_half", {"zeros": 262144}, {"zeros": 262144}, 0, 1)
    encoded = base64.b64encode(_encoded_tile()).decode()
    add("tile_encode", {"zeros": 20480}, noise(16384, 3), 4096)
    add("tile_decode", {"zeros": 65536}, 16384, {"bytes": encoded}, len(base64.b64decode(encoded)))
    for seed in range(6):
        add("tile_decode", {"zeros": 16384}, 4096, noise(9000, seed), 9000)
        add("mask_decode", {"zeros": 4096}, 4096, noise(9000, seed), 300 * seed)
    add("mask_encode", {"zeros": 70000}, few, 65536)
    for r in (1, 5, 60):
        add("blur_box", noise(41 * 33 * 4, 4), {"zeros": 41 * 33 * 4}, 41, 33, r)
    hole = np.zeros((48, 64), np.uint8)
    hole[20:33, 25:44] = 255
    for fresh in (1, 0):
        add(
            "erase_level",
            noise(64 * 48 * 4, 4),
            {"bytes": base64.b64encode(hole.tobytes()).decode()},
            {"zeros": 64 * 48},
            {"zeros": 64 * 48 * 4},
            {"zeros": 64 * 48 * 20},
            64,
            48,
            3,
            42,
            fresh,
            out=(0, 3),
        )
    dabs = [0, 0, 255, -37, 1201, 128, 130001, 90007, 0, 77, 78, 3]
    for r16, flags in ((8, 0), (165, 3), (700, 1), (16384, 2)):
        add("brush_place", {"zeros": 112}, {"i32": dabs}, 4, r16, 20000, flags)
    placed = [
        165,
        3,
        12,
        -5,
        250,
        27,
        20000,
        165,
        0,
        0,
        3,
        4,
        27,
        32767,
        165,
        9,
        9,
        500,
        0,
        27,
        9,
        80,
        1,
        2,
        249,
        -9,
        17,
        700,
    ]
    large, small = noise(1458, 7, **{"and": 32767}), noise(578, 8, **{"and": 32767})
    for x, y in ((0, 0), (256, 0), (-256, 256)):
        calls.append(
            {
                "kernel": "brush_cover",
                "before": [large, small],
                "args": [cover, {"i32": placed}, {"addresses": [0, 0, 0, 1]}, 4, x, y],
                "out": [0],
            }
        )
    add("mix", noise(1340, 1), noise(1340, 2), noise(335, 7), 335, 200)
    add("mix", noise(1340, 1), noise(1340, 2), 0, 335, 255)
    for w, h, rounds in ((64, 48, 6), (31, 7, 1), (1, 1, 2)):
        stroke = np.zeros((h, w), np.uint8)
        stroke[h // 3 : h // 2 + 1, w // 4 : w // 2 + 1] = 255
        for picture in (_patchwork(w, h), noise(4 * w * h, 4)):
            add(
                "quick_select",
                {"bytes": base64.b64encode(stroke.tobytes()).decode()},
                {"zeros": 2 * w * h},
                {"zeros": 8192},
                {"zeros": 16384},
                picture,
                *(w, h, rounds),
                out=(0, 2),
            )
    half = np.full((48, 64), 128, np.uint8)
    half[:, :9], half[30:40, 40:50] = 0, 255
    for tables in ({"zeros": 8192}, noise(8192, 5)):
        decided = {"bytes": base64.b64encode(half.tobytes()).decode()}
        add("quick_refine", decided, {"zeros": 6144}, tables, _patchwork(64, 48), *(64, 48, 3))
    for x, y, first in ((0, 0, cover), (256, 0, {"zeros": 131072})):
        args = [first, {"i32": placed}, {"addresses": [0, 0, 0, 1]}, 4, x, y, {"zeros": 2064}]
        calls.append({"kernel": "brush_cover_spans", "before": [large, small], "args": args, "out": [0, 6]})
    spans = {
        "i32": [v for k in range(256) for v in ((256, 0) if k % 3 else (4 * (k % 40), 256 - 4 * (k % 7)))]
    }
    for sel, flags in ((0, 0), (noise(65536, 4), 1)):
        paint = (0x3366CC, 220, flags)
        add("brush_paint_spans", {"zeros": 262144}, noise(262144, 3), cover, sel, spans, *paint)
    for below, mask, mode in ((noise(262144, 5), 0, 0), (0, noise(65536, 6), 0), (0, 0, 9)):
        add("composite_spans", noise(262144, 1), below, noise(262144, 2), mask, spans, 200, mode)
    add("composite_spans", noise(262144, 1), noise(262144, 5), 0, 0, spans, 255, 0)
    for kind, sets in ADJUSTED.items():
        for values in sets:
            add("adjust_program", {"zeros": PROGRAM}, kind, {"i32": [*values, *[0] * 10]})
        program = {"bytes": base64.b64encode(_program(kind, sets[0])).decode()}
        pixels, mask = noise(2048, kind), noise(512, kind + 50)
        add("adjust", pixels, 0, program, 255, 0, 256, 300, 2, 0, 700, 600)
        add("adjust", pixels, mask, program, 180, kind, 0, 40, 2, 2, 4096, 1000)
    wide = noise(41 * 33 * 8, 4)
    add("filter_load", {"zeros": 3200}, noise(1600, 3), 400)
    add("filter_store", {"zeros": 1600}, {"bytes": base64.b64encode(_loaded()).decode()}, 400)
    for r in (1, 7, 250):
        add("filter_box", wide, {"zeros": 8 * 8 * 41}, 41, 33, r)
    add("filter_sharpen", noise(1340, 1), noise(1340, 2), 335, 98304, 3)
    for one in (0, 1):
        add("filter_noise", noise(1340, 1), 335, 250, 77, 123456, 13107, one)
    for side in (1, 5, 64):
        add("filter_pixelate", noise(41 * 33 * 4, 4), 41, 33, side)
    add("filter_keep", noise(1340, 1), noise(1340, 2), 335)
    for method in (0, 1, 2):
        for n_in, n_out, start in ((300, 41, -3), (37, 90, 0), (8192, 3, 0)):
            room = 9 * (6 * -(-max(n_in, n_out) // n_out) + 3)
            sides = (n_in, n_out, start, 9, method)
            add("resize_taps", {"zeros": 40}, {"zeros": 8 * room}, *sides, out=(0, 1))
        taps = {"i32": [0, 2, 3, 6]}, {"i32": [0, 20000, 4, -3616, 9, 16384, -5, 9000, 2, 9000, 99, -1616]}
        add("resize_rows", {"zeros": 3 * 7 * 8}, noise(6 * 7 * 8, 3), 6, 7, 0, *taps, 3)
        add("resize_columns", {"zeros": 3 * 6 * 8}, noise(6 * 7 * 8, 3), 6, 7, 1, *taps, 3)
        for tilt in (0, 90_000):
            m = _words(
                [15_000_000, 9_000_000, -2 << 24, -9_000_000, 15_000_000, 5 << 24, tilt, -tilt, 1 << 24]
            )
            add("warp_reach", {"zeros": 16}, m, 0, 0, 256, 256)
            source = (noise(12 * 12 * 8, 5), -1, 0, 12, 12, 255 if tilt else 0)
            add("warp", {"zeros": 20 * 20 * 8}, *source, m, -2, -3, 20, 20, method, method)
    rough = noise(4 * 256 * 5, 77)
    add("rough_encode", {"zeros": 4 * 256 * 5}, rough, 5)
    add("rough_encode", {"zeros": 4 * 256 * 5}, {"bytes": base64.b64encode(_soft_rows()).decode()}, 5)
    add("rough_decode", {"zeros": 4 * 256 * 5}, 5, _rough(_soft_rows(), 5), 10_000)
    loop = [100, 200, 2300, 90, 2500, 1900, 300, 1700, -700, 900, 1300, 2600, 1290, 700, 60, 60, 4000, 1000]
    outline = ({"bytes": base64.b64encode(bytes([0, 1, 3, 2, 4, 0, 1])).decode()}, 7, {"i32": loop}, 9)
    unit = 1 << 26
    for window in ((0, 0, 40, 40), (7, -3, 9, 20)):
        room_of_cells = {"zeros": 8 * (window[2] + 2) * window[3]}
        for way in ([unit, 0, 0, 0, unit, 0], [unit // 2, unit, -9 << 32, unit, -unit // 3, 5 << 32]):
            add("path_fill", room_of_cells, *window, *outline, _words(way))
            for style in ([700, 0, 0, 256, 0, 0], [90, 1, 1, 256, 0, 0], [300, 2, 2, 64, 77, 2, 400, 250]):
                add("path_stroke", room_of_cells, *window, *outline, _words(way), {"i32": style})
    for rule in (0, 1):
        covers = {"i32": [v for k in range(7 * 22) for v in (k % 3 * 90 - 90, k % 19 * 4000)]}
        add("path_cover", {"zeros": 7 * 20}, covers, 20, 7, rule)
    add("path_clear", noise(8 * 7 * 3, 1), 5, 3)
    return [*calls, *_retouching(), *_meshes()]


def _retouching() -> list[Vector]:
    """Return the calls of the kernels that retouch."""
    calls: list[Vector] = []

    def add(kernel: str, *args: Any, out: tuple[int, ...] = (0,)) -> None:
        calls.append({"kernel": kernel, "args": list(args), "out": list(out)})

    def noise(size: int, seed: int, **more: int) -> dict[str, int]:
        return {"random": size, "seed": seed, **more}

    cov, tile = noise(670, 5, **{"and": 32767}), noise(4 * 65536, 3)
    for opacity, flags in ((255, 0), (130, 0), (200, 1)):
        add("retouch_lay", {"zeros": 1340}, noise(1340, 1), noise(1340, 2), cov, 0, 335, opacity, flags)
        old = noise(1340, 1, alpha=255)
        add("retouch_lay", {"zeros": 1340}, old, noise(1340, 2), cov, noise(335, 4), 335, opacity, flags)
    for how in (0, 1, 2, 4, 5, 6):
        add("retouch_tone", {"zeros": 1340}, noise(1340, 1), cov, noise(335, 4), 335, 200, how)
    for tolerance in (0, 128, 255):
        add("retouch_red", tile, noise(65536, 4), 256, -256, 6000, -2100, 1500, 900, tolerance, 100)
    mask = noise(2 * 31 * 31, 6, **{"and": 32767})
    for rate, flags in ((0, 0), (200, 0), (255, 1)):
        carry = {"zeros": 10 * 31 * 31}
        add(
            "smudge",
            tile,
            noise(65536, 4),
            carry,
            mask,
            31,
            -7,
            240,
            300,
            250,
            rate,
            30000,
            flags,
            out=(0, 2),
        )
    for w, h in ((41, 33), (64, 1), (90, 77)):
        hole, work = noise(w * h, 8, below=60), {"zeros": 40 * w * h + 400}
        add("heal_match", noise(4 * w * h, 1, alpha=255), noise(4 * w * h, 2), hole, w, h, work)
        spot = np.zeros((h, w), np.uint8)
        spot[h // 3 : h // 3 + 7, w // 2 : w // 2 + 9] = 255
        marked = {"bytes": base64.b64encode(spot.tobytes()).decode()}
        add(
            "heal_source", {"zeros": 8}, noise(4 * w * h, 3, alpha=255), marked, w, h, {"zeros": w * h + 7000}
        )
    bends = np.random.default_rng(7).integers(-900, 900, 2 * 19 * 16).tolist()
    dabs = {"i32": [300, 200, 255, 420, 260, 200, 500, 300, 90]}
    for how in range(5):
        field, begun = {"i32": bends if how else [0] * len(bends)}, {"i32": [0, 0, 0]}
        add("liquify", field, 19, 16, {"zeros": 3200}, dabs, 3, begun, 500, 230, how, out=(0, 6))
    field = {"i32": bends}
    add("liquify_map", {"zeros": 3200}, {"zeros": 16}, field, 19, 16, 30, 25, 20, 20, 66, 55, out=(0, 1))
    places = {"i32": np.random.default_rng(8).integers(-600, 5000, 400).tolist()}
    for flags in (0, 1):
        size = (-1, 2, 17, 13)
        add("displace", {"zeros": 800}, noise(800, 2), noise(4 * 17 * 13, 1), *size, places, 200, flags)
    return calls


def _meshes() -> list[Vector]:
    """Return the calls of the kernels of meshes (bent, folded, thrown about) and of a liquify that restores."""
    calls: list[Vector] = []
    for far in (150, 2400, 200_000):
        moved = np.random.default_rng(far).integers(-far, far, (5, 4, 2)).astype(np.int32)
        box, step = (3, -5, 64, 40), 4
        nx, ny = 19, 15
        grid, room = {"i32": moved.ravel().tolist()}, {"zeros": 8 * nx * ny}
        sides = (box[0], box[1], box[2] - box[0], box[3] - box[1], step)
        calls.append({"kernel": "mesh_lattice", "args": [room, grid, 3, 4, *sides], "out": [0]})
        corners = reference_mesh.lattice(moved, box, step)
        blocks, _all = reference_mesh.reach(corners)
        lattice = {"i32": corners.ravel().tolist()}
        args = [{"zeros": 16 * len(blocks)}, {"zeros": 16}, lattice, nx, ny]
        calls.append({"kernel": "mesh_reach", "args": args, "out": [0, 1]})
        found = {"i32": [value for each in blocks for value in each]}
        for level in (0, 1):
            args = [{"zeros": 8 * 30 * 20}, {"zeros": 16}, lattice, found, nx, ny, step, *box]
            window = (10 >> level, 4 >> level, 30, 20, level)
            calls.append({"kernel": "mesh_map", "args": [*args, *window], "out": [0, 1]})
    field = {"i32": np.random.default_rng(7).integers(-900, 900, 2 * 19 * 16).tolist()}
    dabs = {"i32": [300, 200, 255, 420, 260, 200, 500, 300, 90]}
    for strength in (255, 3):
        args = [field, 19, 16, {"zeros": 3200}, dabs, 3, {"i32": [0, 0, 0]}, 500, strength, 5]
        calls.append({"kernel": "liquify", "args": args, "out": [0, 6]})
    places = np.random.default_rng(9).integers(-600, 5000, 300)
    places[60:80] = reference_mesh.NOWHERE
    for method in (0, 1, 2):
        source = ({"random": 17 * 13 * 8, "seed": 4}, -1, 2, 17, 13, 255 if method == 1 else 0)
        args = [{"zeros": 8 * 150}, *source, {"i32": places.tolist()}, 150, method, method]
        calls.append({"kernel": "mesh_draw", "args": args, "out": [0]})
    return calls


def _soft_rows() -> bytes:
    """Five rows of a slope with a little noise."""
    slope = np.arange(5 * 256).reshape(5, 256, 1) // 9 + np.arange(4) * 30
    return (slope + random_bytes(5 * 256 * 4, 5).reshape(5, 256, 4) % 11).astype(np.uint8).tobytes()


def _rough(pixels: bytes, rows: int) -> dict[str, str]:
    """Rows of pixels as the codec for rough tiles keeps them, and zeros behind."""
    with Kernels() as kernels:
        source, target = kernels.put(pixels), kernels.room(len(pixels))
        size = kernels.call("rough_encode", target, source, rows)
        return {
            "bytes": base64.b64encode(bytes(kernels.view(target, (size,))) + bytes(10_000 - size)).decode()
        }


def _words(values: list[int]) -> dict[str, str]:
    return {"bytes": base64.b64encode(np.array(values, np.int64).tobytes()).decode()}


# Values of each adjustment, in the order of reference_effects.KINDS.
PROGRAM: Final = 2896
ADJUSTED: Final[dict[int, list[list[int]]]] = {
    0: [[35, 60], [-80, -40]],
    1: [[130, 20, 80], [-240, -30, 220]],
    2: [[12, 140, 230, 10, 250, *[0, 100, 255, 0, 255] * 2, 40, 60, 200, 255, 0]],
    3: [[4, 0, 0, 60, 30, 190, 230, 255, 255, 0, 2, 20, 255, 200, 0, 3, 0, 40, 128, 90, 255, 90]],
    4: [[75, 40, -20], [-130, -60, 35]],
    5: [[60, -25], [-100, 100]],
    6: [[-40, 10, 30, 25, 0, -60, 80, 5, -15, 1], [100, 0, 0, 0, -100, 0, 0, 0, 100, 0]],
    7: [[40, 60, 40, 60, 20, 80], [-200, 300, 10, 0, 150, -30]],
    8: [[]],
    9: [[110]],
    10: [[5], [2]],
    11: [[-70, 55, 40, 60], [90, 20, 100, 0]],
}


def _program(kind: int, values: list[int]) -> bytes:
    with Kernels() as kernels:
        target = kernels.room(PROGRAM)
        kernels.call("adjust_program", target, kind, kernels.put(np.array([*values, *[0] * 10], np.int32)))
        return bytes(kernels.view(target, (PROGRAM,)))


def _loaded() -> bytes:
    with Kernels() as kernels:
        target = kernels.room(3200)
        kernels.call("filter_load", target, kernels.put(random_bytes(1600, 8)), 400)
        return bytes(kernels.view(target, (3200,)))


def _patchwork(w: int, h: int) -> dict[str, str]:
    """A picture of two things before a ground, as bytes."""
    pixels = np.full((h, w, 4), (90, 120, 150, 255), np.uint8)
    pixels[h // 5 : h // 2 + 3, w // 6 : w // 2 + 6] = (160, 110, 60, 255)
    pixels[:, 3 * w // 4 :] = (0, 0, 0, 0)
    pixels[..., :3] += (random_bytes(w * h, 21) % 9).reshape(h, w, 1)
    return {"bytes": base64.b64encode(pixels.tobytes()).decode()}


def _encoded_tile() -> bytes:
    steps = random_bytes(65536, 12) % 5
    pixels = np.cumsum(steps.reshape(16384, 4), axis=0).astype(np.uint8)
    with Kernels() as kernels:
        source, target = kernels.put(pixels), kernels.room(5 * 16384)
        size = kernels.call("tile_encode", target, source, 16384)
        return bytes(kernels.view(target, (size,)))


def main() -> None:
    """Add the vectors of calls that are not there yet."""
    frozen = load() if FILE.exists() else []
    known = [{key: value for key, value in vector.items() if key not in RESULTS} for vector in frozen]
    with Kernels() as kernels:
        for call in _calls():
            if call not in known:
                digest, number = run(kernels, call)
                frozen.append({**call, "sha256": digest, "returns": number})
    FILE.write_text("[\n" + ",\n".join(json.dumps(vector) for vector in frozen) + "\n]\n")


if __name__ == "__main__":
    main()
