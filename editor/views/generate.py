"""Generative tools: what can be ordered, its price, orders, and what is done with their results."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any
from uuid import UUID

import structlog
from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts import usage
from accounts.callers import PersonRequest
from accounts.sign_in import velocity
from editor import generations
from editor.generating import offering, placing, showing, using
from editor.generating.asking import Asked, Refused, marked
from editor.models import Asset, Document, Generation
from editor.views.answers import Unreadable, body_of, private, refused, unreadable, uuid_of
from generation import fair_shares
from generation.files import storing
from generation.models import Picture
from generation.pictures import results
from generation.pictures.references import ReferenceGone
from image2.lib.http.access import Caller, allow

log = structlog.get_logger(__name__)

_DETAILS = ("kind", "model", "shape", "size", "count")


def refusing(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Answer with the sentence of what a view refuses."""

    @wraps(view)
    def answered(*args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(*args, **kwargs)
        except Unreadable:
            return unreadable()
        except Refused as refusal:
            return refused(refusal.sentence, status=refusal.status, code=refusal.code, **refusal.more)
        except (ReferenceGone, Asset.DoesNotExist):
            raise Http404 from None
        except storing.StorageError:
            log.exception("generation.storage")
            sentence = _("Storage does not answer just now. Try again in a minute.")
            return refused(sentence, status=503, code="storage")

    return answered


@require_safe
@allow(Caller.PERSON)
def tools(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = _document(request, document_id)
    fair_shares.take("quote", caller=request.user.pk)
    return private(offering.offered(request.user, document))


@require_POST
@allow(Caller.PERSON)
@refusing
def quote(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = _document(request, document_id)
    body = body_of(request)
    operation = uuid_of(body.get("operation"))
    fair_shares.take("quote", caller=request.user.pk)
    return private(offering.quoted(request.user, document, operation, Asked.read(body), marked(body)))


@require_http_methods(["GET", "HEAD", "POST"])
@allow(Caller.PERSON)
@refusing
def orders(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = _document(request, document_id)
    if request.method != "POST":
        return private({"orders": showing.listed(document)})
    body = body_of(request)
    placed, asked = placing.place(
        user=request.user,
        document=document,
        uid=uuid_of(body.get("id")),
        operation=uuid_of(body.get("operation")),
        body=body,
        network=velocity.network_of(request),
    )
    if asked is not None:
        details = {name: getattr(asked, name) for name in _DETAILS}
        usage.record(user=request.user, event="generation.submitted", details=details, request=request)
    return private(showing.shown(placed), 202)


@require_safe
@allow(Caller.PERSON)
def order(request: PersonRequest, document_id: UUID, order_id: UUID) -> HttpResponseBase:
    return private(showing.shown(_order(request, document_id, order_id)))


@require_POST
@allow(Caller.PERSON)
def cancel(request: PersonRequest, document_id: UUID, order_id: UUID) -> HttpResponseBase:
    generations.cancel(_order(request, document_id, order_id))
    return private(showing.shown(_order(request, document_id, order_id)))


@require_POST
@allow(Caller.PERSON)
def remove(request: PersonRequest, document_id: UUID, order_id: UUID) -> HttpResponseBase:
    try:
        generations.remove(_order(request, document_id, order_id))
    except generations.StillLive:
        return refused(_("This isn't finished. Cancel it first."), status=409, code="live")
    return private({})


@require_POST
@allow(Caller.PERSON)
@refusing
def use(request: PersonRequest, document_id: UUID, order_id: UUID, index: int) -> HttpResponseBase:
    mine = _order(request, document_id, order_id)
    operation = uuid_of(body_of(request).get("operation"))
    picture = _result(mine, index)
    with fair_shares.turn("document", caller=request.user.pk):
        return private(using.use(user=request.user, generation=mine, picture=picture, operation=operation))


@require_POST
@allow(Caller.PERSON)
@refusing
def keep(request: PersonRequest, document_id: UUID, order_id: UUID, index: int) -> HttpResponseBase:
    mine = _order(request, document_id, order_id)
    picture = _result(mine, index)
    kept = results.keep(user=request.user, reference=f"picture:{picture.pk}")
    return private({"result": showing.result(mine, kept)})


@require_POST
@allow(Caller.PERSON)
def remove_result(request: PersonRequest, document_id: UUID, order_id: UUID, index: int) -> HttpResponseBase:
    generations.throw_away(_order(request, document_id, order_id), index)
    return private({})


@require_POST
@allow(Caller.PERSON)
def restore_result(request: PersonRequest, document_id: UUID, order_id: UUID, index: int) -> HttpResponseBase:
    mine = _order(request, document_id, order_id)
    picture = generations.take_back(mine, index)
    if picture is None:
        return refused(_("This result is deleted already."), status=404, code="gone")
    return private({"result": showing.result(mine, picture)})


def _document(request: PersonRequest, document_id: UUID) -> Document:
    return get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)


def _order(request: PersonRequest, document_id: UUID, order_id: UUID) -> Generation:
    mine = Generation.objects.filter(document=_document(request, document_id))
    return get_object_or_404(mine.select_related("document__owner", "job__progress"), uid=order_id)


def _result(generation: Generation, index: int) -> Picture:
    return get_object_or_404(generations.pictures_of(generation.document, [generation]), index=index)
