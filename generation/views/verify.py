"""/verify/: what a file says about how its picture came to be. It is read and kept nowhere; anybody may ask."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from django.http import HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.sign_in import velocity
from generation import fair_shares
from generation.ingest.marks.listing import Action, Claim, Marks, Trust
from generation.uploads import marks as reading
from generation.uploads.intake import Refused
from image2.lib.http.access import Caller, allow
from image2.lib.http.htmx import HtmxRequest

# IPTC's digital source types, as people say it. Others are shown by their own names.
_SOURCES: Final[Mapping[str, str | Promise]] = {
    "trainedAlgorithmicMedia": gettext_lazy("Made by AI"),
    "compositeWithTrainedAlgorithmicMedia": gettext_lazy("Partly made by AI"),
    "algorithmicallyEnhanced": gettext_lazy("Enhanced by a program"),
    "algorithmicMedia": gettext_lazy("Made by a program"),
    "humanEdits": gettext_lazy("Edited by a person"),
    "minorHumanEdits": gettext_lazy("Edited by a person"),
    "digitalCreation": gettext_lazy("Made by a person with a program"),
    "digitalArt": gettext_lazy("Made by a person with a program"),
    "digitalCapture": gettext_lazy("Taken with a camera"),
}
# C2PA's actions that our own files hold, and the ones that are met most.
_ACTIONS: Final[Mapping[str, str | Promise]] = {
    "created": gettext_lazy("Made"),
    "opened": gettext_lazy("Begun with another picture"),
    "edited": gettext_lazy("Edited"),
    "placed": gettext_lazy("Another picture was put in"),
    "resized": gettext_lazy("Size changed"),
    "cropped": gettext_lazy("Cropped"),
    "converted": gettext_lazy("Saved in another format"),
    "color_adjustments": gettext_lazy("Colours adjusted"),
    "filtered": gettext_lazy("Filter applied"),
    "drawing": gettext_lazy("Drawn on"),
    "published": gettext_lazy("Published"),
}
_LONGEST_PROMPT: Final = 4000


@dataclass(frozen=True)
class Verdict:
    """The first thing to read: what the file says, and how far that can be trusted."""

    kind: str
    title: str
    text: str


@dataclass(frozen=True)
class Step:
    claim: Claim
    done: list[str]


@require_http_methods(["GET", "HEAD", "POST"])
@allow(Caller.ANYONE)
def verify(request: HtmxRequest) -> HttpResponse:
    if request.method != "POST":
        return _page(request)
    file = request.FILES.get("file")
    if file is None:
        return _page(request, refusal=_("Choose a picture first."))
    caller = request.user.pk or velocity.network_of(request) or "local"
    try:
        found = reading.read(caller=caller, file=file)
    except Refused as refused:
        return _page(request, refusal=refused.sentence)
    except fair_shares.OverShare as over:
        answer = _page(request, refusal=over.sentence, status=HTTPStatus.TOO_MANY_REQUESTS)
        answer["Retry-After"] = str(over.retry_after)
        return answer
    return _page(request, found=found)


def _page(
    request: HtmxRequest,
    *,
    found: Marks | None = None,
    refusal: str = "",
    status: HTTPStatus = HTTPStatus.UNPROCESSABLE_ENTITY,
) -> HttpResponse:
    context = {"refusal": refusal} if found is None else _shown(found)
    return render(request, "generation/verify.html", context, status=status if refusal else HTTPStatus.OK)


def _shown(found: Marks) -> dict[str, object]:
    return {
        "found": found,
        "verdict": _verdict(found),
        "source": source_words(found.source),
        "steps": [Step(claim, _done(claim)) for claim in found.claims],
        "is_signed": found.trust in {Trust.TRUSTED, Trust.UNKNOWN},
        "prompt": _prompt(found.recipe),
    }


def _verdict(found: Marks) -> Verdict:
    says = _sentence(_source(found))
    signer = found.claims[0].signer if found.claims else ""
    if found.trust is Trust.CHANGED:
        return Verdict(
            "danger",
            _("Changed after it was signed."),
            _("Somebody changed this file, or what it says about itself. Don't rely on it."),
        )
    if found.trust is Trust.TRUSTED:
        return Verdict(
            "success",
            says or _("Signed."),
            _("%(signer)s signed this, and the file hasn't changed since.") % {"signer": signer},
        )
    if found.trust is Trust.UNKNOWN:
        return Verdict(
            "warning",
            says or _("Signed."),
            _(
                "It hasn't changed since it was signed by “%(signer)s”, but this site can't tell who that is, "
                "or the certificate was over."
            )
            % {"signer": signer or "?"},
        )
    if says:
        return Verdict(
            "info", says, _("The file says so in a note that isn't signed: anybody could have written it.")
        )
    return Verdict(
        "info",
        _("It doesn't say how it was made."),
        _("That proves nothing: notes are lost when a picture is saved again."),
    )


def _source(found: Marks) -> str:
    """What the newest claim, its signer's own word, says of the source; the unsigned note where nothing is signed.

    Older claims were signed by others: what they say is shown, and is nobody's word for the whole.
    """
    if found.trust not in {Trust.TRUSTED, Trust.UNKNOWN} or not found.claims:
        return found.source
    sources = (action.source for action in reversed(found.claims[0].actions))
    return next((source for source in sources if source), "")


def _sentence(term: str) -> str:
    return f"{source_words(term)}." if term else ""


def source_words(term: str) -> str:
    return str(_SOURCES.get(term, term))


def _done(claim: Claim) -> list[str]:
    return [" · ".join(part for part in _words(action) if part) for action in claim.actions]


def _words(action: Action) -> tuple[str, str, str]:
    # "Made by AI" says already that it was made.
    name = "" if action.name == "created" and action.source else str(_ACTIONS.get(action.name, action.name))
    return name, source_words(action.source), action.agent


def _prompt(recipe: str) -> str:
    try:
        found = json.loads(recipe)["request"]["prompt"]
    except (ValueError, KeyError, TypeError, RecursionError):
        return ""
    return found[:_LONGEST_PROMPT] if isinstance(found, str) else ""
