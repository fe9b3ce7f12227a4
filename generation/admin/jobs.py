"""Jobs and workers: everything about the run, nothing of the request."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.admin.read_only import ReadOnly
from generation.jobs import failures
from generation.models import Job, Worker


@admin.register(Job)
class JobAdmin(ReadOnly):
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
    list_filter = ("state", "error_code", "model", "size", "lane", "created_at")
    search_fields = ("id", "owner__email")
    ordering = ("-created_at", "-id")
    show_full_result_count = False
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
    list_display = ("name", "lane", "device", "is_alive", "is_loading", "heartbeat_at", "started_at")
    list_filter = ("lane",)
    ordering = ("-heartbeat_at",)

    @admin.display(boolean=True, description=_("alive"))
    def is_alive(self, worker: Worker) -> bool:
        return worker.is_alive
