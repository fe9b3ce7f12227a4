"""One job: its card, to cancel it, to retry it, to delete it."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe
from django.views.decorators.vary import vary_on_headers

from accounts.callers import PersonRequest
from accounts.sign_in import velocity
from generation.jobs import cancellation, refusals, submission
from generation.models import Job
from generation.pictures import request_deletion, trash
from generation.requests.request import InvalidRequest
from generation.views.htmx import toast_only
from generation.views.jobs import cards
from generation.views.jobs.words import words
from image2.lib.http.access import Caller, allow
from image2.lib.http.htmx import toast


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
    cancellation.cancel(user=request.user, job=mine)
    return _card(request, mine) if request.htmx else redirect("generation:job", mine.pk)


@require_POST
@allow(Caller.PERSON)
def again(request: PersonRequest, job_id: UUID) -> HttpResponseBase:
    """Submit the same request again: the same request, one new job however often the button is pressed.

    Not a selection by clicks: it is free, belongs to its document, and its share is taken there.
    """
    ended_jobs = Job.objects.visible_to(request.user).exclude(state__in=Job.LIVE)
    ended = get_object_or_404(ended_jobs.exclude(kind=Job.Kind.SEGMENT), pk=job_id)
    try:
        new = submission.submit(
            user=request.user,
            request=ended.parsed_request,
            idempotency_key=ended.retry_key,
            network=velocity.network_of(request),
        )
    except (InvalidRequest, submission.ModelNotOffered, submission.ReferenceGone):
        return _refused(request, ended, str(refusals.NOT_REPEATABLE))
    except refusals.REFUSED as error:
        is_short = isinstance(error, submission.OutOfCredits)
        return _refused(request, ended, refusals.refusal(error).sentence, is_short=is_short)
    if not request.htmx:
        return redirect("generation:job", new.pk)
    return render(
        request, "generation/_again.html", {"card": cards.card(user=request.user, job=new), "old": ended}
    )


@require_POST
@allow(Caller.PERSON)
def delete(request: PersonRequest, job_id: UUID) -> HttpResponseBase:
    """Delete the request of a job that made no picture; with its pictures, for good, where that is asked for."""
    mine = get_object_or_404(Job.objects.visible_to(request.user), pk=job_id)
    try:
        if request.POST.get("with_pictures"):
            trash.purge_job(user=request.user, job=mine)
        else:
            request_deletion.delete_job(user=request.user, job=mine)
    except request_deletion.StillLive:
        return _refused(request, mine, _("This job isn't finished. Cancel it first."))
    except request_deletion.HasPictures:
        return _refused(
            request, mine, _("This job made pictures. Delete them: its prompt is deleted with the last one.")
        )
    done = _("The job's prompt and settings were deleted.")
    if request.htmx:
        return toast_only(done)
    messages.success(request, done)
    return redirect("generation:history")


def _refused(
    request: PersonRequest, ended: Job, sentence: str, *, is_short: bool = False
) -> HttpResponseBase:
    if not request.htmx:
        messages.error(request, sentence)
        return redirect("generation:job", ended.pk)
    context = {"card": cards.card(user=request.user, job=ended), "refusal": sentence, "is_short": is_short}
    return render(request, "generation/_job_card.html", context, status=422)


def _card(request: PersonRequest, mine: Job) -> HttpResponseBase:
    card = cards.card(user=request.user, job=mine)
    context = {"card": card, "words": words()}
    if not request.htmx:
        return render(request, "generation/job.html", context)
    answer = render(request, "generation/_watched.html", context)
    if card.pictures and card.sentence:
        # Some of its pictures failed: the pictures replace the card, so a toast says it.
        for name, value in toast("warning", card.sentence).items():
            answer[name] = value
    return answer
