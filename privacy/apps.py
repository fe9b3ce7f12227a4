"""Django's registration of the app."""

from django.apps import AppConfig


class PrivacyConfig(AppConfig):
    name = "privacy"
    verbose_name = "Privacy"

    def ready(self) -> None:
        from accounts import policies as accepted
        from privacy import policies

        accepted.register(policies.current_version)
