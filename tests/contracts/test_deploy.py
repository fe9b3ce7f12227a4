"""deploy/: the units of systemd and the manifests of Kubernetes run the processes of the one table, under limits."""

from __future__ import annotations

import re
import shlex
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.apps import apps
from django.db import connection

from image2 import processes as table
from tests.contracts.test_compose import COMMANDS
from tests.generation.core.conftest import Submit, alice, person, submit
from tests.services import processes

__all__ = ["alice", "person", "submit"]

ROOT = Path(__file__).resolve().parents[2]
UNITS = sorted((ROOT / "deploy" / "systemd").iterdir())
KUBERNETES = ROOT / "deploy" / "kubernetes"
VERSION = "1.33"
# Of other projects: their schemas don't come with those of Kubernetes.
FOREIGN = ("kustomize.config.k8s.io/", "keda.sh/")


def named(command: list[str]) -> list[str]:
    return [Path(command[0]).name, *command[1:]]


# --- systemd -----------------------------------------------------------------------------------------------------


def settings_of(unit: Path) -> dict[str, list[str]]:
    """What each setting of a unit says; one may stand there several times."""
    found: dict[str, list[str]] = {}
    for line in unit.read_text().splitlines():
        if "=" in line and not line.startswith(("#", "[")):
            name, _sign, value = line.partition("=")
            found.setdefault(name, []).append(value)
    return found


SERVICES = {
    unit.name.removeprefix("image2-"): settings_of(unit) for unit in UNITS if unit.suffix == ".service"
}
UNIT_COMMANDS = {
    "web.service": table.web_command("127.0.0.1", 8000),
    "gpu@.service": table.worker_command("gpu%i", "gpu"),
    "cpu.service": table.worker_command("cpu", "cpu,mail,billing"),
    "beat.service": table.beat_command(Path("/var/lib/image2")),
    "preparation.service": ["python", "-m", "image2.preparation"],
}


def test_the_units_run_the_processes_that_bin_run_starts() -> None:
    # A percent sign begins systemd's own names, so celery's is doubled.
    expected = {
        name: [part.replace("@%h", "@%%h") for part in named(command)]
        for name, command in UNIT_COMMANDS.items()
    }
    assert {name: named(shlex.split(unit["ExecStart"][0])) for name, unit in SERVICES.items()} == expected


def test_everywhere_a_worker_has_one_card_of_its_own() -> None:
    """bin/run by IMAGE2_CARDS, systemd by the number in the unit's name, Kubernetes by a pod a card."""
    by_bin_run = {
        role.name: (role.environment, named(list(role.command))) for role in table.gpu_roles(" 0, 2 ")
    }
    unit = SERVICES["gpu@.service"]
    by_systemd = {}
    for card in ("0", "2"):
        variables = dict(line.partition("=")[::2] for line in unit["Environment"])
        command = shlex.split(unit["ExecStart"][0].replace("@%%h", "@%h").replace("%i", card))
        own = {name: value.replace("%i", card) for name, value in variables.items() if "%i" in value}
        by_systemd[f"gpu{card}"] = (own, named(command))
    assert by_bin_run == by_systemd
    assert [role.name for role in table.gpu_roles("")] == ["gpu"]
    (pods,) = (
        document["spec"]["template"]["spec"]["containers"][0]
        for _file, document in ALL
        if document["kind"] == "Deployment" and document["metadata"]["name"] == "worker-gpu"
    )
    assert pods["resources"]["limits"]["nvidia.com/gpu"] == "1"
    assert named(pods["command"]) == named(table.worker_command("gpu", "gpu"))


@pytest.mark.parametrize("cards", ["0,x", "0,0", "0,", "cuda:1"])
def test_a_list_of_cards_that_is_none_stops_bin_run_with_a_sentence(cards: str) -> None:
    with pytest.raises(ValueError, match="numbers of cards as nvidia-smi shows them"):
        table.gpu_roles(cards)


