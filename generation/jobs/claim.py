"""The claim query: one statement takes the next job for a free worker, fairly between people."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import UUIDField

from generation.models import Job

# Jobs that have waited longer than this come first, whatever else the order says: nobody waits forever.
AGING_SECONDS = 600
# Machine time that a person used within this span moves their next job back.
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
      {restriction}
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
# Jobs that may join the batch of jobs that were just claimed: the same batch key, no lost attempt (a job that lost one
# runs alone, so that a job which kills its worker takes no other down with it), at most so many pictures. A person gets
# a second job into the batch only when everybody who waits has one in it.
_SAME_BATCH = """
      AND job.batch_key = %s AND job.attempts = 0 AND job.count <= %s
      AND (job.owner_id NOT IN ({owners}) OR NOT EXISTS (
        SELECT 1 FROM generation_job AS other
        WHERE other.state = 'queued' AND other.lane = job.lane AND other.owner_id NOT IN ({owners})
          AND (other.not_before IS NULL OR other.not_before <= {now})
      ))
"""


def claim(*, lane: str, worker: str) -> Job | None:
    """Take the next job of ``lane`` for ``worker``, leased and with a new fence; None when nothing waits.

    Order: people who waited longer than AGING_SECONDS, by age; then fewest running jobs of the person, least
    recent machine time (divided by the weight of their plan), plan weight, age.
    """
    return _take(lane=lane, worker=worker, restriction="", parameters=())


def claim_batch(first: Job, *, worker: str, pictures: int) -> list[Job]:
    """Claim jobs that can share the batch of ``first``, fairly and in order.

    ``pictures`` is the limit for the whole batch, those of ``first`` included. Each job has its own lease and fence. A
    job with a lost attempt is never batched.
    """
    taken = [first]
    while first.batch_key and not first.attempts:
        room = pictures - sum(job.count for job in taken)
        if room < 1 or (job := _take_for_batch(taken, worker=worker, room=room)) is None:
            break
        taken.append(job)
    return taken[1:]


def _take_for_batch(taken: Sequence[Job], *, worker: str, room: int) -> Job | None:
    first = taken[0]
    # As the column stores it: 32 digits in SQLite, a uuid in PostgreSQL.
    owners = [UUIDField().get_db_prep_value(pk, connection) for pk in {job.owner_id for job in taken}]
    restriction = _SAME_BATCH.format(owners=", ".join(["%s"] * len(owners)), now=_NOW[connection.vendor])
    return _take(
        lane=first.lane,
        worker=worker,
        restriction=restriction,
        parameters=(first.batch_key, room, *owners, *owners),
    )


def _take(*, lane: str, worker: str, restriction: str, parameters: Sequence[object]) -> Job | None:
    vendor = connection.vendor
    shift = _SHIFT[vendor]
    statement = _CLAIM.format(
        now=_NOW[vendor],
        since_served=shift,
        since_aged=shift,
        lease=shift,
        restriction=restriction,
        lock="FOR UPDATE OF job SKIP LOCKED" if vendor == "postgresql" else "",
    )
    values = (
        *(-SERVED_SECONDS, lane, *parameters, -AGING_SECONDS, -AGING_SECONDS),
        *(worker, settings.JOB_LEASE_SECONDS),
    )
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
        row = cursor.fetchone()
    if row is None:
        return None
    return Job.objects.select_related("owner").get(pk=UUID(str(row[0])))


def has_waiting(lane: str) -> bool:
    """Return whether a job waits, so that another notification makes sense."""
    return Job.objects.filter(state=Job.State.QUEUED, lane=lane).exists()
