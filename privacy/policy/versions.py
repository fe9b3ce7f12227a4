"""The privacy policy: which version holds, which one is coming, who has to accept it, and how a text is shown."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db.models import DateTimeField
from django.http import HttpRequest
from django.utils import timezone
from django.utils.safestring import SafeString

from accounts.models import PolicyAcceptance, User
from image2.lib import markdown
from image2.lib.compiled_queries import CompiledQuery, Parameter
from privacy.models import PolicyVersion

_ACCEPTED_KEY = "accepted_policy"
_PUBLISHED = "_published_policies"
_PUBLISHED_BY = CompiledQuery(
    lambda: PolicyVersion.objects.published(Parameter("now", DateTimeField())).defer("body")
)


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


def in_force(text: int) -> bool:
    """Whether a version that covers this shipped text, or a later one, has taken effect."""
    return PolicyVersion.objects.in_force().filter(covers__gte=text).exists()


def version_before(version: PolicyVersion) -> PolicyVersion | None:
    """Return the published version that this one replaced."""
    return PolicyVersion.objects.published().filter(effective_at__lt=version.effective_at).first()


def coming(request: HttpRequest) -> PolicyVersion | None:
    """Return the next version that is published and not yet in force, without its text; None without one."""
    now = timezone.now()
    return next((version for version in reversed(_published(request)) if version.effective_at > now), None)


def must_accept(request: HttpRequest) -> PolicyVersion | None:
    """Return the version this signed-in person has to accept before they go on, or None.

    That is the newest version in force that requires it, unless they accepted it or any version after it (every
    person accepts one at sign-up). The answer is remembered in the session, so that most requests ask nothing.
    """
    assert isinstance(request.user, User)
    now = timezone.now()
    in_force = (version for version in _published(request) if version.effective_at <= now)
    required = next((version for version in in_force if version.requires_acceptance), None)
    if required is None or request.session.get(_ACCEPTED_KEY) == required.version:
        return None
    enough = PolicyVersion.objects.filter(effective_at__gte=required.effective_at).values("version")
    if PolicyAcceptance.objects.filter(user=request.user, version__in=enough).exists():
        request.session[_ACCEPTED_KEY] = required.version
        return None
    return required


def _published(request: HttpRequest) -> list[PolicyVersion]:
    """All published versions, newest first, without their texts: one small query for all that a page asks."""
    found: list[PolicyVersion] | None = getattr(request, _PUBLISHED, None)
    if found is None:
        found = _PUBLISHED_BY.all(now=timezone.now())
        setattr(request, _PUBLISHED, found)
    return found


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
