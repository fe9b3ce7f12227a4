"""A document's log: read in pages, added to by compare-and-set, and its named versions."""

from __future__ import annotations

import base64
import binascii
from typing import Any
from uuid import UUID

from django.http import Http404
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.callers import PersonRequest
from editor import documents
from editor.log import appending, reading, tools
from editor.models import Document, Operation
from editor.views.answers import Unreadable, body_of, private, refused, unreadable, uuid_of
from generation import fair_shares
from image2.lib.http.access import Caller, allow

MOST_NAME = 120


@require_safe
@allow(Caller.PERSON)
def log(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    return private(reading.page(document, after=_number(request.GET.get("after", "0"))))


@require_POST
@allow(Caller.PERSON)
def operations(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    try:
        body = body_of(request)
        expected = uuid_of(body.get("expected"))
        fair_shares.take("operations", caller=request.user.pk)
        sent = _sent(body.get("operations"))
        document = appending.append(
            user=request.user,
            document_id=document_id,
            expected=expected,
            head=uuid_of(body.get("head")),
            operations=sent,
        )
    except Unreadable:
        return unreadable()
    except Document.DoesNotExist:
        raise Http404 from None
    except appending.HeadMoved:
        document.refresh_from_db()
        return private(reading.since(document, expected), status=409)
    except appending.NotTaken as refusal:
        more = {"full": True} if isinstance(refusal, appending.Full) else {}
        return refused(refusal.sentence, id=str(refusal.uid) if refusal.uid else None, **more)
    tools.record(request, sent)
    return private({"head": str(document.head), "seq": document.seq})


@require_http_methods(["GET", "HEAD", "POST"])
@allow(Caller.PERSON)
def versions(request: PersonRequest, document_id: UUID) -> HttpResponseBase:
    document = get_object_or_404(Document.objects.visible_to(request.user), pk=document_id)
    if request.method == "POST":
        try:
            body = body_of(request)
            name = " ".join(str(body.get("name", "")).replace("\0", "").split())[:MOST_NAME]
            operation = uuid_of(body.get("operation"))
            if not name:
                return refused(_("Give the version a name."))
            documents.name_version(user=request.user, document_id=document_id, operation=operation, name=name)
        except Unreadable:
            return unreadable()
        except Operation.DoesNotExist:
            return refused(_("The document has no such step to go to. Reload the page."))
        except documents.NameTaken:
            return refused(_("There is a version of this name already, or too many. Choose another name."))
    rows = document.versions.order_by("-created_at", "-pk")
    return private(
        {
            "versions": [
                {
                    "operation": str(row.operation),
                    "name": row.name,
                    "created_at": row.created_at.isoformat(),
                }
                for row in rows
            ]
        }
    )


def _sent(value: Any) -> list[appending.Sent]:
    """The operations of a call, in form; what is in them is looked at later. Raises Unreadable."""
    if not isinstance(value, list) or not all(isinstance(each, dict) for each in value):
        raise Unreadable
    found = []
    for each in value[: appending.MOST_AT_ONCE + 1]:
        blob = each.get("blob") or ""
        try:
            raw = base64.b64decode(blob, validate=True) if isinstance(blob, str) else None
        except (binascii.Error, ValueError):
            raw = None
        if raw is None:
            raise Unreadable
        found.append(
            appending.Sent(
                uid=uuid_of(each.get("id")),
                parent=uuid_of(each.get("parent")),
                kind=each.get("kind"),
                engine=each.get("engine"),
                body=each.get("body"),
                blob=raw,
            )
        )
    return found


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 10 else 0
