"""HarfBuzz in WebAssembly, the file that the browser runs: glyphs of a run, and their outlines.

The twin of worker/text/harfbuzz.js.

Fonts have their own units, some 1000 an em; every number here is whole. Strangers' words are shaped with fuel
and bounded memory.
"""

from __future__ import annotations

import atexit
import threading
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import wasmtime
from numpy.typing import NDArray

from editor.fonts import catalogue
from editor.replay.engine import OutOfFuel
from editor.replay.layers import Impossible

FUEL: Final = 4 * 10**9  # of one text; the longest that is allowed takes some 4e8
MEMORY: Final = 192 * 1024 * 1024
MOST_FONTS: Final = 24  # that are held at once; then all begin anew
_PAGE: Final = 65536
_NUMBERS: Final = 65536  # of an outline's commands
_PEN: Final = ("move_to", "line_to", "quadratic_to", "cubic_to")
_LIGATURES: Final = (b"liga", b"clig")


@dataclass(frozen=True, slots=True)
class Glyph:
    """A glyph of a run, in font units: which one, of which letter of the text, how far it leads, where it is drawn."""

    id: int
    cluster: int
    advance: int
    dx: int
    dy: int


@dataclass(frozen=True, slots=True)
class Measures:
    """What a font says about its lines, in font units: units of an em, above and below (negative) the baseline."""

    em: int
    ascent: int
    descent: int


