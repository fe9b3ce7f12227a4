"""The operator's first page shows what a mail server refused, and how the last comparisons ended."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.core.mail.backends import locmem

from accounts.models import User
from billing.ledger import verification
from generation.jobs import reconciliation
from image2.lib.mail import messages
from tests.generation.web.makers import make_job
from tests.pages.test_operators_page import nothing_remembered, value

__all__ = ["nothing_remembered"]

pytestmark = pytest.mark.django_db


def test_a_mail_that_no_server_takes_is_counted(alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(_self: object, _messages: object) -> int:
        raise ConnectionRefusedError

    monkeypatch.setattr(locmem.EmailBackend, "send_messages", refuse)

    assert not messages.send_letter("support_deadlines", alice.email, "s", {"tickets": []})
    assert value("Mails that no server took") == "1 !"


def test_comparisons_leave_their_result(alice: User) -> None:
    verification.verify()
    make_job(alice)  # without a hold, which is a defect
    reconciliation.reconcile(settled=timedelta(0))

    assert value("The ledger against itself") == "Agrees"
    assert value("Held credits against jobs") == "1 differ !"
