"""Django's registration of the app."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        from accounts import policies as accepted
        from privacy import first_policy, policies

        accepted.register(policies.current_version)
        post_migrate.connect(first_policy.ensure_after_migrate, sender=self)