class HarfBuzz:
    """One instance. Not for several threads at once; `instance` gives each its own."""

    def __init__(self) -> None:
        engine = _engine()
        self._store = wasmtime.Store(engine)
        self._store.set_limits(memory_size=MEMORY)
        self._store.set_fuel(FUEL)
        linker = wasmtime.Linker(engine)
        for wanted in _module("harfbuzz.wasm").imports:
            linker.define(
                self._store, wanted.module, wanted.name or "", self._import(wanted.name or "", wanted.type)
            )
        instance = linker.instantiate(self._store, _module("harfbuzz.wasm"))
        self._exports: dict[str, Any] = dict(instance.exports(self._store).items())
        self._memory: wasmtime.Memory = self._exports["memory"]
        self._call("__wasm_call_ctors")
        self._pen = self._make_pen()
        self._fonts: dict[str, int] = {}
        self._outlines: dict[tuple[str, int], NDArray[np.int32]] = {}

    def refuel(self) -> None:
        """Say that a text begins."""
        self._store.set_fuel(FUEL)

    def measures(self, font: str) -> Measures:
        """Return what a font says about its lines. Raises Impossible."""
        at, face = self._font(font), self._call("hb_font_get_face", self._font(font))
        room = self._call("malloc", 12 * 4)
        self._call("hb_font_get_h_extents", at, room)
        ascent, descent = self._read(room, 2)
        self._call("free", room)
        return Measures(self._call("hb_face_get_upem", face), ascent, descent)

    def shape(
        self, font: str, text: Sequence[int], start: int, end: int, script: str, *, rtl: bool, spaced: bool
    ) -> list[Glyph]:
        """Return the glyphs of a part of a text of code points, from left to right. Raises Impossible, OutOfFuel.

        `spaced`: the letters stand apart, so that none are joined that needn't be.
        """
        buffer = self._call("hb_buffer_create")
        words = self._put(np.array(text, np.uint32).tobytes())
        self._call("hb_buffer_add_codepoints", buffer, words, len(text), start, end - start)
        self._call("hb_buffer_set_direction", buffer, 5 if rtl else 4)
        tag = self._put(script.encode())
        self._call("hb_buffer_set_script", buffer, self._call("hb_script_from_string", tag, len(script)))
        features = self._put(b"".join(_feature(name) for name in _LIGATURES)) if spaced else 0
        self._call("hb_shape", self._font(font), buffer, features, len(_LIGATURES) if spaced else 0)
        count = self._call("hb_buffer_get_length", buffer)
        infos = self._read(self._call("hb_buffer_get_glyph_infos", buffer, 0), 5 * count)
        places = self._read(self._call("hb_buffer_get_glyph_positions", buffer, 0), 5 * count)
        self._call("hb_buffer_destroy", buffer)
        for address in filter(None, (words, tag, features)):
            self._call("free", address)
        return [
            Glyph(infos[at], infos[at + 2], places[at], places[at + 2], places[at + 3])
            for at in range(0, 5 * count, 5)
        ]

    def outline(self, font: str, glyph: int) -> NDArray[np.int32]:
        """Return a glyph's outline as the commands of editor/fonts/pen.c, y upwards. Raises Impossible, OutOfFuel."""
        found = self._outlines.get((font, glyph))
        if found is None:
            found = self._outlines[font, glyph] = self._drawn(font, glyph)
        return found

    def close(self) -> None:
        """Give the memory back."""
        self._exports = {}
        self._store.close()

    def _drawn(self, font: str, glyph: int) -> NDArray[np.int32]:
        funcs, room = self._pen
        self._memory.write(self._store, np.array([0, _NUMBERS], np.int32).tobytes(), room)
        self._call("hb_font_draw_glyph", self._font(font), glyph, funcs, room)
        count = self._read(room, 1)[0]
        if count > _NUMBERS:
            raise Impossible("A letter of this text is too complex to be drawn.")
        return np.array(self._read(room + 8, count), np.int32)

    def _make_pen(self) -> tuple[int, int]:
        """Return HarfBuzz's drawing functions, which are those of the pen, and the room that they write to."""
        pen = wasmtime.Instance(self._store, _module("pen.wasm"), [self._memory]).exports(self._store)
        table: wasmtime.Table = self._exports["__indirect_function_table"]
        funcs = self._call("hb_draw_funcs_create")
        for name in (*_PEN, "close_path"):
            index = table.grow(self._store, 1, pen[name])
            self._call(f"hb_draw_funcs_set_{name}_func", funcs, index, 0, 0)
        return funcs, self._call("malloc", 8 + 4 * _NUMBERS)

    def _font(self, font: str) -> int:
        if font not in self._fonts:
            try:
                data = catalogue.path_of(font).read_bytes()
            except (KeyError, OSError):
                raise Impossible("A font of this text isn't on this server any more.") from None
            blob = self._call("hb_blob_create", self._put(data), len(data), 1, 0, 0)
            self._fonts[font] = self._call("hb_font_create", self._call("hb_face_create", blob, 0))
        return self._fonts[font]

    @property
    def crowded(self) -> bool:
        """Whether it holds so many fonts that the next text should begin with a fresh one."""
        return len(self._fonts) >= MOST_FONTS or self._memory.data_len(self._store) > MEMORY // 2

    def _call(self, name: str, *arguments: int) -> int:
        try:
            found: Any = self._exports[name](self._store, *arguments)
        except wasmtime.Trap as trap:
            if trap.trap_code == wasmtime.TrapCode.OUT_OF_FUEL:
                raise OutOfFuel from None
            raise
        return int(found or 0)

    def _put(self, data: bytes) -> int:
        at = self._call("malloc", max(1, len(data)))
        if not at:
            raise MemoryError("the fonts of this text do not fit into what a replay may use")
        self._memory.write(self._store, data, at)
        return at

    def _read(self, at: int, count: int) -> list[int]:
        data = self._memory.read(self._store, at, at + 4 * count)
        numbers: list[int] = np.frombuffer(bytes(data), np.int32).tolist()
        return numbers

    def _import(self, name: str, kind: Any) -> wasmtime.Func:
        """What HarfBuzz's file asks of its surroundings: memory has to grow, all else is never called."""
        if name == "emscripten_resize_heap":
            return wasmtime.Func(self._store, kind, self._grow)
        answers = len(kind.results)
        return wasmtime.Func(self._store, kind, lambda *_given: 0 if answers else None)

    def _grow(self, wanted: int) -> int:
        missing = -(-(wanted - self._memory.data_len(self._store)) // _PAGE)
        with suppress(wasmtime.WasmtimeError):
            self._memory.grow(self._store, missing)
            return 1
        return 0


def _feature(tag: bytes) -> bytes:
    """A font's feature, off for the whole run."""
    return np.array([int.from_bytes(tag, "big"), 0, 0, 0xFFFFFFFF], np.uint32).tobytes()


_own: Final = threading.local()
_open: Final[list[HarfBuzz]] = []


def instance() -> HarfBuzz:
    """Return the thread's own, fuelled for one text."""
    found: HarfBuzz | None = getattr(_own, "instance", None)
    if found is None or found.crowded:
        drop()
        found = _own.instance = HarfBuzz()
        _open.append(found)
    found.refuel()
    return found


def drop() -> None:
    """Close the thread's own, after it failed: what it holds may be half-done."""
    found: HarfBuzz | None = getattr(_own, "instance", None)
    if found is not None:
        _own.instance = None
        _open.remove(found)
        found.close()


@atexit.register
def _close_all() -> None:
    """At the interpreter's end wasmtime can't close what is still open."""
    while _open:
        _open.pop().close()


@cache
def _engine() -> wasmtime.Engine:
    config = wasmtime.Config()
    config.consume_fuel = True
    return wasmtime.Engine(config)


@cache
def _module(name: str) -> wasmtime.Module:
    return wasmtime.Module.from_file(_engine(), str(catalogue.FOLDER / name))
