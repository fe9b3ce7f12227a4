"""Django's registration of the app, and the vendors' signals that start one of its use cases."""

from __future__ import annotations

from typing import Any

from django.apps import AppConfig
from django.contrib import messages
from django.db import connections
from django.db.models.signals import post_migrate


class BillingConfig(AppConfig):
    name = "billing"
    verbose_name = "Billing"

    def ready(self) -> None:
        from allauth.account.signals import email_confirmed

        from billing import checks  # noqa: F401  (the checks register themselves)
        from billing.ledger import meanings
        from billing.purchases import ledger_lines

        meanings.register("stripe", ledger_lines.explain)

        post_migrate.connect(_keep_the_ledger, sender=self, dispatch_uid="billing.ledger.triggers")
        email_confirmed.connect(_welcome, dispatch_uid="billing.gifts.welcome")


def _keep_the_ledger(*, using: str, **_signal: Any) -> None:
    from billing.ledger import triggers

    connection = connections[using]
    if "billing_entry" in connection.introspection.table_names():  # not when only an older migration was run
        triggers.ensure(connection)


def _welcome(*, email_address: Any, request: Any = None, **_signal: Any) -> None:
    from accounts.sign_in import velocity
    from billing.gifts import welcome

    network = velocity.network_of(request) if request is not None else ""
    try:
        welcome.welcome(user=email_address.user, email=email_address.email, network=network)
    except welcome.HadThem:
        pass  # a further address: nobody expects more
    except welcome.NotWelcomed as why:
        if request is not None:
            messages.info(request, str(why), fail_silently=True)
