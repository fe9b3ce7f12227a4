"""The models of the catalogue in the admin: what each worker holds, its last error, and the switch."""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin, messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from accounts.models import User
from accounts.staff import second_factor
from generation import availability, examples
from generation.examples import Example
from generation.jobs import estimates, failures, switching
from generation.models import Job, ModelSwitch, Worker
from generation.requests import catalogue, kinds
from generation.requests.catalogue import Entry
from image2.lib.http.access import Caller, allow

if TYPE_CHECKING:
    from django_stubs_ext import StrOrPromise


class SwitchForm(forms.Form):
    # What was read on the page is what happens: a double click, or another's act meanwhile, turns nothing around.
    to = forms.ChoiceField(choices=[("off", "off"), ("on", "on")], widget=forms.HiddenInput)
    reason = forms.CharField(
        label=_("Reason for the audit log"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Kept with your name. People whose jobs wait read only that the model was switched off."),
    )


@dataclass(frozen=True)
class Held:
    """What one live worker says of a model."""

    worker: str
    state: StrOrPromise
    memory_mb: int | None
    error: str


@dataclass(frozen=True)
class Line:
    """A model in the table."""

    entry: Entry
    is_switched_off: bool
    held: list[Held]
    waiting: int
    seconds: str
    failed: Job | None
    # None for a model that isn't offered on /create/.
    example: Example | None
    lacks_example: bool

    @property
    def failure(self) -> str:
        return failures.sentence_of(self.failed) if self.failed else ""


@admin.register(ModelSwitch)
class CatalogueAdmin(ReadOnly):
    """The file decides what may run; here it is switched off while the site runs, never on against the file."""

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.models), name="generation_modelswitch_changelist"),
            path("<str:model>/switch/", view(self.switch), name="generation_modelswitch_switch"),
        ]

    @allow(Caller.STAFF)
    def models(self, request: HttpRequest) -> HttpResponse:
        """Every model: its state, what workers hold, its last error, seconds a picture, waiting jobs."""
        if not self.has_view_permission(request):
            raise Http404
        return self._page(request, {"title": _("Models"), "lines": _lines()})

    @allow(Caller.STAFF)
    def switch(self, request: HttpRequest, model: str) -> HttpResponse:
        """Ask for the reason, and switch a model that the file switches on off, or on again."""
        entry = next((entry for entry in catalogue.enabled() if entry.id == model), None)
        if entry is None or not request.user.has_perm("generation.change_modelswitch"):
            raise Http404
        if refusal := second_factor.asked_again(request):
            return refusal
        is_off = model in availability.switched_off()
        form = SwitchForm(request.POST or None, initial={"to": "on" if is_off else "off"})
        if request.method == "POST" and form.is_valid():
            _act(request, model, **form.cleaned_data)
            return redirect("admin:generation_modelswitch_changelist")
        title = _("Switch on again") if is_off else _("Switch off")
        context = {"title": title, "entry": entry, "form": form, "waiting": switching.waiting(model).count()}
        return self._page(
            request, context | {"is_off": is_off, "back": reverse("admin:generation_modelswitch_changelist")}
        )

    def _page(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        form = context.get("form")
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form is not None and form.errors else HTTPStatus.OK
        shown = {**self.admin_site.each_context(request), "opts": self.opts, **context}
        return render(request, "generation/admin_models.html", shown, status=status)


def _act(request: HttpRequest, model: str, *, to: str, reason: str) -> None:
    assert isinstance(request.user, User)  # nobody else passed admin_view
    if to == "on":
        switching.switch_on(actor=request.user, model=model, reason=reason)
        messages.success(request, _("It takes jobs again."))
        return
    given = switching.switch_off(actor=request.user, model=model, reason=reason)
    messages.success(request, _("It takes no more jobs. Waiting jobs given back: %(n)s.") % {"n": given})


def _lines() -> list[Line]:
    off = availability.switched_off()
    workers = list(Worker.objects.alive().order_by("name"))
    shown = examples.of(catalogue.drawing())
    return [_line(entry, off, workers, shown.get(entry.id)) for entry in catalogue.entries()]


def _line(entry: Entry, off: frozenset[str], workers: list[Worker], example: Example | None) -> Line:
    failed = Job.objects.filter(model=entry.id, state=Job.State.FAILED).defer("request")
    return Line(
        entry,
        entry.id in off,
        [_held(worker, worker.models[entry.id]) for worker in workers if entry.id in worker.models],
        switching.waiting(entry.id).count(),
        _seconds(entry),
        failed.order_by("-finished_at").first(),
        example,
        entry in catalogue.drawing() and example is None,
    )


def _held(worker: Worker, facts: dict[str, Any]) -> Held:
    state = facts.get("state", "")
    return Held(
        worker.name,
        availability.STATES.get(state, state),
        facts.get("memory_mb"),
        facts.get("error") or facts.get("example_error", ""),
    )


def _seconds(entry: Entry) -> str:
    """Of the last runs at 1K, as people's estimates take them; empty before there are enough.

    Of the first kind that it was asked for so often: a model that only edits draws no pictures from words.
    """
    for kind in filter(entry.can, kinds.KINDS):
        if pace := estimates.pace(entry.id, "1k", kind):
            return f"{pace.low:.1f}–{pace.high:.1f} s"
    return ""
