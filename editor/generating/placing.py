"""An order is placed: checked, priced against what the page has shown, and queued for a worker. Nothing is held yet."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from editor import exporting, runs
from editor.generating import building, offering
from editor.generating.asking import Asked, Refused, marked
from editor.generating.refusing import refusal_of
from editor.log import reading
from editor.models import Document, Generation, Run
from generation import fair_shares
from generation.jobs import limits, refusals, submission
from generation.requests import pricing
from generation.requests.request import GenerationRequest, InvalidRequest
from generation.requests.sizes import Size

if TYPE_CHECKING:
    from accounts.models import User


def place(
    *, user: User, document: Document, uid: UUID, operation: UUID, body: Mapping[str, Any], network: str
) -> tuple[Generation, GenerationRequest | None]:
    """Return the order of this id, and its request where it is new.

    `network` is the client's (velocity.network_of). Raises Refused and fair_shares.OverShare; then there is no order.
    """
    asked, price = Asked.read(body), body.get("price")
    if earlier := _earlier(document, uid, operation, asked, price):
        return earlier, None
    request = _checked(user, document, uid, operation, asked, body)
    cost = pricing.price(request)
    if price != cost:
        raise _another_price(cost)
    fair_shares.take("segment" if asked.kind == "segment" else "replay", caller=user.pk)
    try:
        submission.check(user, request, waiting=_waiting(user), is_sent=True)
        with transaction.atomic():
            if cost:
                limits.count_job(user=user, network=network)
            return _insert(document, uid, operation, asked, request, cost), request
    except (InvalidRequest, *refusals.REFUSED) as error:
        raise refusal_of(error) from None
    except IntegrityError:
        # Two presses at the same moment: the other one placed it.
        if earlier := _earlier(document, uid, operation, asked, price):
            return earlier, None
        raise


def _earlier(document: Document, uid: UUID, operation: UUID, asked: Asked, price: Any) -> Generation | None:
    found = Generation.objects.filter(document=document, uid=uid).first()
    if found is None or found.removed_at is not None:
        return found
    if (found.operation, found.price) != (operation, price) or Asked.from_json(found.asked) != asked:
        sentence = _("Another order with this id exists already. Reload the page.")
        raise Refused("taken", sentence, status=409)
    return found


def _checked(
    user: User, document: Document, uid: UUID, operation: UUID, asked: Asked, body: Mapping[str, Any]
) -> GenerationRequest:
    """Return the request as far as it is known without drawing anything. Raises Refused."""
    outline = reading.outline_at(document, operation)
    if outline is None:
        raise offering.unsaved()
    if asked.is_of_selection and not outline["selected"]:
        raise Refused("selection", _("Select the part that is to change first."))
    if asked.definition.field == "layer" and not _has_pixels(outline["layers"], asked.layer):
        raise Refused("layer", _("Choose a layer with pixels of its own."))
    offering.check_canvas(asked)
    size = Size(*outline["size"])
    entry = offering.model_of(document, operation, asked, size)
    offering.check_known(document, operation, asked, entry, size)
    source = offering.source_of(document, operation, asked, entry, size, marked(body))
    try:
        return building.request_of(asked, entry, source, words=exporting.words_of(document), uid=uid)
    except InvalidRequest as error:
        raise refusal_of(error) from None


def _has_pixels(layers: list[dict[str, Any]], layer_id: str) -> bool:
    return any(
        (layer["id"] == layer_id and "children" not in layer and "adjusts" not in layer)
        or _has_pixels(layer.get("children", []), layer_id)
        for layer in layers
    )


def _waiting(user: User) -> int:
    mine = Generation.objects.filter(document__owner=user)
    return mine.filter(state=Generation.State.PREPARING).count()


def _insert(
    document: Document, uid: UUID, operation: UUID, asked: Asked, request: GenerationRequest, price: int
) -> Generation:
    placed = Generation.objects.create(
        document=document,
        uid=uid,
        operation=operation,
        tool=asked.tool,
        model=request.model,
        asked=asked.to_json(),
        price=price,
    )
    runs.queue(document, Run.Kind.GENERATE, operation, generation=placed)
    return placed


def _another_price(cost: int) -> Refused:
    sentence = ngettext(
        "The price is %(n)s credit now. Press again to order at this price.",
        "The price is %(n)s credits now. Press again to order at this price.",
        cost,
    )
    return Refused("price", sentence % {"n": cost}, status=409, price=cost)
