"""The Celery application: lanes, the broker without a server, and the beat's schedule."""

from __future__ import annotations

import os
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "image2.settings")

from django.conf import settings

from image2.lib.processes import liveness  # noqa: F401  (it listens to the signals of workers)
from image2.lib.processes.readiness import say_ready

app = Celery("image2")
app.set_default()
app.conf.update(
    task_ignore_result=True,
    # A message is only a notification: a lost one costs seconds, since the beat sends it again.
    task_acks_late=False,
    worker_prefetch_multiplier=1,
    task_default_queue="cpu",
    task_soft_time_limit=settings.JOB_SOFT_LIMIT_SECONDS,
    task_time_limit=settings.JOB_SOFT_LIMIT_SECONDS + 60,
    worker_soft_shutdown_timeout=20,
    # A pool process loads its model before it reports itself; Celery's 4 seconds would kill it for that.
    worker_proc_alive_timeout=180,
    worker_hijack_root_logger=False,
    worker_redirect_stdouts=False,
    broker_connection_retry_on_startup=True,
    timezone="UTC",
    task_routes={
        "generation.work": {"queue": "gpu"},
        "billing.*": {"queue": "billing"},
        "mail.*": {"queue": "mail"},
    },
    beat_schedule={
        name: {
            "task": name,
            "schedule": seconds,
            # Unread messages expire when the next one is sent.
            "options": {
                "expires": seconds,
                "queue": "billing" if name.startswith("billing.") else "cpu",
            },
        }
        for name, seconds in {
            "generation.sweep": settings.SWEEP_SECONDS,
            "generation.clean_up": 600,
            "generation.delete_objects": 60,
            "generation.expire_uploads": 3600,
            "generation.apply_retention": 3600,
            "generation.prepare_search": 60,
            "generation.index_search": 600,
            "generation.sweep_storage": 24 * 3600,
            "generation.reconcile": 3600,
            "accounts.sweep": 6 * 3600,
            "editor.sweep": settings.SWEEP_SECONDS,
            "editor.tidy": 600,
            "privacy.sweep": 600,
            "privacy.sweep_exports": settings.SWEEP_SECONDS,
            **(
                {"privacy.read_support_mail": settings.SUPPORT_IMAP_SECONDS}
                if settings.SUPPORT_IMAP_URL
                else {}
            ),
            "privacy.sweep_erasures": settings.SWEEP_SECONDS,
            "privacy.replay_erasures": 3600,
            "billing.expire": 3600,
            "billing.verify_ledger": 24 * 3600,
            "billing.reconcile": 24 * 3600,
            "billing.handle_events": 60,
            "billing.delete_customers": 600,
            "billing.delete_old_records": 24 * 3600,
            "billing.backfill": 3600,
        }.items()
    },
    beat_schedule_filename=str(settings.HOME / "beat-schedule"),
)
if settings.REDIS_URL:
    app.conf.update(
        broker_url=settings.REDIS_URL,
        # Far above any task: with a shorter one Redis delivers a message again while its task still runs.
        broker_transport_options={"visibility_timeout": 24 * 3600},
    )
else:
    folder = settings.HOME / "broker"
    app.conf.update(
        broker_url="filesystem://localhost",  # kombu warns in every process without a host
        # Ours, not kombu's: it survives a deleted folder and broken messages.
        broker_transport="image2.lib.folder_broker:Transport",
        broker_transport_options={
            # The same folder in and out: every process sends and receives.
            "data_folder_in": str(folder / "messages"),
            "data_folder_out": str(folder / "messages"),
            "control_folder": str(folder / "control"),
            "polling_interval": 0.1,
            "store_processed": False,
        },
    )
app.autodiscover_tasks()


@signals.worker_ready.connect
@signals.beat_init.connect
def _say_ready(**_: Any) -> None:
    say_ready()
