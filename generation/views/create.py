"""/create/: the form, its price, and the one call that makes a job of it."""

from __future__ import annotations

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import usage, velocity
from accounts.callers import PersonRequest
from generation import history, pricing, submission, uploads
from generation.forms import CreateForm
from generation.models import Job
from generation.views import cards, prefill
from generation.views.composer import REFERENCE_CHANGED, Composer
from generation.views.htmx import fragment
from generation.views.refusals import size_needs_purchase, too_often
from generation.views.tiles import tiles
from generation.views.words import words
from image2.lib.access import Caller, allow

RECENT = 24
GONE = gettext_lazy("This picture is not there any more. Choose another one.")


@require_http_methods(["GET", "HEAD", "POST"])
@allow(Caller.PERSON)
def create(request: PersonRequest) -> HttpResponseBase:
    if request.method == "POST":
        return _submit(request)
    return _page(request, CreateForm(initial=prefill.initial(request)))


@require_POST
@allow(Caller.PERSON)
def quote(request: PersonRequest) -> HttpResponse:
    """The price of what is typed so far. By POST, so that no prompt is written into a log of addresses."""
    composer = Composer(user=request.user, form=CreateForm(request.POST))
    return render(request, "generation/_quote.html", {"composer": composer})


@require_POST
@allow(Caller.PERSON)
def reference(request: PersonRequest) -> HttpResponse:
    """Take a picture that was picked, dropped or pasted, before the rest of the form is sent."""
    data, refusal = _with_upload(request)
    if data.get("action") == "remove_reference":
        data["reference"] = ""
    composer = Composer(user=request.user, form=CreateForm(initial=data.dict()))
    if data.get("reference") and composer.reference is None and not refusal:
        refusal = str(GONE)
    context = {"composer": composer, "refusal": refusal}
    answer = render(request, "generation/_reference.html", context, status=422 if refusal else 200)
    answer["HX-Trigger"] = REFERENCE_CHANGED
    return answer


def _submit(request: PersonRequest) -> HttpResponseBase:
    data, refusal = _with_upload(request)
    action = data.get("action", "")
    if action == "pick_reference" and not refusal:
        prefill.keep_draft(request, data)
        return redirect("generation:reference-pictures")
    if action in ("price", "pick_reference", "remove_reference"):  # the buttons of the page without script
        if action == "remove_reference":
            data["reference"] = ""
        return _page(request, CreateForm(initial=data.dict()), refusal=refusal)
    form = CreateForm(data)
    if refusal:
        form.add_error("reference", refusal)
    if not form.is_valid():
        return _page(request, form, status=422)
    cost = pricing.price(form.generation_request)
    if form.cleaned_data["quoted"] not in (None, cost):
        # Nobody pays a price they were not shown: the page without script, or a change in the last moment.
        form.add_error(
            None, _("This costs %(cost)s. Press the button again to go on.") % {"cost": in_credits(cost)}
        )
        return _page(request, form, status=422)
    job = _order(request, form)
    if job is None:
        return _page(request, form, status=422)
    prefill.remember(request, form)
    asked = form.generation_request
    details = {name: getattr(asked, name) for name in ("kind", "model", "shape", "size", "count")}
    usage.record(user=request.user, event="generation.submitted", details=details, request=request)
    return _accepted(request, job, data)


def _order(request: PersonRequest, form: CreateForm) -> Job | None:
    try:
        return submission.submit(
            user=request.user,
            request=form.generation_request,
            idempotency_key=form.idempotency_key,
            network=velocity.network_of(request),
        )
    except submission.OutOfCredits as short:
        # What is missing and how to get it is said beside the price.
        form.add_error(
            None,
            _("Nothing was made or charged: %(missing)s missing.") % {"missing": in_credits(short.missing)},
        )
    except submission.TooManyQueued as many:
        form.add_error(None, too_many(many))
    except submission.TooOften as often:
        form.add_error(None, too_often(often))
    except submission.SizeNeedsPurchase as small:
        form.add_error("size", size_needs_purchase(small))
    except submission.ModelUnavailable:
        form.add_error("model", _("This model is not on offer any more. Choose another one."))
    except submission.ReferenceGone:
        form.add_error("reference", GONE)
    return None


def _accepted(request: PersonRequest, job: Job, data: QueryDict) -> HttpResponseBase:
    if not fragment(request):
        return redirect("generation:job", job.pk)
    composer = Composer(user=request.user, form=CreateForm(initial=data.dict()))
    context = {"composer": composer, "card": cards.card(user=request.user, job=job)}
    return render(request, "generation/_accepted.html", context)


def _page(request: PersonRequest, form: CreateForm, *, refusal: str = "", status: int = 200) -> HttpResponse:
    composer = Composer(user=request.user, form=form)
    if fragment(request):
        return render(
            request, "generation/_composer.html", {"composer": composer, "refusal": refusal}, status=status
        )
    context = {
        "composer": composer,
        "refusal": refusal,
        "cards": cards.unsettled(request.user),
        "tiles": tiles(history.newest(user=request.user, size=RECENT).pictures),
        "words": words(),
    }
    return render(request, "generation/create.html", context, status=status)


def _with_upload(request: PersonRequest) -> tuple[QueryDict, str]:
    """What was typed, with an accepted file put in place of its name; and why a file was not accepted."""
    data = request.POST.copy()
    file = request.FILES.get("reference_file")
    if file is None:
        return data, ""
    try:
        data["reference"] = f"upload:{uploads.ingest(user=request.user, file=file).pk}"
    except uploads.Refused as refused:
        return data, str(refused)
    return data, ""


def in_credits(amount: int) -> str:
    return ngettext("%(amount)s credit", "%(amount)s credits", amount) % {"amount": amount}


def out_of_credits(short: submission.OutOfCredits) -> str:
    sentence = _("This costs %(needed)s and you have %(available)s. Choose a smaller size or fewer pictures.")
    return sentence % {"needed": in_credits(short.needed), "available": in_credits(short.available)}


def too_many(many: submission.TooManyQueued) -> str:
    return _(
        "You have %(limit)s jobs waiting, which is the most at a time. Wait for one to end, or cancel one."
    ) % {"limit": many.limit}
