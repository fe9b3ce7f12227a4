"""The claim query: one statement takes the next job for a free worker, fairly between people, loading models seldom."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import connection
from django.db.models import Q, UUIDField
from django.db.models.functions import Now

from generation.models import Job
from generation.models.workers import SILENCE

# Jobs that have waited longer than this come first, so that nobody waits forever. Only a worker that has just loaded a
# model (`stays`) draws that model's jobs before them, for LONGEST_STAY_SECONDS at most.
AGING_SECONDS = 600
# Machine time that a person used within this span moves their next job back.
SERVED_SECONDS = 3600
# However slowly a model loads: a job isn't left to other workers for longer, nor put behind those of loaded models.
LONGEST_WAIT_SECONDS: Final = 60
LONGEST_STAY_SECONDS: Final = 120

_PARTS: Final = {
    "postgresql": {
        "now": "statement_timestamp()",
        "shift": "statement_timestamp() + %({})s * INTERVAL '1 second'",
        "waited": "EXTRACT(EPOCH FROM statement_timestamp() - job.created_at)",
        "least": "LEAST",
        "facts": "jsonb_each(worker.models) AS fact(key, value)",
        "state": "fact.value ->> 'state'",
        "load_seconds": "(fact.value ->> 'load_seconds')::double precision",
        "lacks": "fact.value -> 'lacks'",
        "each_lacking": "jsonb_array_elements_text(COALESCE(known.lacks, '[]'::jsonb)) AS lack(name)",
        "place_in": "STRPOS",
        "lock": "FOR UPDATE OF job SKIP LOCKED",
    },
    "sqlite": {
        "now": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now')",
        "shift": "STRFTIME('%%Y-%%m-%%d %%H:%%M:%%f', 'now', %({})s || ' seconds')",
        "waited": "(JULIANDAY('now') - JULIANDAY(job.created_at)) * 86400",
        "least": "MIN",
        "facts": "json_each(worker.models) AS fact",
        "state": "json_extract(fact.value, '$.state')",
        "load_seconds": "json_extract(fact.value, '$.load_seconds')",
        "lacks": "json_extract(fact.value, '$.lacks')",
        "each_lacking": "(SELECT value AS name FROM json_each(COALESCE(known.lacks, '[]'))) AS lack",
        "place_in": "INSTR",
        "lock": "",
    },
}
# `routes`: by model, what the rows of the workers say: whether this one holds it, or another that lives does; whether
# its files are missing here and are there elsewhere; how long it took to load.
# `needing`: the same for jobs that need files beside their model's own (a LoRA, weights for control pictures). A worker
# that lacks one of them can't draw them, even if it holds the model; each pair of model and files is looked at once.
# A worker that is loading holds nothing for young jobs yet, but the files on its disk it has.
# `waiting`: a young job is left to a worker that holds its model, and one without files here to those that have them.
# `comes_later`: jobs of loaded models go before it, for so long that the load is worth it.
# Only each person's oldest waiting job is a candidate, one of loaded models and one of others, so a thousand jobs of
# one person weigh as much as two.
# Two workers that ask at the same moment: PostgreSQL skips the row the other one has locked, and the next job of the
# same person is no candidate until the first claim has committed; SQLite has one writer at a time.
_CLAIM = """
WITH running AS (
    SELECT owner_id, COUNT(*) AS jobs FROM generation_job WHERE state = 'running' GROUP BY owner_id
), served AS (
    SELECT owner_id, SUM(gpu_seconds) AS seconds FROM generation_job
    WHERE gpu_seconds > 0 AND finished_at > {since_served} GROUP BY owner_id
), known AS (
    SELECT fact.key AS model, {state} AS state, {load_seconds} AS load_seconds, worker.is_loading AS is_loading,
      {lacks} AS lacks,
      CASE WHEN worker.name = %(worker)s THEN 1 ELSE 0 END AS is_mine
    FROM generation_worker AS worker, {facts}
    WHERE worker.lane = %(lane)s
      AND (worker.name = %(worker)s OR worker.heartbeat_at > {since_alive})
), routes AS (
    SELECT model,
      MAX(CASE WHEN is_mine = 1 AND state = 'loaded' THEN 1 ELSE 0 END) AS held,
      MAX(CASE WHEN is_mine = 0 AND state = 'loaded' AND NOT is_loading THEN 1 ELSE 0 END) AS elsewhere,
      MAX(CASE WHEN is_mine = 1 AND state = 'missing' THEN 1 ELSE 0 END) AS missing,
      MAX(CASE WHEN is_mine = 0 AND state <> 'missing' THEN 1 ELSE 0 END) AS able,
      COALESCE(MAX(load_seconds), 0) AS load_seconds
    FROM known GROUP BY model
), wanted AS (
    SELECT DISTINCT model, needs FROM generation_job
    WHERE state = 'queued' AND lane = %(lane)s AND needs <> ''
), able AS (
    SELECT wanted.model, wanted.needs, known.is_mine, known.state, known.is_loading,
      CASE WHEN known.state = 'missing' OR EXISTS (
        SELECT 1 FROM {each_lacking}
        WHERE {place_in}(' ' || wanted.needs || ' ', ' ' || lack.name || ' ') > 0
      ) THEN 0 ELSE 1 END AS can
    FROM wanted JOIN known ON known.model = wanted.model
), needing AS (
    SELECT model, needs,
      MAX(CASE WHEN is_mine = 0 AND can = 1 AND state = 'loaded' AND NOT is_loading THEN 1 ELSE 0 END) AS elsewhere,
      MAX(CASE WHEN is_mine = 1 AND can = 0 THEN 1 ELSE 0 END) AS missing,
      MAX(CASE WHEN is_mine = 0 AND can = 1 THEN 1 ELSE 0 END) AS able
    FROM able GROUP BY model, needs
), due AS (
    SELECT job.id, job.owner_id, job.created_at, job.attempts, {waited} AS waited,
      CASE WHEN routes.held = 1 OR job.model = %(taken)s THEN 1 ELSE 0 END AS held,
      COALESCE(CASE WHEN job.needs = '' THEN routes.elsewhere ELSE needing.elsewhere END, 0) AS elsewhere,
      COALESCE(
        CASE WHEN job.needs = '' THEN routes.missing * routes.able ELSE needing.missing * needing.able END, 0
      ) AS out_of_reach,
      {least}(COALESCE(routes.load_seconds, 0) * %(wait)s, %(longest_wait)s) AS wait,
      {least}(COALESCE(routes.load_seconds, 0) * %(stay)s, %(longest_stay)s) AS stay
    FROM generation_job AS job LEFT JOIN routes ON routes.model = job.model
    LEFT JOIN needing ON needing.model = job.model AND needing.needs = job.needs
    WHERE job.state = 'queued' AND job.lane = %(lane)s AND (job.not_before IS NULL OR job.not_before <= {now})
), waiting AS (
    SELECT id, waited,
      CASE WHEN held = 1 THEN 0 WHEN %(stays)s = 1 THEN 1
        WHEN waited < CASE WHEN elsewhere = 1 THEN stay ELSE wait END THEN 1 ELSE 0 END AS comes_later,
      ROW_NUMBER() OVER (PARTITION BY owner_id, held ORDER BY created_at, id) AS turn
    FROM due
    WHERE out_of_reach = 0 AND (held = 1 OR NOT (elsewhere = 1 AND attempts = 0 AND waited < wait))
), pick AS MATERIALIZED (
    SELECT job.id AS picked FROM generation_job AS job
    JOIN waiting ON waiting.id = job.id
    LEFT JOIN running ON running.owner_id = job.owner_id
    LEFT JOIN served ON served.owner_id = job.owner_id
    WHERE job.state = 'queued' AND waiting.turn = 1
      {restriction}
    ORDER BY
      waiting.comes_later,
      CASE WHEN waiting.waited > %(aging)s THEN 0 ELSE 1 END,
      CASE WHEN waiting.waited > %(aging)s THEN job.created_at END,
      COALESCE(running.jobs, 0),
      COALESCE(served.seconds, 0) / job.weight,
      job.weight DESC,
      job.created_at,
      job.id
    LIMIT 1 {lock}
)
UPDATE generation_job
SET state = 'running', fence = generation_job.fence + 1, lease_owner = %(worker)s, lease_until = {lease},
    started_at = {now}, not_before = NULL
