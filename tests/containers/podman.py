"""A podman of our own: its images, containers and networks lie in one folder, and go with it.

IMAGE2_CONTAINERS_FOLDER names a folder whose images are kept for the next run; containers and their data go all the
same.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

# crun refuses machines with both kinds of control groups. Two limits stand here, since a machine may refuse podman's
# own, and locks are files of this folder, so that another podman of the machine never meets ours.
ENGINE = """
[engine]
runtime = "runc"
cgroup_manager = "cgroupfs"
events_logger = "file"
lock_type = "file"
tmp_dir = "{folder}/tmp"
[network]
network_backend = "netavark"
network_config_dir = "{folder}/networks"
[containers]
default_ulimits = ["nofile=10000:10000", "nproc=4096:4096"]
"""
STORAGE = """
[storage]
driver = "overlay"
graphroot = "{folder}/graph"
runroot = "{folder}/run"
"""
PROGRAMS = ("podman", "runc", "conmon", "catatonit", "iptables")
LEAST_FREE_BYTES = 10_000_000_000
NETWORK_PROGRAMS = ("netavark", "aardvark-dns")


class Podman:
    """Runs podman's commands; ``remove`` ends and deletes all that they made."""

    def __init__(self) -> None:
        kept = os.environ.get("IMAGE2_CONTAINERS_FOLDER", "")
        self.is_kept = bool(kept)
        self.folder = Path(kept or tempfile.mkdtemp(prefix="i2containers-", dir="/var/tmp"))
        self.folder.mkdir(exist_ok=True)
        for name, text in {"engine.conf": ENGINE, "storage.conf": STORAGE}.items():
            (self.folder / name).write_text(text.format(folder=self.folder))
        self.scratch = self.folder / "scratch"
        self.scratch.mkdir(exist_ok=True)
        self.environment = {
            "HOME": str(self.folder),
            # An interrupted build leaves what it was about to write.
            "TMPDIR": str(self.scratch),
            "PATH": os.environ["PATH"],
            "CONTAINERS_CONF": str(self.folder / "engine.conf"),
            "CONTAINERS_STORAGE_CONF": str(self.folder / "storage.conf"),
        }

    def __call__(self, *arguments: str, stdin: str = "", seconds: float = 120, check: bool = True) -> str:
        """Run a command of podman and return what it prints; ``AssertionError`` with its words when it fails."""
        done = self.try_to(*arguments, stdin=stdin, seconds=seconds)
        if check and done.returncode != 0:
            raise AssertionError(f"podman {' '.join(arguments)}: {(done.stdout + done.stderr)[-4000:]}")
        return done.stdout

    def try_to(
        self, *arguments: str, stdin: str = "", seconds: float = 120
    ) -> subprocess.CompletedProcess[str]:
        """Run a command of podman that may fail."""
        return subprocess.run(
            ["podman", *arguments],
            env=self.environment,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=seconds,
            check=False,
        )

    def remove_containers(self) -> None:
        """End every container of this folder and delete it with its data, and what was left half-built."""
        self("rm", "--all", "--force", "--time", "0", "--volumes", check=False)
        self("network", "prune", "--force", check=False)
        self("volume", "prune", "--force", check=False)
        self("unmount", "--all", check=False)
        for left in self.scratch.iterdir():
            shutil.rmtree(left, ignore_errors=True)

    def remove(self) -> None:
        """End every container, and delete the folder unless its images are kept."""
        self.remove_containers()
        if self.is_kept:
            return
        for mount in mounts_below(self.folder):
            subprocess.run(["umount", "--lazy", mount], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)


def mounts_below(folder: Path) -> list[str]:
    """What is still mounted in a folder, the innermost first."""
    places = [line.split()[1] for line in Path("/proc/mounts").read_text().splitlines()]
    return sorted((place for place in places if place.startswith(f"{folder}/")), reverse=True)


def why_not() -> str:
    """Return one sentence on why containers can't be run here, or nothing; runs a smallest one to see it."""
    if sys.platform != "linux" or os.geteuid() != 0:
        return "containers are run on Linux by root only: the base images are made of the system's own files"
    missing = [name for name in PROGRAMS if not shutil.which(name)]
    missing += [name for name in NETWORK_PROGRAMS if not (Path("/usr/lib/podman") / name).exists()]
    if missing:
        return f"{', '.join(missing)} missing; on Debian bin/test --containers installs what is missing"
    own = Podman()
    try:
        free = shutil.disk_usage(own.folder).free
        if free < LEAST_FREE_BYTES:
            return f"they take 10 GB for a while, and {own.folder.parent} has {free / 1e9:.0f} GB free"
        return refusal_of(own)
    finally:
        own.remove()


def refusal_of(podman: Podman) -> str:
    """What the machine says to a container with one static program, a network and the limits that ours have."""
    root = podman.folder / "smallest"
    shutil.rmtree(root, ignore_errors=True)
    root.mkdir()
    shutil.copy(str(shutil.which("catatonit")), root / "program")
    podman("network", "create", "smallest", check=False)
    options = ("--rm", "--network", "smallest", "--cap-drop=ALL", "--read-only", "--rootfs", str(root))
    done = podman.try_to("run", *options, "/program", "--version")
    if done.returncode == 0:
        return ""
    return f"this machine doesn't let podman run a container ({done.stderr.strip().splitlines()[-1]})"


if __name__ == "__main__":
    if reason := why_not():
        print(f"image2: the containers are left out: {reason}", file=sys.stderr)
        sys.exit(3)
