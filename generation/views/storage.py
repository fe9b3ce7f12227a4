"""/storage/: the storage used by kind, and how much of the plan's is left."""

from __future__ import annotations

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.callers import PersonRequest
from generation import fair_shares
from generation.uploads import storage_used
from image2.lib.http.access import Caller, allow


@require_safe
@allow(Caller.PERSON)
def storage(request: PersonRequest) -> HttpResponse:
    with fair_shares.turn("storage", caller=request.user.pk):
        parts = storage_used.parts(request.user)
    limit = storage_used.limit_of(request.user)
    used = sum(part.bytes for part in parts if part.kind.is_limited)
    context = {
        "limited": [part for part in parts if part.kind.is_limited],
        "others": [part for part in parts if not part.kind.is_limited],
        "used": used,
        "limit": limit,
        "left": max(0, limit - used),
        "is_full": used >= limit,
        "total": sum(part.bytes for part in parts),
    }
    return render(request, "generation/storage.html", context)
