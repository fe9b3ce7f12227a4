"""The privacy policy: which version holds, which one is coming, who has to accept it, and how a text is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.http import HttpRequest
from django.utils.safestring import SafeString

from accounts.models import PolicyAcceptance, User
from image2.lib import markdown
from privacy.models import PolicyVersion

_ACCEPTED_KEY = "accepted_policy"


class NoPolicyInForce(Exception):
    """No published version has taken effect; the first one comes with the migrations."""


def current() -> PolicyVersion:
    """Return the version in force now."""
    version = PolicyVersion.objects.in_force().first()
    if version is None:
        raise NoPolicyInForce
    return version


def current_version() -> str:
    return current().version


def version_before(version: PolicyVersion) -> PolicyVersion | None:
    """Return the published version that this one replaced."""
    return PolicyVersion.objects.published().filter(effective_at__lt=version.effective_at).first()


def must_accept(request: HttpRequest) -> PolicyVersion | None:
    """Return the version this signed-in person has to accept before they go on, or None.

    That is the newest version in force that requires it, unless they accepted it or any version after it (every
    person accepts one at sign-up). The answer is remembered in the session, so that most requests ask nothing.
    """
    assert isinstance(request.user, User)
    required = PolicyVersion.objects.in_force().filter(requires_acceptance=True).first()
    if required is None or request.session.get(_ACCEPTED_KEY) == required.version:
        return None
    enough = PolicyVersion.objects.filter(effective_at__gte=required.effective_at).values("version")
    if PolicyAcceptance.objects.filter(user=request.user, version__in=enough).exists():
        request.session[_ACCEPTED_KEY] = required.version
        return None
    return required


@dataclass(frozen=True)
class Operator:
    """Who answers for this site; name and postal address may be empty outside of production."""

    name: str
    address: str
    email: str


def operator() -> Operator:
    return Operator(settings.OPERATOR_NAME, settings.OPERATOR_ADDRESS, settings.OPERATOR_EMAIL)


def render(body: str) -> SafeString:
    return markdown.render(body)
