"""New documents: from a picture, an upload, a file, or nothing. What a document stands on is a copy of its own."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import IO, TYPE_CHECKING, Any, Final

from django.core.files.base import File as IncomingFile
from django.db import transaction
from django.utils.translation import gettext as _

from accounts.people import policies
from editor import assets, runs
from editor.log import appending
from editor.log.schema import MOST_SIDE
from editor.models import Asset, Document
from generation.files import storing
from generation.models import Picture
from generation.pictures import references
from generation.requests import recipe
from generation.uploads import intake, storage_used
from image2.lib.ids import new_id

if TYPE_CHECKING:
    from accounts.models import User

MOST_TITLE: Final = 120
BASE: Final = "base"
# The shipped text of the privacy policy that names what a document keeps.
POLICY: Final = 3


class Refused(Exception):
    """Nothing was opened. `sentence` is for the person."""

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


def check_policy() -> None:
    """Raise Refused until people were notified of what the editor stores, and that text is in force."""
    if not policies.in_force(POLICY):
        raise Refused(_("The editor opens when the new privacy policy takes effect. Come back then."))


def from_reference(*, user: User, reference: str) -> Document:
    """Open a picture or an upload of this person ("picture:…"). Raises references.ReferenceGone, Refused."""
    check_policy()
    found = references.find(user=user, reference=reference)
    master = references.master_of(found)
    title = found.prompt if isinstance(found, Picture) else PurePath(found.name).stem
    made_with_ai = isinstance(found, Picture) and recipe.made_with_ai(found.recipe)
    try:
        assets.check_size(master.width, master.height)
        with intake.refusing_when_full(), storing.opened(master.key) as file:
            return _on_picture(
                *(user, title, file, master.width, master.height),
                source=reference,
                made_with_ai=made_with_ai,
            )
    except intake.Refused as refused:
        raise Refused(refused.sentence) from None
    except storing.StorageError as error:
        raise Refused(_("The picture can't be read just now. Try again in a minute.")) from error


def from_file(*, user: User, file: IncomingFile[Any]) -> Document:
    """Open a picture that is brought now, by the one ingest. Raises Refused."""
    check_policy()
    try:
        with intake.converted(user=user, file=file, bounds=assets.bounds()) as picture:
            assets.check_size(picture.outcome.width, picture.outcome.height)
            return _on_picture(
                user,
                PurePath(picture.name).stem,
                picture.master,
                picture.outcome.width,
                picture.outcome.height,
            )
    except intake.Refused as refused:
        raise Refused(refused.sentence) from None


def blank(*, user: User, width: int, height: int, rgba: int, title: str = "") -> Document:
    """Open an empty canvas of one colour (red | green << 8 | blue << 16 | alpha << 24). Raises Refused."""
    check_policy()
    if not (1 <= width <= MOST_SIDE and 1 <= height <= MOST_SIDE):
        raise Refused(_("A canvas has 1 to %(most)s pixels a side.") % {"most": MOST_SIDE})
    body = {"width": width, "height": height, "rgba": rgba}
    document = Document(owner=user, title=title_of(title or _("Untitled")), width=width, height=height)
    with transaction.atomic():
        document.save(force_insert=True)
        _begin(document, body)
    return document


def flattened(
    original: Document, png: Path, size: tuple[int, int], *, also: Callable[[Document], None]
) -> Document:
    """Open what a document shows as a new one, whose base is that picture; it leads back to the first.

    `also` runs in the transaction that makes the document, and may raise. Raises Refused where there is no room.
    """
    title = _("%(title)s (flattened)") % {"title": original.title[: MOST_TITLE - 20]}
    try:
        with intake.refusing_when_full(), png.open("rb") as file:
            return _on_picture(
                *(original.owner, title, file, *size),
                source=original.source,
                made_with_ai=original.made_with_ai,
                flattened_from=original,
                also=also,
            )
    except intake.Refused as refused:
        raise Refused(refused.sentence) from None


def picture_of(document: Document) -> Picture | None:
    """Return the picture of the history that a document was opened from, if it is still there."""
    kind, _colon, identity = document.source.partition(":")
    if kind != "picture":
        return None
    return Picture.objects.owned_by(document.owner).filter(pk=identity).first()


def _on_picture(
    user: User,
    title: str,
    file: IO[bytes],
    width: int,
    height: int,
    *,
    also: Callable[[Document], None] = lambda _document: None,
    **more: Any,
) -> Document:
    document = Document(owner=user, title=title_of(title), width=width, height=height, **more)
    stored = storing.store(file, kind="document", attempt="base", suffix="png")  # type: ignore[arg-type]
    try:
        with transaction.atomic():
            storage_used.claim(user=user, needed=stored.bytes)
            document.save(force_insert=True)
            Asset.objects.create(
                document=document,
                sha256=stored.sha256,
                role=Asset.Role.PICTURE,
                width=width,
                height=height,
                bytes=stored.bytes,
                key=stored.key,
            )
            _begin(document, {"width": width, "height": height, "asset": stored.sha256})
            also(document)
    except BaseException:
        storing.discard_keys([stored.key])
        raise
    return document


def _begin(document: Document, body: dict[str, Any]) -> None:
    appending.begin(document, {**body, "layer": BASE, "name": _("Background")}, new_id())
    document.save(update_fields=["head", "seq"])
    runs.queue_replay(document)


def title_of(text: str) -> str:
    """Return a text as a document may be called."""
    plain = " ".join(text.split())
    return plain[:MOST_TITLE] or _("Picture")
