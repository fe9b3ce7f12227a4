"""Django's registration of the app."""

from django.apps import AppConfig


class AccountsConfig(AppConfig):
    name = "accounts"
    verbose_name = "Accounts"

    def ready(self) -> None:
        import accounts.signals  # noqa: F401  (connects the receivers)
