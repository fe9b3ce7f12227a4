"""The data set for training: what is allowed and nothing else, whole files, withdrawals honoured at every run."""

from __future__ import annotations

import hashlib
import io
import json
import tracemalloc
from pathlib import Path
from typing import Any

import pytest
from django.core.files.storage import default_storage
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.test import RequestFactory
from django.utils import timezone

from accounts import training
from accounts.models import AuditLine, User
from accounts.people import preferences, restriction
from generation.dataset import choosing, exporting
from generation.files import storing
from generation.models import File, Lineage, Picture
from generation.pictures import take_downs
from tests.generation.files.conftest import NewPicture, ingest
from tests.generation.files.specimens import drawing, encoded

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("local_storage")]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "data set"


@pytest.fixture
def allowed(new_picture: NewPicture) -> NewPicture:
    def make(owner: User, **more: Any) -> Picture:
        picture = new_picture(owner, **more)
        Picture.objects.filter(pk=picture.pk).update(training_allowed=True)
        picture.refresh_from_db()
        return picture

    return make


def asking() -> HttpRequest:
    return RequestFactory().post("/")


def run(carol: User, folder: Path) -> exporting.Result:
    return exporting.export(actor=carol, reason="The next round", path=folder)


def lines(folder: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (folder / "pictures.jsonl").read_text().splitlines()]


def ids(folder: Path) -> set[str]:
    """What the list names, after checking that exactly its files are there, whole."""
    found = lines(folder)
    for line in found:
        content = (folder / line["file"]).read_bytes()
        assert (hashlib.sha256(content).hexdigest(), len(content)) == (line["sha256"], line["bytes"])
    there = {str(path.relative_to(folder)) for path in (folder / "pictures").rglob("*") if path.is_file()}
    assert there == {line["file"] for line in found}
    manifest = json.loads((folder / "manifest.json").read_text())
    listed = hashlib.sha256((folder / "pictures.jsonl").read_bytes()).hexdigest()
    assert (manifest["pictures"], manifest["list"]["sha256"]) == (len(found), listed)
    return {line["id"] for line in found}


def test_allowed_pictures_are_written_with_recipes_hashes_and_a_text_about_consent(
    alice: User, bob: User, carol: User, allowed: NewPicture, new_picture: NewPicture, folder: Path
) -> None:
    first, second = allowed(alice, prompt="a red boat"), allowed(bob)
    new_picture(alice)

    done = run(carol, folder)

    assert ids(folder) == {str(first.pk), str(second.pk)}
    assert (done.pictures, done.added, done.removed) == (2, 2, 0)
    (line,) = [line for line in lines(folder) if line["id"] == str(first.pk)]
    assert line["prompt"] == "a red boat"
    assert line["recipe"]["request"]["prompt"] == "a red boat"
    assert line["model_licence"] == "Apache-2.0"
    said = " ".join((folder / "README.md").read_text().split())
    assert "My pictures may be used for training" in said
    everything = "".join(path.read_text() for path in folder.iterdir() if path.is_file())
    for person in (alice, bob):
        assert str(person.pk) not in everything
        assert person.email not in everything


def test_who_exported_what_stands_in_the_audit_log(
    alice: User, carol: User, allowed: NewPicture, folder: Path
) -> None:
    allowed(alice)
    run(carol, folder)

    begun, ended = AuditLine.objects.order_by("at", "pk")
    assert (begun.action, ended.action) == ("training.export_begun", "training.exported")
    assert (begun.actor, ended.actor) == (carol, carol)
    assert f"The next round → {folder}: 1 pictures, 1 new, 0 removed" == ended.reason


def test_a_second_run_copies_only_what_is_new(
    alice: User, carol: User, allowed: NewPicture, folder: Path
) -> None:
    old = allowed(alice)
    run(carol, folder)
    (path,) = (folder / "pictures").rglob("*.png")
    before = path.stat().st_mtime_ns
    new = allowed(alice)

    assert run(carol, folder).added == 1
    assert ids(folder) == {str(old.pk), str(new.pk)}
    assert path.stat().st_mtime_ns == before


def withdraw(picture: Picture, carol: User) -> None:
    training.withdraw_from_made(user=picture.owner, request=asking())


def throw_away(picture: Picture, carol: User) -> None:
    Picture.objects.filter(pk=picture.pk).update(deleted_at=timezone.now())


def delete_the_account(picture: Picture, carol: User) -> None:
    picture.owner.delete()


def disable_the_account(picture: Picture, carol: User) -> None:
    User.objects.filter(pk=picture.owner_id).update(is_active=False)


def restrict(picture: Picture, carol: User) -> None:
    restriction.begin(user=picture.owner, request=asking())


def take_down(picture: Picture, carol: User) -> None:
    take_downs.take_down(
        actor=carol, on=picture, ground="law", statement="It shows a secret.", reason="Order 12"
    )


@pytest.mark.parametrize(
    "end", [withdraw, throw_away, delete_the_account, disable_the_account, restrict, take_down]
)
def test_what_may_no_longer_be_used_is_removed_by_the_next_run(
    alice: User, bob: User, carol: User, allowed: NewPicture, folder: Path, end: Any
) -> None:
    gone, stays = allowed(alice), allowed(bob)
    pk = str(gone.pk)
    run(carol, folder)

    end(gone, carol)
    done = run(carol, folder)

    assert ids(folder) == {str(stays.pk)}
    assert done.removed == 1
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["removed"] == {"file": "removed.jsonl", "in_all": 1, "by_this_run": 1}
    assert json.loads((folder / "removed.jsonl").read_text())["id"] == pk


