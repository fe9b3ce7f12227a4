"""Select object: a click becomes a job without a price, its mask a selection, and nothing of it a picture."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from django.test import Client
from django.utils import timezone
from pytest_django.fixtures import Settings

from accounts.models import User
from billing import ledger
from billing.models import Hold
from editor import generations, opening, replaying
from editor.generating.asking import Asked, Refused
from editor.models import Document, Generation
from generation.jobs import reconciliation, submission
from generation.models import Job, ModerationTotal, Picture
from generation.pictures import history, references, results
from generation.worker import run
from image2.lib.ids import new_id
from tests.editor.making import a_stroke, post, send, uploaded
from tests.editor.ordering import carry_out, credits_for, do, place, quote, use
from tests.generation.requesting import a_request

pytestmark = [pytest.mark.django_db(transaction=True)]
Levels = np.typing.NDArray[np.uint8]


@pytest.fixture
def drawn(alice: User) -> Picture:
    """A picture of the bundled model; a few steps are enough, since what it shows does not matter here."""
    credits_for(alice, 50)
    request = a_request(prompt="a red house in a meadow", shape="16:9", seed=3, steps=5)
    submission.submit(user=alice, request=request, idempotency_key="first")
    run.run("gpu")
    return Picture.objects.get()


@pytest.fixture
def document(drawn: Picture, alice: User) -> Document:
    return opening.from_reference(user=alice, reference=f"picture:{drawn.pk}")


def clicked(client: Client, document: Document, **body: Any) -> Any:
    document.refresh_from_db()
    sent = {"id": str(new_id()), "tool": "segment", "operation": str(document.head), "price": 0, **body}
    return post(client, "orders", document, sent)


def selection_of(document: Document) -> Levels:
    document.refresh_from_db()
    assert document.head is not None
    with replaying.replayed(document, document.head, on_progress=lambda _done, _of: None) as state:
        assert state.selection is not None
        return state.selection.read((0, 0, *state.size))


def test_a_click_selects_for_free_and_leaves_no_picture(
    document: Document, drawn: Picture, alice: User, hers: Client
) -> None:
    before = ledger.balance(alice).available
    answer = clicked(hers, document, inside=[[40, 30]])
    assert answer.status_code == 202, answer.content
    assert reconciliation.reconcile().jobs == ()
    carry_out()
    order = hers.get(answer.json()["url"]).json()
    assert (order["state"], order["price"], order["charged"]) == ("done", 0, 0), order["sentence"]

    # Something was painted meanwhile: what was clicked is about the picture below it.
    send(hers, document, [a_stroke(document.head, (10, 10), (60, 60))])
    found = use(hers, document, order["results"][0])

    levels = selection_of(document)
    assert levels[30, 40] == 255
    assert 0.02 < (levels > 127).mean() < 0.98
    assert found["what"]
    mask = Picture.objects.exclude(pk=drawn.pk).get()
    assert not mask.kept
    assert not mask.training_allowed
    assert [each.pk for each in history.newest(user=alice).pictures] == [drawn.pk]
    assert hers.get(f"/editor/{document.pk}/generate/orders").json()["orders"] == []
    assert ledger.balance(alice).available == before
    assert not Hold.objects.filter(ref=f"job:{mask.job_id}").exists()
    with pytest.raises(references.ReferenceGone):
        results.keep(user=alice, reference=f"picture:{mask.pk}")
    assert hers.post(order["remove"]).status_code == 200
    assert not Picture.objects.filter(pk=mask.pk).exists()
    assert (selection_of(document) == levels).all()


@pytest.mark.long
def test_what_nobody_took_over_goes_after_an_hour_and_is_not_made_again(
    document: Document, drawn: Picture, hers: Client
) -> None:
    answer = clicked(hers, document, inside=[[40, 30]])
    carry_out()
    mask = Picture.objects.exclude(pk=drawn.pk).get()
    assert hers.post(f"/jobs/{mask.job_id}/again/").status_code == 404
    Generation.objects.update(finished_at=timezone.now() - timedelta(minutes=59))
    generations.sweep()
    assert hers.get(answer.json()["url"]).json()["results"]
    Generation.objects.update(finished_at=timezone.now() - timedelta(minutes=61))
    generations.sweep()
    assert not Picture.objects.filter(pk=mask.pk).exists()


@pytest.mark.long
def test_painting_leaves_the_picture_known_and_moving_it_does_not(document: Document, hers: Client) -> None:
    send(hers, document, [a_stroke(document.head, (10, 10), (60, 60))])
    answer = clicked(hers, document, inside=[[40, 30]])
    assert answer.status_code == 202, answer.content
    assert hers.post(answer.json()["cancel"]).status_code == 200
    do(hers, document, "layer.shift", layer=opening.BASE, dx=5, dy=0)
    _refused(clicked(hers, document, inside=[[40, 30]]), "Quick selection")


@pytest.mark.long
def test_words_that_nobody_can_change_refuse_no_click_and_no_classifier_sees_the_mask(
    document: Document, drawn: Picture, hers: Client, settings: Settings, tmp_path: Path
) -> None:
    Picture.objects.update(prompt="hardcore porn on a red sofa")
    # No classifier is there, so a picture would be refused.
    settings.MODERATION_MODEL, settings.MODERATION_LABELS = str(tmp_path), "gore=0.9"
    answer = clicked(hers, document, inside=[[40, 30]])
    assert answer.status_code == 202, answer.content
    carry_out()
    assert Job.objects.get(kind=Job.Kind.SEGMENT).state == Job.State.DONE
    assert Picture.objects.exclude(pk=drawn.pk).exists()
    assert not ModerationTotal.objects.exists()


@pytest.mark.long
def test_refused_words_in_the_editor_are_counted(document: Document, hers: Client) -> None:
    price = quote(hers, document, "variations", whole=True, words="clouds")["price"]
    answer = place(hers, document, "variations", whole=True, words="hardcore porn on a red sofa", price=price)
    assert answer.status_code == 422, answer.content
    assert "Pornographic pictures" in answer.json()["sentence"]
    assert ModerationTotal.objects.get().count == 1


@pytest.mark.parametrize(
    "body",
    [
        {"inside": [[x, 5] for x in range(101)]},
        {"inside": [[5.5, 5]]},
        {"inside": [[True, 5]]},
        {"inside": [[5]]},
        {"inside": "5,5"},
        {"outside": [{"x": 5}]},
        {"box": [9, 9, 9, 20]},
    ],
)
def test_what_no_page_of_ours_sends_is_refused(body: dict[str, Any]) -> None:
    with pytest.raises(Refused):
        Asked.read({"tool": "segment", **body})


def test_points_that_mean_nothing_are_refused_before_anything_is_ordered(
    document: Document, hers: Client
) -> None:
    _refused(clicked(hers, document), "Click what you want to select")
    _refused(clicked(hers, document, inside=[[1024, 5]]), "lies outside of the picture")
    assert Job.objects.count() == 1


def test_where_nothing_knows_the_picture_one_sentence_says_what_to_do(alice: User, hers: Client) -> None:
    photo = opening.from_file(user=alice, file=uploaded(160))
    _refused(clicked(hers, photo, inside=[[5, 5]]), "Use Quick selection instead.")


def test_nobody_selects_in_anothers_document(document: Document, bob: User, client: Client) -> None:
    client.force_login(bob)
    assert clicked(client, document, inside=[[5, 5]]).status_code == 404
    assert not Generation.objects.exists()


def _refused(answer: Any, sentence: str) -> None:
    assert answer.status_code == 422, answer.content
    assert sentence in answer.json()["sentence"]
    assert not Generation.objects.filter(state=Generation.State.SUBMITTED).exists()
