"""What the editor orders: charged like any picture, shown in no list until it is used or kept, gone after 30 days."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.files.storage import default_storage
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from billing import ledger
from generation import housekeeping
from generation.files import sweeping
from generation.jobs import submission
from generation.models import Job, Picture
from generation.pictures import history, references, results, trash
from generation.requests import catalogue, ordering
from generation.requests.sizes import Size
from generation.search import index
from generation.views.jobs import cards
from generation.worker import run
from image2.lib.ids import new_id
from tests.generation.requesting import a_request

pytestmark = [pytest.mark.django_db(transaction=True)]


def order(user: User, *, for_editor: bool = True) -> Job:
    request = replace(a_request(steps=4, prompt="a lighthouse"), for_editor=for_editor)
    return submission.submit(user=user, request=request, idempotency_key=str(new_id()))


@pytest.fixture
def result(alice: User, tiny_model: None) -> Picture:
    job = order(alice)
    run.run("gpu")
    return Picture.objects.get(job=job)


def shown(user: User) -> set[object]:
    lists = [history.newest(user=user), history.newest(user=user, words="lighthouse")]
    return {picture.pk for page in lists for picture in page.pictures}


def test_what_a_page_orders_is_in_the_history_at_once(alice: User, tiny_model: None) -> None:
    order(alice, for_editor=False)
    run.run("gpu")
    assert shown(alice) == {Picture.objects.get().pk}


def test_a_result_is_charged_and_on_no_list(alice: User, result: Picture) -> None:
    assert ledger.balance(alice).available == 999
    index.prepare(seconds=5)
    assert not result.kept
    assert shown(alice) == set()
    assert trash.delete(user=alice, pictures=[result.pk]) == 0
    assert [found.pk for found in results.of_job(user=alice, job=result.job)] == [result.pk]  # type: ignore[arg-type]


def test_its_job_has_no_card_on_the_history(alice: User, tiny_model: None) -> None:
    order(alice)
    order(alice, for_editor=False)
    assert len(cards.unsettled(alice)) == 1


def test_only_its_owner_finds_and_keeps_it(alice: User, bob: User, result: Picture, client: Client) -> None:
    name = f"picture:{result.pk}"
    assert references.find(user=alice, reference=name) == result
    for wrong in (name, "picture:nonsense", f"upload:{result.pk}"):
        with pytest.raises(references.ReferenceGone):
            results.keep(user=bob, reference=wrong)
    file = result.files.get(role="master")
    client.force_login(bob)
    assert client.get(reverse("generation:file", args=[file.pk])).status_code == 404
    client.force_login(alice)
    answer = client.get(reverse("generation:file", args=[file.pk]))
    assert answer.getvalue()[:4] == b"\x89PNG"
    answer.close()
    results.keep(user=alice, reference=name)
    results.keep(user=alice, reference=name)
    assert shown(alice) == {result.pk}


def test_one_that_is_used_is_kept(alice: User, result: Picture) -> None:
    request = ordering.upscale(
        catalogue.get("bundled"), reference=f"picture:{result.pk}", source=Size(1024, 1024), scale="x2"
    )
    submission.submit(user=alice, request=request, idempotency_key="k")
    assert shown(alice) == {result.pk}


def test_after_thirty_days_it_goes_with_its_files(alice: User, result: Picture) -> None:
    keys = list(result.files.values_list("key", flat=True))
    kept = Picture.objects.create(owner=alice, recipe={}, model="bundled", width=8, height=8)
    young = Picture.objects.create(owner=alice, recipe={}, model="bundled", width=8, height=8, kept=False)
    Picture.objects.filter(pk__in=[result.pk, kept.pk]).update(
        created_at=timezone.now() - timedelta(days=30, minutes=1)
    )
    housekeeping.clean_up()
    assert set(Picture.objects.values_list("pk", flat=True)) == {kept.pk, young.pk}
    sweeping.delete_due()
    assert not any(default_storage.exists(key) for key in keys)
    assert result.job is not None
    result.job.refresh_from_db()
    assert result.job.request_deleted_at is not None
    assert ledger.balance(alice).available == 999  # it was made, so it was paid for


def test_one_that_a_waiting_job_needs_stays(alice: User, result: Picture) -> None:
    request = ordering.upscale(
        catalogue.get("bundled"), reference=f"picture:{result.pk}", source=Size(1024, 1024), scale="x2"
    )
    submission.submit(user=alice, request=request, idempotency_key="k")
    Picture.objects.update(created_at=timezone.now() - timedelta(days=40), kept=False)
    assert results.expire(timezone.now()) == 0
