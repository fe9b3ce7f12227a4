"""The operator's pages: versions of the policy, and deletions of accounts; support has its own in its room."""

from __future__ import annotations

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from privacy.erasure import stopping
from privacy.models import Erasure, PolicyVersion
from privacy.policy import publishing
from privacy.support.admin import CannedAnswerAdmin, TicketAdmin


@admin.register(PolicyVersion)
class PolicyVersionAdmin(admin.ModelAdmin[PolicyVersion]):
    list_display = ("version", "effective_at", "published_at", "requires_acceptance", "covers", "summary")
    fields = ("version", "effective_at", "summary", "requires_acceptance", "covers", "body", "published_at")
    readonly_fields = ("published_at",)
    list_filter = (("published_at", admin.EmptyFieldListFilter), "requires_acceptance")
    actions = ("publish",)

    def has_change_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        """A published text is what people accepted: it stays as it is."""
        return super().has_change_permission(request, obj) and not (obj and obj.published_at)

    def has_delete_permission(self, request: HttpRequest, obj: PolicyVersion | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not (obj is None or obj.published_at)

    @admin.action(description=_("Publish and notify everybody by e-mail"))
    def publish(self, request: HttpRequest, chosen: QuerySet[PolicyVersion]) -> None:
        for version in chosen:
            try:
                publishing.publish(version=version)
            except publishing.TooSoon as refusal:
                self.message_user(request, f"{version}: {refusal}", messages.ERROR)
            else:
                self.message_user(request, _("Version %(version)s is published.") % {"version": version})


@admin.register(Erasure)
class ErasureAdmin(ReadOnly):
    """Who left is named only while they can come back."""

    list_display = (
        "ordered_at",
        "state",
        "cause",
        "due_at",
        "finished_at",
        "receipt_sent_at",
        "payment",
        "waits",
    )
    list_display_links = None
    list_filter = (
        "state",
        "cause",
        "payment",
        "ordered_at",
        "due_at",
        ("receipt_sent_at", admin.EmptyFieldListFilter),
    )
    date_hierarchy = "ordered_at"
    search_fields = ("account_hash", "receipt_sha256")
    list_select_related = ("user",)
    ordering = ("-ordered_at",)

    @admin.display(description=_("waits for"))
    def waits(self, erasure: Erasure) -> str:
        if erasure.user is None or erasure.state != Erasure.State.CLOSED:
            return "–"
        if stopping.is_held(erasure.user):
            return str(_("a legal hold, or a notice of access"))
        return str(_("a worker")) if stopping.is_working(erasure.user) else "–"


__all__ = ["CannedAnswerAdmin", "ErasureAdmin", "PolicyVersionAdmin", "TicketAdmin"]
