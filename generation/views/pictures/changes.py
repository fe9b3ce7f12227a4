"""One press on a picture's page orders what its button says: larger, varied, without its background."""

from __future__ import annotations

import secrets
from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts import usage
from accounts.callers import PersonRequest
from accounts.sign_in import velocity
from generation.jobs import refusals, submission
from generation.models import Picture
from generation.requests import pricing
from generation.requests.request import SEEDS, InvalidRequest
from generation.views.pictures import offers
from image2.lib.http.access import Caller, allow


@require_POST
@allow(Caller.PERSON)
def change(request: PersonRequest, picture_id: UUID) -> HttpResponseBase:
    """Order what the button says, at the price that it showed."""
    mine = get_object_or_404(Picture.objects.visible_to(request.user), pk=picture_id)
    name, _space, quoted = request.POST.get("choice", "")[:40].partition(" ")
    key = request.POST.get("key", "")[:36]
    asked = offers.request_of(mine, name, seed=secrets.randbelow(SEEDS))
    if asked is None or not key:
        return _refused(
            request, mine, _("This can't be done with this picture. Choose another way to change it.")
        )
    price = pricing.price(asked)
    if quoted != str(price):
        sentence = ngettext(
            "This costs %(n)s credit now. Press the button again to do it.",
            "This costs %(n)s credits now. Press the button again to do it.",
            price,
        )
        return _refused(request, mine, sentence % {"n": price})
    try:
        job = submission.submit(
            user=request.user,
            request=asked,
            idempotency_key=f"{key}-{name}",
            network=velocity.network_of(request),
        )
    except submission.KeyReused:
        # The same button of the same page: its first press made the job, with a seed of its own.
        return redirect("generation:history")
    except InvalidRequest as error:
        return _refused(request, mine, str(error))
    except refusals.REFUSED as error:
        return _refused(request, mine, refusals.refusal(error).sentence)
    usage.record(
        user=request.user, event="generation.submitted",
        details={name: getattr(asked, name) for name in ("kind", "model", "shape", "size", "count")}, request=request,
    )  # fmt: skip
    return redirect("generation:job", job.pk)


def _refused(request: PersonRequest, picture: Picture, sentence: str) -> HttpResponseBase:
    messages.error(request, sentence)
    return redirect("generation:picture", picture.pk)
