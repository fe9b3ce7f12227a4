"""Django's registration of the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        from accounts.people import closing
        from accounts.people import policies as accepted
        from accounts.usage import labels
        from generation.files import storing
        from privacy.erasure import ordering
        from privacy.export import queue, sharing
        from privacy.policy import shipped, versions
        from privacy.support import attachments, checks  # noqa: F401  (the checks register themselves)
        from privacy.usage import words

        labels.register(words.value)
        accepted.register(versions.current_version, in_force=versions.in_force)
        closing.register(ordering.order_by_operator, withdraw=ordering.withdraw)
        storing.keep_published(queue.published)
        storing.keep_published(attachments.published)
        sharing.register()
        post_migrate.connect(shipped.ensure_after_migrate, sender=self)