def test_switching_training_off_keeps_what_was_allowed_before_as_the_policy_says(
    alice: User, carol: User, allowed: NewPicture, folder: Path
) -> None:

    picture = allowed(alice)
    preferences.change(user=alice, request=asking(), changes={"training_allowed": True})
    preferences.change(user=alice, request=asking(), changes={"training_allowed": False})
    run(carol, folder)

    assert ids(folder) == {str(picture.pk)}


def test_what_is_withdrawn_while_files_are_copied_is_not_in_it_at_the_end(
    alice: User, carol: User, allowed: NewPicture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    allowed(alice)
    copy = storing.copy

    def copy_and_withdraw(*args: Any) -> None:
        copy(*args)
        training.withdraw_from_made(user=alice, request=asking())

    monkeypatch.setattr(storing, "copy", copy_and_withdraw)
    run(carol, folder)

    assert ids(folder) == set()


def test_what_an_upload_went_into_is_left_out_also_through_other_pictures(
    alice: User, carol: User, allowed: NewPicture, folder: Path
) -> None:
    upload = ingest(alice, encoded(drawing(), "PNG"), name="photo.png")
    direct, led, through, of_a_gone_one, edited, own, varied = (allowed(alice) for _number in range(7))
    reference = Lineage.Role.REFERENCE
    Lineage.objects.create(child=direct, upload=upload, role=reference)
    Lineage.objects.create(child=led, upload=upload, role=Lineage.Role.CONTROL)
    Lineage.objects.create(child=through, parent=direct, role=reference)
    Lineage.objects.create(child=of_a_gone_one, role=reference)
    Lineage.objects.create(child=varied, parent=own, role=reference)
    Picture.objects.filter(pk=edited.pk).update(model="editor")
    part = allowed(alice)
    recipe = part.recipe | {"request": part.recipe["request"] | {"reference": f"upload:{upload.pk}"}}
    Picture.objects.filter(pk=part.pk).update(recipe=recipe)
    run(carol, folder)

    assert ids(folder) == {str(own.pk), str(varied.pk)}


def test_a_run_that_is_killed_leaves_whole_files_and_the_next_one_goes_on(
    alice: User, carol: User, allowed: NewPicture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = {str(allowed(alice).pk) for _number in range(3)}
    copy, calls = storing.copy, []

    def break_off(key: str, target: Any) -> None:
        calls.append(key)
        if len(calls) == 2:
            target.write(b"half of it")
            raise KeyboardInterrupt
        copy(key, target)

    monkeypatch.setattr(storing, "copy", break_off)
    with pytest.raises(KeyboardInterrupt):
        run(carol, folder)
    assert len(list((folder / "pictures").rglob("*.*"))) == 1
    assert not list(folder.rglob("*.part"))

    assert run(carol, folder).added == 2
    assert ids(folder) == made


def test_a_lost_or_damaged_file_is_left_out_and_counted(
    alice: User, carol: User, allowed: NewPicture, folder: Path
) -> None:
    good, lost, damaged = (allowed(alice) for _number in range(3))
    default_storage.delete(File.objects.get(picture=lost, role="master").key)
    File.objects.filter(picture=damaged, role="master").update(sha256="0" * 64)
    done = run(carol, folder)

    assert ids(folder) == {str(good.pk)}
    assert done.left_out == 2
    assert json.loads((folder / "manifest.json").read_text())["left_out"]["in_all"] == 2


def test_batches_are_walked_to_their_end_in_bounded_memory(
    alice: User, carol: User, allowed: NewPicture, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(choosing, "BATCH", 2)
    made = {str(allowed(alice).pk) for _number in range(5)}
    run(carol, folder)
    assert ids(folder) == made

    training.withdraw_from_made(user=alice, request=asking())
    tracemalloc.start()
    assert run(carol, folder).removed == 5
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ids(folder) == set()
    assert peak < 20_000_000


def command(*arguments: str) -> str:

    out = io.StringIO()
    call_command("training_export", *arguments, stdout=out)
    return out.getvalue()


def test_the_command_says_what_it_did(alice: User, carol: User, allowed: NewPicture, folder: Path) -> None:
    allowed(alice)

    said = command(str(folder), "--by", carol.email, "--reason", "The next round")
    assert said.strip() == "1 pictures in all, 1 of them new; 0 removed; 0 left out."


def test_who_is_not_on_the_staff_gives_no_reason_or_names_another_folder_is_told_so(
    alice: User, carol: User, folder: Path, tmp_path: Path
) -> None:
    with pytest.raises(CommandError, match="Nobody on the staff"):
        command(str(folder), "--by", alice.email, "--reason", "x")
    with pytest.raises(CommandError, match="Say what it is for"):
        command(str(folder), "--by", carol.email, "--reason", " ")
    other = tmp_path / "home"
    other.mkdir()
    (other / "thesis.txt").write_text("years of work")
    with pytest.raises(CommandError, match="holds other things"):
        command(str(other), "--by", carol.email, "--reason", "x")
    assert (other / "thesis.txt").read_text() == "years of work"
    with pytest.raises(CommandError, match="is a file"):
        command(str(other / "thesis.txt"), "--by", carol.email, "--reason", "x")
