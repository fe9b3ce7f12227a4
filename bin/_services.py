"""Install the system packages that checks and tests need, or say which are missing.

bin/_services.py gettext looks for that one only; bin/_services.py --containers for what runs containers.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

# Debian's packages, each with a test of whether it is installed.
WANTED = {
    "gettext": lambda: shutil.which("xgettext"),
    "postgresql": lambda: any(Path("/usr/lib/postgresql").glob("*/bin/initdb")) or shutil.which("initdb"),
    "redis-server": lambda: shutil.which("redis-server") or shutil.which("valkey-server"),
    "dovecot-imapd": lambda: shutil.which("dovecot") or Path("/usr/sbin/dovecot").exists(),
    # The one without windows takes a fifth less of the processor; the others do too.
    "chromium-headless-shell": lambda: any(
        map(shutil.which, ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome"))
    ),
    # Without a font, text in Chromium has no width and screenshots of pages are empty.
    "fonts-dejavu-core": lambda: any(Path("/usr/share/fonts").glob("**/*.ttf")) or sys.platform != "linux",
}
# Only for bin/test --containers. Their packages lie where these programs lie.
CONTAINERS = {
    "podman": lambda: shutil.which("podman"),
    "runc": lambda: shutil.which("runc"),
    # Networks between containers, with names.
    "netavark": lambda: Path("/usr/lib/podman/netavark").exists(),
    "aardvark-dns": lambda: Path("/usr/lib/podman/aardvark-dns").exists(),
    # What netavark sets addresses and ports by; its package names it nowhere.
    "iptables": lambda: shutil.which("iptables") or Path("/usr/sbin/iptables").exists(),
    # The first process of a container, where docker-compose.yml says `init`.
    "catatonit": lambda: shutil.which("catatonit"),
    # What the base images are made of.
    "python3": lambda: Path("/usr/bin/python3").exists(),
    "wget": lambda: shutil.which("wget"),
    "ca-certificates": lambda: Path("/etc/ssl/certs/ca-certificates.crt").exists(),
    "netbase": lambda: Path("/etc/protocols").exists(),
    "tzdata": lambda: Path("/usr/share/zoneinfo/UTC").exists(),
}


def main() -> int:
    """Return 0 when everything is there."""
    if sys.argv[1:] == ["--containers"]:
        WANTED.update(CONTAINERS)
        sys.argv[1:] = list(CONTAINERS)
    wanted = sys.argv[1:] or list(WANTED)
    missing = missing_of(wanted)
    if not missing:
        return 0
    install = ["apt-get", "install", "--yes", "--quiet", "--no-install-recommends", *missing]
    if os.geteuid() != 0 or not shutil.which("apt-get"):
        print(
            f"image2: checks and tests need {', '.join(missing)}; on Debian: sudo {' '.join(install)}",
            file=sys.stderr,
        )
        return 1
    print(f"image2: installing {', '.join(missing)}", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "--quiet"], env=environment, stdout=sys.stderr, check=False)
    subprocess.run(install, env=environment, stdout=sys.stderr, check=False)
    missing = missing_of(wanted)
    if missing:
        print(f"image2: could not install {', '.join(missing)}", file=sys.stderr)
    return 1 if missing else 0


def missing_of(wanted: list[str]) -> list[str]:
    """Return the packages that are not installed."""
    return [package for package in wanted if not WANTED[package]()]


if __name__ == "__main__":
    sys.exit(main())
