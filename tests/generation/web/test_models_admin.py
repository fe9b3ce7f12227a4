"""Staff switch a model off; what waits for it is given back with words, and nobody is offered it any more."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission
from django.test import Client
from django.utils import timezone

from accounts.models import AuditLine, User
from accounts.people import preferences
from accounts.staff.audit import ReasonMissing
from billing import ledger
from generation import availability
from generation.jobs import recovery, submission, switching
from generation.models import Job, ModelSwitch, Worker
from generation.requests import catalogue
from generation.requests.catalogue import UnknownModel
from tests.factories import log_in_staff, make_person
from tests.generation.web.makers import a_request

pytestmark = pytest.mark.django_db

PAGE = "/admin/generation/modelswitch/"
SWITCH = f"{PAGE}bundled/switch/"
REASON = "The card of this model overheats."


@pytest.fixture
def operator(client: Client, carol: User) -> Client:
    return log_in_staff(client, carol)


def waiting_job(user: User, key: str = "a") -> Job:
    ledger.grant(user=user, amount=50, source="admin", source_ref=f"test:{key}")
    return submission.submit(user=user, request=a_request(), idempotency_key=key)


def test_waiting_jobs_come_back_uncharged_and_with_words(alice: User, carol: User) -> None:
    job = waiting_job(alice)
    assert ledger.balance(alice).held == job.price
    before = ledger.balance(alice).available + job.price
    assert switching.switch_off(actor=carol, model="bundled", reason=REASON) == 1
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "switched_off")
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (before, 0)
    line = AuditLine.objects.get(action="model.switched_off")
    assert (line.object_id, line.reason, line.actor) == ("bundled", REASON, carol)


def test_a_running_job_ends_as_usual(alice: User, carol: User) -> None:
    job = waiting_job(alice)
    Job.objects.filter(pk=job.pk).update(state="running", lease_until=timezone.now(), fence=1)
    assert switching.switch_off(actor=carol, model="bundled", reason=REASON) == 0
    job.refresh_from_db()
    assert job.state == "running"


def test_a_job_that_is_requeued_after_the_switch_is_given_back_by_the_sweep(alice: User) -> None:
    job = waiting_job(alice)
    ModelSwitch.objects.create(model="bundled")
    recovery.sweep()
    job.refresh_from_db()
    assert job.error_code == "switched_off"


def test_jobs_of_a_model_that_the_file_switches_off_are_given_back_by_the_sweep(
    alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    job = waiting_job(alice)
    before = ledger.balance(alice).available + job.price
    file = tmp_path / "catalogue.toml"
    file.write_text("[models.bundled]\nenabled = false\n")
    monkeypatch.setenv("IMAGE2_CATALOGUE", str(file))
    catalogue.reload()
    recovery.sweep()
    job.refresh_from_db()
    assert (job.state, job.error_code) == ("failed", "switched_off")
    assert ledger.balance(alice).available == before


def test_jobs_of_a_model_that_a_newer_worker_reports_wait_on(alice: User) -> None:
    """As when the sweep runs in a worker that was started before the model was added to the catalogue file."""
    job, lost = waiting_job(alice, "a"), waiting_job(alice, "b")
    Job.objects.filter(pk=job.pk).update(model="new")
    Job.objects.filter(pk=lost.pk).update(model="dropped")
    long_ago = timezone.now() - timedelta(hours=1)
    Worker.objects.create(name="newer", lane="gpu", models={"new": {"state": "missing"}})
    Worker.objects.create(
        name="dead", lane="gpu", models={"dropped": {"state": "here"}}, heartbeat_at=long_ago
    )
    recovery.sweep()
    assert dict(Job.objects.values_list("model", "state")) == {"new": "queued", "dropped": "failed"}
    ModelSwitch.objects.create(model="new")
    recovery.sweep()
    assert not Job.objects.filter(state="queued").exists()


def test_it_is_offered_no_more_until_it_is_switched_on_again(alice: User, carol: User) -> None:
    switching.switch_off(actor=carol, model="bundled", reason=REASON)
    assert availability.drawing() == () == availability.able("inpaint")
    assert preferences.offered("model") == []
    with pytest.raises(submission.ModelNotOffered):
        waiting_job(alice)
    assert ledger.balance(alice).held == 0
    switching.switch_on(actor=carol, model="bundled", reason=REASON)
    assert waiting_job(alice, "b").state == "queued"
    assert "bundled" in dict(preferences.offered("model"))


def test_what_the_file_switches_off_cannot_be_switched_on(carol: User) -> None:
    assert not catalogue.get("sdxl").enabled
    with pytest.raises(switching.OffInTheFile):
        switching.switch_on(actor=carol, model="sdxl", reason=REASON)
    with pytest.raises(UnknownModel):
        switching.switch_off(actor=carol, model="no-such-model", reason=REASON)
    with pytest.raises(ReasonMissing):
        switching.switch_off(actor=carol, model="bundled", reason=" ")
    assert not ModelSwitch.objects.exists()


@pytest.mark.parametrize(
    ("reports", "is_offered"),
    [
        ([], True),  # nobody is alive: jobs wait, as ever
        ([{}], True),  # alive, and hasn't looked yet
        ([{"bundled": {"state": "loaded", "memory_mb": 200}}], True),
        ([{"bundled": {"state": "here"}}], True),
        ([{"bundled": {"state": "missing"}}], False),
        ([{"bundled": {"state": "missing"}}, {"bundled": {"state": "missing"}}], False),
        ([{"bundled": {"state": "failed", "error": "no"}}, {"bundled": {"state": "missing"}}], True),
        ([{"bundled": {"state": "missing"}}, {"bundled": {"state": "here"}}], True),
    ],
)
def test_what_every_live_worker_cannot_run_is_not_offered(reports: list[dict], is_offered: bool) -> None:  # type: ignore[type-arg]
    for number, models in enumerate(reports):
        Worker.objects.create(name=f"w{number}", lane="gpu", models=models)
    assert bool(availability.drawing()) is is_offered


def test_the_form_says_why_nothing_can_run(client: Client, alice: User) -> None:
    client.force_login(alice)
    Worker.objects.create(name="w", lane="gpu", models={"bundled": {"state": "missing"}})
    assert "files of any model" in client.get("/create/").content.decode()
    ModelSwitch.objects.create(model="bundled")
    assert "No model is turned on." in client.get("/create/").content.decode()


def test_the_page_shows_what_workers_hold_and_their_errors(operator: Client) -> None:
    facts = {"state": "failed", "error": "vae can't be loaded"}
    Worker.objects.create(name="box:7", lane="gpu", models={"bundled": facts})
    page = operator.get(PAGE).content.decode()
    assert "box:7: couldn&#x27;t be loaded" in page
    assert "vae can&#x27;t be loaded" in page
    assert SWITCH in page
    assert f"{PAGE}sdxl/switch/" not in page


def test_staff_switch_it_with_a_reason(operator: Client) -> None:
    for wrong in ({"reason": "short", "to": "off"}, {"reason": REASON}, {"reason": REASON, "to": "up"}):
        assert operator.post(SWITCH, wrong).status_code == 422
        assert not ModelSwitch.objects.exists()
    assert operator.post(SWITCH, {"reason": REASON, "to": "off"}).status_code == 302
    assert ModelSwitch.objects.get().model == "bundled"
    assert operator.post(SWITCH, {"reason": REASON, "to": "on"}).status_code == 302
    assert not ModelSwitch.objects.exists()
    assert operator.get(f"{PAGE}sdxl/switch/").status_code == 404


def test_a_double_click_does_not_turn_a_switch_around(operator: Client) -> None:
    form = re.search(r'name="to" value="(\w+)"', operator.get(SWITCH).content.decode())
    assert form
    assert form[1] == "off"
    for _click in range(2):
        operator.post(SWITCH, {"reason": REASON, "to": form[1]})
    assert ModelSwitch.objects.get().model == "bundled"


def test_what_was_given_back_is_named_on_the_operators_pages(operator: Client, alice: User) -> None:
    waiting_job(alice)
    operator.post(SWITCH, {"reason": REASON, "to": "off"})
    for page in ("/admin/", "/admin/generation/job/", "/admin/generation/job/?error_code=switched_off"):
        answer = operator.get(page)
        assert answer.status_code == 200
        assert "Model was switched off" in answer.content.decode()


def test_staff_without_the_permission_cannot(client: Client) -> None:
    dora = make_person("Dora", is_staff=True)
    staff = log_in_staff(client, dora)
    assert staff.get(PAGE).status_code == 404
    dora.user_permissions.add(Permission.objects.get(codename="view_modelswitch"))
    assert "switch off…" not in staff.get(PAGE).content.decode()
    assert staff.post(SWITCH, {"reason": REASON, "to": "off"}).status_code == 404
    assert not ModelSwitch.objects.exists()
