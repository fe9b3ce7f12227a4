"""Pictures in the admin: staff see sizes and dates; they see the picture itself only after giving a reason."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import known
from accounts.admin.read_only import ReadOnly
from accounts.models import StaffAccess, User
from accounts.staff import access as staff_access
from accounts.staff import second_factor
from generation.files import storing
from generation.models import File, Picture
from generation.requests import catalogue
from image2.lib.http.access import Caller, allow


class ReasonForm(forms.Form):
    ground = forms.ChoiceField(
        label=_("Reason shown to the owner"),
        choices=StaffAccess.Ground.choices,
        help_text=_("The owner gets an e-mail with this sentence, and sees it on the site."),
    )
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "For example the support ticket. Kept in the audit log, with your name; the owner does not see it."
        ),
    )
    hold = forms.CharField(
        label=_("Legal hold"),
        min_length=10,
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_(
            "Only where the law forbids notifying the owner: which order or paragraph. They are notified when the "
            "hold is lifted, under “Accesses by staff”. Leave it empty otherwise."
        ),
    )

    def __init__(self, *args: Any, may_hold: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not may_hold:
            del self.fields["hold"]


@admin.register(Picture)
class PictureAdmin(ReadOnly):
    """A row's name is its prompt, so the admin never names a row: no change page, no history page, no links by name."""

    list_display = ("id", "owner", "model", "width", "height", "created_at", "deleted_at", "glass", "down")
    list_display_links = None
    list_filter = (
        known("model", _("model"), lambda: [(entry.id, entry.label) for entry in catalogue.entries()]),
        "created_at",
        "deleted_at",
    )
    search_fields = ("id", "owner__email")
    ordering = ("-created_at", "-id")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Picture]:
        return super().get_queryset(request).select_related("owner").defer("prompt", "recipe")

    @admin.display(description=_("open"))
    def glass(self, picture: Picture) -> SafeString:
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:generation_picture_open", args=[picture.pk]),
            _("with a reason…"),
        )

    @admin.display(description=_("take down"))
    def down(self, picture: Picture) -> str | SafeString:
        if picture.taken_down_at:
            return str(_("taken down"))
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:generation_takedown_take", args=[picture.pk]),
            _("with a statement…"),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="generation_picture_changelist"),
            path("<uuid:picture_id>/open/", view(self.break_glass), name="generation_picture_open"),
        ]

    @allow(Caller.STAFF)
    def break_glass(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """Ask for a reason, log it, and show the picture in this response only; it gets no URL of its own."""
        if not self.has_view_permission(request):
            raise Http404
        if asked := second_factor.asked_again(request):
            return asked
        picture = get_object_or_404(
            Picture.objects.select_related("owner").defer("prompt", "recipe"), pk=picture_id
        )
        form = ReasonForm(request.POST or None, may_hold=request.user.is_superuser)
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "picture": picture,
            "opts": self.opts,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        if request.method == "POST" and form.is_valid():
            assert isinstance(request.user, User)  # nobody else passed admin_view
            access = staff_access.record(
                actor=request.user,
                on=picture,
                person=picture.owner,
                ground=form.cleaned_data["ground"],
                reason=form.cleaned_data["reason"],
                hold_because=form.cleaned_data.get("hold", ""),
            )
            recipe = json.dumps(picture.recipe, indent=2, ensure_ascii=False)
            context |= {"opened": access, "image": _as_data(picture), "recipe": recipe}
        return render(request, "generation/admin_picture.html", context, status=status)


def _as_data(picture: Picture) -> str:
    file = picture.files.filter(role=File.Role.THUMB_1024).first()
    if file is None:
        return ""
    try:
        with default_storage.open(file.key) as stored:
            return f"data:image/webp;base64,{base64.b64encode(stored.read()).decode()}"
    except storing.ObjectMissing:
        return ""
