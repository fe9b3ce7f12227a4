"""/create/: the form, its price, and the one call that makes a job of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from django.http import HttpResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from accounts import usage
from accounts.callers import PersonRequest
from accounts.sign_in import velocity
from generation import fair_shares
from generation.jobs import refusals, submission
from generation.models import Job
from generation.pictures import history
from generation.requests import pricing
from generation.requests.catalogue import Entry
from generation.uploads import intake
from generation.views.creating import chosen, helping, prefill
from generation.views.creating.composer import REFERENCE_CHANGED, Composer
from generation.views.creating.forms import CreateForm, default_model
from generation.views.jobs import cards
from generation.views.jobs.words import words
from generation.views.tiles import tiles
from image2.lib.http.access import Caller, allow

RECENT = 24
NOTHING_REFUSED: Final[Mapping[str, str]] = MappingProxyType({})
_REMOVE = "remove_reference"
_REMOVE_CONTROL = "remove_control"


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
    with fair_shares.turn("quote", caller=request.user.pk):
        composer = Composer(user=request.user, form=CreateForm(request.POST))
        return render(request, "generation/_quote.html", {"composer": composer})


@require_POST
@allow(Caller.PERSON)
def reference(request: PersonRequest) -> HttpResponse:
    """Take a picture that was picked, dropped or pasted, before the rest of the form is sent."""
    sent = _with_upload(request)
    data, refusal = sent.data, sent.refusal
    _remove_reference(data)
    composer = Composer(user=request.user, form=CreateForm(initial=data.dict()))
    if composer.is_reference_gone and not refusal:
        refusal = refusals.reference_gone(len(chosen.names_in(data.get("reference", ""))))
    context = {"composer": composer, "refusal": refusal}
    answer = render(
        request, "generation/_reference.html", context, status=max(sent.status, 422) if refusal else 200
    )
    answer["HX-Trigger"] = REFERENCE_CHANGED
    return sent.says_when(answer)


@require_POST
@allow(Caller.PERSON)
def control(request: PersonRequest) -> HttpResponse:
    """Take a control picture that was picked, or remove it, before the rest of the form is sent."""
    sent = _with_control(request, _Sent(request.POST.copy()))
    _remove_control(sent.data)
    composer = Composer(user=request.user, form=CreateForm(initial=sent.data.dict()))
    context = {"composer": composer, "control_refusal": sent.refusal}
    return sent.says_when(render(request, "generation/_control.html", context, status=sent.status))


def _submit(request: PersonRequest) -> HttpResponseBase:
    sent = _with_control(request, _with_upload(request))
    data, refusal = sent.data, sent.refusal
    action = data.get("action", "").partition(" ")[0]
    if action == "pick_reference" and not refusal:
        refusal = _refusal_of_another(data)
        if not refusal:
            prefill.keep_draft(request, data)
            return redirect("generation:reference-pictures")
    if action in helping.ACTIONS:
        return _helped(request, data)
    if action in (
        "price",
        "pick_reference",
        _REMOVE,
        _REMOVE_CONTROL,
    ):  # the buttons of the page without script
        _remove_reference(data)
        _remove_control(data)
        refused = {sent.field: refusal} if refusal else {}
        page = _page(request, CreateForm(initial=data.dict()), refused=refused, status=sent.status)
        return sent.says_when(page)
    form = CreateForm(data)
    if refusal:
        form.add_error(sent.field, refusal)
    if not form.is_valid():
        return sent.says_when(_page(request, form, status=max(sent.status, 422)))
    cost = pricing.price(form.generation_request)
    if form.cleaned_data["quoted"] not in (None, cost):
        # Nobody pays a price they were not shown: the page without script, or a change in the last moment.
        sentence = ngettext(
            "This costs %(n)s credit. Press the button again to generate it.",
            "This costs %(n)s credits. Press the button again to generate it.",
            cost,
        )
        form.add_error(None, sentence % {"n": cost})
        return _page(request, form, status=422)
    job = _order(request, form)
    if job is None:
        return _page(request, form, status=422)
    prefill.remember(request, form, job)
    asked = form.generation_request
    details = {name: getattr(asked, name) for name in ("kind", "model", "shape", "size", "count")}
    usage.record(user=request.user, event="generation.submitted", details=details, request=request)
    return _accepted(request, job, data)


def _helped(request: PersonRequest, data: QueryDict) -> HttpResponse:
    """The buttons of the prompt's help on a page without script: the form again, and what was asked for."""
    retry_after = 0
    try:
        found = helping.help_with(data, user=request.user)
    except fair_shares.OverShare as over:
        found = helping.Help(data.get("prompt", ""), sentence=over.sentence, status=429)
        retry_after = over.retry_after
    page = _page(request, CreateForm(initial=data.dict()), prompt_help=found, status=found.status)
    return _Sent(data, retry_after=retry_after).says_when(page)


