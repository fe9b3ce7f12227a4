"""Snapshots: a document as it is after an operation, so that a replay can begin there. A cache: nothing depends on it.

Tiles that have not changed since the last snapshot stay where they are; new ones are written one after the other into
one stored object. Taking a snapshot also lets the document's tiles go from memory: they are read when needed.
"""

from __future__ import annotations

import os
import tempfile
from collections import deque
from pathlib import Path
from threading import Lock
from typing import IO, Any, Final, Self
from uuid import UUID

import numpy as np
from django.conf import settings
from django.db import transaction

from editor import assets
from editor.models import Asset, Document, Snapshot, Version
from editor.replay.compositing import Digests
from editor.replay.engine import Kernels
from editor.replay.geometry.following import STRAIGHT
from editor.replay.layers import Layer, walk
from editor.replay.planes import TILE, Bytes, Plane
from editor.replay.state import State
from generation.files import storing

KEPT: Final = 3
_PIXELS: Final = TILE * TILE
_CODEC_MEMORY: Final = 8 * 1024 * 1024
_ROOM: Final = 6 * _PIXELS  # the most that a tile can take, encoded
# Tiles that stay in memory, too, after they were written: 96 MB, since the next strokes are often near the last ones.
_WARM: Final = 384
_FLAGS: Final = ("group", "visible", "opacity", "mode", "clip", "lock_alpha", "locked", "through", "mask_on")


class Unreadable(Exception):
    """A snapshot's tiles are lost or broken. The log is not: forget the snapshots, and replay without them."""


class Tile:
    """A tile in a stored object: read when it is needed."""

    __slots__ = ("at", "mask", "pack", "pixels", "shelf", "size")

    def __init__(self, shelf: Shelf, pack: str, at: int, size: int, *, mask: bool) -> None:
        self.shelf, self.pack, self.at, self.size, self.mask = shelf, pack, at, size, mask
        self.pixels: Bytes | None = None  # while it is warm

    def read(self) -> Bytes:
        """Return its pixels."""
        return self.shelf.decoded(self) if self.pixels is None else self.pixels

    def put(self, kernels: Kernels) -> int:
        """Write its pixels into fresh room of the kernels' memory and return the address."""
        return self.shelf.put(self, kernels) if self.pixels is None else kernels.put(self.pixels)