def test_every_unit_runs_as_a_person_of_its_own_within_its_folder() -> None:
    for name, unit in SERVICES.items():
        assert unit["User"] == ["image2"], name
        assert "IMAGE2_HOME=/var/lib/image2" in unit["Environment"], name
        if name != "preparation.service":
            assert (unit["NoNewPrivileges"], unit["ProtectSystem"]) == (["yes"], ["strict"]), name
            # It has time to put its work back, as the table says.
            assert int(unit["TimeoutStopSec"][0]) >= 15, name
        # Only a worker tells systemd that it lives.
        assert ("WatchdogSec" in unit) == (name in {"gpu@.service", "cpu.service"}), name


def test_the_target_starts_every_one_of_them() -> None:
    wanted = settings_of(ROOT / "deploy" / "systemd" / "image2-site.target")["Wants"][0].split()
    assert {name.replace("@0.", "@.").removeprefix("image2-") for name in wanted} == SERVICES.keys() - {
        "preparation.service"
    }


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd isn't installed here")
def test_systemd_finds_nothing_wrong() -> None:
    done = subprocess.run(
        ["systemd-analyze", "verify", *map(str, UNITS)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    # The program itself isn't installed in the units' folder on this machine.
    wrong = [line for line in done.stderr.splitlines() if str(UNITS[0].parent) in line or "image2" in line]
    assert [line for line in wrong if "is not executable" not in line] == []


# --- Kubernetes --------------------------------------------------------------------------------------------------


def documents() -> Iterator[tuple[str, dict[str, Any]]]:
    for file in sorted(KUBERNETES.glob("*.yaml")):
        for document in yaml.safe_load_all(file.read_text()):
            yield file.name, document


ALL = list(documents())
PODS = {
    document["metadata"]["name"]: document["spec"]["template"]["spec"]
    for _file, document in ALL
    if document["kind"] in {"Deployment", "Job"}
}


def of_kind(kind: str) -> dict[str, dict[str, Any]]:
    return {document["metadata"]["name"]: document for _file, document in ALL if document["kind"] == kind}


def keeps_to_the_schema(document: dict[str, Any]) -> None:
    import kubernetes_validate  # takes a second or two, which whoever runs other tests doesn't wait for

    kubernetes_validate.validate(document, VERSION, strict=True)


def test_every_manifest_keeps_to_the_schema_of_kubernetes() -> None:
    for _file, document in ALL:
        if not document["apiVersion"].startswith(FOREIGN):
            keeps_to_the_schema(document)


def test_kustomize_names_every_file() -> None:
    (kustomization,) = (document for _file, document in ALL if document["kind"] == "Kustomization")
    assert set(kustomization["resources"]) == {file for file, _document in ALL} - {"kustomization.yaml"}
    used = {pod["containers"][0]["image"] for pod in PODS.values()}
    assert {image["name"] for image in kustomization["images"]} == used


@pytest.mark.skipif(not shutil.which("kubectl"), reason="kubectl isn't installed here")
def test_kustomize_puts_everything_into_one_namespace_with_the_images_names() -> None:
    command = ["kubectl", "kustomize", str(KUBERNETES)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)
    made = list(yaml.safe_load_all(done.stdout))
    kinds = sorted(document["kind"] for document in made)
    assert kinds == sorted(document["kind"] for _file, document in ALL if document["kind"] != "Kustomization")
    for document in made:
        if document["kind"] != "Namespace":
            assert document["metadata"]["namespace"] == "image2", document["metadata"]
        if not document["apiVersion"].startswith(FOREIGN):
            keeps_to_the_schema(document)
    used = {
        document["spec"]["template"]["spec"]["containers"][0]["image"]
        for document in made
        if document["kind"] in {"Deployment", "Job"}
    }
    assert used == {"registry.example.org/image2-web:0.1.0", "registry.example.org/image2-engine:0.1.0"}


def test_the_pods_run_the_processes_that_bin_run_starts() -> None:
    expected = {name: named(command) for name, command in COMMANDS.items() if name != "worker-without-gpu"}
    assert {name: pod["containers"][0]["command"] for name, pod in PODS.items()} == expected


def test_every_pod_is_confined_and_has_a_folder_to_write_in() -> None:
    for name, pod in PODS.items():
        (container,) = pod["containers"]
        assert pod["securityContext"]["runAsNonRoot"], name
        assert not pod["automountServiceAccountToken"], name
        assert container["securityContext"] == {
            "allowPrivilegeEscalation": False,
            "readOnlyRootFilesystem": True,
            "capabilities": {"drop": ["ALL"]},
        }, name
        mounts = {mount["mountPath"]: mount["name"] for mount in container["volumeMounts"]}
        assert {"/data", "/tmp"} <= mounts.keys(), name
        assert set(mounts.values()) == {volume["name"] for volume in pod["volumes"]}, name
        assert container["resources"]["limits"]["memory"], name
        assert [next(iter(source.values()))["name"] for source in container["envFrom"]] == [
            "image2",
            "image2",
        ], name


def test_what_runs_for_long_is_probed_and_budgeted() -> None:
    deployments = of_kind("Deployment")
    for name, pod in PODS.items():
        if name in deployments:
            assert "livenessProbe" in pod["containers"][0], name
    assert set(of_kind("PodDisruptionBudget")) == deployments.keys() - {"beat"}
    for name, budget in of_kind("PodDisruptionBudget").items():
        assert budget["spec"]["selector"] == deployments[name]["spec"]["selector"]
    assert deployments["beat"]["spec"]["strategy"] == {"type": "Recreate"}
    assert [
        name for name, pod in PODS.items() if "nvidia.com/gpu" in pod["containers"][0]["resources"]["limits"]
    ] == ["worker-gpu"]


def test_the_configuration_names_what_the_site_reads() -> None:
    known = (ROOT / "image2" / "settings.py").read_text() + (ROOT / ".env.example").read_text()
    for name in of_kind("ConfigMap")["image2"]["data"]:
        assert name in known, name


def test_every_pod_reads_the_files_that_the_configuration_may_name() -> None:
    """Catalogue, plans and styles are read where they are named: in every process, or it doesn't start."""
    for name, pod in PODS.items():
        (container,) = pod["containers"]
        assert {"name": "models", "mountPath": "/models", "readOnly": True} in container["volumeMounts"], name


def test_what_is_scaled_names_no_number_of_its_own() -> None:
    """A number in the manifest would be set back at each update, in the middle of a busy hour."""
    scaled = [*of_kind("ScaledObject").values(), *of_kind("HorizontalPodAutoscaler").values()]
    for document in scaled:
        target = document["spec"]["scaleTargetRef"]["name"]
        assert "replicas" not in of_kind("Deployment")[target]["spec"], target


# As an operator fills the secret; a check of the settings connects to none of it.
SECRET = {
    "SECRET_KEY": "k" * 64,
    "DATABASE_URL": "sqlite://:memory:",
    "REDIS_URL": "redis://redis:6379/0",
    "S3_ACCESS_KEY_ID": "id",
    "S3_SECRET_ACCESS_KEY": "secret",
    "EMAIL_URL": "smtp+tls://user:password@mail.example.org:587",
}


@pytest.mark.parametrize(("name", "refused"), [("Ada's pictures", []), ("", ["image2.E008"])])
def test_a_site_starts_with_the_configuration_once_it_names_its_operator(
    name: str, refused: list[str], tmp_path: Path
) -> None:
    configured = {**of_kind("ConfigMap")["image2"]["data"], "OPERATOR_NAME": name, **SECRET}
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT,
        env=processes.quiet_environment(IMAGE2_HOME=str(tmp_path), **configured),
        check=False,
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert re.findall(r"image2\.E\d+", done.stderr) == refused, done.stderr
    assert done.returncode == bool(refused)


@pytest.mark.both_databases
@pytest.mark.django_db(transaction=True)
def test_the_signal_for_scaling_is_the_depth_of_the_queue(alice: Any, submit: Submit) -> None:
    scaled = of_kind("ScaledObject")["worker-gpu"]["spec"]
    assert scaled["scaleTargetRef"]["name"] in of_kind("Deployment")
    (trigger,) = scaled["triggers"]
    assert trigger["authenticationRef"]["name"] in of_kind("TriggerAuthentication")
    assert apps.get_model("generation.Job")._meta.db_table in trigger["metadata"]["query"]
    for _n in range(2):
        submit(alice)
    with connection.cursor() as cursor:
        cursor.execute(trigger["metadata"]["query"])
        assert cursor.fetchone() == (2,)
