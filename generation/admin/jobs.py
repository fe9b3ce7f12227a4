"""Jobs and workers: everything about the run, nothing of the request."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.lists import WithTotals, known
from accounts.admin.read_only import ReadOnly
from generation.jobs import failures
from generation.models import Job, StorageDeletion, Worker
from generation.requests import catalogue
from generation.requests.sizes import SIZES


@admin.register(Job)
class JobAdmin(WithTotals):
    """The request holds the prompt, which is private, so it is never shown here."""

    list_display = (
        "id",
        "state",
        "error_code",
        "kind",
        "model",
        "size",
        "count",
        "price",
        "owner",
        "created_at",
        "took",
    )
    list_filter = (
        "state",
        known("error_code", _("cause"), lambda: [(code, failures.label(code)) for code in failures.Failure]),
        known("model", _("model"), lambda: [(entry.id, entry.label) for entry in catalogue.entries()]),
        known("size", _("size"), lambda: [(size, size.upper()) for size in SIZES]),
        known("lane", _("lane"), lambda: [(lane, lane) for lane in ("gpu", "cpu")]),
        "created_at",
        "finished_at",
    )
    totals = {
        "count": _("pictures asked for"),
        "price": _("price in credits"),
        "gpu_seconds": _("GPU seconds"),
    }
    search_fields = ("id", "owner__email")
    ordering = ("-created_at", "-id")
    fields = (
        ("id", "owner"),
        ("state", "said"),
        ("kind", "model", "size", "count", "price", "lane"),
        ("created_at", "started_at", "finished_at", "not_before"),
        ("attempts", "fence", "lease_owner", "lease_until", "cancel_requested_at"),
        ("gpu_seconds", "stage_seconds"),
    )
    readonly_fields = ("said",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Job]:
        return super().get_queryset(request).select_related("owner").defer("request")

    @admin.display(description=_("message to its owner"))
    def said(self, job: Job) -> str:
        return failures.sentence_of(job) or "–"

    @admin.display(description=_("took"))
    def took(self, job: Job) -> str:
        if job.started_at is None:
            return "–"
        return f"{((job.finished_at or timezone.now()) - job.started_at).total_seconds():.1f} s"


@admin.register(Worker)
class WorkerAdmin(ReadOnly):
    list_display = (
        "name",
        "lane",
        "device",
        "models_held",
        "is_alive",
        "is_loading",
        "heartbeat_at",
        "started_at",
    )
    list_filter = ("lane",)
    ordering = ("-heartbeat_at",)

    @admin.display(description=_("models in memory"))
    def models_held(self, worker: Worker) -> str:
        return ", ".join(worker.held)

    @admin.display(boolean=True, description=_("alive"))
    def is_alive(self, worker: Worker) -> bool:
        return worker.is_alive


@admin.register(StorageDeletion)
class StorageDeletionAdmin(ReadOnly):
    """Without their names, which lead to the stored bytes."""

    list_display = ("due_at", "attempts", "created_at")
    list_display_links = None
    ordering = ("due_at",)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.changelist_view)
        return [path("", view, name="generation_storagedeletion_changelist")]
