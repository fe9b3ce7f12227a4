"""``/metrics`` for Prometheus: the queue and its workers, read from the tables, the same from every process."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Count
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric

from generation.models import Job, StorageDeletion, Worker
from image2.lib.http.access import Caller, allow
from image2.website import monitoring


@allow(Caller.MACHINE)
def metrics(request: HttpRequest) -> HttpResponse:
    """The metrics, for requests with ``Authorization: Bearer METRICS_TOKEN``; 404 for all others."""
    if not monitoring.bears_token(request):
        raise Http404
    registry = CollectorRegistry()
    registry.register(_Tables())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


class _Tables:
    """Asks the database when it is scraped; nothing is counted in memory, where only one process would see it."""

    def collect(self) -> Iterator[Metric]:
        depth = GaugeMetricFamily("image2_jobs", "Live jobs", labels=["lane", "state"])
        oldest = GaugeMetricFamily(
            "image2_oldest_queued_seconds", "Age of the oldest waiting job", labels=["lane"]
        )
        for row in Job.objects.lanes():
            depth.add_metric([row["lane"], row["state"]], row["jobs"])
            if row["state"] == Job.State.QUEUED:
                oldest.add_metric([row["lane"]], (timezone.now() - row["since"]).total_seconds())
        workers = GaugeMetricFamily("image2_workers", "Workers heard within a minute", labels=["lane"])
        alive = Worker.objects.alive().values("lane").annotate(workers=Count("pk"))
        for lane in alive.order_by("lane"):
            workers.add_metric([lane["lane"]], lane["workers"])
        outbox = GaugeMetricFamily("image2_storage_deletions", "Objects that wait to be deleted from storage")
        outbox.add_metric([], StorageDeletion.objects.count())
        return iter([depth, oldest, workers, outbox])
