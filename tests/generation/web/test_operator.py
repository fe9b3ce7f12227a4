"""The operator sees how jobs run, and sees a picture only after giving a reason, which is logged."""

from __future__ import annotations

import pytest
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.test import Client

from accounts.models import AuditLine, User
from generation.models import File, Job
from tests import factories
from tests.generation.web.makers import a_request, make_job, make_picture

SECRET = "a lighthouse nobody may know of"


@pytest.fixture
def operator(carol: User) -> Client:
    return factories.log_in_staff(Client(), carol)


def test_lists_and_pages_show_no_prompt(operator: Client, alice: User) -> None:
    job = make_job(alice, Job.State.FAILED, request=a_request(prompt=SECRET))
    picture = make_picture(alice, prompt=SECRET)
    for path in (
        "job/",
        f"job/{job.pk}/change/",
        f"job/{job.pk}/history/",
        "picture/",
        "worker/",
        f"picture/{picture.pk}/open/",
    ):
        answer = operator.get(f"/admin/generation/{path}")
        assert answer.status_code == 200, path
        assert "lighthouse" not in answer.content.decode(), path


@pytest.mark.parametrize("name", ["change", "history", "delete"])
def test_there_is_no_page_that_is_named_by_the_prompt(operator: Client, alice: User, name: str) -> None:
    picture = make_picture(alice, prompt=SECRET)
    assert operator.get(f"/admin/generation/picture/{picture.pk}/{name}/").status_code == 404


def test_a_picture_is_opened_after_a_reason_which_is_logged(
    operator: Client, alice: User, carol: User
) -> None:
    picture = make_picture(alice, prompt=SECRET)
    File.objects.filter(picture=picture, role=File.Role.THUMB_1024).update(
        key=default_storage.save("test/opened.webp", ContentFile(b"RIFF1234WEBP"))
    )
    answer = operator.post(
        f"/admin/generation/picture/{picture.pk}/open/", {"ground": "help", "reason": "support ticket 1234"}
    )
    page = answer.content.decode()
    assert SECRET in page
    assert "data:image/webp;base64," in page
    assert "no-store" in answer["Cache-Control"]
    line = AuditLine.objects.get()
    assert (line.actor, line.action, line.object_id) == (carol, "picture.opened", str(picture.pk))
    assert (line.subject_id, line.reason) == (alice.pk, "support ticket 1234")


@pytest.mark.parametrize("reason", ["", "   ", "because"])
def test_without_a_reason_nothing_is_opened(operator: Client, alice: User, reason: str) -> None:
    picture = make_picture(alice, prompt=SECRET)
    answer = operator.post(
        f"/admin/generation/picture/{picture.pk}/open/", {"ground": "help", "reason": reason}
    )
    assert answer.status_code == 422
    assert "lighthouse" not in answer.content.decode()
    assert not AuditLine.objects.exists()


@pytest.mark.parametrize("path", ["job/", "picture/", "worker/", "picture/{id}/open/"])
def test_nobody_else_finds_the_operators_pages(hers: Client, alice: User, path: str) -> None:
    assert hers.get(f"/admin/generation/{path.format(id=make_picture(alice).pk)}").status_code == 404
