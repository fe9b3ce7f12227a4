"""Take-downs in the admin: a picture or upload is made unreachable with a statement for its owner, and brought back."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from accounts.models import User
from accounts.staff import second_factor
from generation import copies
from generation.models import Lineage, Picture, TakeDown, Upload
from generation.pictures import take_downs
from image2.lib.http.access import Caller, allow


def _reason(help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=_("Reason for the audit log"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=help_text,
    )


class TakeDownForm(forms.Form):
    ground = forms.ChoiceField(label=_("Reason shown to the owner"), choices=TakeDown.Ground.choices)
    statement = forms.CharField(
        label=_("Statement for the owner"),
        min_length=20,
        max_length=3000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_(
            "What it shows, which law or right it breaks, and what made us look. Never name who reported "
            "it. The owner gets it by e-mail, with how to appeal."
        ),
    )
    reason = _reason(_("For example the report's number. Kept with your name; the owner does not see it."))


class LiftForm(forms.Form):
    reason = _reason(_("Why the decision was wrong, for example after an appeal. Kept with your name."))


@admin.register(TakeDown)
class TakeDownAdmin(ReadOnly):
    list_display = (
        "taken_at",
        "kind",
        "number",
        "person",
        "ground",
        "lifted_at",
        "notified_at",
        "bring_back",
    )
    list_display_links = None
    list_filter = (
        "ground",
        ("lifted_at", admin.EmptyFieldListFilter),
        ("notified_at", admin.EmptyFieldListFilter),
    )
    date_hierarchy = "taken_at"
    search_fields = ("picture_id", "upload_id", "person__email")
    ordering = ("-taken_at",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[TakeDown]:
        return super().get_queryset(request).select_related("person")

    @admin.display(description=_("of"))
    def kind(self, decision: TakeDown) -> str:
        return str(_("upload") if decision.upload_id else _("picture"))

    @admin.display(description=_("number"))
    def number(self, decision: TakeDown) -> str:
        return str(decision.thing_id)

    @admin.display(description=_("lift"))
    def bring_back(self, decision: TakeDown) -> str | SafeString:
        if decision.lifted_at:
            return ""
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:generation_takedown_lift", args=[decision.pk]),
            _("with a reason…"),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="generation_takedown_changelist"),
            path("of/<uuid:picture_id>/", view(self.take_down), name="generation_takedown_take"),
            path(
                "of-upload/<uuid:upload_id>/",
                view(self.take_upload_down),
                name="generation_takedown_take_upload",
            ),
            path("<uuid:decision_id>/lift/", view(self.lift), name="generation_takedown_lift"),
        ]

    @allow(Caller.STAFF)
    def take_down(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """Ask for the ground, the statement and the reason, and make the picture unreachable."""
        picture = get_object_or_404(
            Picture.objects.select_related("owner").defer("prompt", "recipe"), pk=picture_id
        )
        return self._take(request, picture, {"title": _("Take a picture down")})

    @allow(Caller.STAFF)
    def take_upload_down(self, request: HttpRequest, upload_id: UUID) -> HttpResponse:
        """The same for an upload. What was made from it are pictures of their own."""
        upload = get_object_or_404(Upload.objects.select_related("owner").defer("name"), pk=upload_id)
        made = Lineage.objects.filter(upload=upload).values("child").distinct().count()
        return self._take(request, upload, {"title": _("Take an upload down"), "made": made})

    def _take(self, request: HttpRequest, on: Picture | Upload, context: dict[str, Any]) -> HttpResponse:
        form = TakeDownForm(request.POST or None)
        if refusal := self._refusal(request):
            return refusal
        if request.method == "POST" and form.is_valid():
            try:
                take_downs.take_down(actor=_staff(request), on=on, **form.cleaned_data)
            except take_downs.AlreadyDown:
                messages.warning(request, _("It is taken down already."))
            else:
                messages.success(request, _("Nobody reaches it any more. Its owner will get an e-mail."))
            return redirect("admin:generation_takedown_changelist")
        kind = "upload" if isinstance(on, Upload) else "picture"
        held = copies.of(user=on.owner, reference=f"{kind}:{on.pk}")
        return self._page(request, form, {"thing": on, "copies": len(held), **context})

    @allow(Caller.STAFF)
    def lift(self, request: HttpRequest, decision_id: UUID) -> HttpResponse:
        """Ask for the reason, and bring the picture or upload back."""
        decision = get_object_or_404(TakeDown.objects.in_force(), pk=decision_id)
        form = LiftForm(request.POST or None)
        if refusal := self._refusal(request):
            return refusal
        if request.method == "POST" and form.is_valid():
            try:
                take_downs.lift(actor=_staff(request), decision=decision, reason=form.cleaned_data["reason"])
            except take_downs.NotDown:
                messages.warning(request, _("This decision was lifted already."))
            except take_downs.Gone:
                messages.error(request, _("It was deleted in the meantime, so it can't be brought back."))
            else:
                messages.success(request, _("It is back. Its owner will get an e-mail."))
            return redirect("admin:generation_takedown_changelist")
        return self._page(request, form, {"title": _("Bring it back"), "decision": decision})

    def _refusal(self, request: HttpRequest) -> HttpResponse | None:
        if not request.user.has_perm("generation.add_takedown"):
            raise Http404
        return second_factor.asked_again(request)

    def _page(self, request: HttpRequest, form: forms.Form, context: dict[str, Any]) -> HttpResponse:
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        shown = {**self.admin_site.each_context(request), "form": form, "opts": self.opts, **context}
        return render(request, "generation/admin_take_down.html", shown, status=status)


def _staff(request: HttpRequest) -> User:
    assert isinstance(request.user, User)  # nobody else passed admin_view
    return request.user
