"""Pictures are looked at by a real classifier before anybody sees them; what is refused costs nothing."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from PIL import Image
from pytest_django.fixtures import Settings
from transformers import ViTConfig, ViTForImageClassification, ViTImageProcessor

from accounts.models import User
from billing import ledger
from generation.hub.places import HubError
from generation.jobs import failures
from generation.models import File, Job, JobPreview, ModerationTotal, Picture
from generation.moderation import classifier, pictures
from generation.worker import run
from tests.generation.core.conftest import Submit, alice, person, submit

__all__ = ["alice", "person", "submit"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny model with random weights that is sure of one label, whatever it sees."""
    target = tmp_path_factory.mktemp("classifier")
    torch.manual_seed(0)
    config = ViTConfig(
        hidden_size=8,
        num_hidden_layers=1,
        num_attention_heads=1,
        intermediate_size=8,
        image_size=16,
        patch_size=8,
        id2label={0: "fine", 1: "gore"},
        label2id={"fine": 0, "gore": 1},
    )
    model = ViTForImageClassification(config)
    with torch.no_grad():
        model.classifier.weight.zero_()
        model.classifier.bias.copy_(torch.tensor([0.0, 3.0]))
    model.save_pretrained(target)
    ViTImageProcessor(size={"height": 16, "width": 16}).save_pretrained(target)
    return target


@pytest.fixture
def classifying(settings: Settings, folder: Path) -> Settings:
    settings.MODERATION_MODEL, settings.MODERATION_LABELS = str(folder), "gore=0.9"
    return settings


def drawn(job: Job) -> Job:
    run.run("gpu")
    job.refresh_from_db()
    return job


@pytest.mark.django_db(transaction=True)
def test_a_refused_picture_is_kept_nowhere_and_costs_nothing(
    alice: User, submit: Submit, tiny_model: None, classifying: Settings
) -> None:
    job = drawn(submit(alice, steps=4, count=2))
    assert (job.state, job.error_code) == ("failed", "refused")
    assert "You were not charged." in failures.sentence_of(job)
    assert (ledger.balance(alice).available, ledger.balance(alice).held) == (1000, 0)
    assert [kind for kind in (Picture, File, JobPreview) if kind.objects.exists()] == []
    assert {(total.stage, total.category) for total in ModerationTotal.objects.all()} == {("picture", "gore")}


@pytest.mark.django_db(transaction=True)
def test_what_is_below_the_limit_is_a_picture_as_ever(
    alice: User, submit: Submit, tiny_model: None, classifying: Settings
) -> None:
    classifying.MODERATION_LABELS = "gore=0.99"
    assert drawn(submit(alice, steps=4)).state == "done"
    assert Picture.objects.count() == 1
    assert not ModerationTotal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_without_a_classifier_that_works_nothing_is_shown(
    alice: User, submit: Submit, tiny_model: None, classifying: Settings, tmp_path: Path
) -> None:
    classifying.MODERATION_MODEL = str(tmp_path)
    job = drawn(submit(alice, steps=4))
    assert (job.state, job.error_code) == ("failed", "not_checked")
    assert ledger.balance(alice).available == 1000
    assert not Picture.objects.exists()


def test_scores_are_probabilities_of_each_label(folder: Path, tmp_path: Path) -> None:
    Image.new("RGBA", (40, 30), (0, 0, 0, 0)).save(tmp_path / "a.png")
    scores = classifier.Classifier(folder).scores(tmp_path / "a.png")
    assert set(scores) == {"fine", "gore"}
    assert sum(scores.values()) == pytest.approx(1)
    assert scores["gore"] == pytest.approx(0.9526, abs=1e-3)


def test_a_folder_with_a_pickle_is_refused(folder: Path, tmp_path: Path) -> None:
    for file in folder.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "pytorch_model.bin").write_bytes(b"")
    with pytest.raises(HubError, match="can run code"):
        classifier.Classifier(tmp_path)


@pytest.mark.parametrize("labels", ["", "gore", "gore=x", "gore=0", "gore=1.5"])
def test_labels_that_say_nothing_are_an_error(settings: Settings, labels: str) -> None:
    settings.MODERATION_LABELS = labels
    with pytest.raises(ValueError, match=r"."):
        pictures.limits()
