"""The images: stand-ins for those of a registry, and ours on them, as docker-compose.yml names them."""

from __future__ import annotations

import shutil
import subprocess
import sys
import urllib.parse
from pathlib import Path

import pip

from tests.containers import debian
from tests.containers.podman import Podman

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
# What each stand-in is made of: Debian's packages, and files of this repository or its environment.
PACKAGES = {
    "python": ("python3", "ca-certificates", "libstdc++6", "netbase", "tzdata"),
    "redis": ("redis-server",),
}
FILES = {
    "python": (Path(pip.__file__).parent,),
    "s3": (ROOT / "constraints.txt", ROOT / "tests" / "services" / "swift_store.py"),
}
STAND_INS = {
    "python:": "python",
    "postgres:": "postgres",
    "valkey/valkey:": "redis",
    "versity/versitygw:": "s3",
    "axllent/mailpit:": "mail",
}
CERTIFICATES = ("/etc/ssl/certs", "/usr/share/ca-certificates", "/usr/local/share/ca-certificates")
# A layer of a gigabyte is written four times, and the whole run has a limit of its own.
BUILD_SECONDS = 3600


def build_stand_in(podman: Podman, image: str) -> None:
    """Build what stands in for an image, under its name, unless a kept folder has it from an earlier run."""
    tag = f"docker.io/{image if '/' in image else 'library/' + image}"
    if podman.is_kept and podman.try_to("image", "exists", tag).returncode == 0:
        return
    name = next(name for prefix, name in STAND_INS.items() if image.startswith(prefix))
    folder = podman.folder / "stand-ins" / name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(HERE / "standins" / name, folder)
    packages = (postgresql_package(),) if name == "postgres" else PACKAGES.get(name)
    if packages:
        debian.write_root(folder / "root.tar", packages)
    for path in FILES.get(name, ()):
        copy = shutil.copytree if path.is_dir() else shutil.copy
        copy(path, folder / path.name)
    build(podman, tag, str(folder), "--layers=false")
    shutil.rmtree(folder)


def build_ours(podman: Podman, image: str, target: str) -> None:
    """Build a target of the Dockerfile; torch is the build that this machine's package index has for its processor."""
    build(podman, image, str(ROOT), "--target", target, "--build-arg", "TORCH_BACKEND=")


def build(podman: Podman, tag: str, folder: str, *arguments: str) -> None:
    """Build an image with nothing but what is here and the package index that this machine's pip uses."""
    podman(
        "build", "--quiet", "--pull=never", "--network=host", "--tag", tag, *as_pip_here(podman), *arguments, folder,
        seconds=BUILD_SECONDS,
    )  # fmt: skip


def postgresql_package() -> str:
    """Debian's newest PostgreSQL server among those installed."""
    versions = sorted(int(path.parent.name) for path in Path("/usr/lib/postgresql").glob("*/bin"))
    if not versions:
        raise LookupError("the package postgresql isn't installed")
    return f"postgresql-{versions[-1]}"


def as_pip_here(podman: Podman) -> list[str]:
    """Arguments that lend a build this machine's certificates and its pip's settings; nothing of them stays."""
    folder = podman.folder / "pip"
    folder.mkdir(exist_ok=True)
    told = settings_of_pip()
    (folder / "pip.conf").write_text(
        "[global]\n" + "".join(f"{name} = {value}\n" for name, value in told.items())
    )
    links = ", ".join(f'"{link}"' for link in told.get("find-links", "").split())
    (folder / "uv.toml").write_text(f"native-tls = true\nfind-links = [{links}]\n")
    lent = {
        **{path: path for path in (*CERTIFICATES, *local_folders(told)) if Path(path).is_dir()},
        str(folder / "pip.conf"): "/etc/pip.conf",
        str(folder / "uv.toml"): "/etc/uv/uv.toml",
    }
    return [f"--volume={here}:{there}:ro" for here, there in lent.items()]


def settings_of_pip() -> dict[str, str]:
    """Where pip looks for packages here, from its files and its variables."""
    command = [sys.executable, "-m", "pip", "config", "list"]
    listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    told = {"cert": "/etc/ssl/certs/ca-certificates.crt"}
    for line in listed.splitlines():
        name, _sign, value = line.partition("=")
        key = name.strip(":").rpartition(".")[2].rpartition(":")[2].strip("'")
        if key in ("find-links", "index-url", "extra-index-url"):
            told[key] = value.strip("'").replace("\\n", " ").strip()
    return told


def local_folders(told: dict[str, str]) -> set[str]:
    """The folders of this machine that pip's settings name; an index's files lie beside its list."""
    found = set()
    for word in " ".join(told.values()).split():
        path = urllib.parse.urlsplit(word).path if word.startswith("file:") else word
        if path.startswith("/") and Path(path).is_dir():
            found.add(str(Path(path).parent) if word.startswith("file:") else path)
    return found
