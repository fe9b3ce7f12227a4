"""The beat's calls."""

from celery import shared_task

from accounts import retention


@shared_task(name="accounts.sweep")
def sweep() -> None:
    retention.sweep()
