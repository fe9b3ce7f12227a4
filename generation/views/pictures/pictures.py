"""One picture: seen large with its recipe and where it came from; marked as favourite, deleted, restored."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.db.models import UUIDField
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_POST, require_safe

from accounts.callers import PersonRequest
from accounts.people import preferences
from generation import availability, copies
from generation.files import downloads
from generation.models import Lineage, Picture, TakeDown, Upload
from generation.pictures import favourites, history, trash
from generation.requests import licences
from generation.requests.kinds import FIRST_KINDS
from generation.views.htmx import toast_only
from generation.views.pictures import offers, recipes
from generation.views.tiles import Tile, tiles
from image2.lib.compiled_queries import CompiledQuery, Parameter
from image2.lib.http.access import Caller, allow

if TYPE_CHECKING:
    from accounts.models import User

# Kinds that the form of /create/ can ask for again.
_ON_THE_FORM: Final = (*FIRST_KINDS, "variation")
_LINEAGE: Final = CompiledQuery(
    lambda: Lineage.objects.filter(child=Parameter("picture", UUIDField())).exclude(role=Lineage.Role.MASK)
)
NOTES: Final = {
    "png": gettext_lazy("exact, large"),
    "jpeg": gettext_lazy("opens everywhere"),
    "webp": gettext_lazy("smaller"),
    "avif": gettext_lazy("smallest"),
}


@dataclass(frozen=True)
class Origin:
    """What a picture was made from; of an upload that was deleted only the fact is left, so ``tile`` is None."""

    role: str
    tile: Tile | None
    picture: Picture | None = None
    upload: Upload | None = None


@require_safe
@allow(Caller.PERSON)
def picture(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    mine = history.owned(user=request.user, picture=picture_id)
    if mine is None:
        return _unreachable(request, picture_id)
    history.with_thumbnails([mine])
    asked = recipes.request_of(mine)
    preferred = preferences.of(request.user)
    context = {
        "tile": Tile(mine),
        "facts": recipes.facts(mine),
        "made_by": recipes.made_by(mine),
        "terms": licences.of_model(mine.model),
        "asked": asked,
        "can_lead": availability.can_lead(),
        "can_run_again": asked is not None and asked.kind in _ON_THE_FORM,
        "offers": None if mine.deleted_at else offers.offers_of(mine),
        "origins": origins(user=request.user, picture=mine),
        "copies": copies.of(user=request.user, reference=f"picture:{mine.pk}"),
        "descendants": tiles(history.descendants(user=request.user, picture=mine)),
        "newer": history.newer(user=request.user, than=mine),
        "older": history.older(user=request.user, than=mine),
        # The usual one first.
        "formats": [
            (form.name, form.label, NOTES.get(form.name, ""))
            for form in sorted(downloads.FORMATS.values(), key=lambda form: form.name != preferred.format)
        ],
        "with_recipe": preferred.recipe_in_downloads,
    }
    return render(request, "generation/picture.html", context)


@require_POST
@allow(Caller.PERSON)
def favourite(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    mine = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    change = favourites.unmark if request.POST.get("favourite") == "no" else favourites.mark
    change(user=request.user, ids=[mine.pk])
    mine.refresh_from_db(fields=["favourite_at"])
    if request.htmx:
        return render(
            request, "generation/_favourite.html", {"tile": Tile(mine), "plain": "plain" in request.POST}
        )
    return redirect("generation:picture", mine.pk)


@require_POST
@allow(Caller.PERSON)
def delete(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    """Deleting a picture that doesn't exist (deleted in another tab, say) succeeds."""
    if not trash.delete(user=request.user, pictures=[picture_id]) and not _is_in_trash(
        request.user, picture_id
    ):
        return _already_gone(request)
    sentence = ngettext(
        "Moved to the trash. It can be restored for %(n)s day.",
        "Moved to the trash. It can be restored for %(n)s days.",
        settings.TRASH_DAYS,
    ) % {"n": settings.TRASH_DAYS}
    if copies.of(user=request.user, reference=f"picture:{picture_id}"):
        sentence = f"{sentence} {_('A document of the editor still holds a copy.')}"
    undo = reverse("generation:picture-restore", args=[picture_id])
    if request.htmx:
        return toast_only(sentence, undo=undo)
    messages.success(request, sentence, extra_tags=undo)
    return redirect("generation:history")


@require_POST
@allow(Caller.PERSON)
def restore(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    mine = get_object_or_404(Picture.objects.owned_by(request.user), pk=picture_id)
    trash.restore(user=request.user, pictures=[mine.pk])
    if request.htmx:
        return toast_only(_("Restored."), restored=str(mine.pk))
    messages.success(request, _("Restored."))
    return redirect("generation:picture", mine.pk)


def _unreachable(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    """Lead to the decision about a picture that staff took down. Raises Http404 for any other."""
    if TakeDown.objects.visible_to(request.user).in_force().filter(picture_id=picture_id).exists():
        return redirect("generation:taken-down")
    raise Http404


def _is_in_trash(user: User, picture_id: UUID) -> bool:
    return Picture.objects.in_trash_of(user).filter(pk=picture_id).exists()


def _already_gone(request: PersonRequest) -> HttpResponseBase:
    sentence = _("This picture is already deleted.")
    if request.htmx:
        return toast_only(sentence)
    messages.info(request, sentence)
    return redirect("generation:history")


def origins(*, user: User, picture: Picture) -> list[Origin]:
    """What the picture was made from, with two queries more where there is something."""
    lines = _LINEAGE.all(picture=picture.pk)
    parents = [line.parent_id for line in lines if line.parent_id]
    sources = [line.upload_id for line in lines if line.upload_id]
    shown = (
        history.with_thumbnails(Picture.objects.visible_to(user).filter(pk__in=parents)) if parents else []
    )
    pictures = {found.pk: found for found in shown}
    mine = Upload.objects.visible_to(user).prefetch_related("files")
    uploads = mine.in_bulk(sources) if sources else {}
    found: list[Origin] = []
    for line in lines:
        if line.parent_id in pictures:
            parent = pictures[line.parent_id]
            found.append(Origin(line.role, Tile(parent), parent))
        elif line.upload_id and (upload := uploads.get(line.upload_id)):
            found.append(Origin(line.role, Tile(upload), upload=upload))
        elif not line.parent_id:
            found.append(Origin(line.role, None))
    return found
