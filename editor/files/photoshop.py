"""A Photoshop file is opened: its layers become pictures of a new document, and operations that add them."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, BinaryIO, Final, cast
from uuid import UUID

from django.conf import settings
from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editor import opening, runs
from editor.exporting import ENGINE
from editor.log.appending import NotTaken, Sent
from editor.log.restoring import Restored
from editor.log.schema import MOST_SIDE
from editor.models import Asset, Document, Operation
from editor.opening import BASE, Refused
from editor.replay.arranging import MOST_LAYERS
from generation.files import storing
from generation.ingest.photoshop.listing import Left, Listing, Node, Written
from generation.uploads import intake, layered, storage_used
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

_SET: Final = ("opacity", "mode", "visible", "clip", "lock_alpha", "locked", "through")
_AS_USUAL: Final[dict[str, Any]] = {
    "opacity": 255,
    "mode": "normal",
    "visible": True,
    **dict.fromkeys(("clip", "lock_alpha", "locked", "through"), False),
}


def from_photoshop(*, user: User, file: IncomingFile[Any]) -> tuple[Document, str]:
    """Open a Photoshop file; return the document, and a sentence on what is not in it as it was.

    Raises Refused, fair_shares.OverShare.
    """
    opening.check_policy()
    title = PurePath(intake.shown_name(file)).stem
    try:
        with intake.refusing_when_full():
            storage_used.check(user=user, at_least=0)
            bounds = {"max_side": MOST_SIDE, "max_layers": MOST_LAYERS}
            with layered.opened(caller=user.pk, file=file, **bounds) as found:
                return _made(user, title, found), what_is_left(found.listing)
    except intake.Refused as refused:
        raise Refused(refused.sentence) from None
    except NotTaken as refused:
        sentence = _("This Photoshop file can't be opened. %(why)s") % {"why": refused.sentence}
        raise Refused(sentence) from None
    except storing.StorageError as error:
        raise Refused(_("The layers couldn't be saved. Try again in a minute.")) from error


def _made(user: User, title: str, found: layered.Layered) -> Document:
    listing = found.listing
    document = Document(owner=user, title=opening.title_of(title), width=listing.width, height=listing.height)
    with _stored(document, found) as rows, tempfile.TemporaryFile() as scratch:
        log = Restored({row.sha256 for row in rows.values()}, scratch)
        steps = Steps(listing, {place: row.sha256 for place, row in rows.items()})
        for sent, parent in steps.all():
            log.add(sent, parent)
        document.head, document.seq = steps.head, log.count
        once = {row.sha256: row for row in rows.values()}
        with transaction.atomic():
            storage_used.claim(user=user, needed=sum(row.bytes for row in once.values()))
            document.save(force_insert=True)
            Asset.objects.bulk_create(once.values())
            for batch in log.rows(document, {name: name for name in once}):
                Operation.objects.bulk_create(batch)
            runs.queue_replay(document)
    # Layers of the same pixels are one picture here.
    storing.discard_keys({row.key for row in rows.values()} - {row.key for row in once.values()})
    return document


@contextmanager
def _stored(document: Document, found: layered.Layered) -> Iterator[dict[int, Asset]]:
    """Store the pictures, by where they began; after an error none stays."""
    rows: dict[int, Asset] = {}
    try:
        for node in found.listing.nodes:
            for written in (node.picture, node.mask):
                if written is not None:
                    rows[written.at] = _store(document, found, written)
        yield rows
    except BaseException:
        storing.discard_keys([row.key for row in rows.values()])
        raise


def _store(document: Document, found: layered.Layered, written: Written) -> Asset:
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as copy:
        found.copy(written, copy)
        stored = storing.store(cast("BinaryIO", copy), kind="document", attempt="layers", suffix="png")
    return Asset(
        document=document,
        sha256=stored.sha256,
        role=Asset.Role.PICTURE,
        width=written.width,
        height=written.height,
        bytes=stored.bytes,
        key=stored.key,
    )


@dataclass(slots=True)
class Steps:
    """The operations that make the layers of a list. `pictures` has the hash of each picture by where it began."""

    listing: Listing
    pictures: dict[int, str]
    head: UUID | None = None

    def all(self) -> Iterator[tuple[Sent, UUID | None]]:
        """Yield each operation and the one before it."""
        for kind, body in self._bodies():
            uid, parent = new_id(), self.head
            yield Sent(uid, parent or uid, kind, ENGINE, body, b""), parent
            self.head = uid

    def _bodies(self) -> Iterator[tuple[str, dict[str, Any]]]:
        nodes = self.listing.nodes
        first = nodes[0] if nodes and _fits_below(nodes[0]) else None
        yield "open", self._opened(first)
        # The lowest of a group stands at its bottom, each other one above the one before it.
        below: dict[int, str] = {-1: BASE}
        for number, node in enumerate(nodes):
            layer = BASE if node is first else f"layer-{number}"
            if node is not first:
                yield "layer.add", self._added(node, layer, below)
            below[node.parent] = layer
            yield from self._as_it_was(node, layer)
        if first is None and nodes:
            yield "layer.remove", {"layer": BASE}

    def _opened(self, first: Node | None) -> dict[str, Any]:
        size = {"width": self.listing.width, "height": self.listing.height, "layer": BASE}
        if first is None or first.picture is None:
            return {**size, "name": _("Background"), "rgba": 0}
        return {**size, "name": first.name or _("Background"), "asset": self.pictures[first.picture.at]}

    def _added(self, node: Node, layer: str, below: dict[int, str]) -> dict[str, Any]:
        body: dict[str, Any] = {
            "layer": layer,
            "name": node.name or (_("Group") if node.group else _("Layer")),
            "group": None if node.parent < 0 else f"layer-{node.parent}",
            "above": below.get(node.parent),
        }
        if node.group:
            body["group_layer"] = True
        if node.picture is not None:
            body |= self._at(node.picture)
        return body

    def _as_it_was(self, node: Node, layer: str) -> Iterator[tuple[str, dict[str, Any]]]:
        if node.mask is not None:
            yield "layer.mask", {"layer": layer, "from": "asset", **self._at(node.mask)}
        elif node.mask_blank >= 0:
            yield "layer.mask", {"layer": layer, "from": "white" if node.mask_blank else "black"}
        changed = {name: getattr(node, name) for name in _SET if getattr(node, name) != _AS_USUAL[name]}
        if not node.mask_on and (node.mask is not None or node.mask_blank >= 0):
            changed["mask_on"] = False
        if changed:
            yield "layer.set", {"layer": layer, **changed}

    def _at(self, written: Written) -> dict[str, Any]:
        return {"asset": self.pictures[written.at], "x": written.x, "y": written.y}


def _fits_below(node: Node) -> bool:
    """Whether a layer can be the one that a document is opened with: its picture begins in the corner."""
    return node.picture is not None and (node.picture.x, node.picture.y) == (0, 0)


def what_is_left(listing: Listing) -> str:
    """Return one sentence on what of a file is not there any more, or not as it was; empty when all of it is."""
    gone = [_gone(left, count) for left, count in listing.left.items() if left in _GONE]
    changed = [_CHANGED[left]() for left in listing.left if left in _CHANGED]
    if gone and changed:
        return _("Opened without %(gone)s, and with %(changed)s.") % _listed(gone, changed)
    if gone:
        return _("Opened without %(gone)s.") % _listed(gone, changed)
    return _("Opened with %(changed)s.") % _listed(gone, changed) if changed else ""


def _listed(gone: list[str], changed: list[str]) -> dict[str, str]:
    return {"gone": ", ".join(gone), "changed": ", ".join(changed)}


def _gone(left: Left, count: int) -> str:
    return _GONE[left](count) % {"count": count}


_GONE: Final[dict[Left, Callable[[int], str]]] = {
    Left.ADJUSTMENTS: lambda n: ngettext("%(count)s adjustment layer", "%(count)s adjustment layers", n),
    Left.FILLS: lambda n: ngettext("%(count)s fill or shape", "%(count)s fills and shapes", n),
    Left.EFFECTS: lambda n: ngettext("effects of %(count)s layer", "effects of %(count)s layers", n),
    Left.VECTOR_MASKS: lambda n: ngettext("%(count)s vector mask", "%(count)s vector masks", n),
    Left.MASK_SETTINGS: lambda _n: _("feather and density of masks"),
    Left.BLEND_RANGES: lambda _n: _("blending by brightness"),
    Left.FAR: lambda _n: _("what lies far outside of the picture"),
}
_CHANGED: Final[dict[Left, Callable[[], str]]] = {
    Left.TEXT: lambda: _("text as pixels"),
    Left.SMART_OBJECTS: lambda: _("smart objects as pixels"),
    Left.MODES: lambda: _("the nearest blend modes"),
    Left.DEPTH: lambda: _("8 bits for each colour"),
}
