"""A job: its row is the queue. Its state changes only here and in the claim query."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import timedelta
from typing import Any, ClassVar
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from generation.requests.request import GenerationRequest
from image2.lib.ids import new_id
from image2.lib.leases import Leased
from image2.lib.owned import OwnedQuerySet

_RETRY = "again-"


class JobQuerySet(OwnedQuerySet["Job"]):
    owner_path = "owner"

    def live(self) -> JobQuerySet:
        return self.filter(state__in=Job.LIVE)

    def lanes(self) -> Iterator[Mapping[str, Any]]:
        """Lane, state, number of jobs and the oldest one's time (`since`) of what is live.

        One query a state: SQLite finds each by its own index, and reads the whole table for both together.
        """
        for state in Job.LIVE:
            of_state = self.filter(state=state).values("lane", "state")
            yield from of_state.annotate(jobs=models.Count("*"), since=models.Min("created_at")).order_by(
                "lane"
            )

    def holding(self, fence: int) -> JobQuerySet:
        """The running job whose lease carries this fence: what every write of a worker goes through."""
        return self.filter(state=Job.State.RUNNING, fence=fence)

    def newest_first(self) -> JobQuerySet:
        return self.order_by("-created_at", "-id")


class Job(Leased):
    """One submitted request for one to four pictures, or for up to eight layers."""

    class Kind(models.TextChoices):
        TEXT_TO_IMAGE = "text_to_image", _("text to image")
        IMAGE_TO_IMAGE = "image_to_image", _("image to image")
        INPAINT = "inpaint", _("inpaint")
        OUTPAINT = "outpaint", _("outpaint")
        EDIT = "edit", _("edit")
        UPSCALE = "upscale", _("upscale")
        REMOVE_BACKGROUND = "remove_background", _("remove background")
        VARIATION = "variation", _("variation")
        LAYERS = "layers", _("layers")
        SEGMENT = "segment", _("select by click")

    class State(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("running")
        DONE = "done", _("done")
        FAILED = "failed", _("failed")
        CANCELLED = "cancelled", _("cancelled")

    LIVE = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="jobs")
    idempotency_key = models.CharField(max_length=80)
    kind = models.CharField(max_length=20, choices=Kind.choices)
    model = models.CharField(max_length=60)
    lane = models.CharField(max_length=30, default="gpu")
    size = models.CharField(max_length=4)
    request = models.JSONField()
    # Files beside the model's own, by name, with spaces between (`GenerationRequest.needs`).
    needs = models.CharField(max_length=80, blank=True, default="", db_default="")
    batch_key = models.CharField(max_length=200, blank=True)
    count = models.PositiveSmallIntegerField()
    price = models.PositiveIntegerField()
    weight = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=10, choices=State.choices, default=State.QUEUED)
    cancel_requested_at = models.DateTimeField(null=True, blank=True)
    error_code = models.CharField(max_length=40, blank=True)
    gpu_seconds = models.FloatField(default=0)
    # Seconds of each stage of the run that ended, for estimates: {"drawing": 3.1, "upscaling": 8.0}.
    stage_seconds = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    not_before = models.DateTimeField(null=True, blank=True)
    started_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    # When ``request`` was emptied, because the last picture was deleted or the person deleted the job.
    request_deleted_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[JobQuerySet] = JobQuerySet.as_manager()  # type: ignore[assignment]  # as_manager

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["owner", "idempotency_key"], name="job_once_per_key"),
            models.CheckConstraint(condition=Q(count__gte=1, count__lte=8), name="job_count_1_to_8"),
            models.CheckConstraint(
                condition=Q(state="running", lease_until__isnull=False)
                | (~Q(state="running") & Q(lease_until__isnull=True)),
                name="job_leased_only_while_running",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["queued", "running"], finished_at__isnull=True)
                | Q(state__in=["done", "failed", "cancelled"], finished_at__isnull=False),
                name="job_finished_when_ended",
            ),
            # A job that is done may have an error too: some of its pictures failed, and only the others were charged.
            models.CheckConstraint(
                condition=Q(state="done")
                | (Q(state="failed") & ~Q(error_code=""))
                | (~Q(state="failed") & Q(error_code="")),
                name="job_error_when_failed",
            ),
        ]
        indexes = [
            models.Index(fields=["owner", "-created_at", "-id"], name="job_newest"),
            models.Index(
                fields=["lane", "owner", "created_at", "id"], condition=Q(state="queued"), name="job_queued"
            ),
            models.Index(fields=["lease_until"], condition=Q(state="running"), name="job_running"),
            models.Index(fields=["finished_at"], condition=Q(gpu_seconds__gt=0), name="job_served"),
            models.Index(
                fields=["model", "size", "-finished_at"], condition=Q(state="done"), name="job_timings"
            ),
            models.Index(
                fields=["finished_at"],
                condition=Q(state__in=["failed", "cancelled"], request_deleted_at__isnull=True),
                name="job_made_nothing",
            ),
            # The operator's first page: how many a day, and why some failed, read from the indexes alone.
            models.Index(fields=["created_at", "state"], name="job_by_day"),
            models.Index(
                fields=["finished_at", "error_code"], condition=Q(state="failed"), name="job_failed"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.id}"

    @property
    def parsed_request(self) -> GenerationRequest:
        return GenerationRequest.from_json(self.request)

    @property
    def hold_ref(self) -> str:
        """The opaque reference under which billing knows this job."""
        return f"job:{self.id}"

    @property
    def is_live(self) -> bool:
        return self.state in self.LIVE

    @property
    def retry_key(self) -> str:
        """Return the idempotency key of a retry of this job: one new job however often the button is pressed."""
        return f"{_RETRY}{self.pk.hex}"

    @staticmethod
    def retried_by(key: str) -> UUID | None:
        """Return the job that the job with this idempotency key retries, or None."""
        try:
            return UUID(key.removeprefix(_RETRY)) if key.startswith(_RETRY) else None
        except ValueError:
            return None

    def request_cancel(self) -> bool:
        """Ask the worker to stop at its next step; return False when the job isn't running any more."""
        running = type(self).objects.filter(pk=self.pk, state=self.State.RUNNING)
        return bool(running.update(cancel_requested_at=Now()))

    def cancel_queued(self) -> bool:
        """Cancel a queued job; return False when it isn't queued any more."""
        waiting = type(self).objects.filter(pk=self.pk, state=self.State.QUEUED)
        return bool(waiting.update(state=self.State.CANCELLED, finished_at=Now(), not_before=None))

    def fail_queued(self, error_code: str) -> bool:
        """Fail a queued job; return False when it isn't queued any more."""
        waiting = type(self).objects.filter(pk=self.pk, state=self.State.QUEUED)
        failed = {"state": self.State.FAILED, "error_code": error_code}
        return bool(waiting.update(finished_at=Now(), not_before=None, **failed))

    def finish(self, state: State, *, error_code: str = "", **measured: object) -> bool:
        """Move the running job to its final state; return False when another worker has claimed it since."""
        held = type(self).objects.filter(pk=self.pk).holding(self.fence)
        return bool(
            held.update(
                state=state,
                error_code=error_code,
                finished_at=Now(),
                lease_owner="",
                lease_until=None,
                **measured,
            )
        )

    def end_expired(self, state: State, *, error_code: str = "") -> bool:
        """End a running job whose lease expired, counting the attempt; return False when it was renewed."""
        return self._take_expired(state=state, error_code=error_code, finished_at=Now())

    def requeue_expired(self) -> bool:
        """Requeue a running job whose lease expired, counting the attempt; return False when it was renewed."""
        return self._take_expired(state=self.State.QUEUED, started_at=None)

    def _take_expired(self, **changes: object) -> bool:
        # The fence is checked again: since we read the row, its worker may have renewed the lease or another one
        # claimed the job. It is also raised, so that a worker that comes back late can't write any more.
        expired = type(self).objects.filter(pk=self.pk, lease_until__lt=Now()).holding(self.fence)
        changes |= {"attempts": F("attempts") + 1, "fence": F("fence") + 1}
        return bool(expired.update(lease_owner="", lease_until=None, **changes))

    def release(self) -> bool:
        """Requeue the running job without counting an attempt; return False when another worker has it."""
        return self._requeue()

    def retry(self, *, delay_seconds: float = 0) -> bool:
        """Requeue the running job after a fault, counting the attempt; return False when another worker has it."""
        later = Now() + timedelta(seconds=delay_seconds) if delay_seconds else None
        return self._requeue(attempts=F("attempts") + 1, not_before=later)

    def _requeue(self, **changes: object) -> bool:
        held = type(self).objects.filter(pk=self.pk).holding(self.fence)
        return bool(
            held.update(state=self.State.QUEUED, lease_owner="", lease_until=None, started_at=None, **changes)
        )


