"""Django's registration of the site itself: its Celery application, system checks and template tags."""

from django.apps import AppConfig
from django.conf import settings

from image2.lib.observing import tracing


class SiteConfig(AppConfig):
    name = "image2"
    verbose_name = "Image 2"

    def ready(self) -> None:
        # Loaded so that Celery's ``current_app`` is ours in every process, not only in workers.
        import image2.celery
        import image2.checks  # noqa: F401  (registers the checks)

        if settings.OTEL_EXPORTER_OTLP_ENDPOINT:
            tracing.configure()