def _order(request: PersonRequest, form: CreateForm) -> Job | None:
    try:
        return submission.submit(
            user=request.user,
            request=form.generation_request,
            idempotency_key=form.idempotency_key,
            network=velocity.network_of(request),
        )
    except submission.ControlGone as gone:
        form.add_error(*refusals.refusal(gone))
    except submission.ReferenceGone:
        sentence = refusals.reference_gone(len(form.generation_request.references))
        form.add_error("reference", sentence)
    except refusals.REFUSED as error:
        form.add_error(*refusals.refusal(error))
    return None


def _accepted(request: PersonRequest, job: Job, data: QueryDict) -> HttpResponseBase:
    if not request.htmx:
        return redirect("generation:job", job.pk)
    composer = Composer(user=request.user, form=CreateForm(initial=data.dict()))
    context = {"composer": composer, "card": cards.card(user=request.user, job=job)}
    return render(request, "generation/_accepted.html", context)


def _page(
    request: PersonRequest,
    form: CreateForm,
    *,
    refused: Mapping[str, str] = NOTHING_REFUSED,
    prompt_help: helping.Help | None = None,
    status: int = 200,
) -> HttpResponse:
    composer = Composer(user=request.user, form=form, prompt_help=prompt_help)
    said = {"refusal": refused.get("reference", ""), "control_refusal": refused.get("control", "")}
    if request.htmx:
        return render(request, "generation/_composer.html", {"composer": composer, **said}, status=status)
    context = {
        "composer": composer,
        **said,
        "cards": cards.unsettled(request.user),
        "tiles": tiles(history.newest(user=request.user, size=RECENT).pictures),
        "words": words(),
    }
    return render(request, "generation/create.html", context, status=status)


@dataclass(frozen=True, slots=True)
class _Sent:
    """What was typed, with an accepted file put in place of its name; else why the file was not accepted."""

    data: QueryDict
    refusal: str = ""
    status: int = 200
    retry_after: int = 0
    # The field that the refusal is about.
    field: str = "reference"

    def says_when(self, answer: HttpResponse) -> HttpResponse:
        if self.retry_after:
            answer["Retry-After"] = str(self.retry_after)
        return answer


def _with_upload(request: PersonRequest) -> _Sent:
    data = request.POST.copy()
    model = _model_of(data)
    # Of several files for a model that takes one picture, the first.
    files = request.FILES.getlist("reference_file")[: max(1, chosen.most_for(model))]
    try:
        for file in files:
            names = data.get("reference", "")[: chosen.LONGEST]
            chosen.check_room(names, model)
            name = f"upload:{intake.ingest(user=request.user, file=file).pk}"
            data["reference"] = chosen.with_another(names, name, model)
    except (intake.Refused, chosen.NoRoom) as refused:
        return _Sent(data, str(refused), 422)
    except fair_shares.OverShare as over:
        return _Sent(data, over.sentence, 429, over.retry_after)
    return _Sent(data)


def _with_control(request: PersonRequest, sent: _Sent) -> _Sent:
    """The same with a control picture that came along, unless something else was refused before."""
    file = request.FILES.get("control_file")
    if file is None or sent.refusal:
        return sent
    try:
        sent.data["control"] = f"upload:{intake.ingest(user=request.user, file=file).pk}"
    except intake.Refused as refused:
        return _Sent(sent.data, str(refused), 422, field="control")
    except fair_shares.OverShare as over:
        return _Sent(sent.data, over.sentence, 429, over.retry_after, field="control")
    return sent


def _remove_control(data: QueryDict) -> None:
    if data.get("action") == _REMOVE_CONTROL:
        data["control"] = ""


def _model_of(data: QueryDict) -> Entry | None:
    return chosen.entry_of(data.get("model") or default_model())


def _refusal_of_another(data: QueryDict) -> str:
    try:
        chosen.check_room(data.get("reference", ""), _model_of(data))
    except chosen.NoRoom as full:
        return str(full)
    return ""


def _remove_reference(data: QueryDict) -> None:
    """Handle the button that removes one picture, which names it."""
    action, _space, name = data.get("action", "").partition(" ")
    if action == _REMOVE:
        data["reference"] = chosen.without(data.get("reference", ""), name)