class JobProgress(models.Model):
    """The progress of a live job; a table of its own, so that a step doesn't rewrite the job's row."""

    job = models.OneToOneField(Job, primary_key=True, on_delete=models.CASCADE, related_name="progress")
    # Grows with every change a watcher should see; it is the id of the event for that change.
    revision = models.PositiveBigIntegerField(default=1)
    stage = models.CharField(max_length=20, blank=True)
    step = models.PositiveIntegerField(default=0)
    of = models.PositiveIntegerField(default=0)
    picture = models.PositiveSmallIntegerField(default=0)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        indexes = [models.Index(fields=["updated_at"], name="progress_updated")]

    def __str__(self) -> str:
        return f"{self.stage} {self.step}/{self.of}"

    @classmethod
    def touch(cls, job_id: object, **changes: object) -> None:
        """Record a change that watchers should see, without reading the row first."""
        cls.objects.filter(pk=job_id).update(revision=F("revision") + 1, updated_at=Now(), **changes)


class JobPreview(models.Model):
    """The newest preview of one picture of a live job: a small WebP, decoded from its own latents."""

    job = models.ForeignKey(Job, on_delete=models.CASCADE, related_name="previews")
    index = models.PositiveSmallIntegerField()
    # Counts the previews of this picture: each has an address of its own, so that a browser shows the newest.
    number = models.PositiveIntegerField(default=1)
    image = models.BinaryField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["job", "index"], name="preview_once_per_picture")]

    def __str__(self) -> str:
        return f"{self.job_id} {self.index}: {self.number}"
