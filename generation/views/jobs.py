"""One job: its card, to cancel it, to try it again."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts import velocity
from accounts.callers import PersonRequest
from generation import cancelling, submission
from generation.models import Job
from generation.requests import InvalidRequest
from generation.views import cards
from generation.views.create import out_of_credits, too_many
from generation.views.htmx import fragment, toast
from generation.views.refusals import size_needs_purchase, too_often
from generation.views.words import words
from image2.lib.access import Caller, allow


@require_safe
@vary_on_headers("HX-Request")
@allow(Caller.PERSON)
def job(request: PersonRequest, job_id: UUID) -> HttpResponseBase:
    """The card, alone for a page that watches, or as a page that refreshes itself where there is no script."""
    return _card(request, get_object_or_404(Job.objects.visible_to(request.user), pk=job_id))


@require_POST
@allow(Caller.PERSON)
def cancel(request: PersonRequest, job_id: UUID) -> HttpResponseBase:
    mine = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    cancelling.cancel(user=request.user, job=mine)
    return _card(request, mine) if fragment(request) else redirect("generation:job", mine.pk)


@require_POST
@allow(Caller.PERSON)
def again(request: PersonRequest, job_id: UUID) -> HttpResponseBase:
    """Order the same once more: the same request, one new job however often the button is pressed."""
    ended = get_object_or_404(Job.objects.visible_to(request.user).exclude(state__in=Job.LIVE), pk=job_id)
    try:
        new = submission.submit(
            user=request.user,
            request=ended.parsed_request,
            idempotency_key=cards.retry_key(ended),
            network=velocity.network_of(request),
        )
    except (InvalidRequest, submission.ModelUnavailable, submission.ReferenceGone):
        return _refused(
            request, ended, _("This can not be ordered again as it was. Change its settings first.")
        )
    except submission.OutOfCredits as short:
        return _refused(request, ended, out_of_credits(short), is_short=True)
    except submission.TooManyQueued as many:
        return _refused(request, ended, too_many(many))
    except submission.TooOften as often:
        return _refused(request, ended, too_often(often))
    except submission.SizeNeedsPurchase as small:
        return _refused(request, ended, size_needs_purchase(small))
    if not fragment(request):
        return redirect("generation:job", new.pk)
    return render(
        request, "generation/_again.html", {"card": cards.card(user=request.user, job=new), "old": ended}
    )


def _refused(
    request: PersonRequest, ended: Job, sentence: str, *, is_short: bool = False
) -> HttpResponseBase:
    if not fragment(request):
        messages.error(request, sentence)
        return redirect("generation:job", ended.pk)
    context = {"card": cards.card(user=request.user, job=ended), "refusal": sentence, "is_short": is_short}
    return render(request, "generation/_job_card.html", context, status=422)


def _card(request: PersonRequest, mine: Job) -> HttpResponseBase:
    card = cards.card(user=request.user, job=mine)
    context = {"card": card, "words": words()}
    if not fragment(request):
        return render(request, "generation/job.html", context)
    answer = render(request, "generation/_watched.html", context)
    if card.pictures and card.sentence:
        # Some of its pictures failed: the card makes room for the others, and says so in passing.
        for name, value in toast("warning", card.sentence).items():
            answer[name] = value
    return answer