class Shelf:
    """Where a replay's tiles lie: objects of the document, copied into files without names as they are needed.

    Use it in a `with`; documents that were taken from it can't be read afterwards.
    """

    def __init__(self, document: Document) -> None:
        self.document = document
        self._files: dict[str, IO[bytes]] = {}
        self._keys: dict[str, str] = {}
        # A codec of its own: a tile may be read while the replay's kernels hold others.
        self._codec = Kernels(memory=_CODEC_MEMORY, fuel=None)
        self._digests = Digests()
        self._warm: deque[Tile] = deque()
        self._lock = Lock()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_exception: object) -> None:
        self._codec.close()
        for file in self._files.values():
            file.close()

    def load(self, snapshot: Snapshot, state: State) -> None:
        """Make a document what it was when the snapshot was taken."""
        kept = snapshot.manifest
        packs = kept["packs"]
        # Now: another worker may take newer snapshots, after which these rows are gone and the objects soon.
        rows = Asset.objects.filter(document=self.document, role=Asset.Role.TILES, sha256__in=packs)
        self._keys |= dict(rows.values_list("sha256", "key"))
        state.width, state.height = kept["size"]
        state.layers = [self._layer(each, packs) for each in kept["layers"]]
        state.selection = self._plane(kept["selection"], packs) if kept["selection"] else None

    def take(self, state: State, operation: UUID, seq: int) -> None:
        """Keep the document as it is after `operation`; older snapshots go, except the newest and the named ones.

        Nothing is kept where another worker's snapshots have replaced those that this document stands on.
        """
        digest = self._digests.of(state.kernels, state.layers, state.width, state.height)
        self.put_away(state)
        self._digests.settle(state.layers)
        packs: list[str] = []
        manifest = {
            "size": [state.width, state.height],
            "layers": [self._layer_json(layer, packs) for layer in state.layers],
            "selection": self._plane_json(state.selection, packs) if state.selection is not None else None,
            "packs": packs,
        }
        with transaction.atomic():
            Document.objects.select_for_update().get(pk=self.document.pk)
            tiles = Asset.objects.filter(document=self.document, role=Asset.Role.TILES, sha256__in=packs)
            if tiles.count() < len(packs):
                return
            Snapshot.objects.update_or_create(
                document=self.document,
                operation=operation,
                defaults={"seq": seq, "manifest": manifest, "digest": digest},
            )
            self._prune()

    def decoded(self, tile: Tile) -> Bytes:
        """Return the pixels of one of the tiles. Raises Unreadable."""
        self._codec.reset()
        shape = (TILE, TILE) if tile.mask else (TILE, TILE, 4)
        return self._codec.view(self.put(tile, self._codec), shape).copy()

    def put(self, tile: Tile, kernels: Kernels) -> int:
        """Write the pixels of one of the tiles into fresh room of the kernels' memory. Raises Unreadable."""
        with self._lock:
            file = self._files.get(tile.pack)
            if file is None:
                file = self._fetched(tile.pack)
        raw = os.pread(file.fileno(), tile.size, tile.at)
        out = kernels.room(_PIXELS if tile.mask else 4 * _PIXELS)
        source = kernels.put(raw)
        kernel = "mask_decode" if tile.mask else "tile_decode"
        if kernels.call(kernel, out, _PIXELS, source, len(raw)) != len(raw):
            raise Unreadable
        kernels.reset(source)
        return out

    def _fetched(self, pack: str) -> IO[bytes]:
        file = _unnamed()
        try:
            with storing.opened(self._keys[pack]) as source:
                while piece := source.read(1 << 20):
                    file.write(piece)
        except (KeyError, storing.ObjectMissing) as error:
            file.close()
            raise Unreadable from error
        file.flush()
        self._files[pack] = file
        return file

    # --- writing ----------------------------------------------------------------------------------------------

    def put_away(self, state: State) -> None:
        """Write every tile that is in memory into one object, and leave what says where it is in its place."""
        written: dict[int, Tile] = {}
        held: list[tuple[Plane, tuple[int, int], Bytes]] = []
        for plane in _planes(state):
            for place, tile in plane.tiles.items():
                if isinstance(tile, np.ndarray) and _colour_of(tile) is None:
                    held.append((plane, place, tile))
        if not held:
            return
        file, at = _unnamed(), 0
        for plane, place, tile in held:
            if id(tile) not in written:
                raw = self._encoded(tile)
                file.write(raw)
                written[id(tile)] = self._warmed(Tile(self, "", at, len(raw), mask=tile.ndim == 2), tile)
                at += len(raw)
            plane.tiles[place] = written[id(tile)]
        file.flush()
        pack = self._keep(file)
        self._files[pack] = file
        for stored in written.values():
            stored.pack = pack

    def _keep(self, file: IO[bytes]) -> str:
        """Store an object with tiles; return how it is called."""
        return assets.keep(self.document, file, Asset.Role.TILES).sha256  # type: ignore[arg-type]

    def _warmed(self, stored: Tile, pixels: Bytes) -> Tile:
        stored.pixels = pixels
        self._warm.append(stored)
        if len(self._warm) > _WARM:
            self._warm.popleft().pixels = None
        return stored

    def _encoded(self, tile: Bytes) -> bytes:
        codec = self._codec
        codec.reset()
        at, out = codec.put(tile), codec.room(_ROOM)
        size = codec.call("mask_encode" if tile.ndim == 2 else "tile_encode", out, at, _PIXELS)
        return codec.memory[out : out + size].tobytes()

    def _layer_json(self, layer: Layer, packs: list[str]) -> dict[str, Any]:
        return {
            "id": layer.id,
            "name": layer.name,
            **{name: getattr(layer, name) for name in _FLAGS},
            **({} if layer.adjust is None else {"adjust": dict(layer.adjust)}),
            **({} if layer.shape is None else {"shape": dict(layer.shape), "place": list(layer.place)}),
            **({} if layer.text is None else {"text": dict(layer.text), "place": list(layer.place)}),
            "pixels": self._plane_json(layer.pixels, packs),
            "mask": None if layer.mask is None else self._plane_json(layer.mask, packs),
            "children": [self._layer_json(child, packs) for child in layer.children],
        }

    def _plane_json(self, plane: Plane, packs: list[str]) -> dict[str, Any]:
        tiles: list[list[Any]] = []
        for (x, y), tile in plane.tiles.items():
            if isinstance(tile, Tile):
                if tile.pack not in packs:
                    packs.append(tile.pack)
                tiles.append([x, y, packs.index(tile.pack), tile.at, tile.size])
            else:
                assert isinstance(tile, np.ndarray)
                tiles.append([x, y, _colour_of(tile)])
        return {"blank": list(plane.blank), "tiles": tiles}

    # --- reading ----------------------------------------------------------------------------------------------

    def _layer(self, kept: dict[str, Any], packs: list[str]) -> Layer:
        return Layer(
            id=kept["id"],
            name=kept["name"],
            **{name: kept[name] for name in _FLAGS},
            adjust=kept.get("adjust"),
            shape=kept.get("shape"),
            text=kept.get("text"),
            place=tuple(kept.get("place", STRAIGHT)),
            pixels=self._plane(kept["pixels"], packs),
            mask=self._plane(kept["mask"], packs) if kept["mask"] else None,
            children=[self._layer(child, packs) for child in kept["children"]],
        )

    def _plane(self, kept: dict[str, Any], packs: list[str]) -> Plane:
        plane = Plane(tuple(kept["blank"]))
        mask = len(plane.blank) == 1
        for x, y, *rest in kept["tiles"]:
            if len(rest) == 1:
                colour = np.array(rest[0] if not mask else rest[0][0], np.uint8)
                plane.tiles[x, y] = np.broadcast_to(colour, plane.shape)
            else:
                number, at, size = rest
                plane.tiles[x, y] = Tile(self, packs[number], at, size, mask=mask)
        return plane

    def _prune(self) -> None:
        """Keep the newest snapshots and those of named versions, and the tiles that these are made of."""
        rows = Snapshot.objects.filter(document=self.document)
        newest = list(rows.order_by("-created_at", "-pk").values_list("pk", flat=True)[:KEPT])
        named = Version.objects.filter(document=self.document).values("operation")
        rows.exclude(pk__in=newest).exclude(operation__in=named).delete()
        used = {pack for manifest in rows.values_list("manifest", flat=True) for pack in manifest["packs"]}
        assets.discard(
            Asset.objects.filter(document=self.document, role=Asset.Role.TILES).exclude(sha256__in=used)
        )


class Scratch(Shelf):
    """A shelf for a replay of which nothing is kept: tiles lie in files of this process alone."""

    def _keep(self, file: IO[bytes]) -> str:
        return str(len(self._files))


def forget(document: Document) -> None:
    """Let go of every snapshot of a document; the next replay makes new ones."""
    with transaction.atomic():
        Snapshot.objects.filter(document=document).delete()
        assets.discard(Asset.objects.filter(document=document, role=Asset.Role.TILES))


def _planes(state: State) -> list[Plane]:
    found = [
        plane for layer in walk(state.layers) for plane in (layer.pixels, layer.mask) if plane is not None
    ]
    return found if state.selection is None else [*found, state.selection]


def _colour_of(tile: Bytes) -> list[int] | None:
    """The one colour of a tile that has only one: such a tile is a view of a single pixel."""
    if tile.strides[0] or tile.strides[1]:
        return None
    first: list[int] = np.atleast_1d(tile[0, 0]).tolist()
    return first


def _unnamed() -> IO[bytes]:
    """A file that is gone with the process, however that ends."""
    folder = Path(settings.FILE_UPLOAD_TEMP_DIR)
    return tempfile.TemporaryFile(dir=folder)
