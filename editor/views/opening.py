"""/editor/new/: a document from a picture of the history, an upload, a file, or an empty canvas."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.callers import PersonRequest
from editor import opening
from editor.files import bringing, photoshop
from editor.forms import CanvasForm
from editor.models import Document
from editor.views.answers import private, refused
from generation import fair_shares
from generation.pictures import changes
from generation.pictures.references import ReferenceGone
from generation.uploads import layered
from generation.views.tiles import tiles
from image2.lib.http.access import Caller, allow

if TYPE_CHECKING:
    from accounts.models import User

_HEAD: Final = 4096
_ZIP: Final = b"PK\x03\x04"
_MOST_SPLITTABLE: Final = 12
# The tool in hand when the page opens, as the page reads it from its address.
_TOOLS: Final = {"layers": "#layers"}


@require_http_methods(["GET", "HEAD", "POST"])
@allow(Caller.PERSON)
def new(request: PersonRequest) -> HttpResponseBase:
    """A page asks with a form and is led to the document; a script that says so gets its address as JSON."""
    if request.method != "POST":
        return _page(request, CanvasForm())
    form = CanvasForm(request.POST)
    try:
        with fair_shares.turn("document", caller=request.user.pk):
            document, note = _open(request, form)
    except ReferenceGone:
        return _refuse(request, form, _("This picture is not there any more. Choose another one."))
    except opening.Refused as refusal:
        return _refuse(request, form, refusal.sentence)
    if document is None:
        return _refuse(request, form, "")
    if _by_script(request):
        return private({"document": document.get_absolute_url(), **({"note": note} if note else {})})
    if note:
        messages.info(request, note)
    return redirect(document.get_absolute_url() + _TOOLS.get(request.POST.get("tool", ""), ""))


def _open(request: PersonRequest, form: CanvasForm) -> tuple[Document | None, str]:
    """Return the document, and what of a file is not in it as it was."""
    file, reference = request.FILES.get("file"), request.POST.get("from", "")
    if file is not None:
        return _from_file(request.user, file)
    if reference:
        return opening.from_reference(user=request.user, reference=reference), ""
    if not form.is_valid():
        return None, ""
    return opening.blank(user=request.user, **form.canvas), ""


def _from_file(user: User, file: UploadedFile[Any]) -> tuple[Document, str]:
    """Open a file by what it is, told by its first bytes: a project, a file with layers, or a picture."""
    head = file.read(_HEAD)
    file.seek(0)
    if bringing.is_project(head):
        return bringing.from_project(user=user, file=file), ""
    if head.startswith(_ZIP):
        raise opening.Refused(
            _(
                "This ZIP file isn't an editor project. Choose a project (.image2), a Photoshop file or a picture."
            )
        )
    if layered.is_photoshop(head):
        return photoshop.from_photoshop(user=user, file=file)
    return opening.from_file(user=user, file=file), ""


def _refuse(request: PersonRequest, form: CanvasForm, sentence: str) -> HttpResponseBase:
    if _by_script(request):
        return refused(
            sentence or " ".join(str(error) for errors in form.errors.values() for error in errors)
        )
    if sentence and "HTTP_REFERER" in request.META and request.POST.get("from"):
        messages.error(request, sentence)
    if sentence:
        form = CanvasForm()
    return _page(request, form, sentence, status=422)


def _page(request: PersonRequest, form: CanvasForm, sentence: str = "", status: int = 200) -> HttpResponse:
    pictures = changes.splittable(request.user, most=_MOST_SPLITTABLE)
    context = {"form": form, "refusal": sentence, "splittable": tiles(pictures)}
    return render(request, "editor/new.html", context, status=status)


def _by_script(request: PersonRequest) -> bool:
    return "application/json" in request.headers.get("Accept", "")
