"""The claim query: which job a free worker takes next, taken in one statement, fair between people."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import connection

from generation.models import Job

# Who has waited longer than this goes first, whatever the order says: nobody waits for ever.
AGING_SECONDS = 600
# Machine time handed out in this span counts against a person who asks for more.
SERVED_SECONDS = 3600

_NOW = {"postgresql": "statement_timestamp()", "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')"}
_SHIFT = {
    "postgresql": "statement_timestamp() + %s * INTERVAL '1 second'",
    "sqlite": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %s || ' seconds')",
}
# Only each person's oldest waiting job is a candidate, so a thousand jobs of one person weigh as much as one.
# Two workers that ask at the same moment: PostgreSQL skips the row the other one has locked, and the next job of the
# same person is no candidate until the first claim has committed; SQLite has one writer at a time.
_CLAIM = """
WITH running AS (
    SELECT owner_id, COUNT(*) AS jobs FROM generation_job WHERE state = 'running' GROUP BY owner_id
), served AS (
    SELECT owner_id, SUM(gpu_seconds) AS seconds FROM generation_job
    WHERE gpu_seconds > 0 AND finished_at > {since_served} GROUP BY owner_id
), pick AS MATERIALIZED (
    SELECT job.id AS picked FROM generation_job AS job
    LEFT JOIN running ON running.owner_id = job.owner_id
    LEFT JOIN served ON served.owner_id = job.owner_id
    WHERE job.state = 'queued' AND job.lane = %s AND (job.not_before IS NULL OR job.not_before <= {now})
      AND NOT EXISTS (
        SELECT 1 FROM generation_job AS older
        WHERE older.state = 'queued' AND older.lane = job.lane AND older.owner_id = job.owner_id
          AND (older.not_before IS NULL OR older.not_before <= {now})
          AND (older.created_at, older.id) < (job.created_at, job.id)
      )
    ORDER BY
      CASE WHEN job.created_at < {since_aged} THEN 0 ELSE 1 END,
      CASE WHEN job.created_at < {since_aged} THEN job.created_at END,
      COALESCE(running.jobs, 0),
      COALESCE(served.seconds, 0) / job.weight,
      job.weight DESC,
      job.created_at,
      job.id
    LIMIT 1 {lock}
)
UPDATE generation_job
SET state = 'running', fence = generation_job.fence + 1, lease_owner = %s, lease_until = {lease}, started_at = {now},
    not_before = NULL
FROM pick WHERE generation_job.id = pick.picked AND generation_job.state = 'queued'
RETURNING id
"""


def claim(*, lane: str, worker: str) -> Job | None:
    """Take the next job of ``lane`` for ``worker``, leased and with a new fence; None when nothing waits.

    Order: people who waited longer than AGING_SECONDS, by age; then fewest running jobs of the person, least
    machine time lately (divided by the weight of their plan), plan weight, age.
    """
    vendor = connection.vendor
    shift = _SHIFT[vendor]
    statement = _CLAIM.format(
        now=_NOW[vendor],
        since_served=shift,
        since_aged=shift,
        lease=shift,
        lock="FOR UPDATE OF job SKIP LOCKED" if vendor == "postgresql" else "",
    )
    parameters = (
        *(-SERVED_SECONDS, lane, -AGING_SECONDS, -AGING_SECONDS),
        *(worker, settings.JOB_LEASE_SECONDS),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    return Job.objects.select_related("owner").get(pk=UUID(str(row[0])))


def has_waiting(lane: str) -> bool:
    """Whether another bell is worth ringing."""
    return Job.objects.filter(state=Job.State.QUEUED, lane=lane).exists()
