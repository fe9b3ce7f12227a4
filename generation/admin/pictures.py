"""Pictures without peeking: sizes and dates for everybody on the staff, the picture itself only against a reason."""

from __future__ import annotations

import base64
import json
from http import HTTPStatus
from uuid import UUID

from django import forms
from django.contrib import admin
from django.core.files.storage import default_storage
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts import audit
from accounts.admin.audit import ReadOnly
from accounts.models import User
from generation.models import File, Picture
from image2.lib.access import Caller, allow


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        min_length=10,
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("For example the support ticket. Kept in the audit log, with your name."),
    )


@admin.register(Picture)
class PictureAdmin(ReadOnly):
    """A row's name is its prompt, so rows are never named here: no change page, no history page, no links by name."""

    list_display = ("id", "owner", "model", "width", "height", "created_at", "deleted_at", "glass")
    list_display_links = None
    list_filter = ("model", "created_at", "deleted_at")
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

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [
            path("", view(self.changelist_view), name="generation_picture_changelist"),
            path("<uuid:picture_id>/open/", view(self.break_glass), name="generation_picture_open"),
        ]

    @allow(Caller.STAFF)
    def break_glass(self, request: HttpRequest, picture_id: UUID) -> HttpResponse:
        """Ask why; write it down; show the picture in this one answer, under no address of its own."""
        if not self.has_view_permission(request):
            raise Http404
        picture = get_object_or_404(
            Picture.objects.select_related("owner").defer("prompt", "recipe"), pk=picture_id
        )
        form = ReasonForm(request.POST or None)
        context = {
            **self.admin_site.each_context(request),
            "form": form,
            "picture": picture,
            "opts": self.opts,
        }
        status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
        if request.method == "POST" and form.is_valid():
            assert isinstance(request.user, User)  # nobody else passed admin_view
            with transaction.atomic():
                audit.record(
                    actor=request.user,
                    action="picture.opened",
                    on=picture,
                    reason=form.cleaned_data["reason"],
                    subject_id=picture.owner_id,
                )
                recipe = json.dumps(picture.recipe, indent=2, ensure_ascii=False)
            context |= {"opened": True, "image": _as_data(picture), "recipe": recipe}
        return render(request, "generation/admin_picture.html", context, status=status)


def _as_data(picture: Picture) -> str:
    file = picture.files.filter(role=File.Role.THUMB_1024).first()
    if file is None:
        return ""
    with default_storage.open(file.key) as stored:
        return f"data:image/webp;base64,{base64.b64encode(stored.read()).decode()}"