FROM pick WHERE generation_job.id = pick.picked AND generation_job.state = 'queued'
RETURNING id
"""
# Jobs that may join the batch of jobs that were just claimed: the same batch key, no lost attempt (a job that lost one
# runs alone, so that a job which kills its worker takes no other down with it), at most so many pictures. A person gets
# a second job into the batch only when everybody who waits has one in it.
_SAME_BATCH = """
      AND job.batch_key = %(batch_key)s AND job.attempts = 0 AND job.count <= %(room)s
      AND (job.owner_id NOT IN ({owners}) OR NOT EXISTS (
        SELECT 1 FROM generation_job AS other
        WHERE other.state = 'queued' AND other.lane = job.lane AND other.owner_id NOT IN ({owners})
          AND (other.not_before IS NULL OR other.not_before <= {now})
      ))
"""


def claim(*, lane: str, worker: str, stays: bool = False) -> Job | None:
    """Take the next job of ``lane`` for ``worker``, leased and with a new fence; None when nothing waits for it.

    Order: people who waited longer than AGING_SECONDS, by age; then fewest running jobs of the person, least
    recent machine time (divided by the weight of their plan), plan weight, age. Before all that, for a while, jobs of
    models that this worker holds (see `comes_later`); past AGING_SECONDS only ``stays`` still puts those first.

    ``worker`` is the name of its row, which says which models it holds. A job whose model another worker holds is left
    to that one for JOB_WAIT_LOADS times what the model takes to load, at most LONGEST_WAIT_SECONDS. With ``stays``
    jobs of the models that this worker holds come first.
    """
    return _take(lane=lane, worker=worker, restriction="", stays=stays)


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
    people = [UUIDField().get_db_prep_value(pk, connection) for pk in {job.owner_id for job in taken}]
    owners = {f"owner{number}": pk for number, pk in enumerate(people)}
    restriction = _SAME_BATCH.format(
        owners=", ".join(f"%({name})s" for name in owners), now=_PARTS[connection.vendor]["now"]
    )
    return _take(
        lane=first.lane,
        worker=worker,
        restriction=restriction,
        taken=first.model,  # the worker is about to hold it
        batch_key=first.batch_key,
        room=room,
        **owners,
    )


def _take(
    *, lane: str, worker: str, restriction: str, stays: bool = False, **values: str | float
) -> Job | None:
    parts = _PARTS[connection.vendor]
    shift = parts["shift"]
    statement = _CLAIM.format(
        **parts,
        since_served=shift.format("served"),
        since_alive=shift.format("alive"),
        lease=shift.format("lease"),
        restriction=restriction,
    )
    parameters: dict[str, str | int | float] = {
        "taken": "",
        **values,
        "lane": lane,
        "worker": worker,
        "stays": int(stays),
        "wait": settings.JOB_WAIT_LOADS,
        "longest_wait": LONGEST_WAIT_SECONDS,
        "stay": settings.JOB_STAY_LOADS,
        "longest_stay": LONGEST_STAY_SECONDS,
        "served": -SERVED_SECONDS,
        "alive": -SILENCE.total_seconds(),
        "aging": AGING_SECONDS,
        "lease": settings.JOB_LEASE_SECONDS,
    }
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        row = cursor.fetchone()
    if row is None:
        return None
    return Job.objects.select_related("owner").get(pk=UUID(str(row[0])))


def has_waiting(lane: str) -> bool:
    """Return whether a job waits, so that another notification makes sense."""
    return Job.objects.filter(state=Job.State.QUEUED, lane=lane).exists()


def has_due(lane: str) -> bool:
    """Return whether a job could be claimed now: by another worker, where `claim` gave nothing to this one."""
    due = Q(not_before=None) | Q(not_before__lte=Now())
    return Job.objects.filter(due, state=Job.State.QUEUED, lane=lane).exists()
