"""Uploads in the admin: staff see sizes and dates, neither the picture nor the name that its owner gave the file."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from generation.models import Upload


@admin.register(Upload)
class UploadAdmin(ReadOnly):
    """A row is named after its file, so the admin never names a row, as with pictures."""

    list_display = ("id", "owner", "width", "height", "created_at", "deleted_at", "down")
    list_display_links = None
    list_filter = ("created_at", "deleted_at")
    search_fields = ("id", "owner__email")
    ordering = ("-created_at", "-id")
    show_full_result_count = False

    def get_queryset(self, request: HttpRequest) -> QuerySet[Upload]:
        return super().get_queryset(request).select_related("owner").defer("name")

    @admin.display(description=_("take down"))
    def down(self, upload: Upload) -> str | SafeString:
        if upload.taken_down_at:
            return str(_("taken down"))
        return format_html(
            '<a href="{}">{}</a>',
            reverse("admin:generation_takedown_take_upload", args=[upload.pk]),
            _("with a statement…"),
        )

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view
        return [path("", view(self.changelist_view), name="generation_upload_changelist")]
