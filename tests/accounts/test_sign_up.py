"""Signing up: name, address, password, policy, code."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from django.core import mail
from django.test import Client

from accounts.models import User
from privacy import policies
from tests.accounts.mails import code_in

pytestmark = pytest.mark.django_db
SIGN_UP, CONFIRM = "/accounts/signup/", "/accounts/confirm-email/"


def answers(**changed: str) -> dict[str, str]:
    return {
        "name": "Dana",
        "email": "dana@example.test",
        "password1": "a sea of green bottles",
        "policy": "on",
        "policy_version": policies.current_version(),
        "telephone": "",
        **changed,
    }


def errors_of(response: Any) -> dict[str, list[str]]:
    form = response.context["form"]
    return {name: [str(error) for error in errors] for name, errors in form.errors.items()}


def test_a_person_signs_up_and_confirms_with_the_code_from_the_mail(client: Client) -> None:
    assert client.post(SIGN_UP, answers()).headers["Location"] == CONFIRM
    assert mail.outbox[0].to == ["dana@example.test"]

    response = client.post(CONFIRM, {"code": code_in(mail.outbox[0])})

    assert response.status_code == HTTPStatus.FOUND
    user = User.objects.get(email="dana@example.test")
    assert client.session["_auth_user_id"] == str(user.pk)
    assert user.name == "Dana"
    assert EmailAddress.objects.get(user=user).verified
