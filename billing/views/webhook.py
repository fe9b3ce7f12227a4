"""Where Stripe delivers its events: the raw body is verified and stored, answered at once, and handled afterwards."""

from __future__ import annotations

from http import HTTPStatus

from django.http import HttpRequest, HttpResponse
from django.http.request import RawPostDataException
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST

from billing.payments import NotConfigured
from billing.purchases import inbox
from billing.stripe_gateway import BadSignature
from image2.lib.http.access import Caller, allow


@csrf_exempt
@require_POST
@allow(Caller.MACHINE)
def webhook(request: HttpRequest) -> HttpResponse:
    try:
        inbox.receive(body=request.body, signature=request.headers.get("Stripe-Signature", ""))
    # A form with files, whose raw body a middleware has used up, is nothing that Stripe sends.
    except (BadSignature, RawPostDataException):
        return HttpResponse(status=HTTPStatus.BAD_REQUEST)
    except NotConfigured:
        return HttpResponse(status=HTTPStatus.NOT_FOUND)
    return HttpResponse(status=HTTPStatus.OK)
