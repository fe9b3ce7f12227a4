"""The audit log, to read only."""

from __future__ import annotations

from typing import Any

from django.contrib import admin
from django.http import HttpRequest

from accounts.models import AuditLine


class ReadOnly(admin.ModelAdmin[Any]):
    """A table that staff may look at and nobody changes here."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnly):
    list_display = ("at", "actor_label", "action", "object_type", "object_id", "reason")
    list_filter = ("action", "at")
    search_fields = ("actor_label", "object_id", "reason")
    date_hierarchy = "at"
