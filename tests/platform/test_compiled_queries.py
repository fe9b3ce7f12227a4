"""A compiled query returns what its queryset returns, with new values each time."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.sessions.models import Session
from django.db import connection, models, transaction
from django.db.models import QuerySet, UUIDField
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.models import Preferences, User
from accounts.people import preferences
from billing import notices
from billing.models import Customer, PlanEnding, Subscription
from billing.plans import current
from billing.purchases import extra_plans
from generation.models import File, Lineage, Picture
from generation.pictures import history, references
from generation.views.pictures import pictures
from image2.lib.compiled_queries import CompiledQuery, Parameter
from image2.lib.http import sessions
from privacy.models import PolicyVersion
from privacy.policy import versions
from tests.generation.web.makers import make_picture

pytestmark = [pytest.mark.django_db, pytest.mark.both_databases]

Case = tuple[CompiledQuery[Any], Callable[[dict[str, Any]], QuerySet[Any, Any]]]

# Each query of a page, and the queryset that asks the same in the ordinary way.
CASES: dict[str, Case] = {
    "session": (
        sessions._OF_KEY,
        lambda given: Session.objects.filter(session_key=given["key"], expire_date__gt=given["now"]),
    ),
    "policies": (
        versions._PUBLISHED_BY,
        lambda given: PolicyVersion.objects.published(given["now"]).defer("body"),
    ),
    "preferences": (
        preferences._OF_PERSON,
        lambda given: Preferences.objects.filter(user=given["person"]),
    ),
    "subscriptions": (
        current._IN_FORCE,
        lambda given: (
            Subscription.objects.filter(customer__user=given["person"])
            .in_force()
            .order_by("-period_end", "-pk")
        ),
    ),
    "live plans": (
        extra_plans._LIVE,
        lambda given: Subscription.objects.filter(
            customer__user=given["person"], status__in=Subscription.LIVE, ending=None
        ).order_by("pk"),
    ),
    "plans being ended": (
        notices._ENDING,
        lambda given: PlanEnding.objects.filter(
            subscription__customer__user=given["person"], finished_at=None
        ),
    ),
    "picture": (
        history._OWNED,
        lambda given: Picture.objects.filter(owner=given["person"], pk=given["picture"]),
    ),
    "newer": (
        history._NEWER,
        lambda given: (
            _seen(given).filter(created_at__gt=given["moment"]).order_by("created_at", "id").only("id")[:1]
        ),
    ),
    "older": (
        history._OLDER,
        lambda given: (
            _seen(given).filter(created_at__lt=given["moment"]).order_by("-created_at", "-id").only("id")[:1]
        ),
    ),
    "descendants": (
        history._DESCENDANTS,
        lambda given: (
            _seen(given)
            .filter(pk__in=Lineage.objects.filter(parent=given["picture"]).values("child"))
            .newest_first()[:24]
        ),
    ),
    "thumbnails": (
        history._FILES,
        lambda given: File.objects.filter(picture=given["picture"], role__startswith="thumb").values_list(
            "picture_id", "role", "pk"
        ),
    ),
    "fields": (
        references._FIELDS,
        lambda given: File.objects.filter(picture=given["picture"], role="fields"),
    ),
    "lineage": (
        pictures._LINEAGE,
        lambda given: Lineage.objects.filter(child=given["picture"]).exclude(role="mask"),
    ),
}


def _seen(given: dict[str, Any]) -> Any:
    return Picture.objects.filter(owner=given["person"], deleted_at=None, kept=True)


def values_of(row: Any) -> Any:
    """All that was read of a row: two instances are equal as soon as their keys are."""
    if not isinstance(row, models.Model):
        return row
    unread = row.get_deferred_fields()
    return {
        field.attname: getattr(row, field.attname)
        for field in row._meta.concrete_fields
        if field.attname not in unread
    }


def given_of(user: User) -> dict[str, Any]:
    """A person with a row for every query, and the values that reach it."""
    made = [make_picture(user, minutes=minutes) for minutes in range(3)]
    newest, middle, oldest = sorted(made, key=lambda picture: picture.created_at, reverse=True)
    Lineage.objects.create(child=middle, parent=oldest, role=Lineage.Role.REFERENCE)
    Lineage.objects.create(child=middle, role=Lineage.Role.MASK)
    Lineage.objects.create(child=newest, parent=middle, role=Lineage.Role.EDIT)
    File.objects.create(
        picture=middle,
        role=File.Role.FIELDS,
        format="safetensors",
        key=f"{user.pk}",
        bytes=1,
        width=1,
        height=1,
    )
    customer = Customer.objects.create(user=user, stripe_id=f"cus_{user.pk}")
    for number, status in enumerate(("active", "past_due", "canceled")):
        ended = Subscription.objects.create(
            customer=customer, stripe_id=f"sub_{number}_{user.pk}", status=status, asked_at=timezone.now()
        )
    PlanEnding.objects.create(subscription=ended)
    preferences.of(user)
    store = importlib.import_module(settings.SESSION_ENGINE).SessionStore()
    store["name"] = user.name
    store.save()
    return {
        "person": user.pk,
        "picture": middle.pk,
        "moment": middle.created_at,
        "key": store.session_key,
        "now": timezone.now(),
    }


def taken_by(query: CompiledQuery[Any], given: dict[str, Any]) -> dict[str, Any]:
    wanted = {each.name for each in _parameters(query)}
    return {name: value for name, value in given.items() if name in wanted}


def _parameters(query: CompiledQuery[Any]) -> list[Parameter]:
    _sql, parameters = query._build().query.sql_with_params()
    return [each for each in parameters if isinstance(each, Parameter)]


@pytest.mark.parametrize("name", CASES)
def test_a_compiled_query_returns_the_rows_of_its_queryset(name: str, alice: User, bob: User) -> None:
    query, plain = CASES[name]
    # The second person is asked with the SQL that was compiled for the first one.
    for given in (given_of(alice), given_of(bob)):
        found = query.all(**taken_by(query, given))

        assert found, "a comparison of nothing says nothing"
        assert list(map(values_of, found)) == list(map(values_of, plain(given)))


@pytest.mark.parametrize("name", CASES)
def test_the_second_call_runs_one_query_with_the_same_sql(name: str, alice: User) -> None:
    query, _plain = CASES[name]
    given = taken_by(query, given_of(alice))
    sent = []
    for _ in range(2):
        with CaptureQueriesContext(connection) as captured:
            query.all(**given)
        sent += [each["sql"] for each in captured]

    assert len(sent) == 2
    assert sent[0] == sent[1]


@pytest.mark.parametrize(
    "name", [name for name, (query, _) in CASES.items() if name not in ("policies", "session")]
)
def test_without_a_person_or_a_picture_there_are_no_rows(name: str, alice: User) -> None:
    query, _plain = CASES[name]
    given = taken_by(query, given_of(alice))

    owner = "person" if "person" in given else "picture"
    assert query.all(**{**given, owner: None}) == []


def test_a_stranger_reads_nothing_of_somebodys_picture(alice: User, bob: User) -> None:
    picture = make_picture(alice)
    make_picture(alice, minutes=1)

    assert history.owned(user=alice, picture=picture.pk) == picture
    assert history.owned(user=bob, picture=picture.pk) is None
    assert history.newer(user=bob, than=picture) is None
    assert history.older(user=bob, than=picture) is None
    assert history.descendants(user=bob, picture=picture) == []


OF_PERSON = CompiledQuery(lambda: User.objects.filter(pk=Parameter("person", UUIDField())))


@pytest.mark.parametrize("given", [{}, {"people": 1}, {"person": None, "name": "Alice"}])
def test_other_values_than_the_parameters_are_refused(given: dict[str, Any]) -> None:
    with pytest.raises(TypeError, match="takes \\['person'\\]"):
        OF_PERSON.all(**given)


def test_rows_of_the_open_transaction_are_seen_and_none_is_kept(alice: User) -> None:
    assert OF_PERSON.first(person=alice.pk) == alice
    with transaction.atomic():
        User.objects.filter(pk=alice.pk).update(name="Alicia")
        renamed = OF_PERSON.first(person=str(alice.pk))
        transaction.set_rollback(True)
    assert renamed is not None
    assert renamed.name == "Alicia"
    again = OF_PERSON.first(person=alice.pk)
    assert again is not None
    assert again.name == "Alice"


@pytest.mark.parametrize(
    "build",
    [
        lambda: Picture.objects.select_related("job"),
        lambda: Picture.objects.prefetch_related("files"),
        lambda: Picture.objects.annotate(twice=models.F("width") * 2),
        lambda: Picture.objects.values("pk"),
        lambda: Picture.objects.values_list("pk", flat=True),
    ],
)
def test_what_would_be_lost_is_refused(build: Callable[[], QuerySet[Any, Any]]) -> None:
    with pytest.raises(NotImplementedError):
        CompiledQuery(build).all()


def test_a_session_ends_when_its_time_has_come(alice: User) -> None:
    given = given_of(alice)
    store = sessions.SessionStore(given["key"])
    assert store["name"] == "Alice"

    Session.objects.filter(session_key=given["key"]).update(expire_date=timezone.now() - timedelta(seconds=1))

    ended = sessions.SessionStore(given["key"])
    assert ended.get("name") is None
    assert ended.session_key is None
