"""The beat's calls."""

from celery import shared_task

from privacy import publishing, retention


@shared_task(name="privacy.sweep")
def sweep() -> None:
    retention.sweep()
    publishing.send_notices()
