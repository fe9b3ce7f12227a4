"""The audit log, read-only."""

from __future__ import annotations

from django.contrib import admin

from accounts.admin.read_only import ReadOnly
from accounts.models import AuditLine


@admin.register(AuditLine)
class AuditLineAdmin(ReadOnly):
    list_display = ("at", "actor_label", "action", "object_type", "object_id", "reason")
    list_filter = ("action", "at")
    search_fields = ("actor_label", "object_id", "reason")
    date_hierarchy = "at"
